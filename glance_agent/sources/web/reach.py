"""Which addresses may be asked at all: http and https, to public hosts that a source names."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glance_agent.domain.errors import AddressRefused
from glance_agent.domain.foreign import line
from glance_agent.domain.said import say

if TYPE_CHECKING:
    from yarl import URL

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_V4 = (
    "0.0.0.0/8",  # this network, RFC 791
    "10.0.0.0/8",  # private, RFC 1918
    "100.64.0.0/10",  # shared by a provider's customers, RFC 6598
    "127.0.0.0/8",  # loopback, RFC 1122
    "169.254.0.0/16",  # link-local, RFC 3927
    "172.16.0.0/12",  # private, RFC 1918
    "192.0.0.0/24",  # protocol assignments, RFC 6890; its few public ones serve no pictures
    "192.0.2.0/24",  # documentation, RFC 5737
    "192.31.196.0/24",  # AS112, RFC 7535
    "192.52.193.0/24",  # multicast tunnels, RFC 7450
    "192.88.99.0/24",  # relays of 6to4, deprecated by RFC 7526
    "192.168.0.0/16",  # private, RFC 1918
    "192.175.48.0/24",  # AS112, RFC 7534
    "198.18.0.0/15",  # benchmarks, RFC 2544
    "198.51.100.0/24",  # documentation, RFC 5737
    "203.0.113.0/24",  # documentation, RFC 5737
    "224.0.0.0/4",  # multicast, RFC 5771
    "240.0.0.0/4",  # reserved, RFC 1112, and broadcast, RFC 8190
)
_V6 = (
    "2001::/23",  # protocol assignments with Teredo, ORCHID and benchmarks, RFC 2928
    "2001:db8::/32",  # documentation, RFC 3849
    "2002::/16",  # 6to4, RFC 3056
    "2620:4f:8000::/48",  # AS112, RFC 7534
    "3fff::/20",  # documentation, RFC 9637
)
SPECIAL = tuple(ipaddress.ip_network(network) for network in (*_V4, *_V6))
"""What is nobody's or not everybody's: the IANA registries of special-purpose addresses for IPv4
and IPv6 (RFC 6890) as of 2025, and IPv4's multicast. A table of our own beside the interpreter's,
which differs from one version of Python to the next."""
ALLOCATED = ipaddress.IPv6Network("2000::/3")
"""Global unicast, all of IPv6 that is given out (RFC 4291): without loopback, local (fc00::/7,
fe80::/10, and fec0::/10 of old), multicast and everything that wraps IPv4."""
TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv4 addresses as a NAT64 spells them, RFC 6052; they are judged by what they stand for."""
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
        return self.private or _is_public(_meant(found))


AT_HOME = Reach(private=True)
"""For servers of the household, whose addresses its configuration names."""


def checked(url: str, hosts: frozenset[str], reach: Reach) -> URL:
    """The address, if it may be asked by a source that is known for these hosts.

    Raises AddressRefused. Names are checked again after they are resolved.
    """
    from yarl import URL

    try:
        parsed = URL(url)
        # As it goes over the wire: “künstler.example” is xn--knstler-n2a.example there.
        host, named = (parsed.raw_host or "").lower(), parsed.user or parsed.password
    except ValueError:
        raise AddressRefused(say("The address is not valid and was not asked.")) from None
    if parsed.scheme not in ("http", "https"):
        raise AddressRefused(
            say(
                "Only http and https addresses are asked, not {scheme}.",
                scheme=line(parsed.scheme, 20),
            )
        )
    if not host:
        raise AddressRefused(say("The address names no host and was not asked."))
    if named:
        raise AddressRefused(say("Addresses with a user name or a password are not asked."))
    if host not in hosts:
        refused = say(
            "{host} is not among the allowed hosts and was not asked.",
            host=line(host, LONGEST_NAMED),
        )
        raise AddressRefused(refused, unlisted=True)
    if _is_literal(host) and not reach.allows(host):
        raise AddressRefused(say("{host} is a private address: those are never asked.", host=host))
    return parsed


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _is_public(address: Address) -> bool:
    """Whether both this table and the interpreter's hold the address to be anybody's."""
    if any(address in network for network in SPECIAL if network.version == address.version):
        return False
    if address.version == 6 and address not in ALLOCATED:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _meant(address: Address) -> Address:
    """The address, or the IPv4 address that a mapped or translated one stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address
