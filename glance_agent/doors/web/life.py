"""Whether the agent lives: for containers and watchdogs, without a token."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from aiohttp import web

from glance_agent.doors.web.refusing import json_response
from glance_agent.doors.web.route import Route

ALIVE_SECONDS: Final = 5.0


def life_route(alive: Callable[[], Awaitable[None]]) -> Route:
    """`healthz`: 200 where `alive` returns in time, else 503; nothing else is told."""

    async def answer(_request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(ALIVE_SECONDS):
                await alive()
        except TimeoutError:
            return json_response({"status": "hangs"}, HTTPStatus.SERVICE_UNAVAILABLE)
        return json_response({"status": "ok"})

    return Route("GET", "/healthz", answer, needs=None, says="Whether the agent lives.")
