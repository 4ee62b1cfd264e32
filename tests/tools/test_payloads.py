"""The campaign of payloads in short form; `python -m tools.campaigns.payloads` is the long one."""

from __future__ import annotations

import asyncio

import pytest

from tests.broker import Broker
from tests.colour_encoder import ColourEncoder
from tests.commands.test_dispatch import rooms_in
from tests.home import Home, agent
from tools.campaigns import payloads


def test_strange_messages_are_answered_by_the_parts(home: Home) -> None:
    options = payloads.parsed(["--messages", "400", "--seed", "3"])
    with rooms_in(home, ColourEncoder()) as rooms:
        found = payloads.parts(rooms, options)
    assert found.failures() == []
    assert found.tried.total() == 400
    assert found.accepted.total() > 10


async def test_strange_messages_are_answered_through_a_broker(
    home: Home, broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    options = payloads.parsed(["--sent", "200", "--seed", "4"])
    async with agent(home.config(broker.port)) as running:
        found = await asyncio.to_thread(payloads.through_a_broker, broker.port, options)
        assert not running.done()
    assert found.failures() == []
    assert found.tried.total() == 200
    assert "Traceback" not in caplog.text


def test_a_fault_is_found(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payloads, "as_json", lambda reply: '{"transaction": Infinity}')
    options = payloads.parsed(["--messages", "1"])
    with rooms_in(home, ColourEncoder()) as rooms:
        assert "Infinity is not JSON" in payloads.parts(rooms, options).failures()[0]
