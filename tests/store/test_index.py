"""The index in memory: what is put in is found, and a view of a moment stays as it was."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glance_agent.domain.vectors import Matrix, Vector, unit
from glance_agent.domain.view import Gate, View
from glance_agent.store import index as index_room
from glance_agent.store.index import VectorIndex
from glance_agent.store.index_view import SMALLEST_CAPACITY, IndexView

DIMENSION = 8
IDS = st.sampled_from([f"a:{n}" for n in range(12)])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), IDS, st.integers(0, 999)),
        st.tuples(st.just("remove"), st.sets(IDS), st.just(0)),
    ),
    max_size=30,
)
EVERYTHING = 1_000_000


def vector(seed: int) -> Vector:
    return unit(np.random.default_rng(seed).standard_normal(DIMENSION))


def content(view: View) -> dict[str, bytes]:
    """The vectors by id, as all ways of finding them agree."""
    numbers = view.sample(EVERYTHING)
    ids, vectors = view.ids_of(numbers), view.vectors_of(numbers)
    assert vectors.shape == (len(view), DIMENSION)
    assert view.numbers_of(ids).tolist() == numbers.tolist() == [view.number_of(i) for i in ids]
    assert view.let_in(numbers, Gate()).all()
    assert numbers.max(initial=-1) <= view.last
    return {i: row.tobytes() for i, row in zip(ids, vectors, strict=True)}


def scored(view: View, direction: Vector) -> dict[str, float]:
    """Every work's score, of which the best are known by themselves."""
    numbers = view.sample(EVERYTHING)
    scores = view.scores_of(direction[None], numbers)[:, 0]
    best = view.best(direction[None], 3)
    assert np.allclose(
        view.scores_of(direction[None], best)[:, 0], -np.sort(-scores)[:3], atol=1e-6
    )
    moments = view.moments()
    assert moments.mean_of(direction) == pytest.approx(scores.mean() if len(view) else 0, abs=1e-6)
    assert moments.mean_of(direction) == pytest.approx(float(moments.mean @ direction), abs=1e-6)
    deviation = scores.std() if len(view) else 0
    assert moments.deviation_of(direction) == pytest.approx(deviation, abs=1e-6)
    return dict(zip(view.ids_of(numbers), scores.tolist(), strict=True))


