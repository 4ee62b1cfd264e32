"""Discovery over a real broker: on every connection, after every birth, and taken back."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from importlib import metadata
from pathlib import Path
from random import Random
from typing import Any

import pytest
from typer.testing import CliRunner

from glance_agent.cli.main import app
from glance_agent.config.load import load
from glance_agent.config.settings import Config
from glance_agent.domain.errors import ConfigError
from glance_agent.doors import homeassistant
from glance_agent.doors.homeassistant import HomeAssistantDoor
from glance_agent.homeassistant.announcer import Announcer
from glance_agent.homeassistant.discovery import DiscoveryFacts, DisplayFacts, Published, published
from glance_agent.wiring.introduction import newer_version
from tests.broker import Broker, free_port
from tests.home import Home, agent
from tests.homeassistant.lint import problems
from tests.phone import Message, Phone

STATES = [f"display/{display}/{topic}" for display in ("wall", "hall") for topic in
          ("artwork", "image", "settings")] + ["agent"]  # fmt: skip


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(homeassistant, "BIRTH_DELAY_SECONDS", (0.05, 0.1))


class HomeAssistant(Phone):
    """Hears everything below the base topic and all discovery, in the order it comes."""

    async def __aenter__(self) -> HomeAssistant:
        await super().__aenter__()
        await self.subscribe("homeassistant/device/+/config")
        return self

    async def say(self, word: str) -> None:
        """Speak on the birth topic."""
        self.base, base = "homeassistant", self.base
        await self.publish("status", word)
        self.base = base

    def discovery(self, after: int = 0) -> list[Message]:
        return [m for m in self.messages[after:] if m.topic.startswith("homeassistant/")]

    async def told(self, *, after: int = 0) -> dict[str, Any]:
        """The discovery payloads that came with the next `online`."""
        await self.expect("status", lambda m: m.payload == b"online", after=after)
        return {m.topic: json.loads(m.payload or b"null") for m in self.discovery(after)}


def only(config: Config, *displays: str) -> Config:
    """The configuration with these displays alone."""
    kept = tuple(d for d in config.displays if d.name in displays)
    return config.model_copy(update={"displays": kept})


async def retained(port: int) -> dict[str, Any]:
    """The discovery that the broker keeps."""
    async with HomeAssistant(port) as late:
        # What is retained is sent for the subscription, so before whatever is published after it.
        await late.publish("event/all-heard")
        await late.expect("event/all-heard")
        return {m.topic: json.loads(m.payload) for m in late.discovery() if m.retained}


# -- told --------------------------------------------------------------------------------------


async def test_discovery_comes_before_online_and_is_kept(home: Home, broker: Broker) -> None:
    async with HomeAssistant(broker.port) as listener, agent(home.config(broker.port)):
        told = await listener.told()
        for topic in STATES:
            await listener.expect(topic)
    assert len(told) == 3
    assert all(problems(topic, payload) == [] for topic, payload in told.items())
    assert await retained(broker.port) == told


async def test_a_birth_brings_everything_again(home: Home, broker: Broker) -> None:
    async with HomeAssistant(broker.port) as listener, agent(home.config(broker.port)):
        told = await listener.told()
        for topic in STATES:
            await listener.expect(topic)
        mark = len(listener.messages)
        await listener.say("online")
        assert await listener.told(after=mark) == told
        for topic in STATES:
            await listener.expect(topic, after=mark)


async def test_a_broker_that_forgot_hears_everything_again(home: Home, broker: Broker) -> None:
    async with agent(home.config(broker.port)):
        async with HomeAssistant(broker.port) as listener:
            told = await listener.told()
        await broker.stop()
        await broker.start()
        async with HomeAssistant(broker.port) as listener:
            assert await listener.told() == told
            for topic in STATES:
                await listener.expect(topic)


# -- taken back ----------------------------------------------------------------------------------


async def test_a_display_that_goes_takes_its_device_along(home: Home, broker: Broker) -> None:
    config = home.config(broker.port)
    async with HomeAssistant(broker.port) as listener:
        async with agent(config):
            before = await listener.told()
        mark = len(listener.messages)
        async with agent(only(config, "wall")):
            after = await listener.told(after=mark)
    (hall,) = [topic for topic in before if topic.endswith("_hall/config")]
    assert after[hall] is None
    assert set(await retained(broker.port)) == set(before) - {hall}


async def test_a_feature_that_goes_is_dropped_by_name(home: Home, broker: Broker) -> None:
    config = only(home.config(broker.port), "wall")
    plain = only(home.config(broker.port, homeassistant={"enabled": True}), "wall")
    moodless = plain.homeassistant.model_copy(update={"moods": {}})
    async with HomeAssistant(broker.port) as listener:
        async with agent(config):
            topic = next(t for t in await listener.told() if t.endswith("_wall/config"))
        mark = len(listener.messages)
        async with agent(plain.model_copy(update={"homeassistant": moodless})):
            await listener.told(after=mark)
        told = [m for m in listener.discovery(mark) if m.topic == topic]
        first, second = [json.loads(m.payload)["components"] for m in told]
    assert first["wall_mood"] == {"platform": "select"}
    assert "wall_mood" not in second
    assert set(first) - set(second) == {"wall_mood"}
    assert (await retained(broker.port))[topic]["components"] == second


async def test_switched_off_it_is_taken_out(home: Home, broker: Broker) -> None:
    config = home.config(broker.port)
    off = config.homeassistant.model_copy(update={"enabled": False})
    async with HomeAssistant(broker.port) as listener:
        async with agent(config):
            await listener.told()
        mark = len(listener.messages)
        async with agent(config.model_copy(update={"homeassistant": off})):
            told = await listener.told(after=mark)
    assert list(told.values()) == [None, None, None]
    assert await retained(broker.port) == {}


async def test_another_prefix_leaves_nothing_behind(home: Home, broker: Broker) -> None:
    config = home.config(broker.port)
    moved = config.homeassistant.model_copy(update={"discovery_prefix": "ha"})
    async with HomeAssistant(broker.port) as listener:
        async with agent(config):
            await listener.told()
        mark = len(listener.messages)
        async with agent(config.model_copy(update={"homeassistant": moved})):
            await listener.told(after=mark)
    assert await retained(broker.port) == {}


async def test_remove_leaves_nothing(home: Home, broker: Broker) -> None:
    path = home.toml(broker.port)
    async with HomeAssistant(broker.port) as listener, agent(load(path, {})):
        await listener.told()
    verb = ["homeassistant", "remove", "--config", str(path)]
    said = await asyncio.to_thread(CliRunner().invoke, app, verb)
    assert said.exit_code == 0, said.output
    assert said.output.startswith("Removed 3 devices")
    assert await retained(broker.port) == {}
    said = await asyncio.to_thread(CliRunner().invoke, app, verb)
    assert "never told" in said.output


def test_remove_without_a_broker_forgets_nothing(home: Home) -> None:
    path = home.toml(free_port())
    told = json.dumps({"homeassistant/device/glance_x/config": {"model": "sensor"}})
    with closing(sqlite3.connect(home.database)) as db, db:
        db.execute("INSERT INTO facts VALUES ('homeassistant', ?)", [told])
    said = CliRunner().invoke(app, ["homeassistant", "remove", "--config", str(path)])
    assert said.exit_code != 0
    assert home.rows("SELECT value FROM facts WHERE name = 'homeassistant'") == [(told,)]


# -- remembered ------------------------------------------------------------------------------------


class Memory:
    """Remembers in the process what the library keeps on disk."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, str]] = {}

    def published(self) -> dict[str, dict[str, str]]:
        return self.kept

    def keep_published(self, published: Published) -> None:
        self.kept = {topic: dict(told) for topic, told in published.items()}


