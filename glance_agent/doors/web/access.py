"""Who may ask for what: the token that a request carries, or where it comes from -> a role."""

from __future__ import annotations

import hashlib
import hmac

from aiohttp import web

from glance_agent.domain.errors import ErrorCode
from glance_agent.domain.web_role import WebRole
from glance_agent.doors.web.peers import Peer
from glance_agent.doors.web.refusing import Refused, refuse

COOKIE = "glance"


class Access:
    """Knows who is who. Without a token of the configuration, this machine itself may do all."""

    def __init__(self, secret: str | None) -> None:
        self._hash = hashed(secret) if secret is not None else None

    async def role_of(self, request: web.Request, peer: Peer) -> WebRole | None:
        """What whoever asks may do; None for somebody who is not signed in."""
        given = token_in(request)
        if peer.trusted or (given is None and peer.local and self._hash is None):
            return WebRole.ADMIN
        if given is not None and self._hash is not None and matches(given, self._hash):
            return WebRole.ADMIN
        return None

    async def check(self, request: web.Request, peer: Peer, needed: WebRole | None) -> None:
        """Raises Refused unless whoever asks may do what needs this role."""
        if needed is None:
            return
        require(await self.role_of(request, peer), needed)


def require(role: WebRole | None, needed: WebRole) -> None:
    """Raises Refused unless the role covers what is needed."""
    if role is None:
        raise not_signed_in()
    if not role.covers(needed):
        raise refuse(
            ErrorCode.NOT_ALLOWED,
            f"This needs the role “{needed}”; yours is “{role}”.",
            "Make an invitation or token with that role: glance-agent web invite --role …",
        )


def not_signed_in() -> Refused:
    """What is raised where nobody knows who asks."""
    refused = refuse(
        ErrorCode.NOT_SIGNED_IN,
        "This needs you to be signed in.",
        "Make an invitation on the agent's machine: glance-agent web invite",
    )
    refused.headers = {"WWW-Authenticate": "Bearer"}
    return refused


def token_in(request: web.Request) -> str | None:
    """The token that a request carries, in its head; None for none."""
    given = request.headers.get("Authorization")
    if given is None:
        return None
    scheme, _, token = given.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def hashed(secret: str) -> str:
    """What is kept of a secret, and compared; what is no UTF-8 comes as halves of characters."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def matches(secret: str, kept: str) -> bool:
    """Whether this is the secret of which that is kept, in a time that tells nothing."""
    return hmac.compare_digest(hashed(secret), kept)
