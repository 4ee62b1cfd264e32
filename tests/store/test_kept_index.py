"""The index of a large library as it is kept beside it: opened as it was, or not at all."""

from __future__ import annotations

import resource
import shutil
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from signal import SIGKILL
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from glance_agent.domain.artwork import Artwork, Filters
from glance_agent.domain.errors import StoreError
from glance_agent.domain.items import StoredWork
from glance_agent.domain.vectors import Vector, unit
from glance_agent.store import followed_columns, side_files, turbo_codes
from glance_agent.store import index as index_room
from glance_agent.store import vectors as vectors_room
from glance_agent.store.backup import back_up, restore
from glance_agent.store.codes import PlaneCodes
from glance_agent.store.connection import open_database
from glance_agent.store.database import Database
from glance_agent.store.filter_columns import FilterColumns
from glance_agent.store.index import VectorIndex
from glance_agent.store.library import Library
from glance_agent.store.mending import mend
from glance_agent.store.side_files import MANIFEST, GoOn, Seals, SideFiles
from glance_agent.store.spaces import Spaces
from glance_agent.store.turbo_codes import codes_of
from glance_agent.store.vectors import Block, Vectors
from glance_agent.store.work_facts import WorkFact, WorkFacts
from glance_agent.store.works import Works
from glance_agent.wiring import catching_up
from glance_agent.wiring.catching_up import Follower, following
from glance_agent.wiring.leaving import Leaving
from tests.spawned import Spawned

SPACE, DIMENSION, WORKS = "s", 64, 40
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def vector(seed: int) -> Vector:
    return unit(np.random.default_rng(seed).standard_normal(DIMENSION))


def bring(db: Database, number: int, seed: int, *, artist: str = "Mia", space: str = SPACE) -> None:
    work = Artwork(id=f"a:{number}", source="a", artist=artist, year_from=1800 + number)
    stored = StoredWork(work, "-", "-", f"{number}", space, vector(seed))
    Library(db).add("a", str(number), stored)


@pytest.fixture(params=["planes", "turbovec"])
def engine(request: pytest.FixtureRequest) -> str:
    if request.param == "turbovec":
        pytest.importorskip("turbovec", reason="an extra: pip install glance-agent[large]")
    return str(request.param)


