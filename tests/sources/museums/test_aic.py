"""The Art Institute of Chicago, against a loopback museum that answers in its shape."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import web

from glance_agent.domain.errors import SourceError
from glance_agent.domain.items import Listed
from glance_agent.sources.museums.aic import Aic, AicSettings, entry_of
from glance_agent.sources.web.web import Web
from tests.sources.fake_museum import Clock, FakeMuseum, all_items, all_pages, jpeg, visit_of

API = "/artworks/search"


def record(number: int, **changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": number,
        "title": "Weir",
        "artist_title": None,
        "artist_display": "Ada Brook (Danish, 1820–1871)\nprinted later",
        "date_start": 1850,
        "date_end": 1851,
        "date_display": "1850/51",
        "medium_display": "Oil on canvas",
        "artwork_type_title": "Painting",
        "style_titles": ["Romanticism"],
        "subject_titles": None,
        "credit_line": "Gift",
        "is_public_domain": True,
        "color": {"h": 38, "s": 38, "l": 48},
        "thumbnail": {"width": 1938, "height": 2250, "lqip": None},
        "image_id": f"img-{number}",
    }
    return made | changes


def page(museum: FakeMuseum, records: list[Any], total: int) -> dict[str, Any]:
    config = {"iiif_url": f"{museum.base}/iiif/2"}
    return {"pagination": {"total": total}, "data": records, "config": config}


def source(museum: FakeMuseum, client: Web, **settings: Any) -> Aic:
    chosen = AicSettings(name="test", kind="aic", **settings)
    return Aic(chosen, visit_of(client), display_px=1600, api=museum.base + API)


async def test_a_record_becomes_an_artwork(museum: FakeMuseum, client: Web) -> None:
    museum.json(API, page(museum, [record(9)], 1))
    small, large = jpeg(84, 98), jpeg(168, 196)
    museum.picture("/iiif/2/img-9/full/843,/0/default.jpg", small)
    museum.picture("/iiif/2/img-9/full/1686,/0/default.jpg", large)
    aic = source(museum, client, query="water")
    [item] = await all_items(aic)
    assert isinstance(item, Listed)
    assert item.artwork is not None
    assert item.artwork.label == "“Weir” by Ada Brook, 1850/51"
    assert item.artwork.colours == ("#a9874c",)
    assert item.artwork.tags == ("Painting", "Romanticism")
    assert (item.artwork.width, item.artwork.page_url) == (1938, "https://www.artic.edu/artworks/9")
    fetched = await aic.fetch(item, wanted_px=512)
    assert (fetched.data, await aic.read(fetched.location)) == (small, large)
    asked = json.loads(museum.asked[0].query["params"])
    assert (asked["q"], asked["from"]) == ("water", 0)
    assert "Referer" not in museum.asked[-1].headers


async def test_the_order_of_chance_is_kept_by_the_cursor(
    museum: FakeMuseum, client: Web, clock: Clock
) -> None:
    async def handler(request: web.Request) -> web.Response:
        asked = json.loads(request.query["params"])
        first, count = asked["from"], asked["size"]
        records = [record(n) for n in range(first, min(first + count, 5000))]
        return web.json_response(page(museum, records, 5000))

    museum.on(API, handler)
    aic = source(museum, client)
    pages = await all_pages(aic)
    assert [item.key for p in pages for item in p.items] == [str(n) for n in range(1000)]
    clock.now += 5 * 86_400
    rest = await all_items(aic, pages[5].next_cursor)
    assert rest[0].key == "575"
    seeds = {
        json.loads(r.query["params"])["query"]["function_score"]["random_score"]["seed"]
        for r in museum.asked
    }
    assert len(seeds) == 1


async def test_a_challenge_closes_the_image_host_for_hours(
    museum: FakeMuseum, client: Web, clock: Clock
) -> None:
    client.manners["127.0.0.1"] = Aic.manners["www.artic.edu"]
    path = "/iiif/2/img-9/full/843,/0/default.jpg"
    museum.json(API, page(museum, [record(9)], 1))
    museum.body(
        path, b"<!DOCTYPE html>Just a moment...", "text/html", 403, cf_mitigated="challenge"
    )
    aic = source(museum, client)
    [item] = await all_items(aic)
    assert isinstance(item, Listed)
    for hours, asked in ((0, 1), (5, 1), (2, 2), (20, 2), (5, 3), (90, 3), (7, 4)):
        clock.now += hours * 3600
        with pytest.raises(SourceError, match="left alone until"):
            await aic.fetch(item, wanted_px=512)
        assert museum.paths[path] == asked
    assert [away.why for away in client.away()] == ["refuses programs"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"is_public_domain": False}, "licence not open"),
        ({"is_public_domain": None}, "licence unknown"),
        ({"image_id": None}, "no picture"),
    ],
)
async def test_what_may_not_be_shown_is_left_out(
    museum: FakeMuseum, client: Web, changes: dict[str, Any], reason: str
) -> None:
    museum.json(API, page(museum, [record(9, **changes), None], 2))
    bad, nothing = await all_items(source(museum, client))
    assert (getattr(bad, "reason", ""), nothing.key) == (reason, "?")


def test_the_artists_working_years_are_not_the_works() -> None:
    entry = entry_of(record(1, date_qualifier_title="Artist's working dates", date_display="n.d."))
    assert (entry.date, entry.years) == (None, (None, None))
    assert entry_of(record(1, color=None, thumbnail=None)).colours == ()
    assert entry_of(record(1, thumbnail={"width": 300, "height": 200})).images[0].width_px == 300
