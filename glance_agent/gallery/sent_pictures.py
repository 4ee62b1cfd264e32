"""Pictures that were sent to be searched by: of each its vector, for some minutes, and no more."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

from glance_agent.domain.errors import CommandError, ErrorCode
from glance_agent.domain.said import say
from glance_agent.domain.vectors import Vector

KEPT_SECONDS = 1800.0
MOST_KEPT = 64


@dataclass(frozen=True, eq=False, slots=True)
class _Kept:
    until: float
    space: str
    vector: Vector


class SentPictures:
    """The vectors of what was sent lately; one thread at a time."""

    def __init__(self, *, clock: Callable[[], float], name: Callable[[], str]) -> None:
        """`clock` tells steady seconds, `name` makes up an id that nobody guesses."""
        self._clock = clock
        self._name = name
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    def keep(self, space: str, vector: Vector) -> str:
        """Keep what a picture means in a space; the id under which it is found again."""
        name = self._name()
        self._kept[name] = _Kept(self._clock() + KEPT_SECONDS, space, vector)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return name

    def vector(self, name: str, space: str) -> Vector:
        """The unit vector (d,) of a picture in this space. Raises CommandError for none."""
        kept = self._kept.get(name)
        if kept is None or kept.space != space or kept.until <= self._clock():
            self._kept.pop(name, None)
            raise CommandError(
                ErrorCode.UNKNOWN_ARTWORK,
                say("That picture is not known any more."),
                say("Send it again: nothing of it was kept."),
            )
        self._kept[name] = replace(kept, until=self._clock() + KEPT_SECONDS)
        self._kept.move_to_end(name)
        return kept.vector