@settings(deadline=None)
@given(STEPS, st.sampled_from([1, 4, SMALLEST_CAPACITY]))
def test_it_holds_what_a_dictionary_would_hold(
    steps: list[tuple[str, str, int]], capacity: int
) -> None:
    """Also where hardly any row may stay crossed out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index_room, "SMALLEST_CAPACITY", capacity)
        index = VectorIndex("s", DIMENSION)
        expected: dict[str, Vector] = {}
        past: list[tuple[View, dict[str, Vector]]] = []
        for step, ids, seed in steps:
            if step == "put":
                index.put(ids, vector(seed))
                expected = {**expected, ids: vector(seed)}
            else:
                index.remove(ids)
                expected = {i: v for i, v in expected.items() if i not in ids}
            past.append((index.now(), expected))
        assert len(index) == len(expected)
    # All views still are what they were, whatever came after them.
    for view, then in past:
        assert content(view) == {i: v.tobytes() for i, v in then.items()}
        exact = {i: float(v @ vector(0)) for i, v in then.items()}
        assert scored(view, vector(0)) == pytest.approx(exact, abs=1e-6)


@settings(deadline=None)
@given(STEPS, STEPS)
def test_what_has_changed_is_told_by_numbers(
    before: list[tuple[str, str, int]], after: list[tuple[str, str, int]]
) -> None:
    index = VectorIndex("s", DIMENSION)

    def carry_out(steps: list[tuple[str, str, int]]) -> View:
        for step, ids, seed in steps:
            index.put(ids, vector(seed)) if step == "put" else index.remove(ids)
        return index.now()

    first, second = carry_out(before), carry_out(after)
    changed = second.changes_since(first.last)
    stayed = set(content(second).items()) & set(content(first).items())
    assert set(second.ids_of(changed)) >= {i for i, _ in set(content(second).items()) - stayed}
    known = set(first.sample(EVERYTHING).tolist())
    assert known | set(changed.tolist()) >= set(second.sample(EVERYTHING).tolist())
    assert not known & set(changed.tolist())


def filled(count: int) -> VectorIndex:
    index = VectorIndex("s", DIMENSION)
    for n in range(count):
        index.put(f"a:{n}", vector(n))
    return index


def test_it_grows_beyond_its_first_capacity() -> None:
    count = 2 * SMALLEST_CAPACITY + 1
    first = filled(count).now()
    assert content(first) == {f"a:{n}": vector(n).tobytes() for n in range(count)}


def test_what_is_as_it_was_leaves_the_view_as_it_is() -> None:
    index = filled(3)
    first = index.now()
    index.put("a:1", vector(1))
    index.take_up(["a:0", "a:2"], np.stack([vector(0), vector(2)]), ["b:9"])
    assert index.now() is first


def test_many_changes_are_taken_up_at_once() -> None:
    index = filled(4)
    first = index.now()
    some = ["a:0", "a:2", "a:9"]
    index.take_up(some, np.stack([vector(10), vector(2), vector(9)]), ["a:3"])
    after = {"a:0": vector(10), "a:1": vector(1), "a:2": vector(2), "a:9": vector(9)}
    assert content(index.now()) == {i: v.tobytes() for i, v in after.items()}
    assert content(first) == {f"a:{n}": vector(n).tobytes() for n in range(4)}


def test_what_is_crossed_out_does_not_pile_up() -> None:
    index = filled(3)
    for n in range(3 * SMALLEST_CAPACITY):
        index.put("a:1", vector(n + 10))
    assert len(index._rows.names) <= 3 + SMALLEST_CAPACITY


@pytest.mark.parametrize(
    ("gate", "expected"),
    [
        (Gate(), [0, 1, 2, 3, 4, 5]),
        (Gate(never=frozenset({"a:0", "a:3", "b:1"})), [1, 2, 4, 5]),
        (Gate(only=frozenset({"a:5", "a:2", "b:1"})), [2, 5]),
        (Gate(frozenset({"a:5", "a:2"}), frozenset({"a:2"})), [5]),
        (Gate(only=frozenset()), []),
    ],
)
@pytest.mark.parametrize("crossed_out", [False, True])
def test_a_gate_keeps_out_whom_it_should(
    gate: Gate, expected: list[int], *, crossed_out: bool
) -> None:
    index = filled(7)
    index.remove(["a:6"])
    if not crossed_out:
        index.load([f"a:{n}" for n in range(6)], np.stack([vector(n) for n in range(6)]))
    view = index.now()
    direction = vector(3)
    ranked = sorted(expected, key=lambda n: -float(vector(n) @ direction))
    assert view.ids_of(view.best(direction[None], 9, gate)) == [f"a:{n}" for n in ranked]
    assert view.ids_of(view.best(direction[None], 2, gate)) == [f"a:{n}" for n in ranked[:2]]
    both = view.best(np.stack([direction, -direction]), 1, gate)
    assert set(view.ids_of(both)) == {f"a:{n}" for n in (ranked[:1] + ranked[-1:])}
    everything = view.sample(EVERYTHING)
    let_in = view.let_in(everything, gate)
    assert view.ids_of(everything[let_in]) == [f"a:{n}" for n in expected]
    assert not view.let_in(np.array([-1, view.last + 1]), gate).any()


def test_many_directions_score_as_each_alone() -> None:
    view = filled(40).now()
    directions: Matrix = np.stack([vector(n) for n in range(100, 120)])
    for numbers in (view.sample(EVERYTHING), view.sample(7), view.sample(25)):
        alone = [view.scores_of(d[None], numbers)[:, 0] for d in directions]
        together = view.scores_of(directions, numbers)
        assert together.shape == (len(numbers), len(directions))
        assert np.allclose(together, np.stack(alone, axis=1), atol=1e-6)


def test_a_sample_is_taken_evenly() -> None:
    view = filled(20).now()
    assert view.sample(20).tolist() == list(range(20))
    assert view.sample(7).tolist() == list(range(0, 20, 3))
    assert view.sample(1).tolist() == [0]
    shifted = [view.sample(7, shift).tolist() for shift in range(3)]
    assert sorted(number for some in shifted for number in some) == list(range(20))
    assert view.sample(20, 5).tolist() == list(range(20))


def test_a_view_cannot_be_written() -> None:
    view = filled(2).now()
    assert isinstance(view, IndexView)
    with pytest.raises(ValueError, match="read-only"):
        view.vectors[0] = 0.0
    view.vectors_of(view.sample(2))[:] = 0.0
    assert content(view) == {f"a:{n}": vector(n).tobytes() for n in range(2)}


@pytest.mark.parametrize(
    ("ids", "shape"),
    [(["a:1", "a:1"], (2, DIMENSION)), (["a:1"], (2, DIMENSION)), (["a:1"], (1, DIMENSION + 1))],
)
def test_rows_that_do_not_fit_are_refused(ids: list[str], shape: tuple[int, int]) -> None:
    index = VectorIndex("s", DIMENSION)
    with pytest.raises(ValueError, match="one row"):
        index.load(ids, np.zeros(shape, np.float32))
    with pytest.raises(ValueError, match="vectors of 8 numbers"):
        index.put("a:1", np.zeros(DIMENSION + 1, np.float32))


def test_readers_see_whole_rows_while_others_write() -> None:
    """Every row holds one number eight times: a torn or misplaced row would show."""
    index = VectorIndex("s", DIMENSION)
    writers_left = threading.Semaphore(0)
    faults: list[str] = []

    def write(number: int) -> None:
        for n in range(300):
            index.put(f"w{number}:{n}", np.full(DIMENSION, number * 1000 + n, np.float32))
            if n % 7 == 0:
                index.remove([f"w{number}:{n - 7}"])
            if n % 5 == 0:
                index.put(f"w{number}:{n}", np.full(DIMENSION, number * 1000 + n, np.float32))
        writers_left.release()

    def read() -> None:
        while not writers_left.acquire(blocking=False):
            view = index.now()
            numbers = view.sample(EVERYTHING)
            for artwork, row in zip(view.ids_of(numbers), view.vectors_of(numbers), strict=True):
                writer, n = artwork[1:].split(":")
                if not (row == int(writer) * 1000 + int(n)).all():
                    faults.append(artwork)

    threads = [threading.Thread(target=write, args=[n]) for n in (1, 2)]
    threads += [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    removed = len(range(0, 293, 7))
    assert len(index) == 2 * (300 - removed)
