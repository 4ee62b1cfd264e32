"""A running agent fetches its model itself, answers meanwhile, and changes over when it is here."""

from __future__ import annotations

import json
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from glance_agent.config.load import load
from glance_agent.config.settings import Config
from glance_agent.domain.errors import ConfigError
from glance_agent.embedding.models.directory import ModelDirectory
from glance_agent.ingest.reembed import REEMBEDDING
from glance_agent.wiring.facts import facts_of
from glance_agent.wiring.rooms import open_rooms
from tests.broker import Broker
from tests.embedding.loopback_hub import Fault, LoopbackHub
from tests.embedding.toy import COLOURS, Toy, entry_of, install, write_catalogue, write_files
from tests.phone import Message, Phone
from tests.spawned import Spawned

NEW = Toy(name="new", tokenizer="wordpiece", changes={"image_size_px": 16})
WORKS = sorted(COLOURS)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return write_files(tmp_path_factory.mktemp("made"), NEW)


@pytest.fixture
def configured(tmp_path: Path, files: dict[str, bytes]) -> Callable[..., Path]:
    """A configuration with six pictures, whose model is known and not installed."""
    write_catalogue(tmp_path / "models", entry_of(NEW, files))
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name, colour in COLOURS.items():
        Image.new("RGB", (40, 30), colour).save(folder / f"{name}.png")

    def write(port: int = 1883, model: str = 'name = "new"\npull = true') -> Path:
        path = tmp_path / "glance.toml"
        path.write_text(
            f'[mqtt]\nport = {port}\n[library]\npath = "glance.db"\n[homeassistant]\n'
            f'enabled = false\n[model]\n{model}\ndirectory = "{tmp_path / "models"}"\n'
            f'[[sources]]\nname = "paint"\nkind = "folder"\npath = "{folder}"\n',
            encoding="utf-8",
        )
        return path

    return write


def config(path: Path) -> Config:
    return load(path, {})


def test_the_model_of_the_package_answers_meanwhile(configured: Callable[..., Path]) -> None:
    with open_rooms(config(configured())) as rooms:
        facts = facts_of(rooms)
        assert (facts["model"], facts["model_wanted"]) == ("glance-mini", "new")
        assert rooms.duties() == ["paint"]
    with open_rooms(config(configured())) as rooms:
        assert facts_of(rooms)["model"] == "glance-mini"


def test_nothing_is_fetched_unasked(configured: Callable[..., Path]) -> None:
    with open_rooms(config(configured(model='name = "new"'))) as rooms:
        facts = facts_of(rooms)
        assert (facts["model"], facts["model_wanted"]) == (None, "new")
        assert "models pull new" in facts["model_error"]


def test_vectors_that_are_only_waiting_for_their_model_are_not_made_twice(
    configured: Callable[..., Path], tmp_path: Path, files: dict[str, bytes]
) -> None:
    entry = install(tmp_path / "models", NEW, files)
    with open_rooms(config(configured())) as rooms:
        assert facts_of(rooms)["model"] == "new"
    ModelDirectory(tmp_path / "models").path(entry, entry.file("image")).unlink()
    with open_rooms(config(configured())) as rooms:
        assert facts_of(rooms)["model"] is None


def test_only_a_local_model_is_fetched(configured: Callable[..., Path]) -> None:
    remote = 'pull = true\nremote = {kind = "service", url = "http://127.0.0.1:9"}'
    with pytest.raises(ConfigError, match="glance-agent models pull glance-mini"):
        config(configured(model=remote))


# -- the whole way, with a real broker -----------------------------------------------------------


@asynccontextmanager
async def running(path: Path, hub: LoopbackHub, phone: Phone) -> AsyncIterator[Spawned]:
    """The agent in a process of its own, which is killed at the end.

    The hub waits until it is connected: events are not kept for those who come later.
    """
    hub.open.clear()
    mark = len(phone.messages)
    environ = {"HF_ENDPOINT": hub.endpoint, "no_proxy": "*"}
    command = ("-m", "glance_agent", "run", "--config", str(path))
    agent = await Spawned.loaded(*command, environ=environ)
    try:
        await phone.expect("status", lambda m: m.payload == b"online", after=mark)
        hub.open.set()
        yield agent
    finally:
        await agent.end(signal.SIGKILL)


def of_kind(kind: str, **more: Any) -> Callable[[Message], bool]:
    wanted = {"event_type": kind, **more}
    return lambda message: message.json() == {**message.json(), **wanted}


