"""The connection comes and goes: brokers that are down, restart, refuse or say nothing."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from glance_agent.config.load import load
from glance_agent.domain.errors import ErrorCode
from glance_agent.domain.frame import Frame
from glance_agent.domain.news import About, Hung
from glance_agent.doors.mqtt import probe
from glance_agent.doors.mqtt.backoff import FIRST_DELAY_SECONDS, LONGEST_DELAY_SECONDS
from glance_agent.doors.mqtt.link import Link
from glance_agent.doors.mqtt.settings import MqttSettings
from tests.broker import Broker, CurtBroker, free_port, running
from tests.door import Household, Patience, door
from tests.home import Home, agent, spawned_agent
from tests.phone import Message, Phone
from tests.spawned import PATIENCE_SECONDS

VERSIONS = pytest.mark.parametrize("version", ["5", "3.1.1"])


def is_online(message: Message) -> bool:
    return message.payload == b"online"


def is_offline(message: Message) -> bool:
    return message.payload == b"offline"


# -- brokers that go and come --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("persistent", "number"),
    [(True, signal.SIGTERM), (False, signal.SIGTERM), (False, signal.SIGKILL)],
)
async def test_after_a_restart_of_the_broker_everything_is_there_again(
    home: Home, tmp_path: Path, persistent: bool, number: signal.Signals
) -> None:
    broker = Broker(tmp_path / "broker", persistent=persistent)
    async with running(broker), agent(home.config(broker.port)):
        async with Phone(broker.port) as phone:
            await phone.expect("display/hall/image")
        assert broker.process is not None
        await broker.process.end(number)
        await broker.start()
        async with Phone(broker.port) as phone:
            await phone.expect("status", is_online)
            for topic in ("agent", "display/wall/artwork", "display/wall/image"):
                await phone.expect(topic)
            # The agent subscribes before it publishes.
            assert (await phone.ask("command/like"))["ok"]
    assert len(home.likes()) == 1


async def test_a_broker_that_is_down_at_the_start_is_waited_for(home: Home, tmp_path: Path) -> None:
    broker = Broker(tmp_path / "broker")
    config = home.config(broker.port)
    words = f"no connection to 127.0.0.1:{broker.port}: Connection refused"
    with logged(words) as said:
        async with agent(config):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await said.wait()
            async with running(broker), Phone(broker.port) as phone:
                await phone.expect("status", is_online)
                await phone.expect("display/wall/image")


@contextmanager
def logged(words: str) -> Iterator[asyncio.Event]:
    """An event that is set by the first line of the MQTT door's log with these words."""
    said = asyncio.Event()

    def heard(record: logging.LogRecord) -> bool:
        if words in record.getMessage():
            said.set()
        return True

    log = logging.getLogger("glance_agent.doors.mqtt.connector")
    log.addFilter(heard)
    try:
        yield said
    finally:
        log.removeFilter(heard)


# -- brokers that refuse ---------------------------------------------------------------------------


@VERSIONS
async def test_a_wrong_password_is_said_clearly_and_tried_again_slowly(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, version: str
) -> None:
    patience = Patience()
    broker = Broker(tmp_path / "broker", passwords={"phone": "p"})
    who: dict[str, Any] = {"username": "glance", "password": "right", "protocol": version}
    async with running(broker), door(broker.port, patience, **who) as household:
        await patience.failures(2)
        assert "check mqtt.username, mqtt.password" in caplog.text
        assert "right" not in caplog.text
        assert all(delay >= LONGEST_DELAY_SECONDS / 2 for delay in patience.delays)
        await broker.allow("glance", "right")
        async with Phone(broker.port, user=("phone", "p")) as phone:
            patience.wake()
            await phone.expect("status", is_online)
    assert household.sessions == 1


async def test_the_waits_grow_up_to_a_minute_and_differ() -> None:
    patience = Patience()
    async with door(free_port(), patience):
        await patience.failures(12)
    ceilings = [min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2**n) for n in range(12)]
    assert all(c / 2 <= d <= c for d, c in zip(patience.delays, ceilings, strict=False))
    assert len(set(patience.delays)) == len(patience.delays)


