"""Rijksmuseum, against a loopback museum that answers in its shape."""

from __future__ import annotations

from typing import Any

import pytest

from glance_agent.domain.errors import BadPicture
from glance_agent.domain.items import Listed, Skipped
from glance_agent.sources.museums.rijksmuseum import Rijksmuseum, RijksmuseumSettings, entry_of
from glance_agent.sources.web.web import Web
from tests.sources.fake_museum import FakeMuseum, all_items, all_pages, jpeg, visit_of

SEARCH = "/search/collection"
PREFERRED = "http://www.w3.org/2004/02/skos/core#prefLabel"


def found(numbers: list[Any], onward: str | None = None, total: int = 3) -> dict[str, Any]:
    page: dict[str, Any] = {
        "type": "OrderedCollectionPage",
        "partOf": {"totalItems": total},
        "orderedItems": [{"id": f"https://id.rijksmuseum.nl/{n}"} for n in numbers],
    }
    return page | ({"next": {"id": onward}} if onward else {})


def work(museum: FakeMuseum, **changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "aggregatedCHO": {
            "id": "https://id.rijksmuseum.nl/200105887",
            "title": {"nl": "Katjesspel", "en": "Cat at Play"},
            "creator": [
                {PREFERRED: [{"@language": "nl", "@value": "Onbekend"},
                             {"@language": "en", "@value": "Henriëtte Ronner-Knip"}]}
            ],
            "created": [{"@language": "nl", "@value": "ca. 1860 - ca. 1878"}],
            "medium": [{PREFERRED: {"@language": "en", "@value": "oil paint"}}, "panel"],
            "dcType": {PREFERRED: [{"@language": "en", "@value": "painting"}]},
        },
        "isShownAt": {"id": "https://www.rijksmuseum.nl/en/collection/SK-A-3089"},
        "isShownBy": {
            "id": f"{museum.base}/YAxov/full/max/0/default.jpg",
            "http://rdfs.org/sioc/services#has_service": {"id": f"{museum.base}/YAxov"},
        },
        "edmRights": "http://creativecommons.org/publicdomain/zero/1.0/",
    }  # fmt: skip
    return made | changes


def source(museum: FakeMuseum, client: Web, **settings: Any) -> Rijksmuseum:
    chosen = RijksmuseumSettings(name="test", kind="rijksmuseum", **settings)
    return Rijksmuseum(chosen, visit_of(client), api=museum.base)


async def test_pages_follow_the_museums_own_addresses(museum: FakeMuseum, client: Web) -> None:
    museum.json("/next", found([3]))
    museum.json(SEARCH, found([1, 2], f"{museum.base}/next?pageToken=eyJwIjoxfQ"))
    rijks = source(museum, client)
    first, second = await all_pages(rijks)
    assert [item.key for item in (*first.items, *second.items)] == ["1", "2", "3"]
    assert (first.total, second.next_cursor) == (3, None)
    assert museum.asked[1].query["pageToken"] == "eyJwIjoxfQ"
    assert [item.key for item in await all_items(rijks, first.next_cursor)] == ["3"]


async def test_words_are_looked_for_in_three_fields(museum: FakeMuseum, client: Web) -> None:
    museum.json(SEARCH, found([1]))
    pages = await all_pages(source(museum, client, query="storm"))
    fields = [{*request.query} - {"type", "imageAvailable"} for request in museum.asked]
    assert fields == [{"title"}, {"creator"}, {"description"}]
    assert pages[-1].next_cursor is None
    assert len(await all_pages(source(museum, client, query="storm"), pages[0].next_cursor)) == 2


async def test_a_work_is_told_by_one_request(museum: FakeMuseum, client: Web) -> None:
    museum.json("/200105887", work(museum))
    museum.picture("/YAxov/full/!512,512/0/default.jpg", jpeg(51, 40))
    museum.picture("/YAxov/full/!2048,2048/0/default.jpg", jpeg(200, 160))
    rijks = source(museum, client)
    fetched = await rijks.fetch(Listed("200105887", "1"), wanted_px=512)
    art = fetched.artwork
    assert art.label == "“Cat at Play” by Henriëtte Ronner-Knip, ca. 1860 - ca. 1878"
    assert (art.id, art.year_from, art.year_to) == ("test:200105887", 1860, 1878)
    assert (art.medium, art.licence, art.tags) == ("oil paint, panel", "CC0-1.0", ("painting",))
    assert museum.asked[0].query["_profile"] == "edm-framed"
    assert await rijks.read(fetched.location) == jpeg(200, 160)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"edmRights": "http://rightsstatements.org/vocab/InC/1.0/"}, "licence not open"),
        ({"edmRights": None}, "licence unknown"),
        ({"isShownBy": None}, "no picture"),
    ],
)
async def test_what_may_not_be_shown_is_a_bad_picture(
    museum: FakeMuseum, client: Web, changes: dict[str, Any], reason: str
) -> None:
    museum.json("/5", work(museum, **changes))
    with pytest.raises(BadPicture, match=reason):
        await source(museum, client).fetch(Listed("5", "1"), wanted_px=512)
    with pytest.raises(BadPicture, match="not found"):
        await source(museum, client).fetch(Listed("6", "1"), wanted_px=512)


async def test_empty_and_strange_lists(museum: FakeMuseum, client: Web) -> None:
    museum.json(SEARCH, found([], total=0))
    [page] = await all_pages(source(museum, client))
    assert page.items == ()
    museum.json(SEARCH, {"orderedItems": [None, {"id": "https://id.rijksmuseum.nl/x"}]})
    items = await all_items(source(museum, client, type="print"))
    assert items == [Skipped("?", "record without id")] * 2


def test_values_in_all_four_shapes() -> None:
    def title(value: object) -> str | None:
        return entry_of({"aggregatedCHO": {"title": value}}).title

    assert title("Plain") == "Plain"
    assert title({"nl": "Een"}) == "Een"
    assert (
        title([{"@language": "nl", "@value": "Een"}, {"@language": "en", "@value": "One"}]) == "One"
    )
    assert title([{PREFERRED: [{"@value": "Een", "@language": "nl"}]}]) == "Een"
