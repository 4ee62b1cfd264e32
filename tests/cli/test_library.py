"""`glance-agent backup` and `restore` as a person runs them."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from glance_agent.domain.display import Reaction
from glance_agent.store.claim import claimed
from glance_agent.store.connection import open_database
from glance_agent.store.history import History
from tests.broker import Broker
from tests.cli.typed import Done, typed
from tests.colour_encoder import COLOURS
from tests.home import Home, agent
from tests.postgres import Server

WORKS = len(COLOURS)


def run(home: Home, *words: str | Path) -> Done:
    """Type a command in the home's folder."""
    return typed(*words, folder=home.folder, **surroundings(home))


def spawn(home: Home, *words: str | Path) -> Done:
    """The same in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "glance_agent", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        cwd=home.folder,
        env={**os.environ, **surroundings(home)},
    )
    return Done(done.returncode, done.stdout, done.stderr)


def surroundings(home: Home) -> dict[str, str]:
    return {"COLUMNS": "300", "GLANCE_CONFIG": str(home.folder / "glance.toml")}


def like(home: Home, *colours: str) -> None:
    with closing(open_database(home.database)) as database:
        for colour in colours:
            History(database).react(Reaction("mia", home.work(colour), "like", datetime.now(UTC)))


@pytest.fixture
def kept(home: Home) -> Path:
    """A backup of a library with one like, which has another one since; one work is hidden."""
    home.toml(1)
    like(home, "red")
    with closing(sqlite3.connect(home.database)) as db:
        db.execute("UPDATE artworks SET hidden = 1 WHERE id = ?", [home.work("blue")])
        db.commit()
    file = home.folder / "kept.db"
    done = run(home, "backup", file)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        f"{file} holds {WORKS - 1} works, 1 like and 0 dislikes, and can be read from end to end. "
        "Pictures and models are not in it.\n"
    )
    like(home, "green")
    return file


def refused(home: Home, *words: str | Path) -> str:
    """The one sentence with which a command is refused."""
    done = run(home, *words)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr


# -- there and back ------------------------------------------------------------------------------


def test_what_was_backed_up_is_put_back_and_the_rest_kept_aside(home: Home, kept: Path) -> None:
    done = run(home, "restore", kept)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"Restored {WORKS - 1} works, 1 like and 0 dislikes.")
    assert home.likes() == [home.work("red")]
    [aside] = home.folder.glob("glance.db.before-*")
    assert f"is kept as {aside}." in done.stdout
    assert run(home, "status").returncode == 0


def test_programs_are_answered_in_json(home: Home, kept: Path) -> None:
    told = json.loads(run(home, "backup", kept, "--json").stdout)
    assert told == {"file": str(kept), "works": WORKS - 1, "reactions": 2}
    told = json.loads(run(home, "restore", kept, "--json").stdout)
    assert (told["works"], told["reactions"]) == (WORKS - 1, 2)
    assert Path(told["aside"]).is_file()


async def test_a_backup_is_made_beside_the_running_agent(home: Home, broker: Broker) -> None:
    home.toml(broker.port)
    async with agent(home.config(broker.port)):
        done = await asyncio.to_thread(spawn, home, "backup", "beside.db")
        assert done.returncode == 0, done.stderr
        done = await asyncio.to_thread(spawn, home, "restore", "beside.db")
    assert done.returncode == 1
    assert done.stderr.startswith("The agent is running: stop it first")
    assert f"process {os.getpid()}" in done.stderr
    assert not [*home.folder.glob("glance.db.before-*")]


# -- what cannot be --------------------------------------------------------------------------------


def test_what_a_backup_is_no_file_for_is_a_sentence(home: Home, kept: Path) -> None:
    assert "There is no file nowhere.db." in refused(home, "restore", "nowhere.db")
    assert "There is no file ." in refused(home, "restore", home.folder).replace(
        str(home.folder), "."
    )
    (home.folder / "notes.txt").write_text("milk, eggs\n" * 99)
    assert "notes.txt is damaged, or no library of glance-agent" in refused(
        home, "restore", "notes.txt"
    )
    with closing(sqlite3.connect(home.folder / "other.db")) as other:
        other.execute("CREATE TABLE songs (title)")
    assert "other.db is no library of glance-agent" in refused(home, "restore", "other.db")
    (home.folder / "cut.db").write_bytes(kept.read_bytes()[:9_000])
    assert "cut.db" in refused(home, "restore", "cut.db")
    assert set(home.likes()) == {home.work("red"), home.work("green")}
    assert not [*home.folder.glob("glance.db.restored*")]


def test_where_a_backup_cannot_go_is_a_sentence(home: Home, kept: Path) -> None:
    (home.folder / "shelf").mkdir()
    assert "cannot be written: Is a directory" in refused(home, "backup", "shelf")
    assert "nowhere/kept.db cannot be written: " in refused(home, "backup", "nowhere/kept.db")
    assert "is the library itself" in refused(home, "backup", home.database)
    assert {p.name for p in home.folder.glob("*.part*")} == set()


def test_a_library_that_is_not_there_is_a_sentence(home: Home, kept: Path) -> None:
    home.database.unlink()
    assert f"There is no library {home.database}." in refused(home, "backup", "again.db")
    assert not home.database.exists()


def test_a_restore_waits_for_nobody_who_holds_the_library(home: Home, kept: Path) -> None:
    with claimed(home.database):
        said = refused(home, "restore", kept)
    assert said.startswith("The agent is running: stop it first")
    assert set(home.likes()) == {home.work("red"), home.work("green")}


def test_a_library_is_copied_with_the_password_of_a_file(home: Home, server: Server) -> None:
    pytest.importorskip("psycopg")
    name, secret = server.created(), "s3cret of a file"
    server.guard("copier", secret)
    server.run(f"GRANT CREATE ON DATABASE {name} TO copier")
    address = server.url(name, user="copier")
    without = run(home, "library", "copy", home.database, address)
    assert "no password supplied" in without.stderr
    assert "by password_file" in without.stderr
    (home.folder / "password").write_text(f"{secret}\n")
    done = run(home, "library", "copy", home.database, address, "--password-file", "password")
    assert f"{WORKS} works" in done.stdout
    assert secret not in done.stdout + done.stderr


def test_a_file_is_named(home: Home) -> None:
    home.toml(1)
    for verb in ("backup", "restore"):
        done = run(home, verb)
        assert done.returncode == 2
        assert "Missing argument" in done.stderr
