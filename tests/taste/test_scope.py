"""Which works of a large library a choice weighs: most stay, and each has its turn."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import numpy as np
import pytest

from glance_agent.domain.vectors import unit_rows, widened
from glance_agent.domain.view import View
from glance_agent.search import scoring as search_scoring
from glance_agent.store import index as index_room
from glance_agent.store import recent_vectors
from glance_agent.store.coded_view import CodedRows
from glance_agent.store.codes import PlaneCodes
from glance_agent.store.index import VectorIndex
from glance_agent.taste import profiles, scoring
from glance_agent.taste.collection import collection_of
from glance_agent.taste.feedback import Sign
from glance_agent.taste.profile import Rated, TasteProfile, learned
from glance_agent.taste.scope import Draws, Weighing, scope_of
from tests.vector_file import VectorsInMemory
from tests.views import view_of

WORKS, DIMENSION = 3_000, 64
NOW = datetime(2026, 7, 1, tzinfo=UTC)
ROWS = unit_rows(np.random.default_rng(1).standard_normal((WORKS, DIMENSION), dtype=np.float32))


LARGE = Weighing(whole=1_000, drawn=320)


def coded_view(read: list[str], sample: int = 10) -> View:
    """The works by their codes; the ids of the vectors that are read from the file are noted."""

    file = VectorsInMemory({str(n): row for n, row in enumerate(ROWS)}, DIMENSION)
    file.read = read

    def large(first: int, dimension: int) -> CodedRows:
        return CodedRows(first, dimension, PlaneCodes(dimension), file)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(index_room, "EXACT_UP_TO", -1)
        patched.setattr(recent_vectors, "SAMPLE", sample)
        patched.setattr(recent_vectors, "LAST_READ", 1_000)
        index = VectorIndex("coded", DIMENSION, large)
        index.load([str(n) for n in range(WORKS)], ROWS)
        return index.now()


def test_each_work_has_its_turn_and_most_stay_for_the_next_choice() -> None:
    view, draws = view_of(ROWS), Draws(Random(2), LARGE)
    turns = np.zeros(WORKS, int)
    before: set[int] = set()
    for choice in range(3_000):
        found = scope_of(view, [], draws.again())
        assert found.drawn is not None
        drawn = {*found.drawn.tolist()}
        assert 200 <= len(drawn) <= 320
        assert found.each == pytest.approx(WORKS / len(drawn))
        if choice:
            assert len(drawn - before) <= 20
        before = drawn
        turns[found.drawn] += 1
    # As often as by chance, within three deviations of lots that stay for sixteen choices.
    assert turns.min() > 0
    assert abs(turns / turns.mean() - 1).max() < 1.0


def test_all_are_others_where_none_of_them_may_be_chosen() -> None:
    view, draws = view_of(ROWS), Draws(Random(2), LARGE)
    first = scope_of(view, [], draws.again()).drawn
    other = scope_of(view, [], draws.anew()).drawn
    assert first is not None
    assert other is not None
    assert len(np.intersect1d(first, other)) < 100


def test_the_next_choice_reads_only_the_vectors_of_works_that_are_new() -> None:
    read: list[str] = []
    view, draws = coded_view(read), Draws(Random(2), LARGE)
    suiting = view.best(ROWS[:1], 500)
    view.vectors_of(scope_of(view, [suiting], draws.again()).numbers)
    read.clear()
    for _ in range(30):
        view.vectors_of(scope_of(view, [suiting], draws.again()).numbers)
    assert 0 < len(read) <= 30 * 20


def test_the_first_choice_finds_in_memory_what_chance_draws() -> None:
    read: list[str] = []
    view, draws = coded_view(read, sample=1_000), Draws(Random(2), LARGE)
    drawn = scope_of(view, [], draws.again()).numbers
    assert 150 <= drawn.size <= 320
    view.vectors_of(drawn)
    assert read == []
    for _ in range(40):
        view.vectors_of(scope_of(view, [], draws.again()).numbers)
    assert read  # others have their turn


def test_a_taste_that_is_learned_leaves_no_vector_to_be_read_by_a_choice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scoring, "MEASURED_ON", 10)
    limits = replace(LARGE, best_of_each=900, scored_whole=0)
    read: list[str] = []
    view = coded_view(read)
    collection = collection_of(view, limits)
    likes = [Sign(str(n), 1.0, NOW, said=True) for n in range(0, 300, 25)]
    chance = np.random.default_rng(1)
    taste = learned("anna", likes, collection, now=NOW, chance=chance)
    known = profiles.known_by(taste, collection)
    read.clear()
    likely = known.likely(view)
    assert likely.size > 800
    assert known.scores(view, likely).any()
    assert view.vectors_of(likely).any()
    # But for some that were in memory before, and have made room for others.
    assert len(read) < 0.15 * likely.size


def test_works_of_some_sources_stay_as_well() -> None:
    view, draws = view_of(ROWS), Draws(Random(2), LARGE)
    some = frozenset(str(n) for n in range(0, WORKS, 2))
    first = scope_of(view, [], draws.again(), some).drawn
    assert first is not None
    seen = first
    for _ in range(10):
        then = scope_of(view, [], draws.again(), some).drawn
        assert then is not None
        assert {*view.ids_of(then)} <= some
        assert len(np.setdiff1d(then, seen)) <= 20
        seen = then
    assert len(np.setdiff1d(seen, first)) > 0


def test_halves_are_widened_as_numpy_does_it() -> None:
    halves = np.arange(2**16, dtype=np.uint16).view(np.float16)
    finite = halves[np.isfinite(halves)].reshape(-1, 64)
    assert widened(finite).tobytes() == finite.astype(np.float32).tobytes()


def test_both_engines_measure_a_library_on_the_same_works(monkeypatch: pytest.MonkeyPatch) -> None:
    exact, coded = view_of(ROWS), coded_view([])
    for most in (100, 999, WORKS):
        monkeypatch.setattr(search_scoring, "MOST_ROWS", most)
        found = search_scoring.measured_on(exact)
        assert most / 2 < found.size <= most
        assert np.array_equal(found, search_scoring.measured_on(coded))


def test_a_taste_is_put_to_every_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where samples are less than they may be: 5 of 8 lots would be some of the works."""
    monkeypatch.setattr(scoring, "MEASURED_ON", 700)
    read: list[str] = []
    for view in (view_of(ROWS), coded_view(read)):
        nobody = Rated((), ROWS[:0], ROWS[:0, 0])
        nothing = TasteProfile("anna", nobody, nobody)
        found = scoring.Scoring(nothing, collection_of(view)).of_all()
        assert found.numbers.tolist() == list(range(WORKS))
        assert found.scores.shape == (WORKS,)
