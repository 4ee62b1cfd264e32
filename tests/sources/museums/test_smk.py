"""Statens Museum for Kunst, against a loopback museum that answers in its shape."""

from __future__ import annotations

from typing import Any

from glance_agent.domain.items import Listed, Skipped
from glance_agent.sources.museums.smk import Smk, SmkSettings, entry_of
from glance_agent.sources.web.web import Web
from tests.sources.fake_museum import FakeMuseum, all_items, all_pages, jpeg, visit_of

API = "/api/v1/art/search"
FULL = {
    "object_number": "KMS 12 a",
    "public_domain": True,
    "rights": "https://creativecommons.org/publicdomain/mark/1.0/",
    "titles": [
        {"title": "Strand med både", "language": "dansk"},
        {"translation": "Beach with boats", "language": "en-US"},
    ],
    "artist": [{"name": "Aage Østergaard"}],
    "production_date": [
        {"start": "1871-11-29T00:00:00.000Z", "end": "1869-11-29", "period": "1869-1871"}
    ],
    "object_names": [{"name": "maleri"}],
    "techniques": ["Olie på lærred"],
    "materials": [{"material": "træ"}],
    "colors": ["#B9A684", "red", None],
    "image_width": "3000",
    "image_height": 2000,
}


def record(museum: FakeMuseum, **changes: Any) -> dict[str, Any]:
    return FULL | {"image_iiif_id": f"{museum.base}/iiif/a.jp2"} | changes


def source(museum: FakeMuseum, client: Web, **settings: Any) -> Smk:
    chosen = SmkSettings(name="test", kind="smk", **settings)
    return Smk(chosen, visit_of(client), display_px=1920, api=museum.base + API)


async def test_a_record_becomes_an_artwork(museum: FakeMuseum, client: Web) -> None:
    museum.json(API, {"found": "1", "items": [record(museum)]})
    [item] = await all_items(source(museum, client, query="strand"))
    assert isinstance(item, Listed)
    assert item.artwork is not None
    assert item.artwork.model_dump(exclude={"description", "page_url", "cut"}) == {
        "id": "test:KMS_12_a",
        "title": "Beach with boats",
        "artist": "Aage Østergaard",
        "date": "1869-1871",
        "year_from": 1869,
        "year_to": 1871,
        "medium": "oil on canvas; wood",
        "source": "test",
        "credit": "SMK, Statens Museum for Kunst",
        "licence": "PDM-1.0",
        "width": 3000,
        "height": 2000,
        "colours": ("#b9a684",),
        "tags": ("painting",),
    }
    assert item.artwork.page_url == "https://open.smk.dk/en/artwork/image/KMS%2012%20a"
    query = museum.asked[0].query
    assert query["filters"] == "[has_image:true],[public_domain:true],[object_names:maleri]"
    assert query["keys"] == "strand"


async def test_the_image_service_is_asked_for_two_sizes(museum: FakeMuseum, client: Web) -> None:
    museum.json(API, {"found": 1, "items": [record(museum)]})
    small, large = jpeg(512, 341), jpeg(90, 60)
    museum.picture("/iiif/a.jp2/full/!512,512/0/default.jpg", small)
    museum.picture("/iiif/a.jp2/full/!2048,2048/0/default.jpg", large)
    smk = source(museum, client)
    [item] = await all_items(smk)
    assert isinstance(item, Listed)
    fetched = await smk.fetch(item, wanted_px=512)
    assert fetched.data == small
    assert await smk.read(fetched.location) == large


async def test_old_records_without_an_image_service(museum: FakeMuseum, client: Web) -> None:
    old = record(
        museum,
        image_iiif_id=None,
        image_thumbnail=f"{museum.base}/thumb/KMS 12 a.jpg",
        image_native=f"{museum.base}/native/KMS 12 a.jpg",
        image_width=None,
    )
    museum.json(API, {"found": 1, "items": [old]})
    museum.picture("/thumb/KMS 12 a.jpg", jpeg(60, 40))
    smk = source(museum, client)
    [item] = await all_items(smk)
    assert isinstance(item, Listed)
    fetched = await smk.fetch(item, wanted_px=512)
    assert (fetched.artwork.width, fetched.data) == (None, jpeg(60, 40))


async def test_what_is_protected_or_unclear_is_left_out(museum: FakeMuseum, client: Web) -> None:
    doubtful: list[dict[str, Any]] = [
        {"public_domain": False},
        {"rights": "https://example.org/ask-us"},
        {"rights": None, "public_domain": None},
        {"rights": "http://rightsstatements.org/vocab/InC/1.0/"},
        {"rights": None, "public_domain": True},
    ]
    items = [record(museum, object_number=f"K{i}", **c) for i, c in enumerate(doubtful)]
    museum.json(API, {"found": 5, "items": items})
    found = await all_items(source(museum, client))
    assert [getattr(item, "reason", "taken") for item in found] == [
        "licence not open",
        "licence unknown",
        "licence unknown",
        "licence not open",
        "taken",
    ]


async def test_an_empty_answer_and_one_without_keys(museum: FakeMuseum, client: Web) -> None:
    museum.json(API, {"offset": 0, "rows": 0, "found": 0, "items": []})
    [page] = await all_pages(source(museum, client))
    assert page.items == ()
    museum.json(API, {"message": "keys missing"})
    assert await all_items(source(museum, client, query="x")) == []


def test_strings_where_objects_are_usual_and_the_other_way_round() -> None:
    entry = entry_of(
        {
            "object_number": 17,
            "titles": "Ærø",
            "artist": "Somebody",
            "object_names": ["tegning"],
            "production_date": {"period": "0500 f.Kr."},
        }
    )
    assert (entry.key, entry.title, entry.artist) == ("17", "Ærø", "Somebody")
    assert entry.tags == ("drawing",)
    assert isinstance(entry.years, tuple)


async def test_records_without_a_number_are_recorded_as_such(
    museum: FakeMuseum, client: Web
) -> None:
    museum.json(API, {"found": 1, "items": [record(museum, object_number="")]})
    [item] = await all_items(source(museum, client))
    assert item == Skipped("?", "record without id")
