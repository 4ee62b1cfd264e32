"""The campaign of outages in short form; `python -m tools.campaigns.away` is the long one."""

from __future__ import annotations

import asyncio

import pytest

from tests import postgres
from tests.broker import needs_mosquitto

pytest.importorskip("psycopg")
from tools.campaigns import away


@needs_mosquitto
@pytest.mark.skipif(not postgres.is_installed(), reason="there is no PostgreSQL server here")
async def test_no_reaction_is_lost_or_doubled_while_the_server_is_away() -> None:
    options = away.parsed(["--kills", "1", "--beside", "1", "--longest", "0.6"])
    found = await asyncio.to_thread(away.campaign, options)
    assert found.failures() == []
    assert found.acknowledged > found.kept_meanwhile > 0
