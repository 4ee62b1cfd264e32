"""`glance-agent work`: programs that share out what waits to be embedded."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from glance_agent.config.load import load
from glance_agent.domain.errors import ModelError
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.embedding.pairing import AbsentEncoder
from glance_agent.ingest.progress import Progress
from glance_agent.store.copying import copy_library
from glance_agent.store.database import Database
from glance_agent.store.opening import open_library
from glance_agent.store.spaces import Spaces
from glance_agent.wiring import rooms, working
from tests.colour_encoder import COLOURS, ColourEncoder
from tests.home import SOURCE, Home
from tests.spawned import Spawned
from tests.store.conftest import ENGINES

SPACE = ColourEncoder.space
WORKS = len(COLOURS)


@pytest.fixture(params=ENGINES)
def config(request: pytest.FixtureRequest, home: Home) -> Path:
    """The configuration of a household whose works have lost their vectors, in either engine."""
    path = home.toml(1)
    if request.param == "postgres":
        place: PostgresPlace = request.getfixturevalue("postgres_place")
        copy_library(home.database, place, lambda table, rows: None)
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('path = "glance.db"', f'url = "{place.url}"'), "utf-8")
    with closing(open_library(load(path, {}).library.place)) as db:
        db.execute("DELETE FROM embeddings")
    return path


@pytest.fixture
def db(config: Path) -> Iterator[Database]:
    with closing(open_library(load(config, {}).library.place)) as one:
        yield one


class Told:
    """What a worker said of its runs."""

    def __init__(self) -> None:
        self.done: list[Progress] = []
        self.left: dict[str, int] = {}
        self._more = asyncio.Event()

    def __call__(self, progress: Progress, left: dict[str, int]) -> None:
        self.done.append(progress)
        self.left = left
        self._more.set()

    async def until(self, works: int) -> None:
        """Wait until so many works have been embedded in all."""
        while sum(progress.added for progress in self.done) < works:
            await self._more.wait()
            self._more.clear()


def worked_once(config: Path) -> Told:
    told = Told()
    asyncio.run(working.work(load(config, {}), told, asyncio.Event(), once=True))
    return told


async def test_a_worker_waits_for_more_until_it_is_stopped(
    config: Path,
    db: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(working, "LOOKS_EVERY_SECONDS", 0.05)
    told, stopping = Told(), asyncio.Event()
    worker = asyncio.create_task(working.work(load(config, {}), told, stopping))
    await told.until(WORKS)
    db.execute("DELETE FROM embeddings")
    await told.until(2 * WORKS)
    stopping.set()
    await worker
    said = [record.getMessage() for record in caplog.records]
    assert len([line for line in said if line.endswith(" answer now")]) == 1
    assert Spaces(db).count(SPACE) == WORKS
    assert db.execute("SELECT count(*) FROM work_leases").fetchone()[0] == 0


def test_pictures_that_cannot_be_had_here_are_left_to_another_machine(
    config: Path, db: Database, home: Home, tmp_path: Path
) -> None:
    here = config.read_text(encoding="utf-8")
    elsewhere = here.replace(str(home.pictures), str(tmp_path / "none"))
    config.write_text(elsewhere, encoding="utf-8")
    told = worked_once(config)
    assert told.done[-1].added == 0
    assert told.left == {SOURCE: WORKS}
    config.write_text(here, encoding="utf-8")
    assert worked_once(config).done[-1].added == WORKS == Spaces(db).count(SPACE)


def test_without_a_model_nothing_can_be_embedded(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "encoder_of", lambda config: AbsentEncoder("It is not here."))
    with pytest.raises(ModelError, match=r"It is not here\."):
        worked_once(home.toml(1))


async def worker(config: Path, doom: str) -> Spawned:
    arguments = ("work", "--once", "--json", "--config", str(config))
    return await Spawned.loaded("-m", "tests.doomed_agent", doom, *arguments)


async def test_what_a_killed_worker_leaves_behind_is_taken_up(config: Path, db: Database) -> None:
    doomed = await worker(config, "embedded:2")
    assert await doomed.ended() == -signal.SIGKILL
    assert Spaces(db).count(SPACE) == 2
    assert db.execute("SELECT count(*) FROM work_leases").fetchone()[0] > 0
    other = await worker(config, "impatient")
    assert await other.ended() == 0, other.text
    told = json.loads(other.lines[-1])
    assert (told["added"], told["left_to_others"]) == (WORKS - 2, {})
    kept = "SELECT number FROM embeddings WHERE space = ? ORDER BY number"
    numbers = [int(row[0]) for row in db.execute(kept, [SPACE])]
    # Each time a vector is kept it has the next number.
    assert numbers == [*range(numbers[0], numbers[0] + WORKS)]
