"""What a program without a model could do: chance, words of titles, colours that words imply.

`by_colour` is no rival but a bound: it ranks by the very shares from which the labels of mood and
colour are made. Rivals that see the pictures only are in `histograms.py`.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from tools.embedded_model.colours import Look

Floats = NDArray[np.float64]
# what words, generously, tell about shares of colour
IMPLIED: dict[str, dict[str, float]] = {
    "blue": {"blue": 1},
    "green": {"green": 1},
    "red": {"red": 1},
    "golden": {"yellow": 1},
    "yellow": {"yellow": 1},
    "orange": {"orange": 1},
    "amber": {"orange": 1},
    "brown": {"brown": 1},
    "white": {"white": 1},
    "black": {"black": 1},
    "grey": {"gray": 1},
    "pink": {"pink": 1},
    "violet": {"purple": 1},
    "dark": {"black": 1},
    "night": {"black": 1, "blue": 0.3},
    "shadows": {"black": 1},
    "shadow": {"black": 0.7},
    "gloomy": {"black": 0.7, "gray": 0.5},
    "bright": {"white": 1, "yellow": 0.3},
    "airy": {"white": 1},
    "vivid": {"red": 1, "orange": 1, "yellow": 1, "blue": 1, "green": 1},
    "colourful": {"red": 1, "orange": 1, "yellow": 1, "blue": 1, "green": 1},
    "muted": {"gray": 1, "beige": 0.5},
    "subdued": {"gray": 1},
    "warm": {"orange": 1, "red": 0.7, "yellow": 0.7},
    "cool": {"blue": 1, "turquoise": 1},
    "cold": {"blue": 1, "white": 1},
    "soft": {"white": 0.5, "beige": 0.5},
    "misty": {"gray": 1, "white": 0.5},
    "cosy": {"brown": 1, "orange": 0.5},
    "earth": {"brown": 1},
    "sunny": {"yellow": 1, "green": 0.5},
    "sea": {"blue": 1, "turquoise": 1},
    "seascape": {"blue": 1, "turquoise": 1},
    "water": {"blue": 1, "turquoise": 0.7},
    "river": {"blue": 0.7, "green": 0.5},
    "lake": {"blue": 1},
    "sky": {"blue": 1},
    "snow": {"white": 1, "gray": 0.3},
    "snowy": {"white": 1},
    "winter": {"white": 1, "gray": 0.5},
    "wintry": {"white": 1},
    "forest": {"green": 1},
    "trees": {"green": 1},
    "garden": {"green": 1},
    "landscape": {"green": 1, "blue": 0.5},
    "field": {"green": 1, "yellow": 0.5},
    "sunset": {"orange": 1, "red": 0.5},
    "evening": {"orange": 1},
    "fruit": {"orange": 0.7, "red": 0.7, "yellow": 0.7},
    "flowers": {"red": 0.5, "pink": 1, "yellow": 0.5},
    "nude": {"beige": 1, "pink": 0.5},
    "baroque": {"black": 1, "brown": 0.7},
    "portrait": {"brown": 0.7, "black": 0.7},
    "japanese": {"beige": 1},
}


def words(text: str) -> list[str]:
    """Its words in small letters, without a plural s."""
    return [w.removesuffix("s") if len(w) > 3 else w for w in re.findall(r"[a-z]+", text.lower())]


def by_chance(queries: int, pictures: int, seed: int) -> Floats:
    """Scores (queries, pictures) that mean nothing."""
    return np.random.default_rng(seed).random((queries, pictures))


def by_keyword(texts: list[str], keywords: list[str], seed: int) -> Floats:
    """How many words of the query the label has; ties at random."""
    labels = [set(words(label)) for label in keywords]
    shared = np.array([[len(own & set(words(text))) for own in labels] for text in texts], float)
    return np.asarray(shared + 0.01 * by_chance(len(texts), len(keywords), seed))


def by_colour(texts: list[str], looks: list[Look], seed: int) -> Floats:
    """How much of the colours that the query's words imply there is; ties at random."""
    wanted = [implied(text) for text in texts]
    scores = [[sum(v * look.shares[c] for c, v in row.items()) for look in looks] for row in wanted]
    return np.array(scores) + 1e-6 * by_chance(len(texts), len(looks), seed)


def implied(text: str) -> dict[str, float]:
    """The colours that its words tell of, with their weights."""
    total: dict[str, float] = {}
    for word in re.findall(r"[a-z]+", text.lower()):
        for colour, value in IMPLIED.get(word, {}).items():
            total[colour] = total.get(colour, 0.0) + value
    return total
