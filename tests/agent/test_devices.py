"""What devices say is told everyone and outlives the agent; who stays away is told as missing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from glance_agent.agent.devices import Devices
from glance_agent.domain.device import DeviceReport, KeptDevice
from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.news import DeviceHeard, News
from glance_agent.store.connection import open_database
from glance_agent.store.devices import KeptDevices
from tests.spawned import PATIENCE_SECONDS

START = datetime(2026, 6, 1, tzinfo=UTC)


class Desk:
    """A clock that is set by hand, and everything that was told."""

    def __init__(self) -> None:
        self.now = START
        self.news: asyncio.Queue[News] = asyncio.Queue()
        self.after_telling: Callable[[], None] = lambda: None

    async def tell(self, news: News) -> None:
        self.news.put_nowait(news)
        self.after_telling()

    async def next(self) -> DeviceHeard:
        async with asyncio.timeout(PATIENCE_SECONDS):
            news = await self.news.get()
        assert isinstance(news, DeviceHeard)
        return news


class Broken:
    """A library that cannot be used."""

    def devices(self) -> dict[str, KeptDevice]:
        raise StoreError("the disk is full", trouble=Trouble.FAILING)

    def keep_device(self, display: str, device: KeptDevice) -> None:
        raise StoreError("the disk is full", trouble=Trouble.FAILING)


@asynccontextmanager
async def at_work(desk: Desk, memory: KeptDevices | Broken) -> AsyncIterator[Devices]:
    with ThreadPoolExecutor(1) as worker:
        devices = Devices(lambda: memory, desk.tell, worker, lambda: desk.now)
        await devices.begin()
        task = asyncio.create_task(devices.run())
        try:
            yield devices
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def test_what_a_device_says_is_told_once_and_outlives_the_agent(tmp_path: Path) -> None:
    desk, database = Desk(), open_database(tmp_path / "glance.db")
    kept = KeptDevices(database)
    async with at_work(desk, kept) as devices:
        assert devices.told() == []
        devices.hear("wall", DeviceReport(battery=80, interval_seconds=600))
        devices.hear("wall", DeviceReport(signal=-61))
        seen = await desk.next()
        assert (seen.display, seen.state.battery, seen.state.signal) == ("wall", 80, -61)
        assert desk.news.empty()
        devices.hear("hall", DeviceReport(art_mode=True))
        assert (await desk.next()).display == "hall"
    async with at_work(Desk(), kept) as devices:
        assert {
            news.display: news.state for news in devices.told() if isinstance(news, DeviceHeard)
        }["wall"] == seen.state
        assert devices.battery("wall") == 80
        assert devices.battery("cellar") is None
    database.close()


async def test_a_device_that_stays_away_is_told_as_missing_and_as_back(tmp_path: Path) -> None:
    desk, database = Desk(), open_database(tmp_path / "glance.db")

    def later() -> None:
        desk.now += timedelta(seconds=1200)

    desk.after_telling = later  # nobody waits twenty minutes here
    async with at_work(desk, KeptDevices(database)) as devices:
        devices.hear("wall", DeviceReport(interval_seconds=600))
        assert not (await desk.next()).state.missing
        assert (await desk.next()).state.missing
        desk.after_telling = lambda: None
        assert [news.state.missing for news in devices.told() if isinstance(news, DeviceHeard)] == [
            True
        ]
        devices.hear("wall", DeviceReport())
        assert not (await desk.next()).state.missing
    database.close()


async def test_a_library_that_cannot_be_used_keeps_no_device_from_being_told() -> None:
    desk = Desk()
    async with at_work(desk, Broken()) as devices:
        for battery in (80, 79):
            devices.hear("wall", DeviceReport(battery=battery))
            assert (await desk.next()).state.battery == battery


def test_what_a_newer_version_kept_is_left_out(tmp_path: Path) -> None:
    database = open_database(tmp_path / "glance.db")
    database.execute("INSERT INTO facts VALUES ('device of wall', '{\"new\": 1}')")
    database.conn.commit()
    kept = KeptDevices(database)
    assert kept.devices() == {}
    assert kept.device_secret() == kept.device_secret() != ""
    database.close()
