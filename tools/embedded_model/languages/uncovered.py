"""Wishes with words that neither a table nor a dictionary has: they are read by pieces alone."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tools.embedded_model.languages.exam import COMMON, Embed, best_of
from tools.embedded_model.languages.lexicon import LANGUAGES, Wish

Floats = NDArray[np.float32]
LETTERS = 4  # of a word that counts; shorter ones are little words mostly


def uncovered(wishes: list[Wish], code: str, knows: Callable[[str, str], object]) -> list[Wish]:
    """Wishes of words in no table with a word in one language that `knows` nothing of either."""
    return [
        wish
        for wish in wishes
        if not wish.listed
        and any(
            len(word) >= LETTERS and not knows(code, word.lower())
            for word in re.findall(r"\w+", wish.said[code])
        )
    ]


def in_common_uncovered(
    embed: Embed,
    reference: Embed,
    wishes: list[Wish],
    pictures: Floats,
    knows: Callable[[str, str], object],
) -> dict[str, tuple[int, float]]:
    """Of each other language: how many such wishes, and their share of the first twenty pictures
    in common with the reference's English; nan where there are none.
    """
    found: dict[str, tuple[int, float]] = {}
    for code in LANGUAGES[1:]:
        asked = uncovered(wishes, code, knows)
        if not asked:
            found[code] = (0, float("nan"))
            continue
        english = best_of(reference([wish.said["en"] for wish in asked]) @ pictures.T)
        own = best_of(embed([wish.said[code] for wish in asked]) @ pictures.T)
        shares = [len(one & other) / COMMON for one, other in zip(english, own, strict=True)]
        found[code] = (len(asked), float(np.mean(shares)))
    return found
