"""Whether browsers find the pages, and whether those who should not are kept out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Final

from glance_agent.cli.doctor.finding import Finding, Patient
from glance_agent.domain.errors import ConfigError
from glance_agent.domain.said import listed, many, say
from glance_agent.doors.web.settings import WebSettings, address_of, is_loopback, reachable_here

ANSWER_SECONDS: Final = 3.0
SHORTEST_TOKEN: Final = 16


async def check(patient: Patient) -> AsyncIterator[Finding]:
    """Who serves at the port, and how hard the token is to guess."""
    web = patient.config.web
    if not web.enabled:
        yield Finding(say("pages"), True, say("off ({by})", by="web.enabled"))
        return
    if fault := token_fault(web):
        yield Finding(say("pages"), False, fault)
        return
    where = web.url or address_of(web.host, web.port)
    match await server_at(web.host, web.port):
        case None:
            said = say(
                "nobody serves at port {port} yet; a running agent does, at {where}",
                port=str(web.port),
                where=where,
            )
            yield Finding(say("pages"), True, said)
        case server if server.startswith("glance-agent"):
            said = say("served at {where}, for {whom}", where=where, whom=_whom(web))
            yield Finding(say("pages"), True, said)
        case _:
            said = say(
                "another program answers at port {port}, so that the agent goes on without pages: "
                "set web.port to another one, or end that program",
                port=str(web.port),
            )
            yield Finding(say("pages"), False, said)


def token_fault(web: WebSettings) -> str | None:
    """What is wrong with the token, where something is."""
    try:
        secret = web.secret()
    except ConfigError as error:
        return error.said
    if secret is not None and len(secret) < SHORTEST_TOKEN:
        return many(
            "the token has 1 letter and can be guessed: write one of {least} or more into "
            "web.token_file",
            "the token has {n} letters and can be guessed: write one of {least} or more into "
            "web.token_file",
            n=len(secret),
            least=SHORTEST_TOKEN,
        )
    return None


def _whom(web: WebSettings) -> str:
    if is_loopback(web.host):
        return say("this machine")
    if not web.trusted:
        return say("the network, with a token")
    return say(
        "the network, with a token but from {trusted}", trusted=listed(map(str, web.trusted))
    )


_ASKED = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


async def server_at(host: str, port: int) -> str | None:
    """Who says to answer at the port; None where nobody listens, empty for what is no agent."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection(reachable_here(host), port)
            with closing(writer):
                writer.write(_ASKED)
                head = (await reader.read(2000)).decode("latin-1")
    except TimeoutError:
        return ""
    except OSError:
        return None
    named = (line.partition(": ")[2] for line in head.splitlines() if line.startswith("Server: "))
    return next(named, "")
