"""A taste as people can read it: its sides, words for them, what is liked most and least."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.said import listed, say
from glance_agent.domain.vectors import Matrix, Vector
from glance_agent.domain.view import Numbers
from glance_agent.taste.collection import Collection
from glance_agent.taste.profile import Medoid, Rated, TasteProfile
from glance_agent.taste.scoring import scores_of

WORDS_TOLD = 4
WORDS_APART = 2
SAME_MEANING = 0.85
"""Of two phrases with this cosine or more, only the one that fits better is told."""
CLEAR_SHARE = 0.6
"""A phrase that is shown less than this share of the clearest one is not told."""
STRONGEST = 5


@dataclass(frozen=True, slots=True)
class Side:
    """One of several tastes: its share of the whole, the like that stands for it, all its likes
    (those most like it first), how many dislikes resemble it, and the words nearest to it.
    """

    share: float
    medoid: str
    likes: tuple[str, ...]
    passed: int
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TasteReport:
    """What the agent believes of one user.

    The strongest likes and dislikes are artwork ids, each with how much such a work should
    please, in standard deviations of the library.
    """

    user: str
    sides: tuple[Side, ...]
    likes: tuple[tuple[str, float], ...]
    dislikes: tuple[tuple[str, float], ...]

    def named(self) -> list[str]:
        """The ids of all works that are spoken of."""
        in_sides = [artwork for side in self.sides for artwork in side.likes]
        strongest = [artwork for artwork, _ in (*self.likes, *self.dislikes)]
        return list(dict.fromkeys((*in_sides, *strongest)))

    def facts(self, works: Mapping[str, Artwork]) -> dict[str, Any]:
        """All of it for programs; `works` are those that are spoken of."""

        def work(artwork: str) -> dict[str, Any]:
            return {
                "id": artwork,
                "title": works[artwork].title,
                "artist": works[artwork].artist,
            }

        return {
            "user": self.user,
            "tastes": [
                {**asdict(s), "share": round(s.share, 3), "medoid": work(s.medoid)}
                for s in self.sides
            ],
            "likes": [{**work(artwork), "expected": e} for artwork, e in self.likes],
            "dislikes": [{**work(artwork), "expected": e} for artwork, e in self.dislikes],
        }

    def rows(
        self, works: Mapping[str, Artwork], columns: int, percent: Callable[[float], str]
    ) -> list[list[tuple[str, str]]]:
        """The rows of a contact sheet, ids and captions: one for each taste, one of dislikes.

        `percent` writes a share from 0 to 1.
        """
        rows = []
        for number, side in enumerate(self.sides, 1):
            others = [a for a in side.likes if a != side.medoid][: columns - 1]
            caption = say(
                "Taste {number}, {share}: {words}",
                number=number,
                share=percent(side.share),
                words=listed(map(say, side.words)) or say("no words for it"),
            )
            rows.append([(side.medoid, caption), *((a, works[a].title) for a in others)])
        if self.dislikes:
            rows.append(
                [(a, say("Disliked\n{title}", title=works[a].title)) for a, _ in self.dislikes]
            )
        return rows


def believed(
    taste: TasteProfile, collection: Collection, phrases: Mapping[str, Vector]
) -> TasteReport:
    """A learned taste in words and works; `phrases` (d,) are what it may be described in."""
    rated = [*taste.liked.ids, *taste.disliked.ids]
    expected = scores_of(taste, collection, collection.view.numbers_of(rated)).tolist()
    scores = dict(zip(rated, expected, strict=True))
    return TasteReport(
        taste.user,
        tuple(_side(medoid, collection, phrases) for medoid in taste.medoids),
        _strongest(taste.liked, scores, sign=1.0),
        _strongest(taste.disliked, scores, sign=-1.0),
    )


def words_for(
    works: Numbers, collection: Collection, phrases: Mapping[str, Vector]
) -> tuple[str, ...]:
    """The phrases, of unit vectors (d,), that works of these numbers (m,) show more of than the
    library does, the clearest first.

    Both are taken relative to their own mean, since pictures and words of one model lie in two
    narrow cones.
    """
    if not phrases:
        return ()
    apart = collection.view.vectors_of(works).mean(axis=0) - collection.middle
    usual = np.mean(list(phrases.values()), axis=0)
    shown = {phrase: float((vector - usual) @ apart) for phrase, vector in phrases.items()}
    ranked = sorted(shown, key=lambda phrase: -shown[phrase])
    chosen: list[str] = []
    for phrase in ranked:
        if len(chosen) == WORDS_TOLD or shown[phrase] <= CLEAR_SHARE * max(shown[ranked[0]], 0.0):
            break
        if all(float(phrases[phrase] @ phrases[other]) < SAME_MEANING for other in chosen):
            chosen.append(phrase)
    return tuple(chosen)


def words_apart(
    parts: Sequence[Numbers], collection: Collection, phrases: Mapping[str, Vector]
) -> list[tuple[str, ...]]:
    """For each part of some works, by their numbers (m,), the phrases, of unit vectors (d,), that
    tell it from the others, the clearest first.

    No phrase is told of two parts, nor any that means the same: each goes where it tells most.
    """
    if not phrases:
        return [() for _ in parts]
    names, vectors = list(phrases), np.stack(list(phrases.values()))
    told = _dealt_out(_telling(parts, collection, vectors), vectors @ vectors.T >= SAME_MEANING)
    return [tuple(names[phrase] for phrase in some) for some in told]


def _telling(parts: Sequence[Numbers], collection: Collection, vectors: Matrix) -> Matrix:
    """How well each phrase tells each part (m, n) from the rest: how much more it is shown there,
    and how surely (twice, in standard deviations of the works); 0 for one shown no more."""
    works = collection.relative(np.concatenate(parts))
    scores = works @ (vectors - vectors.mean(axis=0)).T
    part_of = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    usual, spread = scores.mean(axis=0), scores.std(axis=0) + np.float32(1e-6)
    means = np.stack([scores[part_of == part].mean(axis=0) for part in range(len(parts))])
    more = np.maximum(means - usual, 0)
    return np.asarray(more * (more / spread) ** 2)


def _dealt_out(telling: Matrix, alike: NDArray[np.bool_]) -> list[list[int]]:
    """The phrases of each part: first one for each, then another one for each."""
    told: list[list[int]] = [[] for _ in telling]
    free = np.ones(telling.shape[1], dtype=bool)
    for most in range(1, WORDS_APART + 1):
        for place in np.argsort(-telling, axis=None, kind="stable"):
            part, phrase = divmod(int(place), telling.shape[1])
            if free[phrase] and len(told[part]) < most and telling[part, phrase] > 0:
                told[part].append(phrase)
                free &= ~alike[phrase]
    return told


def _side(medoid: Medoid, collection: Collection, phrases: Mapping[str, Vector]) -> Side:
    works = collection.view.numbers_of(medoid.likes)
    nearness = collection.relative(works) @ medoid.vector
    ordered = tuple(medoid.likes[place] for place in np.argsort(-nearness, kind="stable"))
    words = words_for(works, collection, phrases)
    return Side(medoid.importance, medoid.artwork_id, ordered, medoid.passed, words)


def _strongest(
    rated: Rated, scores: Mapping[str, float], *, sign: float
) -> tuple[tuple[str, float], ...]:
    """Those of the rated works that the agent is surest of, by their scores."""
    ranked = sorted(rated.ids, key=lambda artwork: -sign * scores[artwork])
    return tuple((artwork, round(scores[artwork], 2)) for artwork in ranked[:STRONGEST])
