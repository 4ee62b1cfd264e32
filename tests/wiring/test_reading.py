"""What only looks is answered beside the commands, whatever these wait for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from threading import Event

import pytest

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.wiring.facts import facts_of
from glance_agent.wiring.reading import reading_room
from glance_agent.wiring.rooms import Rooms, open_rooms
from tests.colour_encoder import COLOURS
from tests.home import Home


@pytest.fixture
def rooms(home: Home) -> Iterator[Rooms]:
    with open_rooms(home.config(1)) as rooms:
        yield rooms


@asynccontextmanager
async def busy(worker: ThreadPoolExecutor) -> AsyncIterator[None]:
    """The commands' thread, while a command takes as long as it likes."""
    over = Event()
    command = asyncio.get_running_loop().run_in_executor(worker, over.wait)
    try:
        yield
    finally:
        over.set()
        await command


async def test_facts_wait_neither_for_a_command_nor_for_a_writer(home: Home, rooms: Rooms) -> None:
    with ThreadPoolExecutor(1) as worker, reading_room(rooms) as reading:
        async with busy(worker):
            with home.write_lock():
                facts = await reading.facts(rooms, worker)
    now = facts_of(rooms)
    assert facts | {"free_disk_bytes": 0} == now | {"free_disk_bytes": 0}
    assert facts["artworks"] == facts["embedded"] == len(COLOURS)


async def test_facts_come_from_the_commands_where_they_cannot_be_looked_up(
    rooms: Rooms, home: Home
) -> None:
    with ThreadPoolExecutor(1) as worker, reading_room(rooms) as reading:
        home.database.rename(home.database.with_name("elsewhere.db"))
        assert (await reading.facts(rooms, worker))["artworks"] == len(COLOURS)
        with pytest.raises(StoreError) as refused:
            await reading.look(lambda stores: stores.works.count())
    assert refused.value.trouble is Trouble.UNREACHABLE


async def test_a_fault_of_a_question_leaves_the_reading_room_open(rooms: Rooms) -> None:
    with reading_room(rooms) as reading:
        for _ in range(5):
            with pytest.raises(ZeroDivisionError):
                await reading.look(lambda stores: 1 // 0)
        assert await reading.look(lambda stores: stores.works.count()) == len(COLOURS)
