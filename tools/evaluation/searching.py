"""How well each rival answers the questions, by class of question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.vectors import unit_rows
from tools.evaluation.measures import FIRST, gain, mean, precision
from tools.evaluation.paintings import Exhibition, Labelled
from tools.evaluation.questions import BY_TITLES, Question
from tools.evaluation.rivals import Rival

Table = dict[str, dict[str, dict[str, float]]]
"""Class of question -> rival -> measure -> figure."""
NOT_BY_TITLES = "all not labelled by titles"
EVERYTHING = "all"


@dataclass(frozen=True, slots=True)
class Answered:
    """One question, one rival, and what its first ten were worth."""

    question: Question
    rival: str
    precision: float
    gain: float


def ask(
    works: Sequence[Labelled], questions: Sequence[Question], rivals: Mapping[str, Rival]
) -> list[Answered]:
    """Every question put to every rival; what cannot be judged is left out of its ranking."""
    answers = []
    for question in questions:
        judged = {w.artwork.id for w in works if question.judged(w)}
        right = {w.artwork.id for w in works if w.artwork.id in judged and question.right(w)}
        chance = len(right) / max(len(judged), 1)
        answers.append(Answered(question, "random", chance, chance))
        for name, rival in rivals.items():
            ranked = [i for i in rival(question.text) if i in judged]
            answers.append(Answered(question, name, precision(ranked, right), gain(ranked, right)))
    return answers


def table_of(answers: Sequence[Answered]) -> Table:
    """The mean figures by class and rival, and of all classes together."""
    kinds = list(dict.fromkeys(a.question.kind for a in answers))
    groups = {kind: {kind} for kind in kinds}
    groups[NOT_BY_TITLES] = set(kinds) - BY_TITLES
    groups[EVERYTHING] = set(kinds)
    return {
        group: {
            rival: _figures([a for a in answers if a.rival == rival and a.question.kind in members])
            for rival in dict.fromkeys(a.rival for a in answers)
        }
        for group, members in groups.items()
        if members
    }


def _figures(answers: Sequence[Answered]) -> dict[str, float]:
    return {
        "precision@10": round(mean([a.precision for a in answers]), 3),
        "nDCG@10": round(mean([a.gain for a in answers]), 3),
        "questions": float(len(answers)),
    }


def likeness_table(exhibition: Exhibition) -> dict[str, dict[str, float]]:
    """Of the ten works nearest to a work, the share of the same artist, style or genre."""
    shares = np.array([w.colour_share for w in exhibition.works], dtype=np.float32)
    spaces = {"vectors": exhibition.matrix, "colours": unit_rows(shares)}
    labels = {
        "artist": [w.artwork.artist for w in exhibition.works],
        "style": [w.style for w in exhibition.works],
        "genre": [w.genre for w in exhibition.works],
    }
    return {
        name: {
            **{space: _same(rows, values) for space, rows in spaces.items()},
            "random": _by_chance(values),
        }
        for name, values in labels.items()
    }


def _same(rows: NDArray[np.float32], values: Sequence[str | None]) -> float:
    known = [i for i, value in enumerate(values) if values.count(value) > FIRST and value]
    if not known:
        return 0.0
    cosines = rows @ rows.T
    np.fill_diagonal(cosines, -np.inf)
    cosines[:, [i for i, value in enumerate(values) if not value]] = -np.inf
    nearest = np.argpartition(-cosines[known], FIRST, axis=1)[:, :FIRST]
    names = np.array([value or "" for value in values])
    return round(float((names[nearest] == names[known][:, None]).mean()), 3)


def _by_chance(values: Sequence[str | None]) -> float:
    named = [value for value in values if value]
    often = [named.count(value) for value in named if named.count(value) > FIRST]
    return round(mean([(count - 1) / (len(named) - 1) for count in often]), 3)
