"""The index in memory: what is put in is found, and a snapshot stays as it was."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glance_agent.domain.vectors import Vector, unit
from glance_agent.store.index import SMALLEST_CAPACITY, Snapshot, VectorIndex

DIMENSION = 8
IDS = st.sampled_from([f"a:{n}" for n in range(12)])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), IDS, st.integers(0, 999)),
        st.tuples(st.just("remove"), st.sets(IDS), st.just(0)),
    ),
    max_size=30,
)


def vector(seed: int) -> Vector:
    return unit(np.random.default_rng(seed).standard_normal(DIMENSION))


def content(snapshot: Snapshot) -> dict[str, bytes]:
    """The vectors by id, as the snapshot's two ways of finding them agree."""
    assert snapshot.matrix.shape == (len(snapshot.ids), DIMENSION)
    assert snapshot.row_of == {artwork: row for row, artwork in enumerate(snapshot.ids)}
    return {i: snapshot.matrix[row].tobytes() for i, row in snapshot.row_of.items()}


@given(STEPS)
def test_it_holds_what_a_dictionary_would_hold(steps: list[tuple[str, str, int]]) -> None:
    index = VectorIndex("s", DIMENSION)
    expected: dict[str, bytes] = {}
    past: list[tuple[Snapshot, dict[str, bytes]]] = []
    for step, ids, seed in steps:
        if step == "put":
            index.put(ids, vector(seed))
            expected[ids] = vector(seed).tobytes()
        else:
            index.remove(ids)
            expected = {i: v for i, v in expected.items() if i not in ids}
        past.append((index.snapshot(), dict(expected)))
    assert len(index) == len(expected)
    # All snapshots still are what they were, whatever came after them.
    assert all(content(snapshot) == then for snapshot, then in past)


def test_what_is_as_it_was_leaves_snapshots_as_they_are() -> None:
    index = VectorIndex("s", DIMENSION)
    for n in range(3):
        index.put(f"a:{n}", vector(n))
    first = index.snapshot()
    index.put("a:1", vector(1))
    index.take_up(["a:0", "a:2"], np.stack([vector(0), vector(2)]), ["b:9"])
    assert index.snapshot() is first


def test_many_changes_are_taken_up_at_once() -> None:
    index = VectorIndex("s", DIMENSION)
    for n in range(4):
        index.put(f"a:{n}", vector(n))
    first = index.snapshot()
    some = ["a:0", "a:2", "a:9"]
    index.take_up(some, np.stack([vector(10), vector(2), vector(9)]), ["a:3"])
    after = {"a:0": vector(10), "a:1": vector(1), "a:2": vector(2), "a:9": vector(9)}
    assert content(index.snapshot()) == {i: v.tobytes() for i, v in after.items()}
    assert content(first) == {f"a:{n}": vector(n).tobytes() for n in range(4)}


def test_it_grows_beyond_its_first_capacity() -> None:
    index = VectorIndex("s", DIMENSION)
    for n in range(2 * SMALLEST_CAPACITY + 1):
        index.put(f"a:{n}", vector(n))
    first = index.snapshot()
    assert content(first) == {f"a:{n}": vector(n).tobytes() for n in range(len(first.ids))}


def test_a_snapshot_cannot_be_written() -> None:
    index = VectorIndex("s", DIMENSION)
    index.put("a:1", vector(1))
    with pytest.raises(ValueError, match="read-only"):
        index.snapshot().matrix[0] = 0.0


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
            snapshot = index.snapshot()
            for artwork, row in zip(snapshot.ids, snapshot.matrix, strict=True):
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
