"""What a search found in, the sentence that says so out; or the error that says why nothing was."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from glance_agent.commands.unkept import not_kept
from glance_agent.domain.errors import (
    CommandError,
    ErrorCode,
    StoreError,
)
from glance_agent.domain.items import SoFar
from glance_agent.domain.said import in_a_row, listed, many, say
from glance_agent.search.hits import Found

_HOW = {
    "hidden": say("Send “hide” to hide what is on the display."),
    "liked": say("Send “like” when you like what is on the display."),
}
MOST_NAMED = 3
"""How many works a hint names."""
MOOD_MISSED = say("The model did not answer in time, so the mood did not count.")


def so_far(arriving: SoFar | None) -> str:
    """What is added to an answer while the library is being filled; else nothing."""
    return _so_far(arriving) if arriving else ""


def _so_far(arriving: SoFar) -> str:
    return say("{here} of {of} pictures are here so far.", here=arriving.here, of=arriving.of)


def answered(
    found: Found, best: str, asked: str, count: int, *, showing: bool, keeps: bool = False
) -> str:
    """The sentence that answers a search, after which a display may keep its picture."""
    if found.listed:
        latest = (
            say("Showing {best}.", best=best)
            if showing
            else say("The latest is {best}.", best=best)
        )
        return in_a_row(_listed(found.listed, count), latest)
    if not found.sure:
        stays = say("The picture stays.") if keeps else ""
        return in_a_row(_nearest(found, best, asked), stays)
    if found.late or found.unread or not found.by_pictures:
        return _by_labels(found, best, asked)
    if showing:
        return say("Showing {best}.", best=best)
    if not asked:  # there was nothing but filters
        return many(
            "Found {n}; the first is {best}.",
            "Found {n}; the first is {best}.",
            n=count,
            best=best,
        )
    return many(
        "Found {n} for “{asked}”; the best is {best}.",
        "Found {n} for “{asked}”; the best is {best}.",
        n=count,
        asked=asked,
        best=best,
    )


def _listed(listed: str, count: int) -> str:
    if listed == "hidden":
        return many("1 work is hidden.", "{n} works are hidden.", n=count)
    return many("1 work is liked.", "{n} works are liked.", n=count)


def _by_labels(found: Found, best: str, asked: str) -> str:
    """What labels alone have found, and why nothing else was asked."""
    if found.late:
        return say(
            "The model did not answer in time; going by labels alone, the best for “{asked}” is "
            "{best}.",
            asked=asked,
            best=best,
        )
    if found.unread:
        return say(
            "What the pictures show is still being read in; going by labels alone, the best for "
            "“{asked}” is {best}.",
            asked=asked,
            best=best,
        )
    return say(
        "No model can be used; going by labels alone, the best for “{asked}” is {best}.",
        asked=asked,
        best=best,
    )


def _nearest(found: Found, best: str, asked: str) -> str:
    if found.missing:
        return say(
            "Nothing {missing} here; the nearest is {best}.", missing=found.missing, best=best
        )
    return say("Nothing really matches “{asked}”; the closest is {best}.", asked=asked, best=best)


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a library holds: all works, those that may be shown, those that have a vector.

    `hindered` is why the last run could bring nothing into it; `away` are the sources whose
    pictures cannot be had now.
    """

    works: int
    showable: int
    embedded: int
    arriving: SoFar | None = None
    hindered: StoreError | None = None
    away: tuple[str, ...] = ()


def nothing_found(holds: Holdings, asked: str, found: Found) -> CommandError:
    """Why a library has no answer to a search, and what to try."""
    if holds.works and found.listed:
        none = say("Nothing is hidden.") if found.listed == "hidden" else say("Nothing is liked.")
        return CommandError(ErrorCode.NO_MATCH, none, _HOW[found.listed])
    if not holds.showable:
        return nothing_to_show(holds)
    if found.late:
        return CommandError(
            ErrorCode.NO_MATCH,
            say("The model did not answer in time, and no label says “{asked}”.", asked=asked),
            say("Ask again in a moment, or try a word of a title or an artist."),
        )
    if found.unread:
        return CommandError(
            ErrorCode.NO_MATCH,
            say(
                "What the pictures show is still being read in, and no label says “{asked}”.",
                asked=asked,
            ),
            say("Ask again in a moment, or try a word of a title or an artist."),
        )
    if not found.by_pictures:
        return CommandError(
            ErrorCode.NO_MATCH,
            say(
                "No label says “{asked}”, and without a model no picture can be understood.",
                asked=asked,
            ),
            say(
                "Try a word of a title or an artist; “glance-agent doctor” says what the model "
                "lacks."
            ),
        )
    if not holds.embedded and holds.arriving is None:
        return CommandError(
            ErrorCode.NO_MATCH,
            say(
                "No label says “{asked}”, and no picture has been embedded yet: there is only its "
                "label to go by.",
                asked=asked,
            ),
            say("“ingest” embeds what lacks a vector; “status” says how many have one."),
        )
    return nothing_to_show(holds)


