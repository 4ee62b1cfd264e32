"""The Host that a request names -> whether the pages are served under that name.

A page of somebody else can have its own name resolve to this machine (DNS rebinding); such a
request names a host that nobody here has. Addresses in numbers cannot be turned that way.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from glance_agent.domain.errors import ErrorCode
from glance_agent.domain.said import say
from glance_agent.doors.web.refusing import refuse
from glance_agent.doors.web.settings import WebSettings

_SHARED: Final = ipaddress.ip_network("100.64.0.0/10")
"""Addresses of private networks that span the Internet, such as Tailscale's (RFC 6598)."""
_AUTHORITY: Final = re.compile(
    r"(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(:\d{1,5})?"
)

_PREFIX: Final = re.compile(r"(/[A-Za-z0-9_.~-]{1,200}){1,10}/?")


@dataclass(frozen=True, slots=True)
class HostNames:
    """The names under which the pages are served, in small letters."""

    names: frozenset[str]

    @classmethod
    def of(cls, settings: WebSettings, machine: str | None = None) -> HostNames:
        """Those of this machine, and those that are configured; `machine` is its own name."""
        own = (machine if machine is not None else socket.gethostname()).lower().split(".")[0]
        reached = urlsplit(settings.url or "").hostname
        asked = (settings.host.lower(), *settings.names, *([reached] if reached else []))
        mine = (own, f"{own}.local") if own else ()
        return cls(frozenset({"localhost", *mine, *asked}))

    def check(self, given: Iterable[str]) -> None:
        """Raises Refused unless the Host headers are one that names us."""
        host = host_of(given)
        if host is None or not (host in self.names or _is_private(host)):
            raise refuse(
                ErrorCode.WRONG_HOST,
                say("The pages are not served under this name."),
                say(
                    "Open them by the name or address of the machine, or add the name to web.names."
                ),
            )


def check_proxied(hosts: Iterable[str], prefixes: Iterable[str]) -> None:
    """Raises Refused where a proxy passes on a Host or a prefix that is none.

    Under which name it serves is its own affair; what it sends is kept to its form.
    """
    if host_of(hosts) is None or not all(map(_PREFIX.fullmatch, prefixes)):
        raise refuse(ErrorCode.WRONG_HOST, say("The proxy names no host, or no path."))


def host_of(given: Iterable[str]) -> str | None:
    """The name in the only Host header, without port, brackets and final dot; None for none."""
    headers = list(given)
    found = _AUTHORITY.fullmatch(headers[0]) if len(headers) == 1 else None
    return found["host"].strip("[]").lower().rstrip(".") if found else None


def _is_private(host: str) -> bool:
    """Whether it is an address, in numbers, of this machine or of a network at home."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return mapped.is_private or mapped in _SHARED
