"""Which way to score works by likes and dislikes is the best one, with how many likes?

`python -m tools.taste_methods --split val` gives simulated people some works that they like and
some that they do not (half of these near the likes, as they come up when one is shown what is
like them), and prints which share of the best six of the other works pleases, by method:

- `mean`: Rocchio on the vectors as they are, which the evaluation calls the single mean;
- `rocchio`: the same relative to the mean of the library;
- `logistic`: L2-regularised logistic regression on likes, dislikes and unrated works;
- `kernel`: kernel ridge regression on the same;
- `ours`: what the agent does, the kernel and, while there are few likes, Rocchio.
"""

from __future__ import annotations

import argparse
import os
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does, before numpy loads

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.vectors import Matrix, top
from glance_agent.domain.view import View
from glance_agent.embedding.encoder import open_encoder
from glance_agent.store.index import VectorIndex
from glance_agent.taste.collection import Collection, collection_of
from glance_agent.taste.feedback import Sign
from glance_agent.taste.profile import learned, sketched
from glance_agent.taste.scoring import scores_of
from tools.evaluation.paintings import load_paintings
from tools.evaluation.people import Mask, people
from tools.evaluation.run import PAIRS

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LIKES_AND_DISLIKES = ((2, 4), (4, 6), (8, 8), (12, 10), (20, 14))
DRAWS = 6
NEAR = 60
"""Among how many of the works nearest to the likes half of the dislikes are."""
FIRST = 6
UNRATED, RIDGE, LOGIT_SCALE, STEPS = 150, 0.02, 4.0, 60
"""Of the logistic regression: its sample, its regularisation, its scale and its length."""
Rows = NDArray[np.intp]
Scores = NDArray[np.float32]


def main() -> None:
    """Compare on one split, and print a table for each group of people."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--paintings", type=Path, default=Path("../shared/paintings"))
    parser.add_argument("--split", default="val")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    encoder = open_encoder("glance-mini", None, threads=2, memory_arena=True, prepacking=True)
    hall = load_paintings(options.paintings, frozenset({options.split}), encoder)
    ids = [work.artwork.id for work in hall.works]
    collection = collection_of(view_of(hall.space, hall.matrix, ids))
    chance = np.random.default_rng(options.seed)
    found: dict[tuple[str, int], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for person in people(hall.works, pairs=PAIRS, seed=options.seed):
        if person.group == "changing taste":
            continue
        for likes, dislikes in LIKES_AND_DISLIKES * DRAWS:
            if person.first.sum() >= likes + 10:
                liked, disliked = drawn(collection, person.first, (likes, dislikes), chance)
                shares = compared(collection, ids, person.first, liked, disliked)
                for method, share in shares.items():
                    found[person.group, likes][method].append(share)
    report(found)


def view_of(space: str, matrix: Matrix, ids: list[str]) -> View:
    """The pictures as works, numbered as their rows are."""
    index = VectorIndex(space, matrix.shape[1])
    index.load(ids, matrix)
    return index.now()


def drawn(
    collection: Collection, pleases: Mask, counts: tuple[int, int], chance: np.random.Generator
) -> tuple[Rows, Rows]:
    """Rows that this person likes and dislikes, half of the latter near the likes."""
    relative = collection.relative(np.arange(len(pleases)))
    liked = chance.choice(np.flatnonzero(pleases), counts[0], replace=False)
    others = np.flatnonzero(~pleases)
    nearest = top((relative[others] @ relative[liked].T).max(axis=1), NEAR)
    half = counts[1] // 2
    near = chance.choice(others[nearest], half, replace=False)
    anywhere = chance.choice(others, counts[1] - half, replace=False)
    return liked, np.unique(np.concatenate([near, anywhere]))


def compared(
    collection: Collection, ids: list[str], pleases: Mask, liked: Rows, disliked: Rows
) -> dict[str, float]:
    """The share of the best FIRST of the other works that pleases, by method."""
    signs = [Sign(ids[row], 1.0, NOW, said=True) for row in liked]
    signs += [Sign(ids[row], -1.0, NOW, said=True) for row in disliked]
    taste = learned("x", signs, collection, now=NOW, chance=np.random.default_rng(0))
    sketch = sketched("x", signs, collection, now=NOW)
    works = np.arange(len(ids))
    matrix = collection.view.vectors_of(works)
    methods: dict[str, Callable[[], Scores]] = {
        "mean": lambda: _by_mean(matrix, liked, disliked),
        "rocchio": lambda: scores_of(sketch, collection, works),
        "logistic": lambda: _by_logistic(collection, liked, disliked),
        "kernel": lambda: scores_of(replace(taste, direction=None), collection, works),
        "ours": lambda: scores_of(taste, collection, works),
    }
    return {
        name: _share(method(), pleases, (*liked, *disliked)) for name, method in methods.items()
    }


def _by_mean(matrix: Matrix, liked: Rows, disliked: Rows) -> Scores:
    wanted = matrix[liked].mean(axis=0) - 0.5 * matrix[disliked].mean(axis=0)
    return np.asarray(matrix @ wanted, dtype=np.float32)


def _by_logistic(collection: Collection, liked: Rows, disliked: Rows) -> Scores:
    """L2-regularised logistic regression by accelerated gradient descent (Nesterov)."""
    unrated = np.random.default_rng(0).choice(len(collection.view), UNRATED, replace=False)
    rows = LOGIT_SCALE * collection.relative(np.concatenate([liked, disliked, unrated]))
    groups = ((liked, 1.0), (disliked, 0.7), (unrated, 1.0))
    weights = np.concatenate([np.full(len(g), total / len(g)) for g, total in groups])
    wanted = (np.arange(len(rows)) < len(liked)).astype(float)
    steepest = 0.25 * weights.sum() * LOGIT_SCALE**2 / 2 + RIDGE
    at = ahead = np.zeros(rows.shape[1])
    bias, pace = 0.0, 1.0
    for _ in range(STEPS):
        error = weights * (1.0 / (1.0 + np.exp(-(rows @ ahead + bias))) - wanted)
        after = ahead - (rows.T @ error + RIDGE * LOGIT_SCALE * ahead) / steepest
        bias -= float(error.sum()) / (0.25 * float(weights.sum()))
        next_pace = (1.0 + float(np.sqrt(1.0 + 4.0 * pace * pace))) / 2.0
        ahead = after + (pace - 1.0) / next_pace * (after - at)
        at, pace = after, next_pace
    direction = np.asarray(at / np.linalg.norm(at), dtype=np.float32)
    return collection.likeness(direction[None])[:, 0]


def _share(scores: Scores, pleases: Mask, known: tuple[np.intp, ...]) -> float:
    scores = scores.copy()
    scores[list(known)] = -np.inf
    return float(pleases[top(scores, FIRST)].mean())


def report(found: Mapping[tuple[str, int], Mapping[str, list[float]]]) -> None:
    """A line for each group of people and number of likes."""
    methods = list(next(iter(found.values())))
    print(f"{'':12}{'likes':>6}{'cases':>7}" + "".join(f"{method:>10}" for method in methods))
    for (group, likes), shares in sorted(found.items()):
        cells = "".join(f"{np.mean(shares[method]):10.3f}" for method in methods)
        print(f"{group:12}{likes:6}{len(shares[methods[0]]):7}{cells}")


if __name__ == "__main__":
    main()
