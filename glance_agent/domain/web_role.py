"""What somebody who asks over the pages may do."""

from __future__ import annotations

from enum import StrEnum


class WebRole(StrEnum):
    """Whoever may do more may do less as well: they stand from the least to the most."""

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
