"""Who may open the pages: roles, and the keys that give one. Of a secret, only its hash is kept."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

INVITATION_HOLDS: Final = timedelta(minutes=10)
_CLOCKS_DIFFER: Final = timedelta(minutes=1)


class WebRole(StrEnum):
    """What somebody may do: whoever may do more may do less as well, from the least to the most."""

    VIEW = "view"
    USE = "use"
    ADMIN = "admin"

    def covers(self, needed: WebRole) -> bool:
        """Whether this one may do what needs that one."""
        order = list(WebRole)
        return order.index(self) >= order.index(needed)


ROLE_MEANINGS: dict[WebRole, str] = {
    WebRole.VIEW: "look at pictures and displays, and search; for frames and tablets on the wall",
    WebRole.USE: "also show, like, dislike and set moods; for people of the household",
    WebRole.ADMIN: "everything: also hide works from everyone and have sources looked through",
}


class KeyKind(StrEnum):
    """What a key is: an invitation opens a session once; a token opens what it may, for ever."""

    INVITATION = "invitation"
    SESSION = "session"
    TOKEN = "token"  # noqa: S105 - a kind of key, not one


@dataclass(frozen=True, slots=True)
class WebKey:
    """One way in, without its secret. `until` is None where it holds until it is revoked."""

    kind: KeyKind
    name: str
    role: WebRole
    made_at: datetime
    until: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Whether it opens anything at this moment; one of another day's clock does not."""
        if self.until is None:
            return True
        return self.made_at - _CLOCKS_DIFFER <= now < self.until


def hashed(secret: str) -> str:
    """What is kept of a secret, and compared; what is no UTF-8 comes as halves of characters."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def matches(secret: str, kept: str) -> bool:
    """Whether this is the secret of which that is kept, in a time that tells nothing."""
    return hmac.compare_digest(hashed(secret), kept)
