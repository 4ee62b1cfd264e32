"""What people did -> how much they seem to like each work, from -1 to 1.

A reaction is said outright. What happened on the displays says less, and weighs less: a picture
skipped at once, one left up long, one that more was asked of. A newer sign of the same kind
replaces an older one, and a reaction outweighs all that happened by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from glance_agent.domain.display import Reaction, Showing

LIKED = 1.0
DISLIKED = -1.0
ASKED_FOR_MORE = 0.5
LEFT_UP = 0.2
SKIPPED = -0.25

SKIPPED_WITHIN = timedelta(seconds=10)
LEFT_UP_AT_LEAST = timedelta(minutes=10)
LEFT_UP_TIMES_MEDIAN = 3.0
NOBODY_LOOKS_AFTER = timedelta(hours=12)
"""Pictures that hang longer than this hang because nobody is there."""
HALF_LIFE = timedelta(days=90)
MORE_OF_DISPLAYED = "like_displayed"
"""The part of a showing that says it answered “more like this” about the one before it."""


MORE_OF_SECOND = "like_second"
"""The same about the second of two that hung together."""


class Liking(StrEnum):
    """How it showed that someone likes a work."""

    SAID = "said"
    ASKED_FOR_MORE = "asked for more"
    LEFT_UP = "left up"


@dataclass(frozen=True, slots=True)
class Sign:
    """How much one user seems to like one work (-1 to 1), when that showed, and if it was said."""

    artwork_id: str
    value: float
    at: datetime
    said: bool

    @property
    def liking(self) -> Liking:
        """How a liking showed; for signs above 0."""
        if self.said:
            return Liking.SAID
        return Liking.ASKED_FOR_MORE if self.value >= ASKED_FOR_MORE else Liking.LEFT_UP


def signs_of(
    user: str, reactions: Iterable[Reaction], showings: Sequence[Showing]
) -> tuple[Sign, ...]:
    """The signs of one user, oldest first; `showings` are newest first, of any displays."""
    return overruled(implied_by(showings).get(user, ()), reactions)


def implied_by(showings: Sequence[Showing]) -> dict[str, list[Sign]]:
    """By user, the signs that nobody gave outright, oldest first; `showings` are newest first.

    The one who ended a showing had seen it, so that it is a sign of theirs.
    """
    implied: dict[str, list[Sign]] = {}
    for after, sign in _implied(showings):
        implied.setdefault(after.user, []).append(sign)
    for signs in implied.values():
        signs.sort(key=lambda s: s.at)
    return implied


def overruled(implied: Iterable[Sign], reactions: Iterable[Reaction]) -> tuple[Sign, ...]:
    """Signs that nobody gave outright, and the reactions that outweigh them, oldest first."""
    found = {s.artwork_id: s for s in implied if not s.said}
    for reaction in reactions:
        value = LIKED if reaction.kind == "like" else DISLIKED
        found[reaction.artwork_id] = Sign(reaction.artwork_id, value, reaction.at, said=True)
    return tuple(sorted(found.values(), key=lambda s: (s.at, s.artwork_id)))


def recency(sign: Sign, now: datetime) -> float:
    """How much a sign still counts: 1 today, half after HALF_LIFE."""
    age = max((now - sign.at) / HALF_LIFE, 0.0)
    return float(0.5**age)


def _implied(showings: Sequence[Showing]) -> Iterable[tuple[Showing, Sign]]:
    """What the changes of each display say, each with the showing that came after it."""
    by_display: dict[str, list[Showing]] = {}
    for showing in reversed(showings):
        by_display.setdefault(showing.display, []).append(showing)
    for in_order in by_display.values():
        stays = [b.shown_at - a.shown_at for a, b in pairwise(in_order)]
        usual = _median(stays) if stays else timedelta()
        for (showing, after), stay in zip(pairwise(in_order), stays, strict=True):
            for artwork, part in zip(showing.works, _MORE_OF, strict=False):
                if value := _worth(after, stay, usual, part):
                    yield after, Sign(artwork, value, after.shown_at, said=False)


def _median(stays: list[timedelta]) -> timedelta:
    in_order, count = sorted(stays), len(stays)
    return (in_order[(count - 1) // 2] + in_order[count // 2]) / 2


def came_of(showing: Showing, after: Showing) -> str | None:
    """What came of a showing that this one ended, in a word that is kept; None for nothing."""
    value = _worth(after, after.shown_at - showing.shown_at, timedelta())
    return {ASKED_FOR_MORE: "asked for more", LEFT_UP: "left up", SKIPPED: "skipped"}.get(value)


_MORE_OF = (MORE_OF_DISPLAYED, MORE_OF_SECOND)


def _worth(
    after: Showing, stay: timedelta, usual: timedelta, more_of: str = MORE_OF_DISPLAYED
) -> float:
    """What it says of a work that this came after it, and so late; `more_of` is the part that says
    that more like it was asked for."""
    if after.verb == "similar" and after.parts.get(more_of):
        return ASKED_FOR_MORE
    if after.verb != "next" or stay < timedelta():
        # Nothing hangs for less than no time: the clock was set meanwhile.
        return 0.0
    if stay < SKIPPED_WITHIN:
        return SKIPPED
    long = max(LEFT_UP_AT_LEAST, LEFT_UP_TIMES_MEDIAN * usual)
    return LEFT_UP if long <= stay <= NOBODY_LOOKS_AFTER else 0.0
