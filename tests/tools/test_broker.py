"""The campaign of brokers in short form; `python -m tools.campaigns.broker` is the long one."""

from __future__ import annotations

import asyncio

from tests.broker import needs_mosquitto
from tools.campaigns import broker


@needs_mosquitto
async def test_an_agent_contradicts_who_says_that_it_is_gone() -> None:
    options = broker.parsed(["--only", "offline", "--rounds", "2"])
    found = await asyncio.to_thread(broker.campaign, options)
    assert [(one.tried, one.faults) for one in found] == [(4, [])]
