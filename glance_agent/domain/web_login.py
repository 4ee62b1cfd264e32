"""How a name and a password are shown to a web server: as they are, or as a digest (RFC 7616)."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

_D = TypeVar("_D")


class WaysIn(Generic[_D]):
    """By which way each origin lets a login in; it is found by asking once without the login."""

    def __init__(self) -> None:
        self._digests: dict[tuple[str, str], _D | None] = {}

    def is_known(self, origin: str, login: str) -> bool:
        """Whether this login, a field of a request's head, can be shown at this origin at once."""
        return (origin, login) in self._digests

    def digest(self, origin: str, login: str) -> _D | None:
        """What shows it as a digest; None where it is shown as it is."""
        return self._digests.get((origin, login))

    def found(
        self, place: tuple[str, str], status: int, challenges: str, make: Callable[[str, str], _D]
    ) -> _D | None:
        """The same for an origin and a login, by the answer to who showed none: its status and what
        `WWW-Authenticate` offers. `make` has the name and the password. A redirect is no answer to
        be remembered."""
        origin, login = place
        wants = wants_digest(challenges, secure=origin.startswith("https:"))
        digest = make(*name_and_password(login)) if wants else None
        if not 300 <= status < 400:
            self._digests[place] = digest
        return digest


def without_login(headers: Mapping[str, str]) -> dict[str, str]:
    """The same head, of nobody."""
    return {name: value for name, value in headers.items() if name != "Authorization"}


def wants_digest(challenges: str, *, secure: bool) -> bool:
    """Whether a login is better shown as a digest, by what `WWW-Authenticate` offers.

    Where nobody can listen the plain one is preferred: every server that offers it can check it.
    """
    offered = set(re.findall(r"(?:^|, *)(digest|basic) ", challenges.casefold()))
    return "digest" in offered and not (secure and "basic" in offered)


def name_and_password(login: str) -> tuple[str, str]:
    """Those of a plain login (RFC 7617)."""
    user, _, password = base64.b64decode(login.partition(" ")[2]).decode().partition(":")
    return user, password