@pytest.fixture(autouse=True)
def _large(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_room, "EXACT_UP_TO", 5)
    monkeypatch.setattr(turbo_codes, "codes_of", codes_of if engine == "turbovec" else PlaneCodes)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with works; not to be changed."""
    path = tmp_path_factory.mktemp("kept") / "glance.db"
    with other_program(path) as db:
        for number in range(WORKS):
            bring(db, number, number)
    return path


@pytest.fixture
def path(made: Path, tmp_path: Path) -> Path:
    path = tmp_path / "glance.db"
    shutil.copy(made, path)
    return path


@contextmanager
def other_program(path: Path) -> Iterator[Database]:
    with closing(open_database(path, synchronous="NORMAL")) as db:
        yield db


def opened(path: Path) -> Follower:
    """What an agent has that has just started."""
    with other_program(path) as db:
        follower = following(path, Vectors(db), SPACE, DIMENSION)
    assert follower.unread
    follower.prepare()
    return follower


def kept(path: Path) -> Path:
    """The folder of what an agent has left that was stopped."""
    opened(path).keep(stopping=True)
    return path.with_name("glance.db.index")


def content(index: VectorIndex) -> dict[str, bytes]:
    view = index.now()
    numbers = view.sample(1_000)
    assert len(view) == numbers.size
    vectors = view.vectors_of(numbers)
    return {i: v.tobytes() for i, v in zip(view.ids_of(numbers), vectors, strict=True)}


def answers(path: Path, index: VectorIndex) -> list[object]:
    """What is asked of an index, in the vectors' terms and in those of filters."""
    view, wish = index.now(), vector(7)
    moments = view.moments()
    with other_program(path) as db:
        by_mia = Works(db).passing(Filters(artist="mia"), view)
        late = Works(db).passing(Filters(year_from=1820), view)
        passing = [sorted(i for i in content(index) if i in some) for some in (by_mia, late)]
    found = view.ids_of(view.best(wish[None], 9))
    lie = [round(moments.mean_of(wish), 6), round(moments.deviation_of(wish), 6)]
    return [content(index), found, lie, *passing]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The works whose vectors an index is told, one by one or all."""
    told: list[str] = []
    take_up, fill = VectorIndex.take_up, VectorIndex.fill

    def noted(index, ids, vectors, gone):  # type: ignore[no-untyped-def]
        told.extend([*ids, *(gone := list(gone))])
        take_up(index, ids, vectors, gone)

    def filled(index, expected, blocks):  # type: ignore[no-untyped-def]
        told.append("all")
        fill(index, expected, blocks)

    monkeypatch.setattr(VectorIndex, "take_up", noted)
    monkeypatch.setattr(VectorIndex, "fill", filled)
    return told


# -- it is opened as it was -----------------------------------------------------------------------


def test_what_was_kept_answers_as_what_is_made_anew(path: Path, read: list[str]) -> None:
    made = opened(path)
    with other_program(path) as db:
        bring(db, 3, 333)
        bring(db, 50, 50, artist="Ben")
        db.execute("DELETE FROM embeddings WHERE artwork_id = 'a:9'")
        db.conn.commit()
    made.catch_up()
    made.keep(stopping=True)
    read.clear()
    again = opened(path)
    assert read == []
    assert answers(path, again.index) == answers(path, made.index)
    assert content(again.index).keys() == {*(f"a:{n}" for n in range(WORKS) if n != 9), "a:50"}
    # It lives on: what it has is no more than what it would have had.
    with other_program(path) as db:
        bring(db, 51, 51, artist="Ben")
        bring(db, 50, 500, artist="Mia")
    again.catch_up()
    again.index.remove(["a:0"])
    assert read == ["a:51", "a:50"]
    assert content(again.index).keys() >= {"a:50", "a:51"}
    assert again.index.now().ids_of(again.index.now().best(vector(500)[None], 1)) == ["a:50"]


def test_opening_costs_what_has_changed_since(path: Path, read: list[str]) -> None:
    kept(path)
    with other_program(path) as db:
        bring(db, 70, 70, artist="Ben")
        bring(db, 2, 22)
        db.execute("UPDATE artworks SET artist = 'Ben' WHERE id = 'a:4'")
        db.execute("DELETE FROM embeddings WHERE artwork_id = 'a:5'")
        db.conn.commit()
    read.clear()
    found = opened(path)
    assert sorted(read) == ["a:2", "a:5", "a:70"]
    index = found.index
    with other_program(path) as db:
        ben = Works(db).passing(Filters(artist="ben"), index.now())
    assert [i for i in content(index) if i in ben] == ["a:4", "a:70"]
    shutil.rmtree(path.with_name("glance.db.index"))
    assert content(opened(path).index) == content(index)


def test_it_is_kept_while_nothing_comes_and_only_where_that_is_worth_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catching_up, "CHANGES_LEFT", 2)
    follower = opened(path)
    manifest = path.with_name("glance.db.index") / MANIFEST

    def written() -> str | None:
        return manifest.read_text() if manifest.exists() else None

    follower.keep()
    assert written() is None  # nobody knows yet whether more comes
    follower.keep()
    assert (first := written()) is not None
    for number in range(60, 63):
        with other_program(path) as db:
            bring(db, number, number)
        follower.catch_up()
        follower.keep()
        assert written() == first  # works are coming
    follower.keep()
    assert written() not in (None, first)
    with other_program(path) as db:
        bring(db, 70, 70)
    before = written()
    follower.keep(stopping=True)
    assert written() == before


def test_it_is_its_owners_alone_and_leaves_nothing_else(path: Path) -> None:
    folder = kept(path)
    (folder / "left over.codes").write_text("from a process that was killed")
    with other_program(path) as db:
        db.execute("DELETE FROM facts WHERE name = 'seals'")
        db.conn.commit()
    kept(path)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = sorted(folder.iterdir())
    assert {file.name.partition(".")[2] for file in files} == {"", "codes", "rows"}
    assert len(files) == 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_library_that_is_small_again_keeps_none(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = kept(path)
    monkeypatch.setattr(index_room, "EXACT_UP_TO", 100)
    with other_program(path) as db:
        follower = following(path, Vectors(db), SPACE, DIMENSION)
    assert not follower.unread
    follower.keep()
    assert not folder.exists()


def test_columns_that_a_former_version_kept_are_completed(path: Path, read: list[str]) -> None:
    """Its codes are used all the same; what filters ask is read again, and kept."""
    arrays = FilterColumns.arrays

    def without(columns: FilterColumns, size: int) -> dict[str, NDArray[Any]]:
        return {name: a for name, a in arrays(columns, size).items() if name != "place"}

    with pytest.MonkeyPatch.context() as former:
        former.setattr(FilterColumns, "arrays", without)
        expected = answers(path, opened(path).index)
        kept(path)
    read.clear()
    again = opened(path)
    assert read == []
    assert answers(path, again.index) == expected
    places = np.arange(1, WORKS + 1)
    for _ in range(2):
        again.keep()
    for follower in (again, opened(path)):
        found = follower.index.now().placed(places, lambda artwork: False)  # type: ignore[attr-defined]
        assert found is not None
        assert found.rows.all()


# -- it is not used -------------------------------------------------------------------------------


def test_what_is_missing_cut_or_changed_in_a_byte_is_never_used_wrongly(
    path: Path, read: list[str]
) -> None:
    folder = kept(path)
    expected = answers(path, opened(path).index)
    chance, used = Random(5), 0
    whole = {file: file.read_bytes() for file in folder.iterdir()}
    spoilt = [(file, b"") for file in whole]
    for file, data in whole.items():
        spoilt += [(file, data[: chance.randrange(len(data))]), (file, data + b"\n")]
        for _ in range(8):
            at, bit = chance.randrange(len(data)), 1 << chance.randrange(8)
            spoilt.append((file, data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]))
    for file, data in spoilt:
        file.write_bytes(data)
        read.clear()
        index = opened(path).index
        assert answers(path, index) == expected, file
        used += "all" not in read
        file.write_bytes(whole[file])
    for file in whole:
        file.unlink()
        read.clear()
        assert answers(path, opened(path).index) == expected
        assert read == ["all"]
        file.write_bytes(whole[file])
    assert used <= len(whole)  # a blank behind the manifest changes nothing


@pytest.mark.parametrize("change", ["space", "dimension", "version", "kind"])
def test_what_is_of_something_else_is_not_used(
    change: str, path: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(path)
    space, dimension = SPACE, DIMENSION
    if change == "space":
        space = "t"
    elif change == "dimension":
        dimension = 2 * DIMENSION
    elif change == "version":
        monkeypatch.setattr(side_files, "FORMAT", side_files.FORMAT + 1)
    else:
        monkeypatch.setattr(PlaneCodes, "kind", "others")
        monkeypatch.setattr("glance_agent.store.turbo_codes.version", lambda name: "9")
    read.clear()
    with other_program(path) as db:
        follower = following(path, Vectors(db), space, dimension)
    follower.prepare()
    assert read == ["all"]
    assert content(follower.index).keys() == (
        {f"a:{n}" for n in range(WORKS)} if (space, dimension) == (SPACE, DIMENSION) else set()
    )


def test_it_is_not_used_with_a_backup_that_has_never_seen_it(
    path: Path, tmp_path: Path, read: list[str]
) -> None:
    """Although the numbers of the backup's changes have passed it by since."""
    back_up(path, tmp_path / "backup.db")
    with other_program(path) as db:
        bring(db, 1, 111)
        bring(db, 90, 90)
    kept(path)
    restore(tmp_path / "backup.db", path, now=NOW)
    with other_program(path) as db:
        for number in range(60, 70):
            bring(db, number, number)
    read.clear()
    index = opened(path).index
    assert read == ["all"]
    assert content(index).keys() == {f"a:{n}" for n in [*range(WORKS), *range(60, 70)]}


