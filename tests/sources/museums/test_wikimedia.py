"""Wikimedia Commons and Wikidata, against a loopback server that answers in their shape."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from glance_agent.domain.items import Listed, Skipped
from glance_agent.sources.museums.wikimedia import WIDTHS_PX, Wikimedia, WikimediaSettings, works_of
from glance_agent.sources.web.web import Web
from tests.sources.fake_museum import FakeMuseum, all_items, all_pages, jpeg, visit_of

API, SPARQL = "/w/api.php", "/sparql"
SERVED = {20, 40, 60, 120, 250, 330, 500, 960, 1280, 1920, 3840}


def file(museum: FakeMuseum, number: int = 1, **changes: Any) -> dict[str, Any]:
    said = {
        "Artist": "<bdi><a href='https://example.org'>Claude Monet</a>\n</bdi>",
        "ObjectName": "<i>Nymph&eacute;as</i>",
        "DateTimeOriginal": "1906<div style='display: none;'>date QS:P571,+1906</div>",
        "Credit": "<a href='x'>Art Museum</a>",
        "License": "pd",
        **changes.pop("said", {}),
    }
    info = {
        "url": f"{museum.base}/original/{number}.jpg",
        "descriptionurl": "https://commons.wikimedia.org/wiki/File:Example.jpg",
        "thumburl": f"{museum.base}/thumb/{number}/960px.jpg",
        "thumbwidth": 800,
        "width": 5514,
        "height": 4135,
        "mime": "image/jpeg",
        "extmetadata": {name: {"value": value} for name, value in said.items()},
        **changes.pop("info", {}),
    }
    return {"pageid": number, "title": f"File:Example {number}.jpg", "imageinfo": [info]} | changes


def source(museum: FakeMuseum, client: Web, **settings: Any) -> Wikimedia:
    chosen = WikimediaSettings(name="test", kind="wikimedia", **settings)
    commons = Wikimedia(chosen, visit_of(client), api=museum.base + API)
    commons.query_service = museum.base + SPARQL
    return commons


async def test_the_files_of_a_category(museum: FakeMuseum, client: Web) -> None:
    def answer(*files: Any, **more: Any) -> dict[str, Any]:
        return {"query": {"pages": list(files)}, **more}

    onward = {"continue": {"gcmcontinue": "file|5041|2", "continue": "gcmcontinue||"}}
    museum.json(API, answer(file(museum, 1), **onward), answer(file(museum, 2)))
    commons = source(museum, client, category="Water Lilies")
    first, second = await all_pages(commons)
    [item] = first.items
    assert isinstance(item, Listed)
    assert item.artwork is not None
    assert item.artwork.label == "“Nymphéas” by Claude Monet, 1906"
    assert item.artwork.credit == "Art Museum, via Wikimedia Commons"
    assert (item.artwork.licence, item.artwork.width) == ("PDM-1.0", 5514)
    assert museum.asked[0].query["gcmtitle"] == "Category:Water Lilies"
    assert museum.asked[1].query["gcmcontinue"] == "file|5041|2"
    again = await all_items(commons, first.next_cursor)
    assert [i.key for i in again] == [i.key for i in second.items] == ["2"]


async def test_only_widths_that_are_served_are_asked_for(museum: FakeMuseum, client: Web) -> None:
    museum.json(API, {"query": {"pages": {"1": file(museum)}}})
    small, large = jpeg(96, 72), jpeg(192, 144)
    museum.picture("/thumb/1/960px.jpg", small)

    async def redirect(request: web.Request) -> web.Response:
        assert int(request.query["width"]) in SERVED
        raise web.HTTPFound("/large.jpg")

    museum.on("/wiki/Special:FilePath/Example_1.jpg", redirect)
    museum.picture("/large.jpg", large)
    commons = source(museum, client, category="x")
    [item] = await all_items(commons)
    assert isinstance(item, Listed)
    fetched = await commons.fetch(item, wanted_px=512)
    assert (fetched.data, await commons.read(fetched.location)) == (small, large)
    assert set(WIDTHS_PX) <= SERVED


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"said": {"License": "fair use"}}, "licence unknown"),
        ({"said": {"License": None}}, "licence unknown"),
        ({"said": {"License": "cc-by-nc-4.0"}}, "licence not open"),
        ({"info": {"mime": "video/webm"}}, "no picture"),
        ({"info": {"mime": "image/svg+xml"}}, "no picture"),
        ({"info": {"width": None}}, "no picture"),
        ({"imageinfo": None}, "licence unknown"),
        ({"imageinfo": None, "missing": True, "pageid": None}, "record without id"),
    ],
)
async def test_what_may_not_be_shown_is_left_out(
    museum: FakeMuseum, client: Web, changes: dict[str, Any], reason: str
) -> None:
    museum.json(API, {"query": {"pages": [file(museum, **changes)]}})
    [item] = await all_items(source(museum, client, category="x"))
    assert isinstance(item, Skipped)
    assert item.reason == reason


async def test_attribution_is_kept_where_it_is_asked_for(museum: FakeMuseum, client: Web) -> None:
    page = file(museum, said={"License": "cc-by-sa-4.0", "Artist": "Photographer"})
    tiff = file(museum, 2, info={"mime": "image/tiff", "width": 900, "height": 700})
    museum.json(API, {"query": {"pages": [page, tiff]}})
    item, small_tiff = await all_items(source(museum, client, category="x"))
    assert isinstance(item, Listed)
    assert item.artwork is not None
    assert item.artwork.credit == "Photographer, CC-BY-SA-4.0, via Wikimedia Commons"
    assert getattr(small_tiff, "reason", "") == "no picture"


def row(number: str, name: str, **values: str) -> dict[str, Any]:
    image = f"http://commons.wikimedia.org/wiki/Special:FilePath/{name}"
    values = {"item": f"http://www.wikidata.org/entity/{number}", "image": image, **values}
    return {key: {"type": "literal", "value": value} for key, value in values.items()}


async def test_what_a_query_finds(museum: FakeMuseum, client: Web) -> None:
    bindings = [
        row("Q1", "Example%201.jpg", itemLabel="Lilies", inception="-0500-01-01T00:00:00Z"),
        row("Q2", "H%C3%B8jbro.jpg", itemLabel="Q2", creatorLabel="http://x/.well-known/genid/1"),
        row("Q1", "Other.tif", itemLabel="Lilies"),
        row("Q3", "Lost.jpg", itemLabel="Lost"),
        {"item": None},
        "what",
    ]
    museum.json(SPARQL, {"results": {"bindings": bindings}})
    renamed = {"from": "File:Højbro.jpg", "to": "File:Højbro Plads.jpg"}
    moved = file(museum, 2, title="File:Højbro Plads.jpg")
    pages = {"pages": [file(museum, 1), moved], "normalized": [renamed]}
    museum.json(API, {"query": pages})
    first, second, lost = await all_items(source(museum, client, sparql="SELECT …"))
    assert isinstance(first, Listed)
    assert first.artwork is not None
    assert first.artwork.label == "“Lilies” by Claude Monet, 500 BC"
    assert (first.artwork.id, first.artwork.year_from) == ("test:Q1", -500)
    assert isinstance(second, Listed)
    assert second.artwork is not None
    assert (second.artwork.title, second.artwork.artist) == ("Nymphéas", "Claude Monet")
    assert lost == Skipped("Q3", "licence unknown", "", lost.fingerprint)
    assert museum.asked[1].query["titles"] == "File:Example 1.jpg|File:Højbro.jpg|File:Lost.jpg"


async def test_a_query_is_answered_in_batches_and_resumed(museum: FakeMuseum, client: Web) -> None:
    bindings = [row(f"Q{n}", f"F{n}.jpg") for n in range(1, 121)]
    museum.json(SPARQL, {"results": {"bindings": bindings}})
    museum.json(API, {"query": {"pages": []}})
    commons = source(museum, client, sparql="SELECT …")
    pages = await all_pages(commons)
    assert [len(page.items) for page in pages] == [50, 50, 20]
    rest = await all_items(commons, pages[1].next_cursor)
    assert [item.key for item in rest] == [f"Q{n}" for n in range(101, 121)]


async def test_nothing_found(museum: FakeMuseum, client: Web) -> None:
    museum.json(API, {"batchcomplete": True})
    museum.json(SPARQL, {"results": {"bindings": []}})
    for settings in ({"category": "x"}, {"sparql": "SELECT …"}):
        [page] = await all_pages(source(museum, client, **settings))
        assert (page.items, page.next_cursor) == ((), None)
    assert works_of([None, {}, []]) == {}
