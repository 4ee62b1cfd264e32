"""What hangs or is named in, what there is to say of it out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from glance_agent.domain.display import Glance, ShownArtwork
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.reply import Reply
from glance_agent.domain.said import in_a_row, say
from glance_agent.domain.wording import is_untitled, said_title


def described(
    works: Sequence[ShownArtwork], current: Glance | None, *, about: str | None = None
) -> Outcome:
    """What the labels say, and why they hang where they are what the display shows now; where it
    is asked `about` one thing (the why of what hangs, the artist, date, place or title), only that.
    """
    hung = [shown.id for shown in current.works] if current else []
    on_display = current if {work.id for work in works} <= set(hung) else None
    why = on_display.why if on_display else ""
    if about in _ONE_THING:
        said = [_only(about, work) for work in works]
    elif about and why:
        said = []
    else:
        said = [sentence for work in works for sentence in _label(work, works, hung)]
    if why and about not in _ONE_THING:
        said.append(say("{why}.", why=_without_stop(why)))
    reply = Reply(
        verb="describe",
        ok=True,
        display=on_display.display if on_display else None,
        message=in_a_row(*said),
        artwork=works[0],
        pair=works[1] if len(works) > 1 else None,
    )
    return Outcome(reply)


def _only(about: str, work: ShownArtwork) -> str:
    """The one thing that is asked of a work; or that it is not known, or that it has no title."""
    known, unknown = _ONE_THING[about](work)
    return say("{label}.", label=known) if known else unknown


def _artist(work: ShownArtwork) -> tuple[str, str]:
    title, artist = said_title(work.title), work.artist
    known = say("“{title}” by {artist}", title=title, artist=artist) if artist else ""
    return known, say("Who made “{title}” is not known here.", title=title)


def _date(work: ShownArtwork) -> tuple[str, str]:
    title, date = said_title(work.title), work.dated
    known = say("“{title}”, {date}", title=title, date=date) if date else ""
    return known, say("When “{title}” was made is not known here.", title=title)


def _place(work: ShownArtwork) -> tuple[str, str]:
    title, place = said_title(work.title), work.taken_in
    known = say("“{title}”, {date}", title=title, date=place) if place else ""
    return known, say("Where “{title}” was made is not known here.", title=title)


def _title(work: ShownArtwork) -> tuple[str, str]:
    known = "" if is_untitled(work.title) else say("“{title}”", title=work.title)
    return known, say("It has no title.")


_ONE_THING = {"artist": _artist, "date": _date, "place": _place, "title": _title}


def _label(work: ShownArtwork, works: Sequence[ShownArtwork], hung: Sequence[str]) -> Iterator[str]:
    """One work; of two that hang together it is said which."""
    if work.id not in hung:
        yield say("{label}.", label=work.label)
    elif works.index(work) == 0:
        yield say("This is {label}.", label=work.label)
    else:
        yield say("Beside it is {label}.", label=work.label)
    if work.medium:
        yield say("{label}.", label=_first(work.medium))
    if work.credit:
        yield say("{label}.", label=_without_stop(work.credit))
    if work.cut:
        yield say("Its file ends early: a little of the picture is missing.")


def _first(medium: str) -> str:
    """Of what a work is, with a capital."""
    capital = f"{medium[:1].upper()}{medium[1:]}"
    return medium if medium == capital else capital


def _without_stop(why: str) -> str:
    return why.rstrip(".") if why.endswith(".") else why