def test_it_is_used_with_a_backup_of_later_days(
    path: Path, tmp_path: Path, read: list[str]
) -> None:
    kept(path)
    with other_program(path) as db:
        bring(db, 60, 60)
    back_up(path, tmp_path / "backup.db")
    with other_program(path) as db:
        bring(db, 61, 61)
        bring(db, 1, 111)
    restore(tmp_path / "backup.db", path, now=NOW)
    read.clear()
    index = opened(path).index
    assert read == ["a:60"]
    assert content(index).keys() == {f"a:{n}" for n in [*range(WORKS), 60]}


def test_it_is_not_used_with_another_library_in_its_place(
    path: Path, tmp_path: Path, read: list[str]
) -> None:
    kept(path)
    other = tmp_path / "other.db"
    with other_program(other) as db:
        for number in range(100, 160):
            bring(db, number, number)
    back_up(other, tmp_path / "backup.db")
    restore(tmp_path / "backup.db", path, now=NOW)
    read.clear()
    assert content(opened(path).index).keys() == {f"a:{n}" for n in range(100, 160)}
    assert read == ["all"]


def test_what_changed_without_a_number_leaves_nothing_to_be_used(
    path: Path, read: list[str]
) -> None:
    kept(path)
    with other_program(path) as db:
        bring(db, 0, 0, space="t")
        assert Spaces(db).prune(["t"]) == WORKS
        assert Seals(db).known() == []
        bring(db, 1, 1)
    read.clear()
    assert content(opened(path).index).keys() == {"a:1"}


