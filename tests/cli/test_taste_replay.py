"""`glance-agent taste replay`: whether likes would be found, and how far back it looked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner, Result

from glance_agent.cli.main import app
from glance_agent.domain.display import Reaction, Showing
from glance_agent.store import folded
from glance_agent.store.connection import open_database
from glance_agent.store.history import History
from glance_agent.store.transaction import transaction
from tests.home import Home

FIRST = datetime(2026, 1, 5, 12, tzinfo=UTC)
LIKED = ("red", "orange", "yellow")


def replay(home: Home, *words: str) -> Result:
    options = ["--config", str(home.toml(1)), *words]
    return CliRunner(env={"COLUMNS": "300"}).invoke(app, ["taste", "replay", *options])


def live(home: Home, days: int) -> None:
    """Show a picture each day, then like three."""
    colours = ("red", "blue", "orange", "green", "yellow")
    with closing(open_database(home.database)) as database, transaction(database):
        history = History(database)
        for day in range(days):
            work, at = home.work(colours[day % len(colours)]), FIRST + timedelta(days=day)
            history.show(Showing("wall", work, at, "next", "mia", "of the mood"))
        for number, colour in enumerate(LIKED):
            at = FIRST + timedelta(days=days, minutes=number)
            history.react(Reaction("mia", home.work(colour), "like", at))


def fold_but(home: Home, whole: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the agent does in idle time with showings that are older than the last so many."""
    monkeypatch.setattr(folded, "WHOLE_SHOWINGS", whole)
    with closing(open_database(home.database)) as database:
        while History(database).fold(lambda showing, after: None):
            pass


def test_it_says_since_when_showings_are_known(home: Home) -> None:
    live(home, days=10)
    done = replay(home)
    assert done.exit_code == 0, done.output
    assert "Leave one like out" in done.stdout
    assert "mia" in done.stdout
    said = "Showings are known since 2026-01-05: the last 1,000 showings count, and each like"
    assert said in done.stdout


def test_it_says_what_is_left_of_older_ones(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    live(home, days=10)
    fold_but(home, 4, monkeypatch)
    done = replay(home)
    assert done.exit_code == 0, done.output
    assert "known one by one since 2026-01-11; of 6 older ones only how often" in done.stdout


def test_programs_are_told_the_same(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    live(home, days=10)
    fold_but(home, 4, monkeypatch)
    told = json.loads(replay(home, "--json").stdout)
    assert list(told) == ["mia"]
    assert told["mia"]["since"] == (FIRST + timedelta(days=6)).isoformat()
    assert told["mia"]["likes"] == len(LIKED)
    assert 0 <= told["mia"]["mean rank"] <= 1


def test_without_three_likes_there_is_nothing_to_replay(home: Home) -> None:
    done = replay(home)
    assert done.exit_code == 0, done.output
    assert "Nobody has liked three works yet" in done.stdout
    assert "known" not in done.stdout
    assert json.loads(replay(home, "--json").stdout) == {}


@pytest.mark.parametrize("content", [None, b"no library\n" * 99])
def test_a_library_that_is_none_is_a_sentence(home: Home, content: bytes | None) -> None:
    """As a person runs it: the program, and a path that is wrong."""
    home.database.unlink()
    if content is not None:
        home.database.write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-m", "glance_agent", "taste", "replay", "--config", str(home.toml(1))],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "300"},
    )
    assert "Traceback" not in done.stderr
    if content is None:
        assert "there is nothing to replay" in done.stdout
    else:
        assert done.returncode == 1
        assert str(home.database) in done.stderr
