"""Routes in, an application out: every request is checked, every answer is safe to receive."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Final

from aiohttp import HttpVersion11, web

from glance_agent.domain.errors import ErrorCode, StoreError, our_fault
from glance_agent.domain.languages import ENGLISH
from glance_agent.domain.said import say
from glance_agent.doors.web.headers import resource_policy
from glance_agent.doors.web.language import SPOKEN, asked_language
from glance_agent.doors.web.refusing import Refused, refuse
from glance_agent.doors.web.route import Route
from glance_agent.gallery.unreadable import not_read

Check = Callable[[web.Request, Route], Awaitable[None]]
"""Raises Refused for what may not pass."""
_MAY_DIFFER: Final = tuple(resource_policy(elsewhere=True))
_log = logging.getLogger(__name__)


def application(
    routes: Sequence[Route],
    checks: Sequence[Check],
    headers: Mapping[str, str],
    language: str = ENGLISH,
) -> web.Application:
    """What serves these routes; every request passes the checks in this order, and every answer
    has these headers, where it does not say otherwise itself. `language` is spoken to whoever
    names none."""

    @web.middleware
    async def in_its_language(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        SPOKEN.set(asked_language(request) or language)
        return await handler(request)

    app = web.Application(middlewares=[in_its_language, _answered])
    for route in (*routes, _NOWHERE):
        for method in _methods(route):
            answer = _checked(route, checks)
            app.router.add_route(method, route.path, answer, expect_handler=_expected)

    async def make_safe(_request: web.Request, response: web.StreamResponse) -> None:
        own = {name: response.headers[name] for name in _MAY_DIFFER if name in response.headers}
        response.headers.update({**headers, **own})

    app.on_response_prepare.append(make_safe)
    return app


def _methods(route: Route) -> tuple[str, ...]:
    has_head = route.method == "GET" and not route.streams
    return ("GET", "HEAD") if has_head else (route.method,)


def _checked(
    route: Route, checks: Sequence[Check]
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(request: web.Request) -> web.StreamResponse:
        for check in checks:
            await check(request, route)
        response = await route.answer(request)
        if route.elsewhere and not response.prepared:
            response.headers.update(resource_policy(elsewhere=True))
        return response

    return answer


@web.middleware
async def _answered(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Whatever fails is answered with a code of the contract."""
    try:
        return await handler(request)
    except Refused as refused:
        return refused.response()
    except web.HTTPException as error:
        return _foreign(error).response()
    except StoreError as error:
        _log.log(error.log_level, "%s", error)
        return Refused(not_read(error)).response()
    except Exception:  # one request must not tell of the inside, nor end the others
        _log.exception("a request failed")
        return Refused(our_fault()).response()


async def _expected(request: web.Request) -> web.StreamResponse | None:
    """What a request is told that wants to hear something before it sends its body (RFC 9110,
    10.1.1); with an answer, nothing else happens."""
    if request.version < HttpVersion11:
        return None
    if request.headers.get("Expect", "").lower() != "100-continue":
        status = HTTPStatus.EXPECTATION_FAILED
        return refuse(
            ErrorCode.BAD_VALUE,
            say("What “Expect” asks for is not done here."),
            say("Leave it out, or send “Expect: 100-continue”."),
            status=status,
        ).response()
    await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    request.writer.output_size = 0
    return None


def _foreign(error: web.HTTPException) -> Refused:
    """What the HTTP library itself refuses."""
    if error.status in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}:
        return _unknown()
    return refuse(ErrorCode.BAD_VALUE, say("This request cannot be answered."), status=error.status)


async def _nowhere(_request: web.Request) -> web.StreamResponse:
    raise _unknown()


def _unknown() -> Refused:
    return refuse(
        ErrorCode.UNKNOWN_ADDRESS,
        say("Nothing answers here."),
        say("docs/web.md lists the addresses and their methods."),
    )


_NOWHERE = Route("*", "/{elsewhere:.*}", _nowhere, needs=None)
