"""Which addresses may be asked at all: http and https, to public hosts that a source names."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from yarl import URL

from glance_agent.domain.errors import AddressRefused

LONGEST_NAMED = 63
"""How much of a host's name a sentence quotes."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Which network addresses may be connected to; `private` is for tests and one's own network."""

    private: bool = False

    def allows(self, address: str) -> bool:
        """Whether this IP address may be connected to."""
        try:
            found = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        return self.private or all(_is_public(a) for a in _meant(found))


def checked(url: str, hosts: frozenset[str], reach: Reach) -> URL:
    """The address, if it may be asked by a source that is known for these hosts.

    Raises AddressRefused. Names are checked again after they are resolved.
    """
    try:
        parsed = URL(url)
        host = (parsed.host or "").lower()
    except ValueError:
        raise AddressRefused("The address is not valid and was not asked.") from None
    if parsed.scheme not in ("http", "https"):
        raise AddressRefused(f"Only http and https addresses are asked, not {parsed.scheme}.")
    if not host:
        raise AddressRefused("The address names no host and was not asked.")
    if parsed.user or parsed.password:
        raise AddressRefused("Addresses with a user name or a password are not asked.")
    if host not in hosts:
        refused = f"{_named(host)} is not among the allowed hosts and was not asked."
        raise AddressRefused(refused, unlisted=True)
    if _is_literal(host) and not reach.allows(host):
        raise AddressRefused(f"{host} is a private address: those are never asked.")
    return parsed


def _named(host: str) -> str:
    """A host that a stranger may have named, cut for a sentence."""
    printable = "".join(c if c.isprintable() else "?" for c in host)
    return printable if len(printable) <= LONGEST_NAMED else f"{printable[: LONGEST_NAMED - 1]}…"


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return address.is_global and not address.is_multicast and not address.is_reserved


def _meant(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """The address, and the IPv4 addresses that an IPv6 address wraps (mapped, 6to4, NAT64 …)."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    if address in ipaddress.ip_network("64:ff9b::/96"):
        return [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
    return [address, *(a for a in (address.sixtofour, *(address.teredo or ())) if a)]
