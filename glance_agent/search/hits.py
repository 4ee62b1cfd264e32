"""What a search answers with: works, how well each matches, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

NEARLY: Final = 0.2
"""How much less what suits a wall better may match than what was found."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One work that answers: how well (0–1), why, and the parts of its score by name.

    `pair` is the id of the work that is to hang beside it.
    """

    artwork_id: str
    match: float
    why: str
    parts: Mapping[str, float] = field(default_factory=dict)
    pair: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a query, best first.

    `sure` is False where nothing really matches and the hits are the nearest there is;
    `by_pictures` is False where no model could be asked and only labels have answered, `late`
    where that was so because it did not answer in time, `unread` where it was because the vectors
    of the library were still being read. What is `listed`, “hidden” or “liked”,
    answers no question: the latest of it comes first. `missing` is what was named and is not here,
    as one says it (“by Van Gogh”).
    """

    hits: tuple[Hit, ...]
    sure: bool = True
    by_pictures: bool = True
    late: bool = False
    unread: bool = False
    listed: str = ""
    missing: str = ""


def led_by(first: Found, found: Found) -> Found:
    """What was found, as many as before, with the best of `first` in front of it.

    As it was where that matches much less.
    """
    if not first.hits or first.hits[0].match < found.hits[0].match - NEARLY:
        return found
    best = first.hits[0]
    others = [hit for hit in found.hits if hit.artwork_id != best.artwork_id]
    return replace(found, hits=(best, *others)[: len(found.hits)])
