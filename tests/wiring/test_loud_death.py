"""Nothing dies unseen: where one door ends before its time, the whole agent does, and says why."""

from __future__ import annotations

import asyncio

import pytest

from glance_agent.agent.agent import Agent
from glance_agent.agent.clock_watch import ClockWatch
from glance_agent.agent.outlets import Telling
from glance_agent.doors.clock import ClockDoor
from glance_agent.doors.mqtt.door import MqttDoor
from glance_agent.doors.mqtt.intake import Intake
from glance_agent.wiring.running import serve
from tests.broker import Broker
from tests.home import Home
from tests.spawned import PATIENCE_SECONDS, Spawned

DOORS = [Agent, ClockDoor, ClockWatch, Intake, MqttDoor, Telling]
DIES = """
from glance_agent.cli.main import main
from glance_agent.doors.clock import ClockDoor

async def run(door):
    raise RuntimeError("the clock is dead")

ClockDoor.run = run
main()
"""


@pytest.mark.parametrize("door", DOORS, ids=[door.__name__ for door in DOORS])
async def test_what_dies_ends_everything(
    home: Home, broker: Broker, monkeypatch: pytest.MonkeyPatch, door: type
) -> None:
    async def run(*_: object) -> None:
        await asyncio.sleep(0)
        raise RuntimeError("it is dead")

    monkeypatch.setattr(door, "run", run)
    with pytest.raises(ExceptionGroup) as ended:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await serve(home.config(broker.port), asyncio.Event())
    assert ended.group_contains(RuntimeError, match="it is dead")


async def test_a_program_that_died_says_so_and_fails(home: Home, broker: Broker) -> None:
    config = str(home.toml(broker.port))
    program = await Spawned.python("-c", DIES, "run", "--config", config)
    await program.says("RuntimeError: the clock is dead")
    assert await program.ended() == 1
