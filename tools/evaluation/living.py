"""People live with each chooser for a while; what they saw, and how they liked it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tools.evaluation.choosers import choosers_for
from tools.evaluation.measures import mean
from tools.evaluation.paintings import Exhibition
from tools.evaluation.people import Person

SHOWINGS = 50
LEARNED_AFTER = 20
"""After how many reactions a taste should show."""


@dataclass(frozen=True, slots=True)
class Life:
    """One person with one chooser: the rows that were shown, and which of them pleased."""

    person: Person
    chooser: str
    shown: tuple[int, ...]
    pleased: tuple[bool, ...]


def lived(exhibition: Exhibition, crowd: Sequence[Person], seeds: int) -> list[Life]:
    """Everyone with every chooser, several times over."""
    return [
        life
        for person in crowd
        for seed in range(seeds)
        for life in _lives(exhibition, person, crowd, seed)
    ]


def _lives(
    exhibition: Exhibition, person: Person, crowd: Sequence[Person], seed: int
) -> list[Life]:
    lives = []
    for name, chooser in choosers_for(exhibition, person, crowd, seed).items():
        shown: list[int] = []
        pleased: list[bool] = []
        for step in range(SHOWINGS):
            row = chooser.choose()
            liked = person.likes(row, step)
            chooser.told(row, liked=liked)
            shown.append(row)
            pleased.append(liked)
        lives.append(Life(person, name, tuple(shown), tuple(pleased)))
    return lives


def taste_table(
    exhibition: Exhibition, lives: Sequence[Life]
) -> dict[str, dict[str, dict[str, float]]]:
    """Group of people -> chooser -> measure -> figure."""
    groups = dict.fromkeys(life.person.group for life in lives)
    choosers = dict.fromkeys(life.chooser for life in lives)
    members = {group: [x for x in lives if x.person.group == group] for group in groups}
    members["everyone"] = list(lives)
    return {
        group: {name: _figures(exhibition, found, name) for name in choosers}
        for group, found in members.items()
    }


def _figures(exhibition: Exhibition, group: Sequence[Life], chooser: str) -> dict[str, float]:
    best = mean([float(sum(x.pleased)) for x in group if x.chooser == "oracle"])
    lives = [x for x in group if x.chooser == chooser]
    return {
        "hits 1-20": round(mean([mean(x.pleased[:LEARNED_AFTER]) for x in lives]), 3),
        "hits 21-50": round(mean([mean(x.pleased[LEARNED_AFTER:]) for x in lives]), 3),
        "regret": round(best - mean([float(sum(x.pleased)) for x in lives]), 1),
        "diversity": round(mean([_diversity(exhibition, x.shown) for x in lives]), 3),
        "surprise": round(mean([_surprise(exhibition, x) for x in lives]), 3),
        "coverage": round(len({row for x in lives for row in x.shown}) / len(exhibition.works), 3),
    }


def hits_over_time(lives: Sequence[Life], window: int = 5) -> dict[str, list[float]]:
    """The hit rate of each chooser over all people, by showing, smoothed."""
    curves = {}
    for name in dict.fromkeys(life.chooser for life in lives):
        hits = np.array([life.pleased for life in lives if life.chooser == name], dtype=float)
        rate = hits.mean(axis=0)
        curves[name] = [
            float(rate[max(0, i - window + 1) : i + 1].mean()) for i in range(rate.size)
        ]
    return curves


def _diversity(exhibition: Exhibition, shown: Sequence[int]) -> float:
    """The mean distance (1 - cosine) of any two works that were shown after learning."""
    rows = exhibition.matrix[list(shown[LEARNED_AFTER:])]
    cosines = rows @ rows.T
    return float(1.0 - cosines[np.triu_indices(rows.shape[0], 1)].mean())


def _surprise(exhibition: Exhibition, life: Life) -> float:
    """How far (1 - cosine) what pleased after learning was from all that had pleased before."""
    found = []
    for step in range(LEARNED_AFTER, len(life.shown)):
        before = [r for r, ok in zip(life.shown[:step], life.pleased[:step], strict=True) if ok]
        if life.pleased[step] and before:
            cosines = exhibition.matrix[before] @ exhibition.matrix[life.shown[step]]
            found.append(float(1.0 - cosines.max()))
    return mean(found)
