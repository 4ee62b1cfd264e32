"""One browser for all that look at pages in it; everything else is of each test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser

from tests.broker import Broker, mosquitto
from tests.doors.web.browsing.browser import chromium


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Every test opens a context of its own in it, as private windows are."""
    async with chromium() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    """A Mosquitto of this test's own, in the loop that the browser is in."""
    async with mosquitto(tmp_path / "broker") as one:
        yield one
