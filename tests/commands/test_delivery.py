"""Delivery: what was sent at QoS 1 is done once, whoever was away or killed, and when."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.broker import Broker, running
from tests.home import Home, agent, spawned_agent
from tests.phone import Phone
from tests.spawned import Spawned

VERSIONS = pytest.mark.parametrize("version", ["5", "3.1.1"])
SIGKILLED = -9


@VERSIONS
async def test_commands_wait_for_an_agent_that_is_away(
    home: Home, broker: Broker, version: str
) -> None:
    config = home.config(broker.port, mqtt={"protocol": version})
    async with Phone(broker.port, version=version) as phone:
        async with agent(config):
            await phone.expect("display/hall/image")
        mark, shown = len(phone.messages), len(home.showings())
        await phone.publish("command/like", {"artwork": home.work("red"), "transaction": 1})
        await phone.publish("command/search", {"query": "blue", "transaction": 2})
        assert home.likes() == []
        async with agent(config):
            answers = [m.json() for m in await phone.several(2, "response", after=mark)]
    assert [(a["transaction"], a["ok"]) for a in answers] == [(1, True), (2, True)]
    assert home.likes() == [home.work("red")]
    assert home.showings()[shown:] == [home.work("blue")]


async def test_a_broker_that_restarts_meanwhile_still_has_the_commands(
    home: Home, tmp_path: Path
) -> None:
    broker = Broker(tmp_path / "broker", persistent=True)
    config = home.config(broker.port)
    async with running(broker):
        async with agent(config), Phone(broker.port) as phone:
            await phone.expect("display/hall/image")
        async with Phone(broker.port) as phone:
            await phone.publish("command/like", {"artwork": home.work("red")})
        await broker.stop()
        await broker.start()
        async with Phone(broker.port) as phone, agent(config):
            assert (await phone.expect("response")).json()["verb"] == "like"
    assert home.likes() == [home.work("red")]


async def killed_by(agent: Spawned, phone: Phone, command: str) -> None:
    """Send the command that is fatal to the agent, and see it die of it."""
    await phone.expect("display/hall/image")
    await phone.publish(f"command/{command}", {"user": "doomed", "transaction": "x"})
    assert await agent.ended() == SIGKILLED
    await phone.expect("status", lambda m: m.payload == b"offline")


@pytest.mark.parametrize(
    ("point", "version", "is_done", "is_answered"),
    [
        ("uncommitted", "5", False, False),
        ("committed", "5", True, False),
        ("committed", "3.1.1", True, False),
        ("answered", "5", True, None),
    ],
)
async def test_a_next_that_kills_the_agent_is_done_once(
    home: Home, broker: Broker, point: str, version: str, is_done: bool, is_answered: bool | None
) -> None:
    config = home.toml(broker.port, mqtt={"protocol": version})
    async with Phone(broker.port, version=version) as phone:
        async with spawned_agent(config, point) as doomed:
            await killed_by(doomed, phone, "next")
        shown = [row[0] for row in home.rows("SELECT user FROM showings WHERE display='wall'")]
        assert shown == ["household", *["doomed"] * is_done]
        if is_answered is False:
            assert phone.heard("response") == []
        mark = len(phone.messages)
        async with spawned_agent(config):
            answer = (await phone.expect("response", after=mark)).json()
            # Whatever else the broker still had has come before this answer.
            await phone.ask("command/describe", {"transaction": "barrier"})
    assert (answer["ok"], answer["verb"], answer["transaction"]) == (True, "next", "x")
    users = [row[0] for row in home.rows("SELECT user FROM showings WHERE display='wall'")]
    assert users == ["household", "doomed"]
    assert answer["artwork"]["id"] == home.showings()[-1]


async def test_a_like_that_kills_the_agent_is_kept(home: Home, broker: Broker) -> None:
    config = home.toml(broker.port)
    async with Phone(broker.port) as phone:
        async with spawned_agent(config, "uncommitted") as doomed:
            await killed_by(doomed, phone, "like")
        assert home.likes() == []
        async with spawned_agent(config):
            answer = (await phone.expect("response")).json()
    assert (answer["ok"], answer["artwork"]["liked"]) == (True, True)
    assert home.likes() == [home.showings()[-1]]
