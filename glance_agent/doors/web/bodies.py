"""A request -> its body, within a length and a time."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Final

from aiohttp import web

from glance_agent.domain.errors import ErrorCode
from glance_agent.domain.said import say
from glance_agent.doors.web.refusing import refuse
from glance_agent.doors.web.route import Route

BODY_BYTES: Final = 64 * 1024
BODY_SECONDS: Final = 10.0
"""A body that has not come by then is not waited for any longer."""
PICTURE_BYTES: Final = 8 * 1024 * 1024
PICTURE_SECONDS: Final = 60.0
"""A picture may be longer, and come more slowly."""


def check_content_type(request: web.Request, route: Route) -> None:
    """Raises Refused where a body would be something else than its route takes."""
    if request.method != "POST":
        return
    given, wanted = request.content_type, route.content_type
    if not (given.startswith(wanted) if wanted.endswith("/") else given == wanted):
        raise refuse(
            ErrorCode.BAD_VALUE,
            say("The body is of a type that is not read here."),
            say(
                "Send it with “Content-Type: {type}”.",
                type=f"{wanted}…" if wanted.endswith("/") else wanted,
            ),
            status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        )


async def body_of(
    request: web.Request, most_bytes: int = BODY_BYTES, *, seconds: float | None = None
) -> bytes:
    """The whole body; raises Refused where it is too long, too slow (by default, longer than
    BODY_SECONDS) or garbled."""
    if (request.content_length or 0) > most_bytes:
        raise _too_long(most_bytes)
    try:
        async with asyncio.timeout(BODY_SECONDS if seconds is None else seconds):
            return await _read(request, most_bytes)
    except TimeoutError:
        raise refuse(
            ErrorCode.MISSING_VALUE,
            say("The body did not come in time."),
            say("Send it again, all at once."),
            status=HTTPStatus.REQUEST_TIMEOUT,
        ) from None
    except web.RequestPayloadError:
        raise refuse(ErrorCode.BAD_VALUE, say("The body is not what its head says.")) from None


async def _read(request: web.Request, most: int) -> bytes:
    data = bytearray()
    async for piece in request.content.iter_any():
        data += piece
        if len(data) > most:
            raise _too_long(most)
    return bytes(data)


def _too_long(most: int) -> Exception:
    return refuse(
        ErrorCode.TOO_LARGE,
        say("The body has more than {most} bytes.", most=most),
        say("Send a shorter one."),
    )