# -- brokers that do not take a message ------------------------------------------------------------


def with_pictures(*sizes: int) -> Household:
    """A household that shows a picture of so many bytes on each of its displays."""
    pictures = [
        Hung(f"d{n}", Frame(b"x" * size, "image/jpeg", 1, 1)) for n, size in enumerate(sizes)
    ]
    return Household([*pictures, About({"version": "test"})])


async def test_a_message_that_is_refused_is_left_out_and_ends_nothing(tmp_path: Path) -> None:
    patience = Patience()
    broker = Broker(tmp_path / "broker", more=("message_size_limit 5000",))
    async with (
        running(broker),
        Phone(broker.port) as phone,
        door(broker.port, patience, with_pictures(9000, 4000), protocol="5"),
    ):
        await phone.expect("display/d1/image")
        told = (await phone.expect("error")).json()
        assert (await phone.ask("command/describe"))["ok"]
    assert (told["code"], told["verb"]) == (ErrorCode.NOT_PUBLISHED, "publish")
    assert "glance/display/d0/image (9,000 bytes)" in told["message"]
    assert "message_size_limit" in told["hint"]
    assert patience.delays == []


@pytest.mark.parametrize("limit", ["message_size_limit", "max_packet_size"])
async def test_a_limit_that_nobody_tells_is_found_before_anything_is_lost(
    tmp_path: Path, limit: str
) -> None:
    """MQTT 3.1.1 has no word for it: Mosquitto hangs up, or confirms what it drops."""
    patience = Patience()
    broker = Broker(tmp_path / "broker", more=(f"{limit} 5000",))
    async with running(broker), Phone(broker.port) as phone:
        household = with_pictures(9000, 3000)
        who: dict[str, Any] = {"protocol": "3.1.1", "largest_bytes": 9_000}
        async with door(broker.port, patience, household, **who):
            await phone.expect("display/d1/image")
            told = (await phone.expect("error")).json()
            assert (await phone.ask("command/describe"))["ok"]
            statuses = [m.payload for m in phone.heard("status")]
    assert told["code"] == ErrorCode.NOT_PUBLISHED
    assert "glance/display/d0/image (9,000 bytes)" in told["message"]
    assert statuses == [b"online"]
    assert patience.delays == []


@VERSIONS
@pytest.mark.parametrize("limit", ["message_size_limit", "max_packet_size"])
async def test_pictures_are_made_to_fit_what_the_broker_takes(
    home: Home, tmp_path: Path, limit: str, version: str
) -> None:
    broker = Broker(tmp_path / "broker", more=(f"{limit} 6000",))
    path = home.toml(broker.port, mqtt={"protocol": version}, homeassistant={"enabled": False})
    path.write_text(path.read_text("utf-8").replace("height_px = ", "height_px = 20"), "utf-8")
    config = load(path, {})
    async with running(broker), Phone(broker.port) as phone, agent(config):
        for display in ("wall", "hall"):
            picture = await phone.expect(f"display/{display}/image")
            assert 2_000 < len(picture.payload) < 6_000
        mark = len(phone.messages)
        assert (await phone.ask("command/next/wall"))["ok"]
        await phone.expect("display/wall/image", after=mark)
        assert [m.payload for m in phone.heard("status")] == [b"online"]
        assert phone.heard("error", after=mark) == []


@pytest.mark.parametrize(
    ("settings", "is_tried"),
    [
        ({"protocol": "3.1.1"}, True),
        ({"protocol": "3.1.1", "max_payload_bytes": 50_000}, False),
        ({"protocol": "5"}, True),
        ({"protocol": "5", "max_payload_bytes": 50_000}, False),
        ({"protocol": "5", "named": True}, False),
    ],
)
async def test_a_limit_is_tried_only_where_nobody_tells_it(
    tmp_path: Path, settings: dict[str, Any], is_tried: bool
) -> None:
    own = {key: value for key, value in settings.items() if key != "named"}
    more = ("max_packet_size 50000",) if "named" in settings else ()
    broker = Broker(tmp_path / "broker", more=more)
    trying = door(broker.port, Patience(), largest_bytes=9_000, **own)
    async with running(broker), Phone(broker.port) as phone, trying:
        await phone.expect("status", is_online)
        assert broker.process is not None
        assert (" as glance-terminal-" in broker.process.text) == is_tried


