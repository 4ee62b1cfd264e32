"""Simulated people: each likes exactly the works of a hidden preference over labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from tools.evaluation.paintings import Labelled

FEWEST = 24
"""Fewer works of a kind would be used up before a taste can show."""
MOST_SHARE = 0.35
TURNING_POINT = 25
"""After how many showings the taste of a changing person changes."""
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False, slots=True)
class Person:
    """Which works (n,) please, at first and after TURNING_POINT showings."""

    name: str
    group: str
    first: Mask
    later: Mask

    def likes(self, row: int, showing: int) -> bool:
        mask = self.later if showing >= TURNING_POINT else self.first
        return bool(mask[row])


def people(works: Sequence[Labelled], *, pairs: int, seed: int) -> list[Person]:
    """People of one taste (style, genre, colour or light), of two, and of a changing one."""
    kinds = kinds_of(works)
    drawn = _pairs(kinds, pairs, Random(seed))
    single = [Person(name, "one taste", mask, mask) for name, mask in kinds.items()]
    double = [
        Person(f"{a} and {b}", "two tastes", kinds[a] | kinds[b], kinds[a] | kinds[b])
        for a, b in drawn
    ]
    changing = [
        Person(f"{a}, then {b}", "changing taste", kinds[a], kinds[b])
        for a, b in drawn[: pairs // 2]
    ]
    return [*single, *double, *changing]


def kinds_of(works: Sequence[Labelled]) -> dict[str, Mask]:
    """The kinds of works that somebody could like, by name, neither too rare nor too common."""
    found: dict[str, Mask] = {}
    for style in sorted({w.style for w in works if w.style}):
        found[style] = np.array([w.style == style for w in works])
    for genre in sorted({w.genre for w in works if w.genre}):
        found[genre] = np.array([w.genre == genre for w in works])
    for style, genre in sorted({(w.style or "", w.genre or "") for w in works}):
        found[f"{style} {genre}"] = np.array([w.style == style and w.genre == genre for w in works])
    for colour in ("blue", "green", "white", "red"):
        found[colour] = np.array([colour in w.colours for w in works])
    found["dark"] = np.array([w.stats.get("L", 1.0) < 0.33 for w in works])
    found["bright"] = np.array([w.stats.get("L", 0.0) > 0.62 for w in works])
    most = MOST_SHARE * len(works)
    return {k: m for k, m in found.items() if k.strip() and FEWEST <= m.sum() <= most}


def _pairs(kinds: dict[str, Mask], count: int, chance: Random) -> list[tuple[str, str]]:
    """Two kinds each that have little in common and are of about the same size."""
    names, found = sorted(kinds), list[tuple[str, str]]()
    for _ in range(100 * count):
        a, b = chance.sample(names, 2)
        small, large = sorted((int(kinds[a].sum()), int(kinds[b].sum())))
        apart = int((kinds[a] & kinds[b]).sum()) <= 0.1 * small
        if apart and large <= 3 * small and (a, b) not in found:
            found.append((a, b))
        if len(found) == count:
            break
    return found
