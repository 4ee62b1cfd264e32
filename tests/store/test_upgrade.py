"""A library of an older version: brought up to date step by step, whoever is killed meanwhile."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from signal import SIGKILL
from typing import Any

import pytest

from glance_agent.store import schema
from glance_agent.store.connection import open_database
from glance_agent.store.label_folding import fold_labels, is_folded
from glance_agent.store.migrations import m01x
from tests.spawned import Spawned
from tools.bench.upgrade import older_library

WORKS = 60
DOOMED = """
import os, signal, sys
from functools import wraps
from pathlib import Path
from glance_agent.store import label_folding, schema
from glance_agent.store.connection import open_database
from glance_agent.store.migrations import m01x

def doomed(step):
    @wraps(step)
    def killed(*given):
        step(*given)
        os.kill(os.getpid(), signal.SIGKILL)
    return killed

path, at = Path(sys.argv[1]), sys.argv[2]
m01x.FOLDED_AT_ONCE = 0
schema._IN_ORDER = tuple(
    doomed(step) if step.__name__ == at else step for step in schema._IN_ORDER
)
db = open_database(path)
label_folding.fold_labels(db, 20)
label_folding._fold = doomed(label_folding._fold)
label_folding.fold_labels(db, 20)
"""


pytestmark = pytest.mark.usefixtures("made_step_by_step")


@pytest.fixture(autouse=True)
def _bit_by_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(m01x, "FOLDED_AT_ONCE", 0)


def raw(path: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql).fetchall()


def content(path: Path) -> dict[str, list[Any]]:
    """All that a library has once its labels are folded, but for when that was."""
    with closing(open_database(path)) as db:
        while not fold_labels(db):
            pass
        assert is_folded(db)
        assert db.fault() is None
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
        names = sorted(row[0] for row in db.execute(tables))
        ours = [n for n in names if "fts" not in n and n not in ("_sqlite_migrations", "facts")]
        found = {name: sorted(map(repr, db.execute(f"SELECT * FROM {name}"))) for name in ours}
        words = "SELECT rowid FROM labels_fts WHERE labels_fts MATCH 'portrait' ORDER BY rowid"
        found["words"] = db.execute(words).fetchall()
        return found


async def test_whoever_is_killed_at_any_step_leaves_the_one_before(tmp_path: Path) -> None:
    old, whole = tmp_path / "old.db", tmp_path / "whole.db"
    for path in (old, whole):
        older_library(path, WORKS)
    seen = {name for (name,) in raw(old, "SELECT name FROM _sqlite_migrations")}
    steps = [name for name in schema.NAMES if name not in seen]
    assert len(steps) > 10
    for number, step in enumerate([*steps, "labels"]):
        program = await Spawned.loaded("-c", DOOMED, str(old), step)
        assert await program.ended() == -SIGKILL, program.text
        done = {name for (name,) in raw(old, "SELECT name FROM _sqlite_migrations")}
        assert done == seen | {*steps[:number]}
        assert raw(old, "SELECT count(*) FROM artworks") == [(WORKS + 3,)]
        assert raw(old, "SELECT count(*) FROM embeddings") == [(WORKS + 3,)]
        assert raw(old, "PRAGMA integrity_check") == [("ok",)]
    assert raw(old, "SELECT count(*) FROM unfolded") == [(WORKS + 3 - 20,)]
    assert content(old) == content(whole)
    assert len(content(old)["words"]) > 1


def test_each_step_is_told_of_an_older_library_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    open_database(tmp_path / "new.db").close()
    assert "brought up to date" not in caplog.text
    older_library(tmp_path / "old.db", 1)
    open_database(tmp_path / "old.db").close()
    told = [line for line in caplog.messages if "brought up to date" in line]
    assert told[0].startswith("the library is brought up to date: step 1 of ")
    assert told[-1] == f"the library is brought up to date: step {len(told)} of {len(told)}"
    open_database(tmp_path / "old.db").close()
    assert len([line for line in caplog.messages if "brought up to date" in line]) == len(told)
