"""The parts of the agent: opened in order, closed in reverse, whatever happens in between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from importlib import import_module
from typing import Any

import pytest

from glance_agent.decoding.opening import Decoders
from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.library_place import LibraryPlace
from glance_agent.doors.mqtt.door import MqttDoor
from glance_agent.sources.web.web import Web
from glance_agent.store.claim import claimed
from glance_agent.store.opening import to_work_in
from glance_agent.wiring import doors, rooms, running, thinking
from glance_agent.wiring.rooms import open_rooms
from glance_agent.wiring.running import serve
from tests.broker import Broker, free_port
from tests.doors.web.served import agent_with_pages
from tests.home import Home
from tests.spawned import PATIENCE_SECONDS

PARTS = ["claimed", "opened_sound", "reading_room"]
ORDER = [*PARTS, "web"]
BROKEN = StoreError("the disk is gone", trouble=Trouble.FAILING)


class Log:
    """What was opened and closed, in the order in which it was."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.closed: list[str] = []

    def told(
        self, name: str, part: Callable[..., AbstractContextManager[Any]]
    ) -> Callable[..., AbstractContextManager[Any]]:
        """The same part, which is noted here."""

        @contextmanager
        def noted(*arguments: Any, **named: Any) -> Iterator[Any]:
            with ExitStack() as after, part(*arguments, **named) as opened:
                self.opened.append(name)
                after.callback(self.closed.append, name)
                yield opened

        return noted


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    log = Log()
    for name in PARTS:
        monkeypatch.setattr(running, name, log.told(name, getattr(running, name)))
    enter, leave = Web.__aenter__, Web.__aexit__

    async def entered(web: Web) -> Web:
        log.opened.append("web")
        return await enter(web)

    async def left(web: Web, *why: Any) -> None:
        await leave(web, *why)
        log.closed.append("web")

    monkeypatch.setattr(Web, "__aenter__", entered)
    monkeypatch.setattr(Web, "__aexit__", left)
    return log


def failing(*_: Any, **__: Any) -> Any:
    raise BROKEN


async def test_parts_open_in_order_and_close_in_reverse(home: Home, log: Log) -> None:
    stopping = asyncio.Event()
    stopping.set()
    await serve(home.config(1), stopping)
    assert log.opened == ORDER
    assert log.closed == ORDER[::-1]


@pytest.mark.parametrize("at", ["opened_sound", "reading_room", "doors_of"])
async def test_what_was_open_is_closed_where_a_later_part_fails(
    home: Home, log: Log, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    config = home.config(1)
    with monkeypatch.context() as broken:
        broken.setattr(running, at, failing)
        with pytest.raises((StoreError, ExceptionGroup)) as raised:
            await serve(config, asyncio.Event())
    assert raised.value is BROKEN or raised.group_contains(StoreError, match="the disk is gone")
    assert log.opened == (ORDER[: ORDER.index(at)] if at in ORDER else ORDER)
    assert log.closed == log.opened[::-1]
    with claimed(config.library.path), open_rooms(config) as opened:
        assert opened.library.fault() is None


def test_rooms_that_cannot_be_furnished_leave_nothing_open(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []
    close = Decoders.close

    def noted(decoders: Decoders) -> None:
        close(decoders)
        closed.append("decoders")

    @contextmanager
    def opened(place: LibraryPlace) -> Iterator[Any]:
        with to_work_in(place) as database:
            try:
                yield database
            finally:
                closed.append("library")

    monkeypatch.setattr(rooms, "Decoders", Decoders)
    monkeypatch.setattr(Decoders, "close", noted)
    monkeypatch.setattr(thinking, "following", failing)
    with pytest.raises(StoreError), open_rooms(home.config(1), opened):
        pass
    assert closed == ["decoders", "library"]


async def test_pages_are_loaded_once_everyone_knows_that_the_agent_is_there(
    home: Home, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []
    greet = MqttDoor._greet

    def greeted(door: MqttDoor, discovery: Any) -> None:
        greet(door, discovery)
        happened.append("online")

    def loaded(name: str) -> Any:
        happened.append("pages")
        return import_module(name)

    monkeypatch.setattr(MqttDoor, "_greet", greeted)
    monkeypatch.setattr("glance_agent.wiring.doors.import_module", loaded)
    monkeypatch.setattr(doors, "HEAD_START_SECONDS", PATIENCE_SECONDS)
    async with agent_with_pages(home, broker.port, free_port()):
        assert happened[:2] == ["online", "pages"]


async def test_without_a_broker_pages_are_served_all_the_same(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "HEAD_START_SECONDS", 0.01)
    async with (
        agent_with_pages(home, free_port(), free_port()) as session,
        session.get("/api/displays") as answer,
    ):
        assert answer.status == 200
