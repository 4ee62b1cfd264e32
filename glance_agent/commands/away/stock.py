"""Works that displays can show without asking the library, and which of them comes next."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from random import Random

from glance_agent.domain.artwork import Artwork

NOT_AGAIN = 30
"""Of how many showings of a display none comes back, where there are others."""
PLACES_KEPT = 2_000
"""Of so many works it is remembered where their pictures are."""


@dataclass(frozen=True, slots=True)
class Walls:
    """What suits displays, by their names: an orientation, and sources where some are named."""

    orientations: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, frozenset[str]] = field(default_factory=dict)


class Stock:
    """Some works, and where their pictures are; `place` and `note` may be called in any thread."""

    def __init__(self, walls: Walls, *, chance: Random) -> None:
        self._walls = walls
        self._chance = chance
        self._works: dict[str, Artwork] = {}
        self._places: dict[str, str] = {}
        self._shown: dict[str, deque[str]] = {}

    def fill(self, works: Iterable[tuple[Artwork, str]]) -> None:
        """Take these works in the place of those before, with where their pictures are."""
        found = list(works)
        self._works = {work.id: work for work, _ in found}
        for work, place in found:
            self.note(work.id, place)

    def drop(self, artwork_id: str) -> None:
        """Show a work no more."""
        self._works.pop(artwork_id, None)

    def note(self, artwork_id: str, place: str) -> None:
        """Remember where the picture of a work is."""
        self._places.pop(artwork_id, None)
        self._places[artwork_id] = place
        while len(self._places) > PLACES_KEPT:
            self._places.pop(next(iter(self._places)), None)

    def place(self, artwork_id: str) -> str | None:
        """Where the picture of a work is, as far as that is remembered."""
        return self._places.get(artwork_id)

    def another(self, display: str, hanging: Collection[str]) -> Artwork | None:
        """A work by chance that suits the display and hangs nowhere now; None where there is none.

        One that has not been there lately, and has the display's orientation, as far as possible.
        """
        named = self._walls.sources.get(display, frozenset())
        left = [
            work
            for work in self._works.values()
            if work.id not in hanging and (not named or work.source in named)
        ]
        lately = self._shown.setdefault(display, deque(maxlen=NOT_AGAIN))
        wanted = self._walls.orientations.get(display)
        rules: tuple[Callable[[Artwork], bool], ...] = (
            lambda work: work.id not in lately,
            lambda work: wanted is None or work.orientation in (wanted, "square"),
        )
        for rule in rules:
            left = [work for work in left if rule(work)] or left
        if not left:
            return None
        chosen = self._chance.choice(left)
        lately.append(chosen.id)
        return chosen
