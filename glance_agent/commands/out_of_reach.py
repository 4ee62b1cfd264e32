"""Why a work is not shown that was to be: its source is away, or its picture cannot be read."""

from __future__ import annotations

from collections.abc import Sequence

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.errors import BadPicture, CommandError, ErrorCode, SourceError
from glance_agent.domain.said import in_a_row, listed, many, say

_TRIED_AGAIN = say("It is tried again by itself, and “away” on the agent topic says why it is.")


def unreadable(work: Artwork, error: BadPicture | SourceError, *, another: bool) -> CommandError:
    """Why a work is not shown that was to be; `another` is, or the display stays as it is."""
    after = say("Another one is shown.") if another else say("The display stays as it is.")
    return _unreadable(work, error, after)


def _unreadable(work: Artwork, error: BadPicture | SourceError, after: str) -> CommandError:
    if isinstance(error, SourceError):
        again = in_a_row(after, _TRIED_AGAIN)
        return CommandError(ErrorCode.PICTURE_UNREADABLE, source_is_away(work), again)
    again = (
        say("It is tried again later.") if error.passing else say("The next ingest tries it again.")
    )
    return CommandError(
        ErrorCode.PICTURE_UNREADABLE,
        say("The picture of {label} cannot be read.", label=work.label),
        in_a_row(after, again),
    )


def source_is_away(work: Artwork) -> str:
    """Why the picture of a work is not here."""
    return say(
        "The picture of {label} cannot be had: the source “{source}” is away.",
        label=work.label,
        source=work.source,
    )


def beside_unreadable(work: Artwork, error: BadPicture | SourceError) -> CommandError:
    """Why a work does not hang beside another one, as was told."""
    return _unreadable(work, error, say("The one beside it hangs alone."))


def names_of(sources: Sequence[str]) -> str:
    """Sources as they are called in a sentence."""
    return listed(say("“{name}”", name=name) for name in sources)


def nothing_in_reach(away: Sequence[str]) -> CommandError:
    """Why nothing is chosen where no picture can be had of all that may be; sources `away`."""
    names = names_of(away)
    why = many(
        "No picture that fits can be had now: the source {names} is away.",
        "No picture that fits can be had now: the sources {names} are away.",
        n=len(away),
        names=names,
    )
    return CommandError(
        ErrorCode.PICTURE_UNREADABLE,
        why if away else say("No picture that fits can be had now."),
        in_a_row(say("The display stays as it is."), _TRIED_AGAIN),
    )
