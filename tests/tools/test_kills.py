"""The campaign of kills in short form; `python -m tools.campaigns.kills` is the long one."""

from __future__ import annotations

import asyncio

from tests.broker import needs_mosquitto
from tools.campaigns import kills


@needs_mosquitto
async def test_a_backlog_survives_kills_at_random_moments() -> None:
    options = kills.parsed(["--commands", "120", "--kills", "2", "--seed", "2"])
    found = await asyncio.to_thread(kills.campaign, options, "5")
    assert found.failures() == []
    assert found.kills == 2
