"""What every request has to pass before it is answered, in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aiohttp import web

from glance_agent.doors.web.access import Access, require, token_in
from glance_agent.doors.web.application import Check
from glance_agent.doors.web.bodies import check_content_type
from glance_agent.doors.web.hosts import HostNames, check_proxied
from glance_agent.doors.web.origins import check_origin
from glance_agent.doors.web.peers import Peer, peer_of
from glance_agent.doors.web.rates import Rate, asker_of
from glance_agent.doors.web.route import Route
from glance_agent.doors.web.settings import WebSettings

PEER: Final = web.RequestKey("peer", Peer)


def checks_of(
    settings: WebSettings, access: Access, names: HostNames, wrong_tokens: Rate
) -> Sequence[Check]:
    """Where a request comes from, which name it uses, which page sends it, who asks, and what."""

    async def host(request: web.Request, _route: Route) -> None:
        peer = request[PEER] = peer_of(request, settings.trusted)
        given = request.headers.getall("Host", ())
        if peer.trusted:
            check_proxied(given, request.headers.getall("X-Ingress-Path", ()))
        else:
            names.check(given)

    async def origin(request: web.Request, _route: Route) -> None:
        sent_to = request.headers.getall("Host", ())
        forwarded = request.headers.getall("X-Forwarded-Host", ()) if request[PEER].trusted else ()
        check_origin(request.method, request.headers, (*sent_to, *forwarded))

    async def role(request: web.Request, route: Route) -> None:
        if route.needs is None:
            return
        asker = asker_of(request, request[PEER])
        carries_token = token_in(request) is not None
        if carries_token:
            wrong_tokens.check(asker)
        found = await access.role_of(request, request[PEER])
        if carries_token and found is None:
            await wrong_tokens.spend(asker)
        require(found, route.needs)

    async def content_type(request: web.Request, route: Route) -> None:
        check_content_type(request, route)

    return host, origin, role, content_type
