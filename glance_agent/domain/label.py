"""What is looked for on labels: words, and in which of their fields they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Field = Literal["title", "artist", "medium", "tags", "description"]
ALL_LABELS = 2**62
"""More than any library has: where so many are counted at most, all are."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Labels with all of these words, or with `any` of them, in these fields or wherever they are.

    Words are found by their stems, whatever their case and accents, and mean nothing but
    themselves: no character of theirs is an operator.
    """

    words: tuple[str, ...]
    any: bool = False
    within: tuple[Field, ...] = ()
