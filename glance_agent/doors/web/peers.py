"""Who is at the other end of a connection: an address, and whether it is taken at its word."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

_FORWARDED: Final = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")
"""What proxies add: who sends one of these may stand for anybody."""
_PAGE: Final = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Peer:
    """The other end. `trusted` is a proxy that has signed people in, `local` this machine itself;
    `address` is as Python spells it, and empty where the connection has gone."""

    address: str
    trusted: bool = False
    local: bool = False


def peer_of(request: web.Request, trusted: Collection[str]) -> Peer:
    """Who sent this; a proxy on this machine that is not trusted is not this machine."""
    return _peer(request.remote or "", request.headers, trusted)


def _peer(remote: str, headers: Mapping[str, str], trusted: Collection[str]) -> Peer:
    address = plain_address(remote)
    if not address:
        return Peer("")
    is_loopback = ipaddress.ip_address(address).is_loopback
    local = is_loopback and not _comes_from_elsewhere(headers)
    return Peer(address, address in trusted, local=local)


def _comes_from_elsewhere(headers: Mapping[str, str]) -> bool:
    """Whether a proxy has passed it on: one says so itself, or the page that asks has another
    host than the request."""
    if any(name in headers for name in _FORWARDED):
        return True
    here = headers.get("Host", "").lower()
    pages = (_PAGE.match(headers.get(name, "")) for name in ("Origin", "Referer"))
    return any(page is not None and page[1].lower() != here for page in pages)


def plain_address(remote: str) -> str:
    """An address in one spelling: without zone, and IPv4 as such; empty for what is none."""
    try:
        found = ipaddress.ip_address(remote.partition("%")[0])
    except ValueError:
        return ""
    return str(getattr(found, "ipv4_mapped", None) or found)