def test_a_library_that_was_mended_is_read_again(path: Path, read: list[str]) -> None:
    kept(path)
    running = opened(path)
    with other_program(path) as db:
        db.execute("DROP TRIGGER embeddings_taken")
        db.execute("DELETE FROM embeddings WHERE artwork_id = 'a:5'")  # as damage would
        db.conn.commit()
    mend(path, "a fault", instance="me", now=NOW)
    left = {f"a:{n}" for n in range(WORKS) if n != 5}
    assert content(opened(path).index).keys() == left
    running.start_over()
    for _ in range(2):
        running.keep()
    assert len(list(path.with_name("glance.db.index").iterdir())) == 3  # what was kept before
    assert not running.unread  # what it had answers until then
    running.catch_up()
    assert content(running.index).keys() == left


# -- it cannot be written -------------------------------------------------------------------------


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """As on a disk that is full before the end of a file: writing more fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_is_full_on_the_way_leaves_what_was_there(
    path: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    follower = opened(path)
    follower.keep(stopping=True)
    folder = path.with_name("glance.db.index")
    before = {file.name for file in folder.iterdir()}
    monkeypatch.setattr(catching_up, "CHANGES_LEFT", 0)
    for number in (60, 61, 62):
        with other_program(path) as db:
            bring(db, number, number)
        follower.catch_up()
        real = SideFiles.write

        def in_little_room(files, *arguments, real=real):  # type: ignore[no-untyped-def]
            with no_file_longer_than(600):
                real(files, *arguments)

        monkeypatch.setattr(SideFiles, "write", in_little_room)
        follower.keep(stopping=True)
        assert {file.name for file in folder.iterdir()} == before
        monkeypatch.setattr(SideFiles, "write", real)
    read.clear()
    assert content(opened(path).index) == content(follower.index)
    assert read == ["a:60", "a:61", "a:62"]


def test_no_disk_is_filled_by_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(path.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=40_000_000))
    assert list(kept(path).iterdir()) == []


def test_a_folder_that_cannot_be_made_is_no_misfortune(path: Path) -> None:
    path.with_name("glance.db.index").write_text("in the way")
    kept(path)
    assert len(opened(path).index) == WORKS


def test_what_changes_while_it_is_written_is_written_later(
    path: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower = opened(path)
    codes = follower.index.held().rows.codes  # type: ignore[attr-defined]
    write = codes.write

    def meanwhile(to: Path, go_on: GoOn) -> None:
        write(to, go_on)
        follower.index.put("b:1", vector(1))

    monkeypatch.setattr(codes, "write", meanwhile)
    follower.keep(stopping=True)
    assert list(path.with_name("glance.db.index").iterdir()) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from glance_agent.store import index, turbo_codes
from glance_agent.store.codes import PlaneCodes
from glance_agent.store.connection import open_database
from glance_agent.store.vectors import Vectors
from glance_agent.wiring import catching_up
index.EXACT_UP_TO, catching_up.CHANGES_LEFT, turbo_codes.codes_of = 5, 0, PlaneCodes
path, replaced = Path(sys.argv[1]), os.replace
follower = catching_up.following(path, Vectors(open_database(path)), "s", 64)
follower.prepare()
def killed(*given):
    if sys.argv[2] == "renamed":
        replaced(*given)
    os.kill(os.getpid(), signal.SIGKILL)
os.replace = killed
follower.keep(stopping=True)
"""


