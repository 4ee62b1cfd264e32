"""How long something is to take, in words: “half an hour”, “zehn Minuten”, “1h”."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from glance_agent.commands.speech.sentence import Sentence

_NUMBER_AND_UNIT = re.compile(r"(\d+(?:[.,]\d+)?)(\D*)")


@dataclass(frozen=True, slots=True)
class DurationWords:
    """The words of one language for numbers, for seconds (by unit), and those that say nothing."""

    numbers: Mapping[str, float] = field(default_factory=dict)
    units: Mapping[str, float] = field(default_factory=dict)
    fillers: frozenset[str] = frozenset()


def seconds_in(text: str, words: DurationWords, *, counted: bool = False) -> int | None:
    """The seconds that a text names; None where it names anything else, or minutes twice.

    Where it has to be `counted`, “an hour” is none: a number must be said.
    """
    total, value, unit, numbers, counting = 0.0, None, None, 0, False
    for word in _split(Sentence(text), words):
        if (size := words.units.get(word)) is not None:
            if unit is not None and size >= unit:
                return None
            total += (1 if value is None else value) * size
            value, unit = None, size
        elif (number := _number(word, words)) is not None:
            # “three quarters”, “eine halbe”, but “thirty five”, “two and a half”
            of_it = counting and number < 1 and value
            value = number * value if of_it and value else number + (value or 0)
            numbers += 1
        elif word not in words.fillers:
            return None
        counting = word not in words.fillers
    if value is not None:
        # “an hour and a half”
        total += value * (unit or 0)
    if unit is None or (counted and not numbers):
        return None
    return round(total)


def _number(word: str, words: DurationWords) -> float | None:
    if word[0].isdecimal():
        return float(word.replace(",", "."))
    return words.numbers.get(word)


def _split(sentence: Sentence, words: DurationWords) -> list[str]:
    """The words, with `90s` as two of them."""
    found: list[str] = []
    for word in sentence.words:
        parts = _NUMBER_AND_UNIT.fullmatch(word.said)
        found += [part for part in parts.groups() if part] if parts else [word.said]
    return found
