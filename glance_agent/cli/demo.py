"""The demonstration: a broker in this process, the real agent, and a phone that talks to it."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import warnings
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from glance_agent.config.settings import Config
from glance_agent.domain.errors import GlanceError
from glance_agent.domain.topics import Topics
from glance_agent.doors.mqtt.link import Link, Received
from glance_agent.pictures.contact_sheet import contact_sheet
from glance_agent.sources.starter import entries
from glance_agent.wiring.rooms import open_rooms
from glance_agent.wiring.running import serve

SCRIPT = ("search peaceful blue water", "like", "next", "similar", "describe")
WAIT_SECONDS = 60.0
SHEET_CELL_PX = 320
SHEET_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class DemoStep:
    """One thing the phone sent, what came back, and what the display holds afterwards."""

    sent: str
    reply: dict[str, Any]
    display: dict[str, Any]
    round_trip_ms: float


class DemoError(GlanceError):
    """A step of the demonstration that went wrong."""


def demo_config(folder: Path, port: int) -> Config:
    """One display, the starter gallery, a library in this folder, chance that repeats itself."""
    return Config.model_validate(
        {
            "mqtt": {"port": port, "protocol": "3.1.1"},
            "library": {"path": folder / "demo.db"},
            "choice": {"seed": 7},
            "displays": [{"name": "wall", "title": "Living room"}],
            "sources": [{"name": "starter", "kind": "starter"}],
        }
    )


async def demonstrate(folder: Path) -> AsyncGenerator[DemoStep | dict[str, Any], None]:
    """Run the script; yields the agent's facts once it has indexed, then one Step after another.

    Raises DemoError where an answer does not come or is not the one to expect.
    """
    _clear(folder)
    port = _free_port()
    config = demo_config(folder, port)
    stopping = asyncio.Event()
    async with _broker(port):
        agent = asyncio.create_task(serve(config, stopping), name="agent")
        try:
            async with Phone(config).connected() as phone:
                yield await phone.indexing(agent)
                for words in SCRIPT:
                    yield await phone.say(words)
        finally:
            stopping.set()
            await agent


def write_contact_sheet(folder: Path, step: DemoStep) -> Path:
    """The results of a search as one labelled PNG."""
    with open_rooms(demo_config(folder, 1)) as rooms:
        items = []
        for result in step.reply["results"]:
            location = rooms.library.location(result["artwork"]["id"])
            data = Path(location or "").read_bytes()
            image = rooms.decoders.for_people.small(data, SHEET_CELL_PX)
            items.append((image, f"{result['match']:.2f}  {result['artwork']['title']}"))
    sheet = contact_sheet(items, columns=SHEET_COLUMNS, cell_px=SHEET_CELL_PX, title=step.sent)
    path = folder / "contact-sheet.png"
    try:
        sheet.save(path)
    except OSError as error:
        raise _unwritable(folder, error) from error
    return path


@dataclass(slots=True)
class Phone:
    """A phone with an MQTT app: sends plain text, listens to everything."""

    config: Config
    retained: dict[str, bytes] = field(default_factory=dict)
    replies: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    _link: Link | None = None

    @property
    def topics(self) -> Topics:
        return Topics(self.config.mqtt.base_topic)

    @asynccontextmanager
    async def connected(self) -> AsyncGenerator[Phone, None]:
        """Connect, and listen to all that the agent says."""
        self._link = Link(
            self.config.mqtt, "phone", version=4, will_topic=None, on_message=self._hear
        )
        await self._link.open()
        self._link.subscribe((f"{self.topics.base}/#",))
        try:
            yield self
        finally:
            await self._link.close(2.0)

    async def indexing(self, agent: asyncio.Task[None]) -> dict[str, Any]:
        """Wait until the whole gallery is in the library and a picture is up; the agent's facts."""
        wanted = len(entries())
        ready = asyncio.create_task(self._until(lambda: self._embedded() >= wanted, "the gallery"))
        await asyncio.wait({agent, ready}, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            ready.cancel()
            raise DemoError("The agent ended before the gallery was indexed.")
        await ready
        await self._until(lambda: self._image_topic in self.retained, "a first picture")
        facts: dict[str, Any] = json.loads(self.retained[self.topics.agent])
        return facts

    def _embedded(self) -> int:
        """How many works the agent says it has embedded."""
        return int(json.loads(self.retained.get(self.topics.agent, b"{}")).get("embedded", 0))

    async def say(self, words: str) -> DemoStep:
        """Publish a command, wait for its answer and for what the display holds then."""
        if self._link is None:
            raise DemoError("The phone is not connected.")
        started = perf_counter()
        self._link.publish(self.topics.command, words, retain=False)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                reply = await self.replies.get()
        except TimeoutError:
            raise DemoError(f"Nobody answered “{words}”.") from None
        took_ms = (perf_counter() - started) * 1000
        if not reply["ok"] or reply["verb"] != words.split()[0]:
            raise DemoError(f"“{words}” was answered: {reply['message']}")
        return DemoStep(words, reply, self._display(reply), took_ms)

    def _display(self, reply: dict[str, Any]) -> dict[str, Any]:
        topic = self.topics.artwork(self.config.displays[0].name)
        shown: dict[str, Any] = json.loads(self.retained[topic])
        if reply["artwork"] and shown["id"] != reply["artwork"]["id"]:
            raise DemoError("The display does not hold the work that was announced.")
        return shown

    @property
    def _image_topic(self) -> str:
        return self.topics.image(self.config.displays[0].name)

    async def _until(self, condition: Any, what: str) -> None:
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while not condition():
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            raise DemoError(f"The display never held {what}.") from None

    def _hear(self, received: Received) -> None:
        received.link.acknowledge(received)
        topic, topics = received.topic, self.topics
        if topic == topics.response:
            self.replies.put_nowait(json.loads(received.payload))
        else:
            self.retained[topic] = received.payload
        self.changed.set()


def _clear(folder: Path) -> None:
    """An empty library each time."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("demo.db*"):
            old.unlink()
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> DemoError:
    return DemoError(
        f"The demonstration cannot leave its files in {folder} ({error.strerror}): "
        "name another folder with --out."
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def _broker(port: int) -> AsyncGenerator[None, None]:
    """A broker inside this process, on loopback only."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from amqtt.broker import Broker
    except ImportError:
        raise DemoError(
            "The demonstration needs a broker: pip install 'glance-agent[demo]'."
        ) from None
    logging.getLogger("amqtt").setLevel(logging.ERROR)
    logging.getLogger("transitions").setLevel(logging.ERROR)
    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
            "plugins": {
                "amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}
            },
        }
    )
    await broker.start()
    try:
        yield
    finally:
        await broker.shutdown()
