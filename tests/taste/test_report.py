"""A taste as people can read it: sides, words, and what is liked most and least."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from glance_agent.domain.vectors import Vector, unit, unit_rows
from glance_agent.taste.collection import Collection, collection_of
from glance_agent.taste.feedback import Sign
from glance_agent.taste.profile import learned
from glance_agent.taste.report import WORDS_TOLD, TasteReport, believed, words_for
from tests.views import view_of

NOW = datetime(2026, 5, 1, tzinfo=UTC)
KINDS = ("sea", "forest", "portrait", "city")
DIMENSION = 24


def gallery() -> tuple[Collection, dict[str, Vector]]:
    """Works `a:<kind>-<n>`, and a phrase for each kind: pictures and words in cones of their own,
    as the two towers of a model have them."""
    chance = np.random.default_rng(8)
    centres = chance.normal(size=(len(KINDS), DIMENSION))
    each = np.repeat(centres, 25, axis=0)
    rows = unit_rows(each + 0.4 * chance.normal(size=each.shape) + 2.0)
    names = [f"a:{kind}-{n}" for kind in KINDS for n in range(25)]
    gap = np.where(np.arange(DIMENSION) % 2, 3.0, -3.0)
    phrases = {kind: unit(centre + gap) for kind, centre in zip(KINDS, centres, strict=True)}
    return collection_of(view_of(rows, names)), phrases


COLLECTION, REFERENCE_QUERIES = gallery()


def said(value: float, kind: str, count: int, start: int = 0) -> list[Sign]:
    return [Sign(f"a:{kind}-{start + n}", value, NOW, said=True) for n in range(count)]


def taught(*signs: Sign) -> TasteReport:
    taste = learned("mia", signs, COLLECTION, now=NOW, chance=np.random.default_rng(0))
    return believed(taste, COLLECTION, REFERENCE_QUERIES)


@pytest.mark.parametrize("kind", KINDS)
def test_words_name_what_sets_works_apart(kind: str) -> None:
    works = COLLECTION.view.numbers_of(f"a:{kind}-{n}" for n in range(3))
    assert words_for(works, COLLECTION, REFERENCE_QUERIES)[0] == kind


def test_words_of_the_same_meaning_are_told_once_and_few_are_told() -> None:
    works = COLLECTION.view.numbers_of(f"a:sea-{n}" for n in range(3))
    chance = np.random.default_rng(1)
    near = {
        f"the sea {n}": unit(REFERENCE_QUERIES["sea"] + 0.01 * chance.normal(size=24))
        for n in range(4)
    }
    told = words_for(works, COLLECTION, REFERENCE_QUERIES | near)
    assert sum("sea" in words for words in told) == 1
    many = {f"word {n}": unit(REFERENCE_QUERIES["sea"] + chance.normal(size=24)) for n in range(40)}
    assert len(words_for(works, COLLECTION, many)) <= WORDS_TOLD


def test_without_a_model_there_are_no_words() -> None:
    assert words_for(COLLECTION.view.sample(1), COLLECTION, {}) == ()


def test_each_side_of_a_taste_has_its_works_and_its_words() -> None:
    found = taught(*said(1, "sea", 9), *said(1, "city", 6), *said(-1, "sea", 2, start=20))
    assert [side.words[0] for side in found.sides] == ["sea", "city"]
    assert [len(side.likes) for side in found.sides] == [9, 6]
    assert [side.passed for side in found.sides] == [2, 0]
    assert sum(side.share for side in found.sides) == pytest.approx(1.0)
    assert all(side.likes[0] == side.medoid for side in found.sides)


def test_the_surest_likes_and_dislikes_are_told() -> None:
    found = taught(*said(1, "sea", 9), *said(1, "forest", 1), *said(-1, "city", 9))
    assert all(artwork.startswith("a:sea") for artwork, _ in found.likes)
    assert all(artwork.startswith("a:city") for artwork, _ in found.dislikes)
    assert min(e for _, e in found.likes) > 0 > max(e for _, e in found.dislikes)
    expected = [e for _, e in found.likes]
    assert expected == sorted(expected, reverse=True)


def test_of_nobody_nothing_is_believed() -> None:
    found = taught()
    assert (found.user, found.sides, found.likes, found.dislikes) == ("mia", (), (), ())
