"""The Cleveland Museum of Art, against a loopback museum that answers in its shape."""

from __future__ import annotations

from typing import Any

import pytest

from glance_agent.domain.errors import BadPicture, SourceError
from glance_agent.domain.items import Listed, Skipped
from glance_agent.sources.museums.cleveland import Cleveland, ClevelandSettings, entry_of
from glance_agent.sources.web.web import Web
from tests.sources.fake_museum import FakeMuseum, all_items, all_pages, jpeg, visit_of

API = "/api/artworks/"


def record(museum: FakeMuseum, number: int, **changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": number,
        "accession_number": f"1915.{number}",
        "share_license_status": "CC0",
        "title": f"Harbour No. {number}",
        "creators": [{"role": "artist", "description": "Ada Brook (Danish, 1820–1871)"}],
        "creation_date": "c. 1850",
        "creation_date_earliest": "1845",
        "creation_date_latest": 1855,
        "culture": ["Denmark, 19th century", None],
        "technique": "oil on <em>canvas</em>",
        "type": "Painting",
        "department": None,
        "creditline": "Gift of a Friend",
        "url": f"https://example.org/art/{number}",
        "images": {
            "web": {"url": f"{museum.base}/{number}_web.jpg", "width": "900", "height": "600"},
            "print": {
                "url": f"{museum.base}/{number}_print.jpg",
                "width": "3400",
                "height": "2267",
            },
            "full": {"url": f"{museum.base}/{number}_full.tif", "width": "9000", "height": "6000"},
        },
    }
    return made | changes


def page(records: list[Any], total: int | str | None = None) -> dict[str, Any]:
    return {"info": {"total": len(records) if total is None else total}, "data": records}


def source(museum: FakeMuseum, client: Web, **settings: Any) -> Cleveland:
    chosen = ClevelandSettings(name="test", kind="cleveland", **settings)
    return Cleveland(chosen, visit_of(client), display_px=1920, api=museum.base + API)


async def test_a_record_becomes_an_artwork(museum: FakeMuseum, client: Web) -> None:
    museum.json(API, page([record(museum, 7)]))
    [item] = await all_items(source(museum, client))
    assert isinstance(item, Listed)
    work = item.artwork
    assert work is not None
    assert work.label == "“Harbour No. 7” by Ada Brook, c. 1850"
    assert (work.id, work.source, work.licence) == ("test:7", "test", "CC0-1.0")
    assert (work.year_from, work.year_to, work.medium) == (1845, 1855, "oil on canvas")
    assert (work.width, work.height) == (3400, 2267)
    assert work.credit == "Gift of a Friend, The Cleveland Museum of Art"
    assert work.tags == ("Denmark, 19th century", "Painting")
    assert [image.width_px for image in item.images] == [900, 3400]


async def test_the_query_is_what_the_settings_say(museum: FakeMuseum, client: Web) -> None:
    museum.json(API, page([]))
    await all_items(source(museum, client, query="blå sea", department="Prints"))
    query = museum.asked[0].query
    assert (query["q"], query["department"], query["type"]) == ("blå sea", "Prints", "Painting")
    assert (query["cc0"], query["skip"], query["limit"]) == ("1", "0", "100")
    assert museum.asked[0].headers["User-Agent"].endswith("(+me@example.org)")


async def test_it_embeds_the_small_and_shows_the_large_picture(
    museum: FakeMuseum, client: Web
) -> None:
    museum.json(API, page([record(museum, 7)]))
    small, large = jpeg(90, 60), jpeg(340, 226)
    museum.picture("/7_web.jpg", small)
    museum.picture("/7_print.jpg", large)
    cleveland = source(museum, client)
    [item] = await all_items(cleveland)
    assert isinstance(item, Listed)
    fetched = await cleveland.fetch(item, wanted_px=512)
    assert fetched.data == small
    assert await cleveland.read(fetched.location) == large


