"""The Metropolitan Museum of Art, against a loopback museum that answers in its shape."""

from __future__ import annotations

from typing import Any

import pytest

from glance_agent.domain.errors import BadPicture, SourceError
from glance_agent.domain.items import Listed
from glance_agent.sources.museums.met import Met, MetSettings, entry_of
from glance_agent.sources.web.web import Web
from tests.sources.fake_museum import Clock, FakeMuseum, all_items, all_pages, jpeg, visit_of


def record(museum: FakeMuseum, number: int, **changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "objectID": number,
        "isPublicDomain": True,
        "primaryImage": f"{museum.base}/original/Große Vase.jpg",
        "primaryImageSmall": f"{museum.base}/web-large/Große Vase.jpg",
        "constituents": None,
        "artistPrefix": "Attributed to",
        "artistDisplayName": "Exekias",
        "title": "Terracotta <i>amphora</i>",
        "objectDate": "ca. 540 B.C.",
        "objectBeginDate": "-545",
        "objectEndDate": -535,
        "medium": "Terracotta; black-figure",
        "creditLine": "Rogers Fund, 1917",
        "classification": "Vases",
        "department": "Greek and Roman Art",
        "culture": "",
        "tags": [{"term": "Chariots"}, {"term": None}, None],
        "objectURL": "https://www.metmuseum.org/art/collection/search/1",
    }
    return made | changes


def source(museum: FakeMuseum, client: Web, **settings: Any) -> Met:
    chosen = MetSettings(name="test", kind="met", **settings)
    return Met(chosen, visit_of(client), api=museum.base)


async def test_ids_come_in_order_and_go_on_after_the_cursor(
    museum: FakeMuseum, client: Web
) -> None:
    museum.json("/search", {"total": 3, "objectIDs": [*range(120, 0, -1), None, "7", "x"]})
    met = source(museum, client, department_id=11, highlights=True)
    pages = await all_pages(met)
    assert [len(page.items) for page in pages] == [50, 50, 20]
    assert [item.key for item in pages[0].items][:3] == ["1", "2", "3"]
    rest = await all_items(met, pages[1].next_cursor)
    assert [item.key for item in rest] == [str(n) for n in range(101, 121)]
    query = museum.asked[0].query
    assert (query["departmentId"], query["isHighlight"], query["q"]) == ("11", "true", "painting")


async def test_no_ids_is_null(museum: FakeMuseum, client: Web) -> None:
    museum.json("/search", {"total": 0, "objectIDs": None})
    [page] = await all_pages(source(museum, client))
    assert (page.items, page.next_cursor, page.total) == ((), None, 0)


async def test_a_work_is_looked_up_when_it_is_fetched(museum: FakeMuseum, client: Web) -> None:
    museum.json("/objects/5", record(museum, 5))
    small, large = jpeg(60, 40), jpeg(300, 200)
    museum.picture("/web-large/Große Vase.jpg", small)
    museum.picture("/original/Große Vase.jpg", large)
    met = source(museum, client)
    fetched = await met.fetch(Listed("5", "1"), wanted_px=512)
    assert fetched.data == small
    assert fetched.artwork.label == ("“Terracotta amphora” by Attributed to Exekias, ca. 540 B.C.")
    assert (fetched.artwork.year_from, fetched.artwork.year_to) == (-545, -535)
    assert fetched.artwork.tags == ("Chariots", "Vases", "Greek and Roman Art")
    assert await met.read(fetched.location) == large


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"isPublicDomain": False}, "licence not open"),
        ({"isPublicDomain": None}, "licence unknown"),
        ({"isPublicDomain": "true"}, "licence unknown"),
        ({"primaryImage": "", "primaryImageSmall": ""}, "no picture"),
    ],
)
async def test_what_may_not_be_shown_is_a_bad_picture(
    museum: FakeMuseum, client: Web, changes: dict[str, Any], reason: str
) -> None:
    museum.json("/objects/5", record(museum, 5, **changes))
    with pytest.raises(BadPicture, match=reason):
        await source(museum, client).fetch(Listed("5", "1"), wanted_px=512)


async def test_a_work_that_is_gone_is_asked_for_once_a_month(
    museum: FakeMuseum, client: Web, clock: Clock
) -> None:
    met = source(museum, client)
    for _ in range(2):
        with pytest.raises(BadPicture, match="not found"):
            await met.fetch(Listed("5", "1"), wanted_px=512)
    assert museum.paths["/objects/5"] == 1
    clock.now += 31 * 86_400
    museum.json("/objects/5", {"message": "Not a valid object"})
    with pytest.raises(BadPicture, match="not found"):
        await met.fetch(Listed("5", "1"), wanted_px=512)
    assert museum.paths["/objects/5"] == 2


async def test_a_block_page_ends_the_run_and_the_host_is_left_alone(
    museum: FakeMuseum, client: Web, clock: Clock
) -> None:
    page = b"<html><iframe src='/_Incapsula_Resource?x=1'></iframe></html>"
    museum.body("/objects/5", page, "text/html", 403)
    met = source(museum, client)
    with pytest.raises(SourceError, match="refuses programs; it is left alone until"):
        await met.fetch(Listed("5", "1"), wanted_px=512)
    with pytest.raises(SourceError, match="left alone"):
        await met.fetch(Listed("6", "1"), wanted_px=512)
    assert len(museum.asked) == 1
    clock.now += 61
    museum.json("/objects/5", record(museum, 5))
    museum.picture("/web-large/Große Vase.jpg")
    assert (await met.fetch(Listed("5", "1"), wanted_px=512)).artwork.id == "test:5"
    assert client.away() == []


def test_empty_words_and_missing_keys_are_nothing() -> None:
    entry = entry_of(
        {"objectID": "9", "title": "", "artistDisplayName": "", "objectDate": "1503–6"}
    )
    assert (entry.key, entry.title, entry.artist, entry.years) == ("9", None, None, (1503, 1506))