async def test_a_limit_that_cannot_be_tried_holds_no_connection_up(tmp_path: Path) -> None:
    """A broker of MQTT 5 says that its access list forbids the messages."""
    acl = tmp_path / "no_probe.acl"
    acl.write_text("topic readwrite glance/#\ntopic deny glance/probe/#\n")
    broker = Broker(tmp_path / "broker", acl_file=acl)
    trying = door(broker.port, Patience(), largest_bytes=9_000, protocol="5")
    async with (
        asyncio.timeout(probe.ECHO_SECONDS - 1),
        running(broker),
        Phone(broker.port) as phone,
        trying,
    ):
        await phone.expect("status", is_online)


@pytest.mark.parametrize("limit", ["message_size_limit", "max_packet_size"])
@VERSIONS
async def test_pictures_are_made_to_fit_where_the_broker_hangs_up_over_long_ones(
    home: Home, tmp_path: Path, limit: str, version: str
) -> None:
    """Mosquitto 2.0 does so, once it has refused them, where it is to keep every command."""
    broker = Broker(tmp_path / "broker", more=(f"{limit} 6000", "max_queued_messages 0"))
    path = home.toml(broker.port, mqtt={"protocol": version}, homeassistant={"enabled": False})
    path.write_text(path.read_text("utf-8").replace("height_px = ", "height_px = 20"), "utf-8")
    async with running(broker), Phone(broker.port) as phone, agent(load(path, {})):
        for display in ("wall", "hall"):
            picture = await phone.expect(f"display/{display}/image")
            assert 2_000 < len(picture.payload) < 6_000
        mark = len(phone.messages)
        assert (await phone.ask("command/next/wall"))["ok"]
        await phone.expect("display/wall/image", after=mark)
        assert [m.payload for m in phone.heard("status")] == [b"online"]


