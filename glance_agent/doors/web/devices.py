"""The devices' door: addresses that frames and readers ask by themselves, without tokens in pages.

It knows those addresses alone, and answers nobody who is not at home.
"""

from __future__ import annotations

import ipaddress
import logging
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from glance_agent.domain.device_http import MOST_BODY_BYTES, DeviceAddress, DeviceRequest
from glance_agent.domain.errors import ErrorCode
from glance_agent.domain.said import say
from glance_agent.doors.web.application import Check, application
from glance_agent.doors.web.bodies import body_of
from glance_agent.doors.web.connection import Crowd
from glance_agent.doors.web.headers import safety_headers
from glance_agent.doors.web.hosts import HostNames, host_of
from glance_agent.doors.web.origins import check_origin
from glance_agent.doors.web.peers import plain_address
from glance_agent.doors.web.rates import Rate
from glance_agent.doors.web.refusing import Refused, refuse
from glance_agent.doors.web.route import Route
from glance_agent.doors.web.serving import HttpServer, Listened
from glance_agent.doors.web.settings import WebSettings, address_of

ASKED: Final = (240, 60.0)
"""So often one address may ask within so many seconds."""
_HOME: Final = tuple(
    map(
        ipaddress.ip_network,
        (
            *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
            *("169.254.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7", "fe80::/10"),
        ),
    )
)
_NOBODYS: Final = re.compile(r"[a-z0-9_-]+(\.(local|lan|home|internal|home\.arpa|fritz\.box))?")
"""Names that nobody elsewhere can own, so that no foreign page can be served under them."""
_log = logging.getLogger(__name__)


def is_at_home(address: str) -> bool:
    """Whether an address, as a connection shows it, is this machine's or of a private network."""
    plain = plain_address(address)
    if not plain:
        return False
    found = ipaddress.ip_address(plain)
    return any(found.version == network.version and found in network for network in _HOME)


@dataclass(frozen=True, slots=True)
class HomeCrowd(Crowd):
    """Connections from home alone."""

    def has_room(self, address: str, all_there_are: Collection[str]) -> bool:
        """Whether one more from this address may stay."""
        return is_at_home(address) and Crowd.has_room(self, address, all_there_are)


class DeviceDoor:
    """Serves the addresses of devices. Where its port cannot be had, it says so and the agent
    goes on."""

    def __init__(self, settings: WebSettings, addresses: Sequence[DeviceAddress]) -> None:
        self._routes = [_route(address) for address in addresses]
        self._checks = _checks(HostNames.of(settings))
        self._headers = safety_headers()
        self._server = HttpServer(
            Listened(
                settings.devices_host,
                settings.devices_port,
                "devices",
                "web.devices_port",
                address_of,
            ),
            self._headers,
            HomeCrowd(most=64, most_of_one=16),
        )

    async def opened(self) -> int | None:
        """The port, once devices are served; None where they cannot be."""
        return await self._server.opened()

    async def run(self) -> None:
        """Serve until cancelled."""
        await self._server.run(application(self._routes, self._checks, self._headers))


def _route(address: DeviceAddress) -> Route:
    async def answer(request: web.Request) -> web.Response:
        answered = await address.answer(await _asked(request))
        return web.Response(
            body=answered.body,
            status=answered.status,
            content_type=answered.content_type,
            headers={"Cache-Control": "no-store", **answered.headers},
        )

    return Route(address.method, address.path, answer, needs=None)


async def _asked(request: web.Request) -> DeviceRequest:
    """The request in the words of devices; raises Refused for a body that is too long."""
    body = await body_of(request, MOST_BODY_BYTES) if request.can_read_body else b""
    return DeviceRequest(
        headers={name.lower().replace("_", "-"): text for name, text in request.headers.items()},
        parts=dict(request.match_info),
        body=body,
        address=plain_address(request.remote or ""),
        base_url=f"http://{request.headers.get('Host', '')}",
    )


def _checks(names: HostNames) -> Sequence[Check]:
    """How often an address asks, under which name, and that no foreign page does."""
    rate = Rate(*ASKED)
    said: set[str] = set()

    async def seldom(request: web.Request, _route: Route) -> None:
        await rate.spend(plain_address(request.remote or ""))

    async def host(request: web.Request, _route: Route) -> None:
        given = request.headers.getall("Host", ())
        try:
            _check_name(names, given)
        except Refused:
            _tell_of_name(host_of(given), said)
            raise

    async def origin(request: web.Request, _route: Route) -> None:
        check_origin(request.method, request.headers, request.headers.getall("Host", ()))
        if "Origin" in request.headers or "Sec-Fetch-Site" in request.headers:
            raise refuse(ErrorCode.NOT_ALLOWED, say("This is for devices, not for pages."))

    return seldom, host, origin


def _check_name(names: HostNames, given: Iterable[str]) -> None:
    headers = list(given)
    name = host_of(headers)
    if name is None or not _NOBODYS.fullmatch(name):
        names.check(headers)


def _tell_of_name(name: str | None, said: set[str]) -> None:
    """One line for each name that a device uses and that is not ours; not many."""
    if name is not None and name not in said and len(said) < 20:
        said.add(name)
        _log.warning(
            "a device asks under the name %s, which is not known to be this machine's: write "
            "names = [“%s”] into the table [web] of the configuration if it is",
            name,
            name,
        )
