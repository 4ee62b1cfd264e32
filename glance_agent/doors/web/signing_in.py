"""Signing in and out: an invitation or a token for a cookie that scripts cannot read."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from glance_agent.domain.errors import ErrorCode
from glance_agent.domain.said import say
from glance_agent.domain.web_key import KeyKind, WebKey, WebRole, hashed
from glance_agent.doors.web.access import LONGEST_SECRET, Access, not_signed_in
from glance_agent.doors.web.bodies import body_of
from glance_agent.doors.web.checks import PEER
from glance_agent.doors.web.rates import Rate, asker_of
from glance_agent.doors.web.refusing import json_response, refuse
from glance_agent.doors.web.route import Answer, Route

A_YEAR_SECONDS: Final = 365 * 24 * 3600


class SignIn(BaseModel):
    """What somebody signs in with."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    secret: str = Field(
        min_length=1,
        max_length=LONGEST_SECRET,
        description="the secret of an invitation, or a token",
    )


class WhoIsAsking(BaseModel):
    """What whoever asks may do."""

    model_config = ConfigDict(frozen=True)

    ok: bool = True
    role: WebRole | None = Field(description="null for somebody who is not signed in")


@dataclass(frozen=True)
class SigningIn:
    """Opens and ends sessions; whoever tries too often has to wait."""

    access: Access
    rate: Rate = field(default_factory=lambda: Rate(10, 60))

    def routes(self) -> Sequence[Route]:
        """`api/session`: who am I, sign in, sign out."""
        return [
            _route("GET", self._tell, "Who is asking."),
            replace(_route("POST", self._open, "Sign in."), takes=SignIn),
            _route("DELETE", self._end, "Sign out."),
        ]

    async def _tell(self, request: web.Request) -> web.Response:
        role = await self.access.role_of(request, request[PEER])
        return json_response(WhoIsAsking(role=role))

    async def _open(self, request: web.Request) -> web.Response:
        await self.rate.spend(asker_of(request, request[PEER]))
        given = _secret_in(await body_of(request))
        session = secrets.token_urlsafe(32)
        role = await self._opened(given, session)
        if role is None:
            raise not_signed_in()
        response = json_response(WhoIsAsking(role=role))
        response.set_cookie(
            self.access.cookie,
            session,
            max_age=A_YEAR_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=request.headers.get("Origin", "").startswith("https://"),
        )
        return response

    async def _opened(self, given: str, session: str) -> WebRole | None:
        """The role of a new session, which is kept by then; None where nothing opens one."""
        now, digest = self.access.clock(), hashed(session)
        invited = await self.access.keys.redeem(hashed(given), digest, now)
        if invited is not None:
            return invited.role
        token = await self.access.opened_by(given)
        if token is None:
            return None
        # Of the same name, so that revoking the token ends what was opened with it.
        await self.access.keys.add(digest, WebKey(KeyKind.SESSION, token.name, token.role, now))
        return token.role

    async def _end(self, request: web.Request) -> web.Response:
        session = request.cookies.get(self.access.cookie)
        if session:
            await self.access.keys.end(hashed(session))
        response = json_response(WhoIsAsking(role=None))
        response.del_cookie(self.access.cookie, httponly=True, samesite="Lax")
        return response


def _route(method: str, answer: Answer, says: str) -> Route:
    return Route(method, "/api/session", answer, needs=None, tells=WhoIsAsking, says=says)


def _secret_in(body: bytes) -> str:
    try:
        return SignIn.model_validate_json(body).secret
    except ValidationError:
        raise refuse(
            ErrorCode.BAD_VALUE,
            say("This is nothing to sign in with."),
            say('Send {{"secret": "…"}} with the secret of an invitation, or a token.'),
        ) from None
