"""The taste map: alike works lie close together, and stay where they are while works arrive."""

from __future__ import annotations

import numpy as np
import pytest

from glance_agent.domain.vectors import Matrix, unit_rows
from glance_agent.gallery.taste_map import MOST_AREAS, TasteMap, drawn
from glance_agent.store.index import VectorIndex

KINDS = 4
DIMENSION = 16


def some_kinds(works: int, seed: int = 1) -> tuple[list[str], Matrix]:
    """Works of four kinds; those of one kind are alike."""
    chance = np.random.default_rng(seed)
    kinds = np.eye(DIMENSION)[:KINDS]
    rows = kinds[np.arange(works) % KINDS] + 0.1 * chance.normal(size=(works, DIMENSION))
    return [f"a:{number}" for number in range(works)], unit_rows(rows.astype(np.float32))


def index_of(works: int) -> VectorIndex:
    index = VectorIndex("space", DIMENSION)
    index.load(*some_kinds(works))
    return index


def map_of(index: VectorIndex) -> TasteMap:
    found = drawn(index.now(), {})
    assert found is not None
    return found


def test_alike_works_lie_close_together() -> None:
    view = index_of(400).now()
    places = map_of(index_of(400)).places(view, view.sample(400))
    kinds = np.arange(400) % KINDS
    middles = np.stack([places[kinds == kind].mean(axis=0) for kind in range(KINDS)])
    within = np.linalg.norm(places - middles[kinds], axis=1).mean()
    between = np.linalg.norm(middles[:, None] - middles[None], axis=2)
    assert within < between[~np.eye(KINDS, dtype=bool)].mean() / 2


def test_works_fill_the_map() -> None:
    view = index_of(400).now()
    places = map_of(index_of(400)).places(view, view.sample(400))
    assert (places.min(), places.max()) == (0, 1)
    for axis in (0, 1):
        counts, _ = np.histogram(places[:, axis], bins=4)
        assert counts.tolist() == pytest.approx([100] * 4, abs=3)


def test_works_stay_where_they_are_while_others_arrive() -> None:
    index = index_of(400)
    there, view = map_of(index), index.now()
    numbers = view.sample(400)
    before = there.places(view, numbers)
    ids, vectors = some_kinds(10, seed=2)
    index.take_up([f"new{i}" for i in ids], vectors, [])
    later = index.now()
    assert np.array_equal(there.places(later, numbers), before)
    assert not there.outgrown(later)
    ids, vectors = some_kinds(100, seed=3)
    index.take_up([f"more{i}" for i in ids], vectors, [])
    assert there.outgrown(index.now())


def test_areas_are_few_cover_all_and_are_named_by_what_is_in_them() -> None:
    view = index_of(400).now()
    phrases = {f"kind {kind}": np.eye(DIMENSION, dtype=np.float32)[kind] for kind in range(KINDS)}
    found = drawn(view, phrases)
    assert found is not None
    assert 1 < len(found.areas) <= MOST_AREAS
    assert sum(area.share for area in found.areas) == pytest.approx(1, abs=0.01)
    assert {area.words[0] for area in found.areas if area.words} >= set(phrases)


def test_the_same_library_has_the_same_map() -> None:
    view = index_of(50).now()
    one, two = map_of(index_of(50)), map_of(index_of(50))
    assert np.array_equal(one.places(view, view.sample(50)), two.places(view, view.sample(50)))


@pytest.mark.parametrize("works", [0, 1, 2])
def test_few_works_make_no_map(works: int) -> None:
    assert drawn(index_of(works).now(), {}) is None


def test_works_that_are_all_the_same_make_one() -> None:
    index = VectorIndex("space", DIMENSION)
    index.load([f"a:{n}" for n in range(30)], np.eye(DIMENSION, dtype=np.float32)[[0] * 30])
    found = drawn(index.now(), {})
    assert found is not None
    places = found.places(index.now(), index.now().sample(30))
    assert np.isfinite(places).all()


def test_no_two_areas_have_a_word_in_common() -> None:
    """Even where one kind is all over the map, and phrases mean the same."""
    view = index_of(400).now()
    kinds = np.eye(DIMENSION, dtype=np.float32)
    phrases = {f"kind {kind}": kinds[kind] for kind in range(DIMENSION)}
    phrases |= {f"the {kind} kind": kinds[kind] for kind in range(KINDS)}
    found = drawn(view, phrases)
    assert found is not None
    told = [word for area in found.areas for word in area.words]
    meant = [
        next(kind for kind in range(DIMENSION) if (phrases[w] @ kinds[kind]) > 0.9) for w in told
    ]
    assert len(set(meant)) == len(meant)
    assert all(area.words for area in found.areas)
