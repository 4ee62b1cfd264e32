"""How well wishes in each language find pictures, by any text tower."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tools.embedded_model.captions import Facts
from tools.embedded_model.languages.lexicon import LANGUAGES, Wish
from tools.embedded_model.queries import Query, truth
from tools.embedded_model.scores import precision_at_10, recall_at

Floats = NDArray[np.float32]
Embed = Callable[[list[str]], Floats]
COMMON = 20
RECALL = 50


def queries(wishes: list[Wish]) -> tuple[Query, ...]:
    """The wishes with what makes a picture right, in English."""
    return tuple(
        Query(wish.said["en"], "listed" if wish.listed else "unlisted", **wish.facets)
        for wish in wishes
    )


def precision(
    embed: Embed, wishes: list[Wish], all_facts: list[Facts], pictures: Floats
) -> dict[str, dict[str, float]]:
    """Of each language: precision at ten of all wishes, of those whose words stand in the tables,
    and of the others; `pictures` (N, 256) are unit vectors. A wish that fewer than three pictures
    fit is left out.
    """
    relevant, judged = truth(queries(wishes), all_facts)
    enough = relevant.sum(1) >= 3
    listed = np.array([wish.listed for wish in wishes])
    found: dict[str, dict[str, float]] = {}
    for code in LANGUAGES:
        scores = embed([wish.said[code] for wish in wishes]) @ pictures.T
        each = precision_at_10(scores, relevant, judged)
        found[code] = {
            "all": float(each[enough].mean()),
            "listed": float(each[enough & listed].mean()),
            "unlisted": float(each[enough & ~listed].mean()),
        }
    return found


def in_common(
    embed: Embed, reference: Embed, wishes: list[Wish], pictures: Floats
) -> dict[str, float]:
    """The share of the first twenty pictures that each language has in common with the reference
    tower's English, over the wishes whose words stand in no table.
    """
    asked = [wish for wish in wishes if not wish.listed]
    best = best_of(reference([wish.said["en"] for wish in asked]) @ pictures.T)
    return {
        code: float(
            np.mean(
                [
                    len(one & other) / COMMON
                    for one, other in zip(
                        best,
                        best_of(embed([w.said[code] for w in asked]) @ pictures.T),
                        strict=True,
                    )
                ]
            )
        )
        for code in LANGUAGES
    }


def titles_found(embed: Embed, titles: list[str], pictures: Floats) -> float:
    """The share of titles, of two words or more and of one picture, that find it among fifty."""
    own = [
        i for i, title in enumerate(titles) if len(title.split()) > 1 and titles.count(title) == 1
    ]
    rest = [i for i in range(len(titles)) if i not in set(own)]
    scores = embed([titles[i] for i in own]) @ pictures[own + rest].T
    return recall_at(scores, RECALL)


def best_of(scores: Floats) -> list[set[int]]:
    """The first twenty pictures of each row of scores."""
    return [set(row[:COMMON].tolist()) for row in np.argsort(-scores, axis=1)]