TWO = DiscoveryFacts("a1b2c3d4e5f6", "1", (DisplayFacts("wall"), DisplayFacts("hall")))
ONE = DiscoveryFacts("a1b2c3d4e5f6", "1", (DisplayFacts("wall"),))


def test_what_is_told_is_remembered_before_it_is_sent() -> None:
    memory = Memory()
    Announcer(memory, lambda: TWO).messages()
    assert memory.kept == published(TWO)


def test_what_has_gone_is_remembered_until_it_has_arrived() -> None:
    memory = Memory()
    Announcer(memory, lambda: TWO).messages()
    smaller = Announcer(memory, lambda: ONE)
    gone = [message for message in smaller.messages() if message.payload is None]
    assert [m for m in smaller.messages() if m.payload is None] == gone != []
    smaller.told()
    assert memory.kept == published(ONE)
    assert [m for m in smaller.messages() if m.payload is None] == []


@pytest.mark.parametrize(
    ("installed", "newer"),
    [("0.1.0", None), ("0.0.9", None), ("0.1.1", "0.1.1"), ("0.10.0", "0.10.0"), (None, None)],
)
def test_a_version_that_waits_for_a_restart_is_known(
    installed: str | None, newer: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def version(name: str) -> str:
        if installed is None:
            raise metadata.PackageNotFoundError(name)
        return installed

    monkeypatch.setattr(metadata, "version", version)
    assert newer_version("0.1.0") == newer


def test_an_update_is_told_while_it_waits_and_dropped_after_the_restart() -> None:
    memory = Memory()
    waiting: list[str | None] = [None, "0.2.0", None]
    door = Announcer(memory, lambda: replace(ONE, latest_version=waiting.pop(0)))
    told = []
    for _ in range(3):
        told.append(
            [
                m.payload["components"]
                for m in door.messages()
                if m.payload and not m.topic.endswith("_wall/config")
            ]
        )
        door.told()
    assert "version" not in told[0][0]
    assert told[1][0]["version"]["platform"] == "update"
    dropped, after = told[2]
    assert dropped["version"] == {"platform": "update"}
    assert "version" not in after


# -- births ----------------------------------------------------------------------------------------


@dataclass
class Greeter:
    """The door alone; it waits for `due` instead of for seconds, and counts what it publishes."""

    door: HomeAssistantDoor = field(init=False)
    due: asyncio.Event = field(default_factory=asyncio.Event)
    published: int = 0

    def __post_init__(self) -> None:
        self.door = HomeAssistantDoor(
            Announcer(Memory(), lambda: ONE),
            birth_topic="homeassistant/status",
            worker=ThreadPoolExecutor(1),
            chance=Random(1),
            sleep=self._sleep,
        )

    async def _sleep(self, _seconds: float) -> None:
        await self.due.wait()

    async def _publish(self) -> None:
        self.published += 1

    def hear(self, *words: bytes) -> list[asyncio.Task[Any]]:
        """What the door is about to do after these words."""
        for word in words:
            self.door.heard(word, self._publish)
        return [task for task in asyncio.all_tasks() if task.get_name() == "home assistant"]


async def test_many_births_at_once_are_one() -> None:
    greeter = Greeter()
    (greeting,) = greeter.hear(*[b"online"] * 5)
    greeter.due.set()
    await greeting
    assert greeter.published == 1
    (later,) = greeter.hear(b"online")
    await later
    assert greeter.published == 2


async def test_the_end_of_home_assistant_is_no_birth() -> None:
    assert Greeter().hear(b"offline", b"", b"Online") == []


# -- settings ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "moods",
    ['"No mood" = "x"', '"none" = "x"', 'Calm = " "', '"" = "x"', '" Calm" = "x"'],
)
def test_moods_that_cannot_be_offered_are_refused(moods: str, tmp_path: Path) -> None:
    path = tmp_path / "glance.toml"
    path.write_text(f"[homeassistant.moods]\n{moods}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="mood"):
        load(path, {})


@pytest.mark.parametrize("base", ["homeassistant", "homeassistant/art", "ha"])
def test_home_assistants_own_topics_are_no_base(base: str, tmp_path: Path) -> None:
    path = tmp_path / "glance.toml"
    prefix = "ha" if base == "ha" else "homeassistant"
    settings = f'discovery_prefix = "{prefix}"\nenabled'
    text = f'[mqtt]\nbase_topic = "{base}"\n[homeassistant]\n{settings}'
    path.write_text(f"{text} = true\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="discovery_prefix"):
        load(path, {})
    path.write_text(f"{text} = false\n", encoding="utf-8")
    assert load(path, {}).mqtt.base_topic == base
