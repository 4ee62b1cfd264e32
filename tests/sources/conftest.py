"""A loopback museum, a clock that stands still, and a client that asks the one by the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from glance_agent.sources.web.web import Web
from tests.sources.fake_museum import Clock, FakeMuseum, surroundings


@pytest_asyncio.fixture
async def museum() -> AsyncIterator[FakeMuseum]:
    fake = FakeMuseum()
    await fake.start()
    yield fake
    await fake.close()


@pytest_asyncio.fixture
async def clock() -> Clock:
    return Clock()


@pytest_asyncio.fixture
async def client(clock: Clock, tmp_path: Path) -> AsyncIterator[Web]:
    made = Web(
        version="0.0", contact="me@example.org", surroundings=surroundings(clock, tmp_path / "web")
    )
    yield made
    await made.close()
