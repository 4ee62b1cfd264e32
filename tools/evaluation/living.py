"""People live with each chooser for a while; what they saw, and how they liked it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from tools.evaluation.choosers import Chooser, Hall, Ours, choosers_for
from tools.evaluation.measures import mean
from tools.evaluation.paintings import Exhibition
from tools.evaluation.people import Mask, Person

SHOWINGS = 50
LEARNED_AFTER = 20
"""After how many reactions a taste should show."""
DISCOVERY = 20
"""How much who is in a mood wants to discover."""


@dataclass(frozen=True, slots=True)
class Life:
    """One person with one chooser, or in one mood: the rows that were shown, and which of them
    pleased."""

    person: Person
    chooser: str
    shown: tuple[int, ...]
    pleased: tuple[bool, ...]


def lived(hall: Hall, crowd: Sequence[Person], seeds: int) -> list[Life]:
    """Everyone with every chooser, several times over."""
    return [
        _life(person, name, chooser)
        for person in crowd
        for seed in range(seeds)
        for name, chooser in choosers_for(hall, person, crowd, seed).items()
    ]


def lived_in_moods(
    hall: Hall, crowd: Sequence[Person], moods: Sequence[str], seeds: int
) -> list[Life]:
    """Everyone with the agent in each of the moods, several times over."""
    return [
        _life(person, mood, Ours(hall, Random(f"{seed} {person.name} {mood}"), DISCOVERY, mood))
        for person in crowd
        for mood in moods
        for seed in range(seeds)
    ]


def _life(person: Person, name: str, chooser: Chooser) -> Life:
    shown: list[int] = []
    pleased: list[bool] = []
    for step in range(SHOWINGS):
        row = chooser.choose()
        liked = person.likes(row, step)
        chooser.told(row, liked=liked)
        shown.append(row)
        pleased.append(liked)
    return Life(person, name, tuple(shown), tuple(pleased))


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


def moods_table(kinds: Mapping[str, Mask], lives: Sequence[Life]) -> dict[str, dict[str, float]]:
    """Mood -> measure -> figure: the shares of showings that were in the mood, that pleased, and
    that did both."""
    moods = dict.fromkeys(life.chooser for life in lives)
    members = {mood: [life for life in lives if life.chooser == mood] for mood in moods}
    members["all"] = list(lives)
    return {
        mood: {
            "in the mood": round(mean([mean(in_mood(kinds, life)) for life in found]), 3),
            "pleased": round(mean([mean(life.pleased) for life in found]), 3),
            "both": round(mean([_both(kinds, life) for life in found]), 3),
        }
        for mood, found in members.items()
    }


def in_mood(kinds: Mapping[str, Mask], life: Life) -> list[bool]:
    """Which of the works that were shown are of the kind that the mood names."""
    return [bool(kinds[life.chooser][row]) for row in life.shown]


def _both(kinds: Mapping[str, Mask], life: Life) -> float:
    pairs = zip(in_mood(kinds, life), life.pleased, strict=True)
    return mean([mood and pleased for mood, pleased in pairs])


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
