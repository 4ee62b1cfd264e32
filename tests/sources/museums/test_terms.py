"""Sources with a key or with terms: Harvard, Smithsonian, Europeana, V&A, on a loopback server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from glance_agent.config.load import load
from glance_agent.domain.errors import ConfigError
from glance_agent.domain.items import Listed
from glance_agent.sources.museums import europeana, harvard, smithsonian, vam
from glance_agent.sources.museums.europeana import EuropeanaSettings
from glance_agent.sources.museums.harvard import HarvardSettings
from glance_agent.sources.museums.smithsonian import SmithsonianSettings
from glance_agent.sources.museums.vam import VamSettings
from glance_agent.sources.museums.webdav import WebdavSettings
from glance_agent.sources.opening import Opening
from glance_agent.sources.web.museum import Museum
from glance_agent.sources.web.visit import Visit
from glance_agent.sources.web.web import Web
from tests.in_process import InProcess
from tests.sources.fake_museum import (
    Clock,
    FakeMuseum,
    all_items,
    all_pages,
    jpeg,
    surroundings,
    visit_of,
)

KEY = SecretStr("k3y")


def keyed(client: Web, name: str) -> Visit:
    return visit_of(client, secrets={name: "k3y"}, secret_host="127.0.0.1")


def harvard_record(museum: FakeMuseum, **changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "objectid": 299843,
        "title": "Self-Portrait",
        "dated": "1888",
        "datebegin": 1888,
        "dateend": "1888",
        "people": [
            {"role": "Sitter", "displayname": "Somebody Else"},
            {"role": "Artist", "displayname": "Ada Brook"},
        ],
        "classification": "Paintings",
        "medium": None,
        "technique": "Oil on canvas",
        "creditline": "Bequest",
        "colors": [{"color": "#96c8af"}, {"color": None}],
        "images": [{"iiifbaseuri": f"{museum.base}/iiif/1", "width": 1909, "height": "2550"}],
        "imagepermissionlevel": 0,
    }
    return made | changes


async def test_harvard_is_taken_where_its_terms_are_accepted(
    museum: FakeMuseum, client: Web
) -> None:
    records = [harvard_record(museum), harvard_record(museum, objectid=2, imagepermissionlevel=1)]
    info = {"pages": 1, "page": 1, "totalrecords": 2, "next": "https://x.org?apikey=k3y"}
    museum.json("/object", {"info": info, "records": records})
    for accepted, reasons in ((False, ["licence not open"] * 2), (True, ["taken", "no picture"])):
        settings = HarvardSettings(
            name="test", kind="harvard", api_key=KEY, accept_terms=accepted, query="sea"
        )
        visit = keyed(client, "apikey")
        source = harvard.Harvard(settings, visit, api=museum.base + "/object")
        items = await all_items(source)
        assert [getattr(item, "reason", "taken") for item in items] == reasons
    assert museum.asked[0].query["apikey"] == "k3y"
    assert museum.asked[0].query["q"] == "sea AND imagepermissionlevel:0"
    [work, _] = items
    assert isinstance(work, Listed)
    assert work.artwork is not None
    assert work.artwork.label == "“Self-Portrait” by Ada Brook, 1888"
    assert (work.artwork.licence, work.artwork.medium) == ("restricted", "Oil on canvas")


async def test_numbered_pages_go_on(museum: FakeMuseum, client: Web) -> None:
    pages = [
        {"info": {"pages": "2", "record_count": 3}, "records": [{"systemNumber": "O1"}]},
        {"info": {"pages": "2", "record_count": 3}, "records": [{"systemNumber": "O2"}, None]},
    ]
    museum.json("/search", *pages)
    settings = VamSettings(name="test", kind="vam")
    source = vam.Vam(settings, visit_of(client), api=museum.base + "/search")
    found = await all_pages(source)
    assert [[item.key for item in page.items] for page in found] == [["O1"], ["O2", "?"]]
    assert [page.next_cursor for page in found] == ["2", None]
    assert [request.query["page"] for request in museum.asked] == ["1", "2"]


@pytest.mark.parametrize(("accepted", "reason"), [(False, "licence not open"), (True, "taken")])
async def test_the_vam_is_taken_for_private_showing_only(
    museum: FakeMuseum, client: Web, accepted: bool, reason: str
) -> None:
    record = {
        "systemNumber": "O89329",
        "objectType": "Statuette",
        "_primaryTitle": "",
        "_primaryMaker": {},
        "_primaryDate": "ca. 1600-1700",
        "_images": {"_iiif_image_base_url": f"{museum.base}/collections/2006AE9980/"},
    }
    museum.json("/search", {"info": {"pages": 1}, "records": [record]})
    settings = VamSettings(name="test", kind="vam", accept_non_commercial=accepted)
    source = vam.Vam(settings, visit_of(client), api=museum.base + "/search")
    [item] = await all_items(source)
    assert getattr(item, "reason", "taken") == reason
    if isinstance(item, Listed):
        museum.picture("/collections/2006AE9980/full/!512,512/0/default.jpg", jpeg(40, 50))
        fetched = await source.fetch(item, wanted_px=512)
        assert (fetched.artwork.title, fetched.artwork.year_to) == ("Statuette", 1700)
        assert fetched.artwork.licence == "restricted"


def smithsonian_row(museum: FakeMuseum, *access: str | None) -> dict[str, Any]:
    media = [
        {
            "type": "Images",
            "usage": {"access": a} if a else None,
            "content": f"{museum.base}/deliver?id=SAAM-{n}",
            "resources": [{"label": "High-resolution JPEG", "width": 3000, "height": 2423}],
        }
        for n, a in enumerate(access)
    ]
    return {
        "id": "ld1-1",
        "title": "<i>Small</i> Landscape &amp; Trees",
        "content": {
            "freetext": {
                "date": [{"label": "Date", "content": "ca. 1880-1890"}],
                "name": [
                    {"label": "Sitter", "content": "Somebody Else"},
                    {"label": "Artist", "content": "J. Francis Murphy, born 1853"},
                ],
                "physicalDescription": [{"label": "Medium", "content": "oil on canvas"}],
            },
            "indexedStructured": {"topic": ["Trees", "Landscapes"]},
            "descriptiveNonRepeating": {
                "record_ID": "saam_1956.11.37",
                "metadata_usage": {"access": "CC0"},
                "online_media": {"media": media},
            },
        },
    }


async def test_the_smithsonian_is_judged_picture_by_picture(
    museum: FakeMuseum, client: Web
) -> None:
    rows = [
        smithsonian_row(museum, "Usage conditions apply", "CC0"),
        smithsonian_row(museum, "Usage conditions apply"),
        smithsonian_row(museum, None),
    ]
    museum.json("/search", {"response": {"rows": rows, "rowCount": "3"}})
    settings = SmithsonianSettings(name="test", kind="smithsonian", api_key=KEY)
    source = smithsonian.Smithsonian(
        settings, keyed(client, "api_key"), api=museum.base + "/search"
    )
    work, closed, unknown = await all_items(source)
    assert isinstance(work, Listed)
    assert work.artwork is not None
    assert work.artwork.label == "“Small Landscape & Trees” by J. Francis Murphy, ca. 1880-1890"
    assert work.artwork.tags == ("Trees", "Landscapes")
    assert work.images[0].location == f"{museum.base}/deliver?id=SAAM-1&max=512"
    assert getattr(closed, "reason", "") == "licence not open"
    assert getattr(unknown, "reason", "") == "licence unknown"


def europeana_item(museum: FakeMuseum, **changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": "/2021650/memorix_1",
        "title": ["Schip &amp; zee\n   Terschelling"],
        "dcCreator": ["Ada Brook"],
        "dataProvider": ["Maritime Museum"],
        "edmPreview": [f"{museum.base}/preview?uri=a"],
        "edmIsShownBy": ["https://images.example.org/a.jpg"],
        "rights": ["http://creativecommons.org/licenses/by/4.0/"],
        "year": ["1888"],
        "link": "https://api.europeana.eu/record/x.json?wskey=k3y",
    }
    return made | changes


async def test_europeana_goes_by_its_own_cursor(museum: FakeMuseum, client: Web) -> None:
    closed = europeana_item(
        museum, id="/2/b", rights=["http://rightsstatements.org/vocab/InC/1.0/"]
    )
    first = {"items": [europeana_item(museum)], "nextCursor": "AoE/", "totalResults": 2}
    museum.json("/search.json", first, {"items": [closed]})
    museum.picture("/preview")
    settings = EuropeanaSettings(name="test", kind="europeana", api_key=KEY)
    source = europeana.Europeana(settings, keyed(client, "wskey"), api=museum.base + "/search.json")
    one, two = await all_pages(source)
    assert [request.query["cursor"] for request in museum.asked] == ["*", "AoE/"]
    assert (one.next_cursor, two.next_cursor) == ("AoE/", None)
    assert getattr(two.items[0], "reason", "") == "licence not open"
    [work] = one.items
    assert isinstance(work, Listed)
    assert work.artwork is not None
    assert work.artwork.title == "Schip & zee Terschelling"
    assert work.artwork.credit == "Ada Brook, CC-BY-4.0, Maritime Museum"
    assert work.key == "2021650/memorix_1"
    assert len(work.images) == 1
    assert (await source.fetch(work, wanted_px=512)).data == jpeg()


def opening(client: Web, folder: Path) -> Opening:
    def secret(path: Path) -> str:
        return "from file"

    return Opening(
        client,
        folder,
        display_px=1280,
        max_picture_bytes=10**6,
        read_secret=secret,
        eyes=InProcess(),
    )


def test_the_key_goes_to_the_museums_own_host_alone(client: Web, tmp_path: Path) -> None:
    settings = HarvardSettings(name="h", kind="harvard", api_key_file=tmp_path / "key")
    source = opening(client, tmp_path).open(settings)
    assert isinstance(source, Museum)
    assert source.visit.secrets == {"apikey": "from file"}
    assert source.visit.secret_host == "api.harvardartmuseums.org"
    assert "from file" not in repr(source.visit)


def test_a_password_goes_into_the_head_of_requests(client: Web, tmp_path: Path) -> None:
    settings = WebdavSettings(
        name="w",
        kind="webdav",
        url="http://nas.lan/photos",
        user="mia",
        password_file=tmp_path / "password",
    )
    source = opening(client, tmp_path).open(settings)
    assert isinstance(source, Museum)
    assert source.visit.headers == {"Authorization": "Basic bWlhOmZyb20gZmlsZQ=="}
    assert source.visit.hosts == {"nas.lan"}
    assert source.visit.at_home
    assert source.eyes is not None


async def test_no_other_host_is_sent_the_key(museum: FakeMuseum, client: Web) -> None:
    museum.picture("/p")
    visit = visit_of(client, secrets={"apikey": "k3y"}, secret_host="api.example.org")
    await visit.picture(museum.base + "/p")
    assert "apikey" not in museum.asked[0].query


@pytest.mark.parametrize("contact", [None, "me@example.org"])
def test_wikimedia_asks_for_a_contact(tmp_path: Path, contact: str | None) -> None:
    path = tmp_path / "glance.toml"
    path.write_text("[[sources]]\nname = 'w'\nkind = 'wikimedia'\ncategory = 'Lilies'\n")
    variables = {"GLANCE_FETCHING__CONTACT": contact} if contact else {}
    if contact:
        assert load(path, variables).fetching.contact == contact
    else:
        with pytest.raises(ConfigError, match=r"set fetching\.contact"):
            load(path, variables)


@pytest.mark.parametrize(
    ("contact", "said"),
    [(None, "glance-agent/1.2"), ("me@example.org", "glance-agent/1.2 (+me@example.org)")],
)
async def test_a_program_says_its_name_and_whom_to_write_to(
    museum: FakeMuseum, tmp_path: Path, contact: str | None, said: str
) -> None:
    museum.picture("/p")
    async with Web(version="1.2", contact=contact, surroundings=surroundings(Clock())) as web:
        await visit_of(web).picture(museum.base + "/p")
    assert museum.asked[0].headers["User-Agent"] == said