def nothing_to_show(holds: Holdings) -> CommandError:
    """Why a library has nothing for a display, and what to do."""
    if holds.arriving is not None:
        return CommandError(
            ErrorCode.NO_MATCH,
            say("No artwork fits yet."),
            in_a_row(_so_far(holds.arriving), say("Ask again later.")),
        )
    if not holds.works and holds.hindered is not None:
        why = not_kept(holds.hindered)
        message = in_a_row(say("The library holds no artwork yet."), why.message)
        return CommandError(why.code, message, why.hint)
    if not holds.works:
        return CommandError(
            ErrorCode.EMPTY_LIBRARY,
            say("The library holds no artwork yet."),
            say("Send “ingest”, and check the sources in the configuration."),
        )
    if not holds.showable:
        return CommandError(
            ErrorCode.NO_MATCH,
            many(
                "1 work is known, and it cannot be shown: hidden, or without a picture that can be "
                "read.",
                "{n} works are known, and none can be shown: hidden, or without a picture that can "
                "be read.",
                n=holds.works,
            ),
            say("“ingest” looks for the pictures again; “unhide” takes back what was hidden."),
        )
    return CommandError(
        ErrorCode.NO_MATCH,
        say("No artwork fits."),
        say("Ask for something else, or with fewer filters."),
    )


def nothing_of(sources: Collection[str]) -> CommandError:
    """Why nothing is chosen for a display that takes works of some sources alone."""
    named = listed((say("“{name}”", name=source) for source in sorted(sources)), "or")
    return CommandError(
        ErrorCode.NO_MATCH,
        say(
            "This display shows works of {named} alone, and none of them can be shown.", named=named
        ),
        say("Send “ingest”, and check “sources” of the display in the configuration."),
    )


def nothing_from(
    source: str, sources: Collection[str], arriving: SoFar | None = None
) -> CommandError:
    """Why a search in one source finds nothing, where only these others have works yet."""
    return CommandError(
        ErrorCode.NO_MATCH,
        say("No work here is of a source “{source}”.", source=source),
        in_a_row(
            say("Sources with works: {sources}.", sources=", ".join(sorted(sources))),
            so_far(arriving),
        ),
    )


def nothing_liked() -> CommandError:
    """Why nothing is chosen where only likes are to be played."""
    return CommandError(
        ErrorCode.NO_MATCH,
        say("Nothing is liked, and only likes are to be shown."),
        in_a_row(_HOW["liked"], say("“Play everything” chooses from all again.")),
    )


def nothing_before() -> CommandError:
    """Why a display cannot go back."""
    return CommandError(
        ErrorCode.NO_PREVIOUS,
        say("There is no earlier picture on this display."),
        say("Send “next”."),
    )


def unknown_artwork(artwork_id: str) -> CommandError:
    """What is answered where there is no work of an id."""
    return CommandError(
        ErrorCode.UNKNOWN_ARTWORK,
        say("There is no artwork “{artwork_id}” in the library.", artwork_id=artwork_id),
        say("Search for it; each result carries its id."),
    )


def not_two(label: str) -> CommandError:
    """What is answered where one of two works is meant, and one alone hangs."""
    return CommandError(
        ErrorCode.BAD_VALUE,
        say("One work alone hangs there, {label}.", label=label),
        say("Leave “side” out to mean it."),
    )


def side_of_an_id() -> CommandError:
    """What is answered where a work is named, and a side of what hangs as well."""
    return CommandError(
        ErrorCode.BAD_VALUE,
        say("“side” is for what hangs on a display, and “artwork” names a work."),
        say("Send one of them."),
    )


def hidden_away(label: str) -> CommandError:
    """Why a work is not shown, although it was asked for by its id."""
    return CommandError(
        ErrorCode.NO_MATCH,
        say("{label} was hidden, so it is not shown again.", label=label),
        say("Send “unhide” with its id to have it back, or ask for another work."),
    )


def not_hidden(words: str, hidden: Sequence[str]) -> CommandError:
    """Why nothing can be shown again: nothing was hidden, or nothing with these words."""
    if not hidden:
        return CommandError(ErrorCode.NO_MATCH, say("Nothing is hidden."), _HOW["hidden"])
    some = listed(hidden[:MOST_NAMED], "and")
    return CommandError(
        ErrorCode.NO_MATCH,
        say("Nothing with “{words}” is hidden.", words=words),
        say("Hidden last: {some}. Search for hidden:yes to list them all.", some=some),
    )


def without_vector(label: str) -> CommandError:
    """Why nothing like a work can be found."""
    return CommandError(
        ErrorCode.NO_MODEL,
        say("{label} has no vector yet, so nothing like it can be found.", label=label),
        say("Wait until the collection has been embedded, and try again."),
    )
