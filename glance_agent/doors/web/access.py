"""Who may ask for what: the secret that a request carries, or where it comes from -> a role."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from aiohttp import web

from glance_agent.domain.errors import ErrorCode
from glance_agent.domain.said import say
from glance_agent.domain.web_key import KeyKind, WebKey, WebRole, hashed, matches
from glance_agent.doors.web.peers import Peer
from glance_agent.doors.web.refusing import Refused, refuse

LONGEST_SECRET: Final = 4000
OF_THE_CONFIGURATION: Final = "configuration"
"""What the token of the configuration is called, and what is opened with it."""
SAID_BY_PATH: Final = "token"
"""The name under which a route's path holds a token, for devices that send no headers."""


class KeyKeeper(Protocol):
    """Keeps what opens the pages, by the hashes of secrets. Raises StoreError."""

    async def find(self, digest: str) -> WebKey | None: ...
    async def add(self, digest: str, key: WebKey) -> None: ...
    async def redeem(self, invitation: str, session: str, now: datetime) -> WebKey | None: ...
    async def end(self, digest: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Access:
    """Knows who is who. Without a token of the configuration, this machine itself may do all."""

    keys: KeyKeeper
    clock: Callable[[], datetime]
    cookie: str = "glance"
    """The name of the cookie; browsers send it to every port of a host."""
    secret: str | None = None
    """The hash of the token of the configuration."""

    async def role_of(self, request: web.Request, peer: Peer) -> WebRole | None:
        """What whoever asks may do; None for somebody who is not signed in.

        Who carries a token is taken for its owner, wherever it comes from.
        """
        if (token := token_in(request)) is not None:
            key = await self.opened_by(token)
            return key.role if key is not None else None
        if peer.trusted or (peer.local and self.secret is None):
            return WebRole.ADMIN
        session = request.cookies.get(self.cookie)
        key = await self._found(session, KeyKind.SESSION) if session else None
        return key.role if key is not None else None

    async def opened_by(self, token: str) -> WebKey | None:
        """The key of a token, the configuration's or another one; None where it opens nothing."""
        if self.secret is not None and matches(token, self.secret):
            return WebKey(KeyKind.TOKEN, OF_THE_CONFIGURATION, WebRole.ADMIN, self.clock())
        return await self._found(token, KeyKind.TOKEN)

    async def _found(self, secret: str, kind: KeyKind) -> WebKey | None:
        if len(secret) > LONGEST_SECRET:
            return None
        key = await self.keys.find(hashed(secret))
        return key if key is not None and key.kind is kind and key.holds(self.clock()) else None


def require(role: WebRole | None, needed: WebRole) -> None:
    """Raises Refused unless the role covers what is needed."""
    if role is None:
        raise not_signed_in()
    if not role.covers(needed):
        raise refuse(
            ErrorCode.NOT_ALLOWED,
            say("This needs the role “{needed}”; yours is “{role}”.", needed=needed, role=role),
            say("On the agent's machine: glance-agent web invite --role {needed}", needed=needed),
        )


def not_signed_in() -> Refused:
    """What is raised where nobody knows who asks."""
    return refuse(
        ErrorCode.NOT_SIGNED_IN,
        say("This needs you to be signed in."),
        say("On the agent's machine: glance-agent web invite"),
        headers={"WWW-Authenticate": "Bearer"},
    )


def token_in(request: web.Request) -> str | None:
    """The token that a request carries, in its path or its head; None for none."""
    in_path = request.match_info.get(SAID_BY_PATH)
    given = request.headers.get("Authorization")
    if in_path is not None or given is None:
        return in_path
    scheme, _, token = given.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
