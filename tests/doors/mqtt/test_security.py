"""The access list that is shipped, on a real Mosquitto; passwords are in test_reconnect."""

from __future__ import annotations

from pathlib import Path

import pytest

from glance_agent.cli.asking import ask_agent
from glance_agent.cli.doctor import broker as doctor_broker
from glance_agent.cli.doctor.finding import Patient
from glance_agent.config.settings import Config
from glance_agent.domain.errors import ErrorCode, GlanceError
from glance_agent.domain.topics import Topics
from glance_agent.doors.mqtt import rights
from glance_agent.doors.mqtt.client import ask
from glance_agent.doors.mqtt.rights import forbidden
from glance_agent.doors.mqtt.settings import MqttSettings
from tests.broker import Broker, running
from tests.home import Home, agent
from tests.phone import Phone
from tests.spawned import ROOT, Spawned

SHIPPED_ACL = ROOT / "config" / "mosquitto.acl"


def guarded(folder: Path, acl: Path, **mqtt: object) -> tuple[Broker, dict[str, object]]:
    """A broker with this access list, and the agent's account on it."""
    broker = Broker(folder / "broker", passwords={"glance": "g"}, acl_file=acl)
    return broker, {"username": "glance", "password": "g", **mqtt}


def shipped_without(folder: Path, *rights: str) -> Path:
    """The access list that is shipped, with these lines taken out."""
    lines = SHIPPED_ACL.read_text(encoding="utf-8").splitlines()
    assert set(rights) <= set(lines)
    path = folder / "own.acl"
    path.write_text("\n".join(line for line in lines if line not in rights))
    return path


@pytest.mark.parametrize("version", ["5", "3.1.1"])
async def test_the_terminal_reaches_the_agent_with_the_shipped_access_list(
    home: Home, tmp_path: Path, version: str
) -> None:
    broker, account = guarded(tmp_path, SHIPPED_ACL, protocol=version)
    config = home.toml(broker.port, mqtt=account)
    async with (
        running(broker),
        agent(home.config(broker.port, mqtt=account)),
        Phone(broker.port, user=("glance", "g")) as phone,
    ):
        await phone.expect("status", lambda m: m.payload == b"online")
        verb = await Spawned.loaded(
            "-m", "glance_agent", "show", home.work("blue"), "--config", str(config)
        )
        assert await verb.ended() == 0, verb.text
        assert "Showing “Blue Field”" in verb.text
        assert broker.process is not None
        assert "Denied" not in broker.process.text


async def test_the_terminal_says_what_the_broker_does_not_let_it_do(tmp_path: Path) -> None:
    acl = shipped_without(tmp_path, "topic readwrite glance/command")
    broker, account = guarded(tmp_path, acl)
    async with running(broker):
        with pytest.raises(GlanceError, match=r"the account glance write to glance/command \("):
            await ask(
                MqttSettings.model_validate({"port": broker.port, **account}),
                {"command": "status"},
                timeout_seconds=30,
            )


def test_where_nobody_answers_the_account_may_not_be_allowed_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def silence(*_: object, **__: object) -> None:
        return None

    monkeypatch.setattr("glance_agent.doors.mqtt.client.ask", silence)
    with pytest.raises(GlanceError, match=r"mqtt\.username may not be allowed"):
        ask_agent(Config(), {"command": "status"})


async def test_the_access_list_gives_everyone_what_they_need_and_no_more(
    home: Home, tmp_path: Path
) -> None:
    passwords = {"glance": "g", "phone": "p", "homeassistant": "h"}
    broker = Broker(tmp_path / "broker", passwords=passwords, acl_file=SHIPPED_ACL)
    config = home.config(broker.port, mqtt={"username": "glance", "password": "g"})
    async with (
        running(broker),
        agent(config),
        Phone(broker.port, user=("phone", "p"), version="3.1.1") as phone,
        Phone(broker.port, user=("homeassistant", "h")) as assistant,
    ):
        for listener in (phone, assistant):
            for topic in ("status", "agent", "display/wall/artwork", "display/wall/image"):
                await listener.expect(topic)
            await listener.expect("display/wall/settings")
        assert (await phone.ask("command/search", {"query": "blue", "transaction": 1}))["ok"]
        assert (await assistant.ask("command/like", {"transaction": 2}))["ok"]
        assert not (await phone.ask("command", {"transaction": 3}))["ok"]
        for topic in ("event/shown", "event/reaction", "event/ingest", "error"):
            await phone.expect(topic)
        assert broker.process is not None
        assert "Denied" not in broker.process.text
        for ours in ("status", "agent", "response", "error", "event/shown", "display/wall/image"):
            assert not await assistant.publish(ours, b"forged"), ours
            # A broker of version 3.1.1 confirms what it forbids.
            await phone.publish(ours, b"forged")
        assert await phone.publish("command/next", b"")
        forged = [m for m in phone.messages if m.payload == b"forged"]
    assert forged == []


