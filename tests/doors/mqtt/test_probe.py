"""How large a message a real Mosquitto lets through, and how many may wait there."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from glance_agent.cli.doctor import broker as doctor
from glance_agent.cli.doctor.finding import Finding, Patient
from glance_agent.config.settings import Config
from glance_agent.doors.mqtt import probe, rights
from glance_agent.doors.mqtt.link import Link, Received
from glance_agent.doors.mqtt.probe import STEP_BYTES, largest_payload
from glance_agent.doors.mqtt.settings import MqttSettings
from glance_agent.wiring.displays import profiles_of
from tests.broker import Broker, needs_mosquitto, running
from tests.home import Home
from tests.phone import Phone
from tests.spawned import PATIENCE_SECONDS, ROOT

pytestmark = needs_mosquitto
WANTED = 60_000


async def examined(config: Config) -> list[Finding]:
    """What the doctor finds of the broker alone."""
    return [finding async for finding in doctor.check(Patient(config))]


@pytest.mark.parametrize("version", ["5", "3.1.1"])
@pytest.mark.parametrize("limit", ["message_size_limit", "max_packet_size"])
async def test_the_brokers_limit_is_found(tmp_path: Path, version: str, limit: str) -> None:
    broker = Broker(tmp_path / "broker", more=(f"{limit} 20000",))
    async with running(broker):
        settings = MqttSettings(port=broker.port, protocol=version, max_payload_bytes=1024)
        through = await largest_payload(settings, WANTED)
    assert through is not None
    assert 20_000 - 2 * STEP_BYTES <= through <= 20_000


async def test_a_broker_without_limits_lets_all_through(broker: Broker) -> None:
    assert await largest_payload(MqttSettings(port=broker.port), WANTED) == WANTED


async def test_doctor_says_what_does_not_come_through(home: Home, tmp_path: Path) -> None:
    broker = Broker(tmp_path / "broker", more=("message_size_limit 9000",))
    async with running(broker):
        config = home.config(broker.port, mqtt={"protocol": "3.1.1"})
        told = [f for f in await examined(config) if f.what == "messages"]
        assert [f.ok for f in told] == [False]
        advice = re.search(r"mqtt\.max_payload_bytes = (\d+)", told[0].said)
        assert advice is not None
        most = int(advice.group(1))
        config = home.config(broker.port, mqtt={"protocol": "3.1.1", "max_payload_bytes": most})
        assert all(f.ok for f in await examined(config) if f.what == "messages")
    assert {profile.max_bytes for profile in profiles_of(config).values()} == {most}


async def test_doctor_says_that_the_access_list_forbids_its_messages(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for waits in (probe, rights):
        monkeypatch.setattr(waits, "ECHO_SECONDS", 0.3)
    acl = tmp_path / "old.acl"
    acl.write_text("user glance\ntopic write glance/probe/+\n")
    broker = Broker(tmp_path / "broker", passwords={"glance": "g"}, acl_file=acl)
    account = {"username": "glance", "password": "g"}
    async with running(broker):
        findings = await examined(home.config(broker.port, mqtt=account))
        assert any("allow it as in config/mosquitto.acl" in f.said for f in findings)


async def test_the_settings_of_the_page_let_more_than_a_thousand_commands_wait(
    tmp_path: Path,
) -> None:
    page = (ROOT / "docs" / "broker.md").read_text(encoding="utf-8")
    settings = tuple(re.findall(r"'(max_queued_\w+ \d+)'", page))
    assert len(settings) == 2
    heard: list[bytes] = []
    all_heard = asyncio.Event()

    def on_message(received: Received) -> None:
        received.link.acknowledge(received)
        heard.append(received.payload)
        if received.payload == b"last":
            all_heard.set()

    def link(port: int) -> Link:
        settings = MqttSettings(port=port)
        return Link(settings, "away", version=5, will_topic="gone", on_message=on_message)

    broker = Broker(tmp_path / "broker", more=settings)
    commands = [str(number).encode() for number in range(1_200)] + [b"last"]
    async with running(broker), Phone(broker.port, base="other") as phone:
        before = link(broker.port)
        await before.open()
        before.subscribe(("other/command",))
        await before.close(1.0)
        for command in commands:
            await phone.publish("command", command)
        after = link(broker.port)
        await after.open()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await all_heard.wait()
        await after.close(1.0)
    assert heard == commands
