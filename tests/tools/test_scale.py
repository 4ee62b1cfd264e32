"""The benchmark of large libraries, with a small one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from glance_agent.store.sqlite import connect
from glance_agent.wiring import rooms as wiring
from glance_agent.wiring.facts import facts_of
from glance_agent.wiring.rooms import open_rooms
from tools.bench.scale import pages
from tools.bench.scale.__main__ import Measured
from tools.bench.scale.libraries import WordEncoder, large_library
from tools.bench.scale.searches import QUERIES

WORKS = 300


def test_everything_is_measured_on_a_library_that_was_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = WordEncoder(320)
    config = large_library(tmp_path, WORKS, encoder)
    monkeypatch.setattr(wiring, "encoder_of", lambda config: encoder)
    with open_rooms(config) as rooms:
        assert facts_of(rooms)["embedded"] == WORKS
        Measured(rooms, times=1).all()
        assert len(rooms.index) == WORKS + 2 * 100  # each batch of the other program was taken up
    measured = capsys.readouterr().out
    assert all(name in measured for name in QUERIES)
    assert "taking up 100 works" in measured


def test_every_page_that_is_read_is_counted_once(tmp_path: Path) -> None:
    path, read = tmp_path / "some.db", pages.PagesRead()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE long (text)")
        db.executemany("INSERT INTO long VALUES (?)", [["-" * 3_000]] * 200)
        db.commit()
        (size,) = db.execute("PRAGMA page_count").fetchone()
    with closing(connect(path)) as db:
        read.watch(db)
        for _ in range(2):
            db.execute("SELECT sum(length(text)) FROM long").fetchone()
        assert len(read.pages) == size > 200
        read.forget()
        db.execute("PRAGMA cache_size = 0")
        db.execute("SELECT text FROM long WHERE rowid = 100").fetchone()
        assert 0 < len(read.pages) < 5


def test_pages_are_told_for_each_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    large_library(tmp_path, WORKS, WordEncoder(320))
    some = {name: pages.STEPS[name] for name in ("search: sea", "like")}
    monkeypatch.setattr(pages, "STEPS", some)
    monkeypatch.setattr("sys.argv", ["pages", "--library", str(tmp_path), "--dimension", "320"])
    pages.main()
    told = capsys.readouterr().out.splitlines()
    assert [line[:10].strip() for line in told] == ["search: se", "like"]
