"""What tests of an outage begin with: a library on a server, an agent, and a phone beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from glance_agent.config.load import load
from glance_agent.config.settings import Config
from glance_agent.domain.library_place import PostgresPlace
from tests.home import Home, agent
from tests.phone import Phone


def moved(
    home: Home, port: int, place: PostgresPlace, language: str = "en", **changes: dict[str, Any]
) -> Config:
    """The household's configuration, with its library at another place."""
    path = home.toml(port, **changes)
    text = path.read_text(encoding="utf-8")
    text = text.replace('path = "glance.db"', f'url = "{place.url}"')
    path.write_text(f'language = "{language}"\n{text}', encoding="utf-8")
    return load(path, {})


@asynccontextmanager
async def showing(config: Config) -> AsyncIterator[Phone]:
    """A phone beside an agent in this process that shows a picture, until the block ends."""
    async with agent(config), Phone(config.mqtt.effective_port) as phone:
        await phone.expect("display/wall/image")
        yield phone