async def test_answers_of_their_own_are_read_by_nobody_else(home: Home, tmp_path: Path) -> None:
    passwords = {"glance": "g", "phone": "p", "ann": "a", "bob": "b", "display": "d"}
    acl = tmp_path / "own.acl"
    shipped = SHIPPED_ACL.read_text(encoding="utf-8")
    anns = shipped.split("user ann\n")[1].split("\n\n")[0]
    acl.write_text(f"{shipped}\nuser bob\n{anns}\n", encoding="utf-8")
    broker = Broker(tmp_path / "broker", passwords=passwords, acl_file=acl)
    config = home.config(broker.port, mqtt={"username": "glance", "password": "g"})
    own = f"{Topics().response}/ann/phone"
    async with (
        running(broker),
        agent(config),
        Phone(broker.port, user=("ann", "a")) as ann,
        Phone(broker.port, user=("bob", "b")) as bob,
        Phone(broker.port, user=("phone", "p")) as phone,
        Phone(broker.port, user=("display", "d")) as display,
    ):
        for one in (ann, bob, phone, display):
            await one.expect("display/wall/image")
        command = {"query": "red", "transaction": 1}
        await ann.publish("command/search", command, response_topic=own)
        assert (await ann.at(own)).json()["ok"]
        await phone.expect("response")
        mark = len(display.messages)
        await ann.publish("command/next", response_topic=own)
        await bob.expect("display/wall/artwork", after=mark)
        await display.expect("display/wall/image", after=mark)
        listeners = {"ann": ann, "bob": bob, "phone": phone, "display": display}
        heard = {name: {m.topic for m in one.messages} for name, one in listeners.items()}
    assert own in heard["ann"]
    assert {t for t in heard["ann"] | heard["bob"] if "response" in t} == {own}
    assert own not in heard["bob"] | heard["phone"] | heard["display"]
    assert all(topic.startswith("glance/display/") for topic in heard["display"])


async def test_what_the_broker_forbids_the_agent_to_say_is_told_once_a_topic(
    home: Home, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    acl = tmp_path / "strict.acl"
    rights = ("read glance/#", "write glance/display/+/image", "write glance/error")
    acl.write_text("\n".join(("user glance", *(f"topic {right}" for right in rights))))
    broker = Broker(tmp_path / "broker", passwords={"glance": "g"}, acl_file=acl)
    settings = {"username": "glance", "password": "g", "protocol": "5"}
    async with (
        running(broker),
        agent(home.config(broker.port, mqtt=settings)),
        Phone(broker.port, user=("glance", "g")) as phone,
    ):
        await phone.expect("display/hall/image")
        told = await phone.expect("error", lambda m: b"publish glance/agent" in m.payload)
    assert told.json()["code"] == ErrorCode.NOT_PUBLISHED
    said = [r.message for r in caplog.records if "does not let the agent publish" in r.message]
    topics = [line.split("agent publish ")[1].split(" (")[0] for line in said]
    assert {"glance/status", "glance/agent"} <= set(topics)
    assert len(topics) == len(set(topics))
    assert all("Not authorized" in line and "config/mosquitto.acl" in line for line in said)


# -- what doctor finds -----------------------------------------------------------------------------


VERSIONS = pytest.mark.parametrize("version", ["5", "3.1.1"])


@VERSIONS
async def test_the_shipped_access_list_lets_the_agent_do_all_it_has_to(
    tmp_path: Path, version: str
) -> None:
    broker, account = guarded(tmp_path, SHIPPED_ACL, protocol=version)
    async with running(broker):
        settings = MqttSettings.model_validate({"port": broker.port, **account})
        assert await forbidden(settings) == []


@VERSIONS
async def test_what_an_access_list_forbids_is_found(
    tmp_path: Path, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rights, "ECHO_SECONDS", 0.3)
    missing = ("topic read glance/command/#", "topic write glance/event/+")
    acl = shipped_without(tmp_path, *missing, "topic readwrite glance/command")
    broker, account = guarded(tmp_path, acl, protocol=version)
    async with running(broker):
        settings = MqttSettings.model_validate({"port": broker.port, **account})
        found = await forbidden(settings)
    assert found == ["publish glance/event/+", "read glance/command/#, or publish glance/command"]


async def test_doctor_says_why_the_broker_is_not_safe(tmp_path: Path) -> None:
    broker = Broker(tmp_path / "broker")
    config = Config.model_validate({"mqtt": {"port": broker.port, "tls": True}})
    async with running(broker):
        found = [finding async for finding in doctor_broker.check(Patient(config))]
    assert [finding.what for finding in found] == ["broker"]
    assert "check that mqtt.port is its TLS port" in found[0].said
    assert "credential" not in found[0].said
    assert "password" not in found[0].said
