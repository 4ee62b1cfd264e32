"""The index of a large library: codes find what the exact index finds, by numpy and by turbovec."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.of_sources import together
from glance_agent.domain.vectors import Matrix, Vector, top, unit_rows
from glance_agent.domain.view import Gate, View
from glance_agent.store import coded_view, recent_vectors, row_names
from glance_agent.store import index as index_room
from glance_agent.store.coded_view import CodedRows
from glance_agent.store.codes import Codes, PlaneCodes
from glance_agent.store.index import VectorIndex
from glance_agent.store.recent_vectors import (
    BESIDE_VECTOR_BYTES,
    PAGE_BYTES,
    PAGES_LED_TO,
    RecentVectors,
    step_of,
)
from glance_agent.store.row_names import Names
from glance_agent.store.turbo_codes import TurboCodes, codes_of
from tests.vector_file import VectorsInMemory

DIMENSION = 64
IDS = [f"a:{n}" for n in range(12)]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from(IDS), st.integers(0, 999)),
        st.tuples(st.just("remove"), st.sampled_from(IDS), st.just(0)),
    ),
    max_size=30,
)
EVERYTHING = 1_000_000
NEAR = 1e-3
"""Vectors in memory are as exact as float16."""


def vector(seed: int) -> Vector:
    row = np.random.default_rng(seed).standard_normal((1, DIMENSION), dtype=np.float32)
    return np.asarray(unit_rows(row)[0])


class Library:
    """An index of codes, and the file beside it, which is always a step ahead."""

    def __init__(
        self,
        engine: Callable[[int], Codes],
        dimension: int = DIMENSION,
        rescored: int = coded_view.RESCORED,
    ) -> None:
        self.file: dict[str, Vector] = {}
        self.kept = VectorsInMemory(self.file, dimension)
        self.index = VectorIndex(
            "s",
            dimension,
            lambda first, wide: CodedRows(first, wide, engine(wide), self.kept, rescored),
        )

    def put(self, artwork: str, seed: int) -> None:
        self.file[artwork] = vector(seed)
        self.index.put(artwork, vector(seed))

    def remove(self, artwork: str) -> None:
        self.file.pop(artwork, None)
        self.index.remove([artwork])

    def fill(self, rows: Matrix) -> None:
        """The works 0, 1, 2 … with these vectors."""
        self.file.update((str(n), row) for n, row in enumerate(rows))
        blocks = [([str(n) for n in some], rows[some]) for some in lots(len(rows))]
        self.index.fill(len(rows), blocks)


def lots(count: int, size: int = 700) -> list[list[int]]:
    return [list(range(start, min(start + size, count))) for start in range(0, count, size)]


@pytest.fixture(params=["planes", "turbovec"])
def engine(request: pytest.FixtureRequest) -> Callable[[int], Codes]:
    if request.param == "turbovec":
        pytest.importorskip("turbovec", reason="an extra: pip install glance-agent[large]")
        return codes_of
    return PlaneCodes


@pytest.fixture(autouse=True)
def _coded_from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_room, "EXACT_UP_TO", -1)


@pytest.fixture
def library(engine: Callable[[int], Codes]) -> Library:
    return Library(engine)


def clouds(count: int, dimension: int, seed: int = 0) -> Matrix:
    """Works as they lie in large libraries: near each other in many clouds."""
    chance = np.random.default_rng(seed)
    centres = chance.standard_normal((count // 50, dimension), dtype=np.float32)
    noise = chance.standard_normal((count, dimension), dtype=np.float32)
    return unit_rows(centres[chance.integers(0, len(centres), count)] + 0.7 * noise)


def wishes(rows: Matrix, count: int) -> Matrix:
    """Words, which lie outside of the clouds: their best works have a cosine of about .3."""
    chance = np.random.default_rng(9)
    away = unit_rows(chance.standard_normal((count, rows.shape[1]), dtype=np.float32))
    return unit_rows(away + 0.3 * rows[chance.integers(0, len(rows), count)])


def content(view: View) -> dict[str, Vector]:
    numbers = view.sample(EVERYTHING)
    ids, vectors = view.ids_of(numbers), view.vectors_of(numbers)
    assert view.numbers_of(ids).tolist() == numbers.tolist() == [view.number_of(i) for i in ids]
    assert view.let_in(numbers, Gate()).all()
    assert numbers.max(initial=-1) <= view.last
    return dict(zip(ids, vectors, strict=True))


# -- what is held ---------------------------------------------------------------------------------


@settings(deadline=None, max_examples=40)
@given(steps=STEPS, few=st.booleans())
@pytest.mark.parametrize("name", ["planes", "turbovec"])
def test_it_holds_what_a_dictionary_would_hold(
    name: str, steps: list[tuple[str, str, int]], few: bool
) -> None:
    if name == "turbovec":
        pytest.importorskip("turbovec", reason="an extra: pip install glance-agent[large]")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index_room, "EXACT_UP_TO", -1)
        patch.setattr(recent_vectors, "LAST_READ", 2 if few else 64)
        patch.setattr(recent_vectors, "SAMPLE", 2 if few else 64)
        patch.setattr(row_names, "NEWEST", 3 if few else 64)
        library = Library(codes_of if name == "turbovec" else PlaneCodes)
        past: list[tuple[View, set[str]]] = []
        for step, artwork, seed in steps:
            library.put(artwork, seed) if step == "put" else library.remove(artwork)
            view = library.index.now()
            assert len(view) == len(library.index) == len(library.file)
            held = content(view)
            assert held.keys() == library.file.keys()
            assert all(np.allclose(held[i], v, atol=NEAR) for i, v in library.file.items())
            best = view.ids_of(view.best(vector(5)[None], 3))
            scores = {i: float(v @ vector(5)) for i, v in library.file.items()}
            assert [scores[i] for i in best] == pytest.approx(
                sorted(scores.values(), reverse=True)[:3], abs=NEAR
            )
            past.append((view, set(held)))
    # Earlier views know the works of their moment, and the vectors that these have now.
    for view, then in past:
        numbers = view.sample(EVERYTHING)
        assert set(view.ids_of(numbers)) == then
        now = view.vectors_of(numbers)
        assert set(map(tuple, now[~now.any(axis=1)])) <= {(0.0,) * DIMENSION}


def test_a_number_stands_for_one_vector(library: Library) -> None:
    library.put("a:1", 1)
    library.put("a:2", 2)
    first = library.index.now()
    library.put("a:1", 3)
    changed = library.index.now()
    assert changed.ids_of(changed.changes_since(first.last)) == ["a:1"]
    assert first.number_of("a:1") != changed.number_of("a:1")
    assert first.number_of("a:2") == changed.number_of("a:2")
    library.index.put("a:1", vector(3))
    assert library.index.now() is changed  # what is as it was changes nothing
    library.index.take_up(["a:1", "a:2"], np.stack([vector(3), vector(2)]), ["b:9"])
    assert library.index.now() is changed


def test_a_library_outgrows_exact_vectors(
    engine: Callable[[int], Codes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_room, "EXACT_UP_TO", 5)
    library = Library(engine)
    for n in range(5):
        library.put(f"a:{n}", n)
    library.remove("a:2")
    library.put("a:2", 22)
    exact = library.index.now()
    assert type(exact).__name__ == "IndexView"
    library.put("a:5", 5)
    coded = library.index.now()
    assert type(coded).__name__ == "CodedView"
    assert content(coded).keys() == {f"a:{n}" for n in range(6)}
    assert np.allclose(content(coded)["a:2"], vector(22), atol=NEAR)
    assert set(coded.ids_of(coded.changes_since(exact.last))) == content(coded).keys()
    assert len(exact) == 5
    assert np.array_equal(exact.vectors_of(exact.numbers_of(["a:1"]))[0], vector(1))


def test_a_crowded_index_is_filled_again(library: Library) -> None:
    library.put("a:0", 0)
    for seed in range(300):
        library.put("a:1", seed)
    assert library.index.crowded()
    before = library.index.now()
    library.index.fill(2, [(["a:0"], vector(0)[None]), (["a:1"], vector(299)[None])])
    assert not library.index.crowded()
    after = library.index.now()
    assert content(after).keys() == {"a:0", "a:1"}
    assert after.changes_since(before.last).size == 2  # no number is given twice


def test_what_the_file_cannot_tell_is_an_error_and_not_a_wrong_answer(
    engine: Callable[[int], Codes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent_vectors, "LAST_READ", 1)
    monkeypatch.setattr(recent_vectors, "SAMPLE", 1)
    library = Library(engine)
    library.fill(clouds(300, DIMENSION))
    library.kept.trouble = StoreError("the disk reports errors", trouble=Trouble.FAILING)
    with pytest.raises(StoreError):
        library.index.now().best(vector(1)[None], 3)
    library.kept.trouble = None
    assert library.index.now().best(vector(1)[None], 3).size == 3


# -- what is found --------------------------------------------------------------------------------


@pytest.mark.parametrize("dimension", [256, 512])
def test_words_find_what_they_find_exactly(engine: Callable[[int], Codes], dimension: int) -> None:
    """Ten of the best ten, from candidates that are a fiftieth of the works."""
    rows = clouds(6_000, dimension)
    library = Library(engine, dimension, rescored=120)
    library.fill(rows)
    view, found = library.index.now(), []
    for wish in wishes(rows, 40):
        exact = {str(n) for n in top(rows @ wish, 10)}
        numbers = view.best(wish[None], 10)
        scores = view.scores_of(wish[None], numbers)[:, 0]
        assert np.allclose(scores, np.sort(scores)[::-1], atol=NEAR)
        found.append(len(exact & set(view.ids_of(numbers))) / 10)
    assert np.mean(found) >= 0.99


@pytest.mark.parametrize("left", [3, 60, 2_900])
def test_a_gate_keeps_out_whom_it_should(library: Library, left: int) -> None:
    rows = clouds(3_000, DIMENSION)
    library.fill(rows)
    library.index.remove([str(n) for n in range(10)])
    view, wish = library.index.now(), wishes(rows, 1)
    let_in = [str(n) for n in range(10, 10 + left)]
    best = top(rows[10 : 10 + left] @ wish[0], 5)
    exact = [let_in[n] for n in best]
    for gate in (
        Gate(frozenset(let_in)),
        Gate(never=frozenset(map(str, range(3_000))) - {*let_in}),
    ):
        assert view.ids_of(view.best(wish, 5, gate)) == exact
        numbers = view.sample(EVERYTHING)
        assert view.ids_of(numbers[view.let_in(numbers, gate)]) == let_in
    both = view.best(np.stack([wish[0], -wish[0]]), 2, Gate(frozenset(let_in)))
    assert set(exact[:2]) <= set(view.ids_of(both))
    assert view.best(wish, 5, Gate(frozenset())).size == 0


def test_what_has_been_asked_is_not_read_again(
    engine: Callable[[int], Codes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent_vectors, "LAST_READ", 1)
    monkeypatch.setattr(recent_vectors, "SAMPLE", 1)
    library = Library(engine)
    library.fill(clouds(3_000, DIMENSION))
    view = library.index.now()
    view.best(vector(1)[None], 200)
    read = len(library.kept.read)
    assert read
    view.best(vector(1)[None], 5)
    view.best(vector(1)[None], 50, Gate(never=frozenset({"7"})))
    assert len(library.kept.read) == read


def test_few_that_measure_a_query_cost_less_to_read(
    engine: Callable[[int], Codes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent_vectors, "LAST_READ", 1)
    monkeypatch.setattr(recent_vectors, "SAMPLE", 1)
    library, wish = Library(engine), vector(1)[None]
    library.fill(clouds(3_000, DIMENSION))
    view = library.index.now()
    best = view.best(wish, coded_view.FEWEST).tolist()
    assert len(library.kept.read) == 200 < coded_view.RESCORED
    library.kept.read.clear()
    more = view.best(wish, 60).tolist()  # is not content with what was scored for so few
    assert len(library.kept.read) >= coded_view.RESCORED - 2  # the last and the sample's stay
    assert more[: coded_view.FEWEST] == best
    library.kept.read.clear()
    assert view.best(wish, coded_view.FEWEST).tolist() == best
    assert library.kept.read == []


def test_ways_to_vectors_are_found_once_by_a_few_of_them(library: Library) -> None:
    rows = clouds(3_000, DIMENSION)
    library.file.update((str(n), row) for n, row in enumerate(rows))
    numbers = library.kept.numbers_of([str(n) for n in range(3_000)])
    blocks = [
        ([str(n) for n in some], rows[some], [numbers[str(n)] for n in some])
        for some in lots(3_000)
    ]
    library.index.fill(len(rows), blocks)
    library.index.prepare()
    step = PAGES_LED_TO * (PAGE_BYTES // (2 * DIMENSION + BESIDE_VECTOR_BYTES))
    assert library.kept.read == [str(n) for n in range(0, 3_000, step)]
    library.index.prepare()
    assert len(library.kept.read) == len(range(0, 3_000, step))


def test_many_that_are_kept_out_are_looked_up_once(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.fill(clouds(3_000, DIMENSION))
    view, wishes = library.index.now(), np.stack([vector(1), vector(2)])
    out = frozenset(map(str, range(1_500)))
    looked_up: list[int] = []
    rows_of = Names.rows_of

    def noted(names: Names, ids: Iterable[str]) -> NDArray[np.int64]:
        found = rows_of(names, ids)
        looked_up.append(found.size)
        return found

    monkeypatch.setattr(Names, "rows_of", noted)
    for gate in (Gate(never=out), Gate(never=together(out, {"7"})), Gate(only=out)):
        found = view.best(wishes, 20, gate).tolist()
        assert found
        assert all((number < 1_500) == (gate.only is not None) for number in found)
    assert [size for size in looked_up if size > 1] == [1_500]
    library.remove("3")
    assert 3 not in library.index.now().best(wishes, 1_500, Gate(only=out)).tolist()


def test_among_many_of_several_directions_none_is_scored_by_its_vector(
    engine: Callable[[int], Codes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent_vectors, "LAST_READ", 1)
    monkeypatch.setattr(recent_vectors, "SAMPLE", 1)
    library = Library(engine, rescored=50)
    library.fill(clouds(3_000, DIMENSION))
    view, wishes = library.index.now(), np.stack([vector(1), vector(2)])
    found = view.best(wishes, 50)
    assert library.kept.read == []
    assert set(found.tolist()) == {n for wish in wishes for n in view.best(wish[None], 50).tolist()}
    assert library.kept.read


def test_vectors_of_many_are_read_once_as_long_as_a_command_has_their_numbers(
    engine: Callable[[int], Codes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent_vectors, "LAST_READ", 1)
    monkeypatch.setattr(recent_vectors, "SAMPLE", 1)
    monkeypatch.setattr(coded_view, "FEW_GATHERED", 20)
    library = Library(engine)
    rows = clouds(300, DIMENSION)
    library.fill(rows)
    view = library.index.now()
    some = view.sample(100)
    assert np.allclose(view.vectors_of(some), rows[some], atol=NEAR)
    read = len(library.kept.read)
    assert np.allclose(view.scores_of(rows[:2], some), rows[some] @ rows[:2].T, atol=NEAR)
    assert len(library.kept.read) == read
    kept = weakref.ref(view.vectors_of(some))
    assert kept() is not None
    others = some + 1
    assert np.allclose(view.vectors_of(others), rows[others], atol=NEAR)
    assert kept() is None  # memory holds those of one question
    kept = weakref.ref(view.vectors_of(others))
    del others
    assert kept() is None


def test_means_and_deviations_are_those_of_all_works(library: Library) -> None:
    rows = clouds(3_000, DIMENSION)
    library.fill(rows)
    moments = library.index.now().moments()
    for wish in wishes(rows, 5):
        assert moments.mean_of(wish) == pytest.approx(float((rows @ wish).mean()), abs=1e-6)
        assert moments.deviation_of(wish) == pytest.approx(float((rows @ wish).std()), rel=1e-4)
    assert np.allclose(moments.mean, rows.mean(axis=0), atol=1e-6)
    library.index.remove([str(n) for n in range(0, 3_000, 100)])
    fewer = library.index.now().moments()
    for wish in wishes(rows, 5):
        assert fewer.deviation_of(wish) == pytest.approx(moments.deviation_of(wish), rel=0.01)


def test_a_sample_is_the_same_while_works_come(library: Library) -> None:
    library.fill(clouds(3_000, DIMENSION))
    before = library.index.now().sample(500)
    assert 250 < before.size <= 500
    for n in range(3_000, 3_100):
        library.put(str(n), n)
    after = library.index.now().sample(500)
    assert set(before.tolist()) <= set(after.tolist())
    view = library.index.now()
    shifted = [view.sample(500, shift).tolist() for shift in range(step_of(3_100, 500))]
    assert sorted(number for some in shifted for number in some) == view.sample(EVERYTHING).tolist()


def test_readers_see_whole_rows_while_others_write(library: Library) -> None:
    stopping, faults = threading.Event(), []

    def read() -> None:
        while not stopping.is_set():
            view = library.index.now()
            for wish in (vector(1), vector(2)):
                numbers = view.best(wish[None], 5)
                if len(set(numbers.tolist())) != min(5, len(view)):
                    faults.append("too few")
                scores = view.scores_of(wish[None], numbers)[:, 0]
                if (np.diff(scores) > NEAR).any():
                    faults.append("in a wrong order")

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for n in range(1_500):
        library.put(f"w:{n}", n)
    stopping.set()
    for reader in readers:
        reader.join()
    assert faults == []
    assert len(library.index) == 1_500


# -- codes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dimension", [27, 64, 500])
def test_codes_score_right_on_average(dimension: int) -> None:
    rows = clouds(2_000, dimension)
    codes = PlaneCodes(dimension)
    for some in lots(len(rows)):
        codes.add(rows[some])
    assert len(codes) == len(rows)
    for wish in wishes(rows, 3):
        errors = codes.scores(wish, len(rows)) - rows @ wish
        assert abs(float(errors.mean())) < 0.01
        assert float(errors.std()) < 0.6 / np.sqrt(dimension)


@pytest.mark.parametrize("dimension", [8, 27, 64, 256])
def test_there_are_codes_for_every_dimension(dimension: int) -> None:
    codes = codes_of(dimension)
    assert isinstance(codes, TurboCodes | PlaneCodes)
    rows = clouds(200, dimension)
    codes.add(rows)
    assert int(rows[3] @ rows[int(codes.best(rows[3], 1, 200)[0])] > 0.8)
    assert codes.best(rows[3], 5, 200, np.zeros(200, np.bool_)).size == 0
    assert set(codes.best(rows[3], 300, 100).tolist()) == set(range(100))


def test_codes_are_not_waited_for_by_who_goes_on_no_longer(
    engine: Callable[[int], Codes], tmp_path: Path
) -> None:
    """However long a disk takes for them."""
    codes, written = engine(DIMENSION), tmp_path / "codes"
    codes.add(clouds(3_000, DIMENSION))
    codes.write(written)
    goes_on, asked = threading.Event(), list[int]()
    if isinstance(codes, TurboCodes):
        codes = TurboCodes(SlowIndex(codes._index, goes_on))

    def go_on() -> None:
        asked.append(written.stat().st_size)
        if len(asked) > 2:
            raise StoreError("The agent is stopping.")

    try:
        with pytest.raises(StoreError, match="stopping"):
            codes.write(written, go_on)
    finally:
        goes_on.set()
    assert len(asked) > 2


class SlowIndex:
    """An index of turbovec on a disk that takes as long as it is let."""

    def __init__(self, index: Any, goes_on: threading.Event) -> None:
        self._index = index
        self._goes_on = goes_on

    def write(self, path: str, *, durable: bool) -> None:
        assert self._goes_on.wait(60)
        self._index.write(path, durable=durable)


def test_a_disk_that_takes_no_codes_is_told(tmp_path: Path) -> None:
    codes = codes_of(DIMENSION)
    codes.add(clouds(100, DIMENSION))
    with pytest.raises(OSError, match="No such file"):
        codes.write(tmp_path / "nowhere" / "codes")


# -- what stays in memory -------------------------------------------------------------------------


@pytest.fixture
def _little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent_vectors, "LAST_READ", 4)
    monkeypatch.setattr(recent_vectors, "SAMPLE", 4)


@pytest.mark.usefixtures("_little_room")
def test_a_sample_stays_and_of_the_rest_what_was_read_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = VectorsInMemory({str(n): vector(n) for n in range(16) if n != 9}, DIMENSION)
    names, read = Names(0), file.read
    vectors = RecentVectors(names, DIMENSION, file)
    for n in range(16):
        names.extend([str(n)])
    vectors.reserve(16)

    def of(*rows: int) -> list[str]:
        """What is read for these rows."""
        read.clear()
        found = vectors.of(np.array(rows, np.int64))
        for row, got in zip(rows, found, strict=True):
            wanted = vector(row) if row != 9 else np.zeros(DIMENSION, np.float32)
            assert np.allclose(got, wanted, atol=NEAR)
        return list(read)

    assert of(0, 4, 1, 2, 3, 5) == ["0", "4", "1", "2", "3", "5"]
    assert of(1, 2, 3, 5, 4, 0) == []
    assert of(6, 7) == ["6", "7"]
    assert of(0, 4, 3, 5, 6, 7) == []
    assert of(1, 1, 2) == ["1", "2"]
    assert of(9) == []
    assert file.sought[-1] == "9"
    assert of(1, 2) == []
    monkeypatch.setattr(recent_vectors, "MANY", 16)
    monkeypatch.setattr(recent_vectors, "LAST_READ_OF_MANY", 6)
    vectors.reserve(40)  # every 16th row is of the sample now, instead of every fourth
    assert of(0) == []
    assert of(4) == ["4"]
    assert of(10, 11, 12, 13, 14, 15) == ["10", "11", "12", "13", "14", "15"]
    assert of(10, 11, 12, 13, 14, 15) == []  # more of them stay than before
    file.sought.clear()
    assert of(1, 2, 3) == ["1", "2", "3"]
    assert file.sought == []  # their numbers are known
    file.vectors["2"] = vector(2)  # a vector that was written anew has another number
    assert of(5, 6, 7, 9, 10, 11) == ["5", "6", "7", "10", "11"]
    assert of(2) == ["2"]
    assert file.sought == ["9", "2"]


@pytest.mark.usefixtures("_little_room")
def test_numbers_that_come_with_the_vectors_are_not_asked_for() -> None:
    rows = {str(n): vector(n) for n in range(16)}
    file = VectorsInMemory(rows, DIMENSION)
    coded = CodedRows(0, DIMENSION, PlaneCodes(DIMENSION), file)
    coded.extend([*rows], np.stack([*rows.values()]), [*file.numbers_of([*rows]).values()])
    file.sought.clear()
    found = coded.view(None, 16).vectors_of(np.arange(16))
    assert np.allclose(found, np.stack([*rows.values()]), atol=NEAR)
    assert len(file.read) > 4
    assert file.sought == []


def test_planes_are_looked_through_once_for_what_lies_between_two_directions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As a phrase to be avoided asks; and again where works came, or where errors would grow."""
    looked: list[int] = []
    look = PlaneCodes._looked_through

    def noted(codes: PlaneCodes, direction: Vector, size: int) -> NDArray[np.float32]:
        looked.append(size)
        return look(codes, direction, size)

    monkeypatch.setattr(PlaneCodes, "_looked_through", noted)
    rows, codes = np.stack([vector(n) for n in range(500)]), PlaneCodes(DIMENSION)
    codes.add(rows[:400])
    wanted, away = 8 * vector(1_000), 20 * vector(1_001)
    for share in (0.0, 1.0, 1 / 3, 2 / 3, 0.0):
        direction = wanted - np.float32(share) * away
        scores = codes.scores(direction, 400)
        assert np.corrcoef(scores, rows[:400] @ direction)[0, 1] > 0.9
        assert np.corrcoef(scores, look(codes, direction, 400))[0, 1] > 0.98
    assert looked == [400, 400]
    assert codes.scores(wanted, 300).tolist() == codes.scores(wanted, 400)[:300].tolist()
    assert looked == [400, 400]
    codes.scores(wanted - np.float32(3.0) * away, 400)
    assert looked == [400, 400, 400]
    codes.add(rows[400:])
    codes.scores(wanted, 500)
    codes.scores(vector(7), 500)
    assert looked[3:] == [500, 500]
