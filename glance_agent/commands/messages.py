"""What a search found in, the sentence that says so out; or the error that says why nothing was."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from glance_agent.commands.unkept import not_kept
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.errors import (
    BadPicture,
    CommandError,
    ErrorCode,
    SourceError,
    StoreError,
)
from glance_agent.domain.items import SoFar
from glance_agent.search.hits import Found

_HOW = {
    "hidden": "Send “hide” to hide what is on the display.",
    "liked": "Send “like” when you like what is on the display.",
}
MOST_NAMED = 3
"""How many works a hint names."""
LATE = "The model did not answer in time"
TRIED_AGAIN = "it is tried again by itself, and “away” on the agent topic says why it is"
MOOD_MISSED = f" {LATE}, so the mood did not count."


def so_far(arriving: SoFar | None) -> str:
    """What is added to an answer while the library is being filled; else nothing."""
    return f" {_so_far(arriving)}" if arriving else ""


def _so_far(arriving: SoFar) -> str:
    return f"{arriving.here:,} of {arriving.of:,} pictures are here so far."


def _works(count: int) -> str:
    return "1 work is" if count == 1 else f"{count} works are"


def answered(
    found: Found, best: str, asked: str, count: int, *, showing: bool, keeps: bool = False
) -> str:
    """The sentence that answers a search, after which a display may keep its picture."""
    if found.listed:
        latest = f"showing {best}" if showing else f"the latest is {best}"
        return f"{_works(count)} {found.listed}; {latest}."
    if not found.sure:
        stays = " The picture stays." if keeps else ""
        if found.missing:
            return f"Nothing {found.missing} here; the nearest is {best}.{stays}"
        return f"Nothing really matches “{asked}”; the closest is {best}.{stays}"
    if found.late:
        return f"{LATE}; going by labels alone, the best for “{asked}” is {best}."
    if not found.by_pictures:
        return f"No model can be used; going by labels alone, the best for “{asked}” is {best}."
    return f"Showing {best}." if showing else f"Found {count} for “{asked}”; the best is {best}."


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a library holds: all works, those that may be shown, those that have a vector.

    `hindered` is why the last run could bring nothing into it.
    """

    works: int
    showable: int
    embedded: int
    arriving: SoFar | None = None
    hindered: StoreError | None = None


def nothing_found(holds: Holdings, asked: str, found: Found) -> CommandError:
    """Why a library has no answer to a search, and what to try."""
    if holds.works and found.listed:
        return CommandError(ErrorCode.NO_MATCH, f"Nothing is {found.listed}.", _HOW[found.listed])
    if not holds.showable:
        return nothing_to_show(holds)
    if found.late:
        return CommandError(
            ErrorCode.NO_MATCH,
            f"{LATE}, and no label says “{asked}”.",
            "Ask again in a moment, or try a word of a title or an artist.",
        )
    if not found.by_pictures:
        return CommandError(
            ErrorCode.NO_MATCH,
            f"No label says “{asked}”, and without a model no picture can be understood.",
            "Try a word of a title or an artist; “glance-agent doctor” says what the model lacks.",
        )
    if not holds.embedded and holds.arriving is None:
        return CommandError(
            ErrorCode.NO_MATCH,
            f"No label says “{asked}”, and no picture has been embedded yet: there is only its "
            f"label to go by.",
            "“ingest” embeds what lacks a vector; “status” says how many have one.",
        )
    return nothing_to_show(holds)


def nothing_to_show(holds: Holdings) -> CommandError:
    """Why a library has nothing for a display, and what to do."""
    if holds.arriving is not None:
        return CommandError(
            ErrorCode.NO_MATCH,
            "No artwork fits yet.",
            f"{_so_far(holds.arriving)} Ask again later.",
        )
    if not holds.works and holds.hindered is not None:
        why = not_kept(holds.hindered)
        message = f"The library holds no artwork yet. {why.message}"
        return CommandError(why.code, message, why.hint)
    if not holds.works:
        return CommandError(
            ErrorCode.EMPTY_LIBRARY,
            "The library holds no artwork yet.",
            "Send “ingest”, and check the sources in the configuration.",
        )
    if not holds.showable:
        return CommandError(
            ErrorCode.NO_MATCH,
            f"{_works(holds.works)} known, and none can be shown: hidden, or without a picture "
            "that can be read.",
            "“ingest” looks for the pictures again; “unhide” takes back what was hidden.",
        )
    return CommandError(
        ErrorCode.NO_MATCH, "No artwork fits.", "Ask for something else, or with fewer filters."
    )


