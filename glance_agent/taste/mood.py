"""Moods as people name them -> words that a model sees; and the mood of a time of day."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

TIME_OF_DAY = frozenset({"time of day", "auto", "by the clock"})
"""A mood of this name follows the clock."""

BY_HOUR: tuple[tuple[int, str], ...] = (
    (6, "fresh morning light, bright and clear"),
    (11, "bright, vivid and lively"),
    (17, "warm evening light, calm"),
    (21, "dark, quiet night"),
)
"""From which hour on which words hold; before the first, the last."""

PRESETS: Mapping[str, str] = MappingProxyType(
    {
        "morning": BY_HOUR[0][1],
        "day": BY_HOUR[1][1],
        "evening": BY_HOUR[2][1],
        "night": BY_HOUR[3][1],
        "focus": "simple, plain and quiet, few colours",
        "party": "vivid colours, people dancing, joyful",
        "cosy": "warm colours, an interior by candle light",
        "dinner": "warm and elegant, fruit and wine on a table",
        "sleep": "dark blue night, calm and still",
    }
)


def mood_words(mood: str, hour: int) -> str:
    """The words to look for, where it is this hour (0–23) where the display hangs."""
    said = " ".join(mood.casefold().split())
    if said in TIME_OF_DAY:
        held = [words for start, words in BY_HOUR if start <= hour]
        return held[-1] if held else BY_HOUR[-1][1]
    return PRESETS.get(said, mood)


def mood_name(mood: str, hour: int) -> str:
    """The mood as one says it: “evening” rather than the words it stands for."""
    said = " ".join(mood.casefold().split())
    if said not in TIME_OF_DAY:
        return mood.strip()
    names = ("morning", "day", "evening", "night")
    held = [name for (start, _), name in zip(BY_HOUR, names, strict=True) if start <= hour]
    return held[-1] if held else names[-1]