@pytest.mark.parametrize("at", ["written", "renamed"])
async def test_whoever_is_killed_leaves_what_was_there_or_what_is_new(
    at: str, path: Path, engine: str, read: list[str]
) -> None:
    if engine != "planes":
        pytest.skip("what is killed is the same")
    kept(path)
    with other_program(path) as db:
        bring(db, 60, 60)
    program = await Spawned.loaded("-c", KILLED, str(path), at)
    assert await program.ended() == -SIGKILL, program.text
    read.clear()
    index = opened(path).index
    assert read == (["a:60"] if at == "written" else [])
    assert content(index).keys() == {f"a:{n}" for n in [*range(WORKS), 60]}


def test_who_is_stopping_reads_no_more_than_has_been_begun(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors_room, "MOST_AT_ONCE", 10)
    leaving, blocks, read = Leaving(), Vectors.blocks, []

    def stopped(vectors: Vectors, space: str, dimension: int) -> Iterator[Block]:
        for block in blocks(vectors, space, dimension):
            read.append(len(block[0]))
            yield block
            leaving.begin()

    monkeypatch.setattr(Vectors, "blocks", stopped)
    monkeypatch.setattr(WorkFacts, "block", None)  # nor what filters ask
    with other_program(path) as db:
        follower = following(path, Vectors(db), SPACE, DIMENSION, leaving=leaving)
    follower.prepare()
    assert read == [10, 10]
    assert follower.unread
    follower.keep(stopping=True)
    assert not path.with_name("glance.db.index").exists()


def test_who_is_stopping_looks_through_no_works(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followed_columns, "AT_ONCE", 10)
    leaving, block, read = Leaving(), WorkFacts.block, []

    def stopped(facts: WorkFacts, after: int, most: int) -> tuple[int, list[WorkFact]]:
        leaving.begin()
        found = block(facts, after, most)
        read.append(len(found[1]))
        return found

    with other_program(path) as db:
        follower = following(path, Vectors(db), SPACE, DIMENSION, leaving=leaving)
    follower.catch_up()
    monkeypatch.setattr(WorkFacts, "block", stopped)
    follower.index.prepare()
    assert read == [10]


def test_what_cannot_be_read_now_is_read_the_next_time(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(path)
    with other_program(path) as db:
        follower = following(path, Vectors(db), SPACE, DIMENSION)

    def away(*_: object, **__: object) -> Database:
        raise StoreError("the disk reports errors")

    monkeypatch.setattr(catching_up, "open_library", away)
    follower.prepare()
    assert follower.unread
    assert follower.behind
    monkeypatch.undo()
    monkeypatch.setattr(index_room, "EXACT_UP_TO", 5)
    follower.catch_up()
    assert len(follower.index) == WORKS