async def doctor(path: Path) -> str:
    asked = await Spawned.loaded("-m", "glance_agent", "doctor", "--json", "--config", str(path))
    await asked.ended()
    found = json.loads(asked.text[asked.text.index("[") :])
    return str(next(f["said"] for f in found if f["what"] == "model"))


async def test_a_model_is_fetched_through_failure_and_death(
    broker: Broker, configured: Callable[..., Path], files: dict[str, bytes], tmp_path: Path
) -> None:
    path, image = configured(broker.port), "image.onnx"
    async with LoopbackHub(dict(files)).serving() as hub, Phone(broker.port) as phone:
        hub.faults[image] = [
            Fault(body=lambda data: bytes(len(data))),
            Fault(stall_after=len(files[image]) // 2),
        ]
        async with running(path, hub, phone):
            await _fails_and_says_so(phone)
            await _answers_meanwhile(phone)
        assert "not the file it should be" in await doctor(path)
        mark = len(phone.messages)
        async with running(path, hub, phone):
            half = len(files[image]) // 2
            await phone.expect("event/model", of_kind("progress", done=half), after=mark)
        assert f"bytes={half}-" not in [seen.range for seen in hub.bodies(image)]
        mark = len(phone.messages)
        async with running(path, hub, phone):
            await _changes_over(phone, mark, sum(map(len, files.values())))
        assert f"bytes={half}-" in [seen.range for seen in hub.bodies(image)]
        assert "understands words" in await doctor(path)


async def _fails_and_says_so(phone: Phone) -> None:
    failed = (await phone.expect("event/model", of_kind("failed"))).json()
    assert (failed["model"], failed["failed"]) == ("new", 1)
    assert failed["retry_in_seconds"] > 0
    error = (await phone.expect("error")).json()
    assert (error["code"], error["verb"]) == ("no_model", "model")
    assert "image.onnx of new is not the file it should be" in error["message"]
    about = await phone.expect("agent", lambda m: bool(m.json()["model_error"]))
    assert about.json()["model_wanted"] == "new"
    assert "not the file it should be" in about.json()["model_error"]


async def _answers_meanwhile(phone: Phone) -> None:
    await phone.expect("event/ingest", of_kind("finished", source="paint"))
    reply = await phone.ask("command/search", {"query": "red", "show": False})
    assert reply["ok"], reply
    about = (await phone.expect("agent", lambda m: m.json()["embedded"] == len(WORKS))).json()
    assert about["model"] == "glance-mini"


async def _changes_over(phone: Phone, mark: int, whole: int) -> None:
    finished = (await phone.expect("event/model", of_kind("finished"), after=mark)).json()
    assert (finished["done"], finished["total"], finished["error"]) == (whole, whole, None)
    again = of_kind("finished", source=REEMBEDDING, added=len(WORKS))
    await phone.expect("event/ingest", again, after=mark)
    about = await phone.expect("agent", lambda m: m.json()["model"] == "new", after=mark)
    assert not about.json().get("model_error")
    reply = await phone.ask("command/search", {"query": "red", "limit": 1, "show": False})
    assert reply["results"][0]["artwork"]["title"].lower() == "red"


async def test_a_pull_by_hand_is_told_of_too(
    broker: Broker, configured: Callable[..., Path], files: dict[str, bytes]
) -> None:
    path = configured(broker.port, 'name = "new"')
    wrong = Fault(body=lambda data: bytes(len(data)))
    async with LoopbackHub(dict(files)).serving() as hub, Phone(broker.port) as phone:
        hub.faults["text.onnx"] = [wrong]
        arguments = ("-m", "glance_agent", "models", "pull", "new", "--config", str(path))
        environ = {"HF_ENDPOINT": hub.endpoint, "no_proxy": "*"}
        failing = await Spawned.loaded(*arguments, environ=environ)
        assert await failing.ended() == 1
        failed = (await phone.expect("event/model", of_kind("failed"))).json()
        assert "text.onnx of new is not the file it should be" in failed["error"]
        assert failed["retry_in_seconds"] is None
        pulling = await Spawned.loaded(*arguments, environ=environ)
        assert await pulling.ended() == 0, pulling.text
        finished = (await phone.expect("event/model", of_kind("finished"))).json()
        assert finished["done"] == finished["total"] == sum(map(len, files.values()))
