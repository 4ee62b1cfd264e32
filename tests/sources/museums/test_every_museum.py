"""What every adapter owes: whatever a museum answers, works, recorded skips, or a SourceError."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from glance_agent.domain.errors import SourceError
from glance_agent.domain.items import Skipped
from glance_agent.sources.museums import europeana, harvard, nga, smithsonian, vam
from glance_agent.sources.museums.europeana import EuropeanaSettings
from glance_agent.sources.museums.harvard import HarvardSettings
from glance_agent.sources.museums.nga import NgaSettings
from glance_agent.sources.museums.smithsonian import SmithsonianSettings
from glance_agent.sources.museums.vam import VamSettings
from glance_agent.sources.web.museum import Museum
from glance_agent.sources.web.web import Web
from tests.sources.fake_museum import Clock, FakeMuseum, Handler, all_items, visit_of
from tests.sources.museums import (
    test_aic,
    test_cleveland,
    test_iiif,
    test_immich,
    test_met,
    test_rijksmuseum,
    test_smk,
    test_webdav,
    test_wikimedia,
)

Builder = Callable[[FakeMuseum, Web, Path], Museum[Any]]
KEY = SecretStr("k3y")
MUSEUMS: dict[str, Builder] = {
    "cleveland": lambda m, c, _: test_cleveland.source(m, c),
    "smk": lambda m, c, _: test_smk.source(m, c),
    "met": lambda m, c, _: test_met.source(m, c),
    "rijksmuseum": lambda m, c, _: test_rijksmuseum.source(m, c),
    "aic": lambda m, c, _: test_aic.source(m, c),
    "iiif": lambda m, c, _: test_iiif.source(m, c, "/manifest.json"),
    "wikimedia": lambda m, c, _: test_wikimedia.source(m, c, category="Lilies"),
    "wikidata": lambda m, c, _: test_wikimedia.source(m, c, sparql="SELECT"),
    "nga": lambda m, c, folder: nga.Nga(
        NgaSettings(name="test", kind="nga"), visit_of(c), api=m.base
    ),
    "harvard": lambda m, c, _: harvard.Harvard(
        HarvardSettings(name="test", kind="harvard", api_key=KEY), visit_of(c), api=m.base + "/o"
    ),
    "smithsonian": lambda m, c, _: smithsonian.Smithsonian(
        SmithsonianSettings(name="test", kind="smithsonian", api_key=KEY),
        visit_of(c),
        api=m.base + "/s",
    ),
    "europeana": lambda m, c, _: europeana.Europeana(
        EuropeanaSettings(name="test", kind="europeana", api_key=KEY),
        visit_of(c),
        api=m.base + "/s",
    ),
    "immich": lambda m, c, _: test_immich.source(m, c),
    "webdav": lambda m, c, _: test_webdav.source(m, c),
    "vam": lambda m, c, _: vam.Vam(
        VamSettings(name="test", kind="vam"), visit_of(c), api=m.base + "/s"
    ),
}


def answer(
    body: bytes, kind: str = "application/json", status: int = 200, **headers: str
) -> Handler:
    async def handler(_: web.Request) -> web.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(body=body, status=status, headers={**named, "Content-Type": kind})

    return handler


async def cut_short(request: web.Request) -> web.StreamResponse:
    """Announce more than is sent, and hang up."""
    response = web.StreamResponse(
        headers={"Content-Length": "1000", "Content-Type": "application/json"}
    )
    await response.prepare(request)
    await response.write(b'{"data": [')
    if request.transport is not None:
        request.transport.abort()
    return response


STRANGE: dict[str, Handler] = {
    "null": answer(b"null"),
    "nothing": answer(b""),
    "an empty object": answer(b"{}"),
    "an empty list": answer(b"[]"),
    "nulls": answer(b"[null, null]"),
    "a number": answer(b"7"),
    "words": answer('"Künstler 画家"'.encode()),
    "half a letter": answer(b'{"data": "\xc3'),
    "nested without end": answer(b"[" * 100_000),
    "a page": answer(b"<!doctype html><p>Hello", "text/html"),
    "a page that says it is JSON": answer(b"<html>Hello"),
    "not found": answer(b"{}", status=404),
    "gone": answer(b"", status=410),
    "forbidden": answer(b'{"error": "key"}', status=403),
    "broken": answer(b"oops", "text/plain", 500),
    "cut short": cut_short,
}
every_museum = pytest.mark.parametrize("name", MUSEUMS)


@every_museum
@pytest.mark.parametrize("strange", STRANGE)
async def test_a_strange_answer_is_no_work_and_no_accident(
    museum: FakeMuseum, client: Web, tmp_path: Path, name: str, strange: str
) -> None:
    museum.otherwise = STRANGE[strange]
    source = MUSEUMS[name](museum, client, tmp_path)
    try:
        items = await all_items(source)
    except SourceError:
        items = []
    assert all(isinstance(item, Skipped) and item.reason for item in items)
    assert museum.asked


@every_museum
async def test_a_host_that_refuses_programs_is_left_alone(
    museum: FakeMuseum, client: Web, tmp_path: Path, name: str
) -> None:
    museum.otherwise = answer(b"<html><title>Just a moment...</title>", "text/html", 403)
    with pytest.raises(SourceError, match="left alone until"):
        await all_items(MUSEUMS[name](museum, client, tmp_path))
    assert [away.host for away in client.away()] == ["127.0.0.1"]
    asked = 2 if name == "webdav" else 1  # without the login first, which tells how it is wanted
    assert len(museum.asked) == asked
    with pytest.raises(SourceError, match="left alone until"):
        await all_items(MUSEUMS[name](museum, client, tmp_path))
    assert len(museum.asked) == asked


@every_museum
async def test_a_pause_that_is_asked_for_is_made(
    museum: FakeMuseum, client: Web, clock: Clock, tmp_path: Path, name: str
) -> None:
    museum.otherwise = answer(b"", status=429, Retry_After="7")
    with pytest.raises(SourceError, match="429"):
        await all_items(MUSEUMS[name](museum, client, tmp_path))
    assert [seconds >= 7 for seconds in clock.slept] == [True, True]
    assert len(museum.asked) == 3