def nothing_of(sources: Collection[str]) -> CommandError:
    """Why nothing is chosen for a display that takes works of some sources alone."""
    named = " or ".join(f"“{source}”" for source in sorted(sources))
    return CommandError(
        ErrorCode.NO_MATCH,
        f"This display shows works of {named} alone, and none of them can be shown.",
        "Send “ingest”, and check “sources” of the display in the configuration.",
    )


def nothing_from(source: str, sources: Collection[str]) -> CommandError:
    """Why a search in one source finds nothing, where only these others have works."""
    return CommandError(
        ErrorCode.NO_MATCH,
        f"No work here is of a source “{source}”.",
        f"Sources with works: {', '.join(sorted(sources))}.",
    )


def nothing_liked() -> CommandError:
    """Why nothing is chosen where only likes are to be played."""
    return CommandError(
        ErrorCode.NO_MATCH,
        "Nothing is liked, and only likes are to be shown.",
        f"{_HOW['liked']} “Play everything” chooses from all again.",
    )


def nothing_before() -> CommandError:
    """Why a display cannot go back."""
    return CommandError(
        ErrorCode.NO_PREVIOUS, "There is no earlier picture on this display.", "Send “next”."
    )


def unknown_artwork(artwork_id: str) -> CommandError:
    """What is answered where there is no work of an id."""
    return CommandError(
        ErrorCode.UNKNOWN_ARTWORK,
        f"There is no artwork “{artwork_id}” in the library.",
        "Search for it; each result carries its id.",
    )


def not_two(label: str) -> CommandError:
    """What is answered where one of two works is meant, and one alone hangs."""
    return CommandError(
        ErrorCode.BAD_VALUE,
        f"One work alone hangs there, {label}.",
        "Leave “side” out to mean it.",
    )


def side_of_an_id() -> CommandError:
    """What is answered where a work is named, and a side of what hangs as well."""
    return CommandError(
        ErrorCode.BAD_VALUE,
        "“side” is for what hangs on a display, and “artwork” names a work.",
        "Send one of them.",
    )


def hidden_away(label: str) -> CommandError:
    """Why a work is not shown, although it was asked for by its id."""
    return CommandError(
        ErrorCode.NO_MATCH,
        f"{label} was hidden, so it is not shown again.",
        "Send “unhide” with its id to have it back, or ask for another work.",
    )


def not_hidden(words: str, hidden: Sequence[str]) -> CommandError:
    """Why nothing can be shown again: nothing was hidden, or nothing with these words."""
    if not hidden:
        return CommandError(ErrorCode.NO_MATCH, "Nothing is hidden.", _HOW["hidden"])
    some = ", ".join(hidden[:MOST_NAMED])
    return CommandError(
        ErrorCode.NO_MATCH,
        f"Nothing with “{words}” is hidden.",
        f"Hidden last: {some}. Search for hidden:yes to list them all.",
    )


def unreadable(work: Artwork, error: BadPicture | SourceError, *, another: bool) -> CommandError:
    """Why a work is not shown that was to be; `another` is, or the display stays as it is."""
    after = "Another one is shown" if another else "The display stays as it is"
    if isinstance(error, SourceError):
        return CommandError(
            ErrorCode.PICTURE_UNREADABLE,
            f"The picture of {work.label} cannot be had: the source “{work.source}” is away.",
            f"{after}; {TRIED_AGAIN}.",
        )
    again = "it is tried again later" if error.passing else "the next ingest tries it again"
    return CommandError(
        ErrorCode.PICTURE_UNREADABLE,
        f"The picture of {work.label} cannot be read.",
        f"{after}; {again}.",
    )


def beside_unreadable(work: Artwork, error: BadPicture | SourceError) -> CommandError:
    """Why a work does not hang beside another one, as was told."""
    why = unreadable(work, error, another=False)
    hint = why.hint.replace("The display stays as it is", "The one beside it hangs alone")
    return CommandError(why.code, why.message, hint)


def nothing_in_reach(away: Sequence[str]) -> CommandError:
    """Why nothing is chosen where no picture can be had of all that may be; sources `away`."""
    names = " and ".join(f"“{name}”" for name in away)
    why = f": the source {names} is away" if len(away) == 1 else f": the sources {names} are away"
    return CommandError(
        ErrorCode.PICTURE_UNREADABLE,
        f"No picture that fits can be had now{why if away else ''}.",
        f"The display stays as it is; {TRIED_AGAIN}.",
    )


def without_vector(label: str) -> CommandError:
    """Why nothing like a work can be found."""
    return CommandError(
        ErrorCode.NO_MODEL,
        f"{label} has no vector yet, so nothing like it can be found.",
        "Wait until the collection has been embedded, and try again.",
    )
