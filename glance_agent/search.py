"""A query's vectors and the library's vectors -> how well every work answers, comparable as 0–1.

Cosines of two models, or of words and of pictures, cannot be compared; nor do the cosines of one
query say whether anything matches at all, since some picture is always the nearest. What says it
is how far the best pictures stand out, against how far they stand out for ordinary wishes: a bank
of generic art queries, put to the same library. See `docs/search.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glance_agent.vectors import Matrix, Vector

Scores = NDArray[np.float32]
"""Shape (n,): one number a row of the library's matrix."""

HUB_WEIGHT = 0.5
"""How much of a picture's average likeness to every query is taken off."""
TOP = 5
"""How many of the best works say how well a query is answered."""
SMALLEST_BANK = 24
MOST_ROWS = 10_000
"""The background is measured on at most so many works, evenly taken."""
EXAMPLE_QUERIES = 64
AVOID_ABOVE = 0.5
"""Standard deviations above its own background from which an avoided phrase counts."""
AVOID_WEIGHT = 1.0
TYPICAL_MATCH_LOGIT = 1.386
"""The best works of an ordinary wish have match 0.8; one spread below, 0.5."""
NOTHING_BELOW = 0.5
"""A best match below this is said to be none."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a query: a unit vector (d,), how much it counts, and its modality."""

    vector: Vector
    weight: float = 1.0
    of_picture: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """How far the best works stand out for ordinary queries: their mean, and its deviation."""

    typical: float
    spread: float


@dataclass(frozen=True, slots=True)
class Background:
    """What the ordinary scores over one library: `hub` is (d,), the mean of the bank's vectors."""

    rows: int
    hub: Vector
    words: Scale
    pictures: Scale
    picture_likeness: float


def background_of(matrix: Matrix, bank: Matrix | None) -> Background:
    """The background of a library (n, d), from a bank of queries (m, d); n may be 0.

    Without a bank (no model, or not enough of it embedded yet) the pictures stand in for words.
    """
    rows, dimension = matrix.shape
    seen = matrix[:: max(1, -(-rows // MOST_ROWS))]
    known = bank is not None and bank.shape[0] >= SMALLEST_BANK
    hub = bank.mean(axis=0) if bank is not None and known else np.zeros(dimension, np.float32)
    examples = seen[:: max(1, -(-seen.shape[0] // EXAMPLE_QUERIES))]
    pictures, likeness = _scale_of_pictures(seen, examples)
    words = _scale(seen, bank, hub) if bank is not None and known else pictures
    return Background(rows, np.asarray(hub, np.float32), words, pictures, likeness)


def answer(
    matrix: Matrix, wanted: Sequence[Part], avoided: Sequence[Part], background: Background
) -> Scores:
    """How well each work answers: 0 is like the best of an ordinary query, -1 one spread less.

    Every part is measured on the scale of its own modality, then averaged by weight. An avoided
    part counts only where it is clearly present: above its own background in this library.
    """
    total = np.zeros(matrix.shape[0], np.float32)
    if matrix.shape[0] == 0:
        return total
    # One product per vector: BLAS is several times quicker at these than at a narrow matrix.
    cosines = [matrix @ part.vector for part in (*wanted, *avoided)]
    hub = HUB_WEIGHT * (matrix @ background.hub)
    weight = sum(part.weight for part in wanted) or 1.0
    for column, part in enumerate(wanted):
        scale = background.pictures if part.of_picture else background.words
        evidence = _evidence(cosines[column] - (0.0 if part.of_picture else hub))
        total += (part.weight / weight) * (evidence - scale.typical) / scale.spread
    for column, part in enumerate(avoided, start=len(wanted)):
        total -= AVOID_WEIGHT * part.weight * _presence(cosines[column], wanted=bool(wanted))
    return total


def match_of(scores: Scores) -> Scores:
    """The scores as 0–1: 0.8 is as good as the best works of an ordinary query, 0.5 is doubtful."""
    bounded = np.clip(TYPICAL_MATCH_LOGIT * (scores + 1.0), -30.0, 30.0)
    match: Scores = (1.0 / (1.0 + np.exp(-bounded))).astype(np.float32)
    return match


def _evidence(scores: Scores) -> Scores:
    """Half how near a work is, half how far it stands out among this query's scores.

    Measured on the embedded model, both together tell present from absent subjects better
    (area under the curve 0.90) than either alone (0.84, 0.87) or than z-scores (0.36).
    """
    evidence: Scores = scores - np.float32(0.5) * scores.mean(dtype=np.float32)
    return evidence


def _presence(scores: Scores, *, wanted: bool) -> Scores:
    """How clearly an avoided phrase is there, in its standard deviations above its background.

    Where nothing else is asked, the least of it is wanted, and every deviation counts.
    """
    z = (scores - scores.mean()) / (scores.std() + np.float32(1e-6))
    above: Scores = np.maximum(z - np.float32(AVOID_ABOVE), np.float32(0.0)) if wanted else z
    return above


def _scale(matrix: Matrix, queries: Matrix, hub: NDArray[np.floating]) -> Scale:
    """How far the best works stand out over these queries of words."""
    scores = matrix @ queries.T - HUB_WEIGHT * (matrix @ hub.astype(np.float32))[:, None]
    return _scale_of(scores)


def _scale_of_pictures(matrix: Matrix, examples: Matrix) -> tuple[Scale, float]:
    """The scale of pictures as queries, and how like each other any two pictures are."""
    if matrix.shape[0] < 2:
        return Scale(1.0, 1.0), 0.0
    scores = matrix @ examples.T
    scores[scores > 1.0 - 1e-4] = np.nan  # a picture is no answer to itself
    likeness = float(np.nanmean(scores)) if np.isfinite(scores).any() else 0.0
    return _scale_of(np.nan_to_num(scores, nan=likeness)), likeness


def _scale_of(scores: NDArray[np.floating]) -> Scale:
    count = min(TOP, scores.shape[0])
    if count == 0:
        return Scale(1.0, 1.0)
    best = np.partition(scores, scores.shape[0] - count, axis=0)[-count:].mean(axis=0)
    tops = best - 0.5 * scores.mean(axis=0)
    return Scale(float(tops.mean()), max(float(tops.std()), 0.02))