async def test_a_message_that_ends_the_connection_is_found_and_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where an access list does not let the limit be tried."""
    monkeypatch.setattr(probe, "ECHO_SECONDS", 0.2)
    patience = Patience()
    acl = tmp_path / "no_probe.acl"
    acl.write_text("topic readwrite glance/#\ntopic deny glance/probe/#\n")
    broker = Broker(tmp_path / "broker", acl_file=acl, more=("max_packet_size 5000",))
    household = with_pictures(4000, 9000, 3000)
    async with (
        running(broker),
        Phone(broker.port) as phone,
        door(broker.port, patience, household, protocol="3.1.1", largest_bytes=9_000),
    ):
        await patience.failures(2)
        await phone.several(2, "status", is_offline)
        mark = len(phone.messages)
        patience.wake()
        for topic in ("display/d0/image", "display/d2/image", "agent"):
            await phone.expect(topic, after=mark)
        told = (await phone.expect("error", after=mark)).json()
        assert (await phone.ask("command/describe"))["ok"]
        await phone.expect("status", is_online, after=mark)
        came_and_went = [m.payload for m in phone.heard("status")]
    # The picture is tried once more, and while it is, nobody is told that we are back.
    assert came_and_went == [b"online", b"offline", b"offline", b"online"]
    assert "glance/display/d1/image (9,000 bytes)" in told["message"]
    assert "the connection to the broker was lost: the broker closed it without a" in caplog.text
    assert len(patience.delays) == 2


async def test_what_the_broker_announces_not_to_take_is_not_sent(tmp_path: Path) -> None:
    patience = Patience()
    broker = Broker(tmp_path / "broker", more=("max_packet_size 5000",))
    async with (
        running(broker),
        Phone(broker.port) as phone,
        door(broker.port, patience, with_pictures(9000), protocol="5"),
    ):
        told = (await phone.expect("error")).json()
    assert "it takes 4,913 bytes there at most" in told["message"]
    assert patience.delays == []


# -- what a broker says when it hangs up -----------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "said", "is_hopeless"),
    [
        (0x8E, "“Session taken over”: another program has connected with our client id", True),
        (0x98, "“Administrative action”", True),
        (0x95, "“Packet too large”", False),
        (0x8B, "“Server shutting down”", False),
        (0xC0, "“reason 0xC0”", False),
        (None, "the broker closed it without a word", False),
    ],
)
async def test_why_the_broker_hung_up_is_said(
    reason: int | None, said: str, is_hopeless: bool, caplog: pytest.LogCaptureFixture
) -> None:
    patience = Patience()
    async with CurtBroker(reason) as curt, door(curt.port, patience):
        await patience.failures(1)
    assert said in caplog.text
    assert (patience.delays[0] >= LONGEST_DELAY_SECONDS / 2) == is_hopeless


# -- the end ---------------------------------------------------------------------------------------


async def test_an_agent_that_is_killed_is_offline(home: Home, broker: Broker) -> None:
    async with Phone(broker.port) as phone, spawned_agent(home.toml(broker.port)) as process:
        await phone.expect("status", is_online)
        mark = len(phone.messages)
        await process.end(signal.SIGKILL)
        await phone.expect("status", is_offline, after=mark)
        async with Phone(broker.port) as later:
            assert (await later.expect("status", is_offline)).retained


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_an_agent_that_is_told_to_stop_says_goodbye(
    home: Home, broker: Broker, number: signal.Signals
) -> None:
    async with Phone(broker.port) as phone, spawned_agent(home.toml(broker.port)) as process:
        await phone.expect("display/hall/image")
        mark = len(phone.messages)
        assert await process.end(number) == 0
        await phone.expect("status", is_offline, after=mark)
        assert broker.process is not None
        await broker.process.says("Received DISCONNECT from glance-agent-")
    assert "Traceback" not in process.text


async def test_an_agent_without_a_broker_stops_when_told(home: Home) -> None:
    async with spawned_agent(home.toml(free_port())) as process:
        await process.says("trying again in")
        assert await process.end(signal.SIGTERM) == 0
    assert "Traceback" not in process.text


async def test_an_agent_stops_while_a_broker_keeps_it_waiting(home: Home) -> None:
    knocked: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
    gone = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        knocked.put_nowait(writer)
        with suppress(ConnectionError):
            await reader.read()
        gone.set()

    mute = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    config = home.config(mute.sockets[0].getsockname()[1], mqtt={"tls": True})
    async with mute:
        async with agent(config), asyncio.timeout(PATIENCE_SECONDS):
            caller = await knocked.get()
        # What asyncio.run waits for at the end of the program; the attempt still goes on.
        await asyncio.get_running_loop().shutdown_default_executor()
        assert not gone.is_set()
        caller.close()
        await caller.wait_closed()
        for thread in threading.enumerate():
            if thread.name == "mqtt connect":
                thread.join(PATIENCE_SECONDS)


@VERSIONS
async def test_what_is_dropped_leaves_nothing_behind_in_the_loop(
    broker: Broker, version: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A descriptor that was closed is watched no more, nor is the one that has its number next."""
    faults: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: faults.append(str(context)))
    settings = MqttSettings(port=broker.port)
    for number in range(3):
        link = Link(
            settings,
            f"dropped-{number}",
            version=5 if version == "5" else 4,
            will_topic=None,
            on_message=print,
        )
        await link.open()
        for _ in range(50):
            link.publish("a/b", b"x" * 100_000, retain=False)
        link._drop()
        link.publish("a/b", b"late", retain=False)
        link._client.disconnect()
        link._client.loop_misc()
        link._client._sock_close()
        near, far = socket.socketpair()
        with near, far:
            reading = asyncio.create_task(loop.sock_recv(near, 1))
            near.setblocking(False)
            del link
            gc.collect()
            await loop.sock_sendall(far, b"!")
            assert await asyncio.wait_for(reading, PATIENCE_SECONDS) == b"!"
    assert faults == []
    assert [r.getMessage() for r in caplog.records if r.name == "asyncio"] == []
