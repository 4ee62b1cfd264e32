"""Whether a request that changes something comes from a page of ours (Fetch Metadata, W3C).

Browsers say where a request comes from; what says nothing is no browser of today, and what is
older says its Origin. Programs say neither: they need their token, and JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from glance_agent.domain.errors import ErrorCode
from glance_agent.domain.said import say
from glance_agent.doors.web.refusing import refuse

SAFE_METHODS: Final = frozenset({"GET", "HEAD"})
_ORIGIN: Final = re.compile(r"https?://([^/?#@\s]+)", re.ASCII)
_OUR_OWN: Final = frozenset({"same-origin", "none"})


def check_origin(method: str, headers: Mapping[str, str], hosts: Iterable[str]) -> None:
    """Raises Refused where another origin's page wants something changed.

    `hosts` are the authorities, with ports, that the request may have been sent to.
    """
    if method in SAFE_METHODS:
        return
    site, origin = headers.get("Sec-Fetch-Site"), headers.get("Origin")
    ours = site.lower() in _OUR_OWN if site is not None else _is_ours(origin, hosts)
    if not ours:
        raise refuse(
            ErrorCode.NOT_ALLOWED,
            say("Another site's page may not change anything here."),
            say("Open the agent's own page, and do it there."),
        )


def _is_ours(origin: str | None, hosts: Iterable[str]) -> bool:
    if origin is None:
        return True
    found = _ORIGIN.fullmatch(origin)
    return found is not None and found[1].lower() in {host.lower() for host in hosts}