async def test_a_lost_large_picture_gives_way_to_the_small_one(
    museum: FakeMuseum, client: Web
) -> None:
    museum.json(API, page([record(museum, 7)]))
    museum.picture("/7_web.jpg")
    cleveland = source(museum, client)
    [item] = await all_items(cleveland)
    assert isinstance(item, Listed)
    fetched = await cleveland.fetch(item, wanted_px=512)
    assert await cleveland.read(fetched.location) == fetched.data
    museum.handlers.pop("/7_web.jpg")
    with pytest.raises(BadPicture, match="not found"):
        await cleveland.read(fetched.location)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"share_license_status": "Copyrighted"}, "licence not open"),
        ({"share_license_status": None}, "licence unknown"),
        ({"share_license_status": "All good"}, "licence unknown"),
        ({"images": None}, "no picture"),
        ({"images": {"full": {"url": "https://example.org/a.tif"}}}, "no picture"),
        ({"images": {"web": {"url": "https://example.org/a.TIF"}}}, "no picture"),
        ({"images": {"web": {"url": "file:///etc/passwd"}}}, "no picture"),
        ({"id": None}, "record without id"),
        ({"title": "Text, Folio 4 (verso), from a Tuti-nama"}, "left out by title"),
    ],
)
async def test_what_may_not_be_shown_is_left_out_with_a_reason(
    museum: FakeMuseum, client: Web, changes: dict[str, Any], reason: str
) -> None:
    museum.json(API, page([record(museum, 1, **changes), record(museum, 2)]))
    bad, good = await all_items(source(museum, client))
    assert isinstance(bad, Skipped)
    assert bad.reason == reason
    assert isinstance(good, Listed)


async def test_bad_records_do_not_lose_the_page(museum: FakeMuseum, client: Web) -> None:
    museum.json(API, page([None, "x", 3, [], {}, record(museum, 2)]))
    items = await all_items(source(museum, client))
    assert [isinstance(item, Listed) for item in items] == [False] * 5 + [True]


def test_years_before_christ_markup_and_other_scripts() -> None:
    entry = entry_of(
        {
            "id": "94000",
            "title": "  <i>Amphora</i> &amp; lid\n طوطی نامه",
            "creation_date": "c. 530 BCE",
            "creation_date_earliest": -525,
            "creation_date_latest": "-535",
            "creators": [
                {"role": "dealer", "description": "Somebody Else"},
                {
                    "role": "Artist",
                    "description": "attributed to <em>Antimenes Painter</em> (Greek)",
                },
            ],
        }
    )
    assert entry.title == "Amphora & lid طوطی نامه"
    assert entry.years == (-535, -525)
    assert entry.artist == "attributed to Antimenes Painter"
    assert entry_of({"creation_date": "c. 530 BCE"}).years == (-530, -530)


async def test_an_empty_list_is_one_empty_last_page(museum: FakeMuseum, client: Web) -> None:
    museum.json(API, {"info": {"total": 0}, "data": []})
    [only] = await all_pages(source(museum, client))
    assert (only.items, only.next_cursor) == ((), None)


async def test_answers_of_another_shape_are_an_empty_list(museum: FakeMuseum, client: Web) -> None:
    museum.json(API, ["what", None])
    assert await all_items(source(museum, client)) == []


async def test_pages_go_on_from_their_cursor(museum: FakeMuseum, client: Web) -> None:
    works = [record(museum, n) for n in range(230)]
    museum.on(API, _paged(works))
    pages = await all_pages(source(museum, client))
    keys = [item.key for p in pages for item in p.items]
    assert keys == [str(n) for n in range(230)]
    assert [p.next_cursor is None for p in pages] == [False, False, True]
    again = await all_items(source(museum, client), pages[0].next_cursor)
    assert [item.key for item in again] == keys[100:]


async def test_a_list_that_moves_between_two_requests_loses_nothing(
    museum: FakeMuseum, client: Web
) -> None:
    works = [record(museum, n) for n in range(150)]
    museum.on(API, _paged(works))
    cleveland = source(museum, client)
    pages = cleveland.pages(None)
    first = await anext(pages)
    del works[10:13]
    works.append(record(museum, 500))
    rest = [item.key async for p in pages for item in p.items]
    assert [item.key for item in first.items] == [str(n) for n in range(100)]
    assert rest == [*(str(n) for n in range(100, 150)), "500"]


async def test_a_museum_that_is_down_says_so(museum: FakeMuseum, client: Web) -> None:
    museum.body(API, b"oops", "text/plain", 500)
    with pytest.raises(SourceError, match=r"127\.0\.0\.1 cannot be used now: status 500"):
        await all_items(source(museum, client))
    assert museum.paths[API] == 3


def _paged(works: list[dict[str, Any]]) -> Any:
    from aiohttp import web

    async def handler(request: web.Request) -> web.Response:
        first, count = int(request.query["skip"]), int(request.query["limit"])
        return web.json_response(page(works[first : first + count], str(len(works))))

    return handler
