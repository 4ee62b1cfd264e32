"""One agent a library, and a library that was deleted or replaced is noticed."""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import closing
from pathlib import Path

import pytest

from glance_agent.domain.display import Reaction
from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.store.claim import claimed
from glance_agent.store.connection import open_database
from glance_agent.store.history import History
from glance_agent.store.sqlite import DatabasePlace
from tests.databases.make import AT


def test_a_second_agent_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "glance.db"
    with claimed(path) as claim:
        claim.settle(DatabasePlace(1, 2), "0123456789ab")
        with pytest.raises(StoreError) as refused, claimed(path):
            pass
    assert f"process {os.getpid()}" in str(refused.value)
    assert "library.path" in str(refused.value)
    with claimed(path):
        pass


def test_programs_that_only_look_need_no_claim(tmp_path: Path) -> None:
    path = tmp_path / "glance.db"
    with claimed(path), closing(open_database(path)) as db:
        History(db).react(Reaction("ann", "kept:1", "like", AT))
        assert History(db).users() == ["ann"]


@pytest.mark.parametrize(
    ("now", "instance", "said"),
    [
        (DatabasePlace(1, 2), "a", None),
        (DatabasePlace(1, 3), "a", "of the same installation"),
        (DatabasePlace(2, 2), "b", "of another one"),
    ],
)
def test_another_library_than_the_last_time_is_said(
    tmp_path: Path, now: DatabasePlace, instance: str, said: str | None
) -> None:
    path = tmp_path / "glance.db"
    with claimed(path) as claim:
        assert claim.instance is None
        assert claim.settle(DatabasePlace(1, 2), "a") is None
    with claimed(path) as claim:
        assert claim.instance == "a"
        told = claim.settle(now, instance)
        assert (told is None) == (said is None)
        assert said is None or said in str(told)
    with claimed(path) as claim:
        assert claim.settle(now, instance) is None


@pytest.mark.parametrize("noise", [b"", b"{", b"[]", b"\xff\xfe", b'{"device": "x"}'])
def test_a_broken_lock_file_is_no_memory(tmp_path: Path, noise: bytes) -> None:
    (tmp_path / "glance.db.lock").write_bytes(noise)
    with claimed(tmp_path / "glance.db") as claim:
        assert claim.settle(DatabasePlace(1, 2), "a") is None


def replaced(path: Path, kept: Path) -> None:
    shutil.copy(kept, path.with_name("restored"))
    os.replace(path.with_name("restored"), path)


def deleted(path: Path, kept: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("befalls", [replaced, deleted])
def test_nothing_is_written_into_a_library_that_is_not_there(
    tmp_path: Path, befalls: object
) -> None:
    path, kept = tmp_path / "glance.db", tmp_path / "kept.db"
    open_database(kept).close()
    with closing(open_database(path)) as db:
        history = History(db)
        history.react(Reaction("ann", "kept:1", "like", AT))
        befalls(path, kept)  # type: ignore[operator]
        with pytest.raises(StoreError, match=r"deleted|replaced") as error:
            history.react(Reaction("ann", "kept:2", "like", AT))
        assert error.value.trouble is Trouble.REPLACED
        with pytest.raises(StoreError), history.transaction():
            pass
        assert [r.artwork_id for r in history.reactions("ann")] == ["kept:1"]


def test_a_library_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "glance.db"
    before = os.umask(0o022)
    try:
        with claimed(path), closing(open_database(path)) as db:
            History(db).react(Reaction("ann", "kept:1", "like", AT))
            modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert set(modes) == {"glance.db", "glance.db-wal", "glance.db-shm", "glance.db.lock"}
    assert set(modes.values()) == {0o600}


def test_a_library_that_others_could_read_no_longer_is(tmp_path: Path) -> None:
    path = tmp_path / "glance.db"
    open_database(path).close()
    path.chmod(0o664)
    with closing(open_database(path)) as db:
        History(db).react(Reaction("ann", "kept:1", "like", AT))
        assert {stat.S_IMODE(p.stat().st_mode) for p in tmp_path.iterdir()} == {0o660}
