"""IIIF manifests, collections and image services, against a loopback server."""

from __future__ import annotations

from typing import Any

import pytest

from glance_agent.domain.items import Listed, Skipped
from glance_agent.sources.museums.iiif import Iiif, IiifSettings
from glance_agent.sources.records.iiif_image import renditions, service_of
from glance_agent.sources.web.web import Web
from tests.sources.fake_museum import FakeMuseum, all_items, all_pages, jpeg, visit_of

PDM = "http://creativecommons.org/publicdomain/mark/1.0/"
PRESENTATION_3 = "http://iiif.io/api/presentation/3/context.json"


def manifest_3(museum: FakeMuseum, name: str = "a", **changes: Any) -> dict[str, Any]:
    service = {"id": f"{museum.base}/iiif/{name}", "type": "ImageService3", "profile": "level2"}
    canvas = {
        "type": "Canvas",
        "label": {"none": ["p. 1"]},
        "items": [
            {
                "items": [
                    {
                        "motivation": "painting",
                        "body": {
                            "id": f"{museum.base}/iiif/{name}/full/max/0/default.jpg",
                            "type": "Image",
                            "width": 3000,
                            "height": 2000,
                            "service": [service],
                        },
                    }
                ]
            }
        ],
    }
    choice = {
        "label": {"none": ["p. 2"]},
        "items": [
            {
                "items": [
                    {
                        "motivation": "painting",
                        "body": {
                            "type": "Choice",
                            "items": [
                                {"id": f"{museum.base}/plain.png", "width": 40, "height": 30}
                            ],
                        },
                    }
                ]
            }
        ],
    }
    made: dict[str, Any] = {
        "@context": [PRESENTATION_3],
        "id": f"{museum.base}/{name}.json",
        "type": "Manifest",
        "label": {"de": ["Die Vögel"], "en": ["The <b>Birds</b>"]},
        "metadata": [
            {"label": {"en": ["Artist"]}, "value": {"none": ["<span>Anne Author</span>"]}},
            {"label": {"de": ["Datierung"]}, "value": {"none": ["1601–1650"]}},
            {"label": "Credit line", "value": ["Gift"]},
        ],
        "rights": PDM,
        "items": [canvas, choice, {"type": "Canvas", "items": []}, None],
    }
    return made | changes


def manifest_2(museum: FakeMuseum, **changes: Any) -> dict[str, Any]:
    resource = {
        "@id": f"{museum.base}/iiif/b/full/full/0/native.jpg",
        "service": {
            "@context": "http://library.stanford.edu/iiif/image-api/1.1/context.json",
            "@id": f"{museum.base}/iiif/b/",
            "profile": "http://library.stanford.edu/iiif/image-api/1.1/compliance.html#level1",
        },
    }
    made: dict[str, Any] = {
        "@context": "http://iiif.io/api/presentation/2/context.json",
        "@type": "sc:Manifest",
        "label": [
            {"@value": "Maleri", "@language": "da"},
            {"@value": "Painting", "@language": "en"},
        ],
        "attribution": "© Example <br/> Museum",
        "license": ["https://creativecommons.org/licenses/by/4.0/"],
        "metadata": [{"label": "Maker", "value": ["A. Artist", "B. Artist"]}],
        "related": {"@id": "https://example.org/painting"},
        "sequences": [{"canvases": [{"images": [{"resource": resource}]}]}],
    }
    return made | changes


def info(museum: FakeMuseum, name: str, **changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "@context": "http://iiif.io/api/image/3/context.json",
        "id": f"{museum.base}/iiif/{name}",
        "type": "ImageService3",
        "profile": "level2",
        "width": 3000,
        "height": 2000,
    }
    return made | changes


def source(museum: FakeMuseum, client: Web, *paths: str, **settings: Any) -> Iiif:
    urls = tuple(museum.base + path for path in paths)
    chosen = IiifSettings(name="test", kind="iiif", urls=urls, **settings)
    return Iiif(chosen, visit_of(client))


async def test_a_manifest_of_version_3(museum: FakeMuseum, client: Web) -> None:
    museum.json("/a.json", manifest_3(museum))
    museum.json("/iiif/a/info.json", info(museum, "a"))
    small, large = jpeg(51, 34), jpeg(204, 136)
    museum.picture("/iiif/a/full/!512,512/0/default.jpg", small)
    museum.picture("/iiif/a/full/!2048,2048/0/default.jpg", large)
    iiif = source(museum, client, "/a.json")
    [page] = await all_pages(iiif)
    [item] = page.items
    assert isinstance(item, Listed)
    fetched = await iiif.fetch(item, wanted_px=512)
    art = fetched.artwork
    assert art.label == "“The Birds” by Anne Author, 1601–1650"
    assert (art.year_from, art.year_to, art.credit, art.licence) == (1601, 1650, "Gift", "PDM-1.0")
    assert (art.width, art.height) == (3000, 2000)
    assert (fetched.data, await iiif.read(fetched.location)) == (small, large)


async def test_all_canvases_where_they_are_wanted(museum: FakeMuseum, client: Web) -> None:
    museum.json("/a.json", manifest_3(museum))
    items = await all_items(source(museum, client, "/a.json", every_canvas=True))
    titles = [item.artwork.title for item in items if isinstance(item, Listed) and item.artwork]
    assert titles == ["The Birds – p. 1", "The Birds – p. 2"]
    assert len({item.key for item in items}) == 2


async def test_a_manifest_of_version_2_with_an_old_image_service(
    museum: FakeMuseum, client: Web
) -> None:
    museum.json("/b.json", manifest_2(museum))
    context = "http://library.stanford.edu/iiif/image-api/1.1/context.json"
    old = {"@context": context, "@id": f"{museum.base}/iiif/b", "width": 900, "height": 1200}
    museum.json("/iiif/b/info.json", old | {"profile": f"{context}#level1"})
    museum.picture("/iiif/b/full/384,/0/native.jpg")
    iiif = source(museum, client, "/b.json")
    [item] = await all_items(iiif)
    assert isinstance(item, Listed)
    fetched = await iiif.fetch(item, wanted_px=512)
    assert fetched.artwork.title == "Painting"
    assert fetched.artwork.artist == "A. Artist"
    assert fetched.artwork.licence == "CC-BY-4.0"
    assert fetched.artwork.credit == "© Example Museum"
    assert fetched.artwork.page_url == "https://example.org/painting"
    assert "/iiif/b/full/900,/0/native.jpg" in fetched.location


async def test_collections_are_walked_once_and_resumed(museum: FakeMuseum, client: Web) -> None:
    def collection(name: str, **members: list[str]) -> dict[str, Any]:
        kinds = {"manifests": "sc:Manifest", "collections": "sc:Collection", "items": "Manifest"}
        listed = {
            k: [{"@id": museum.base + p, "@type": kinds[k]} for p in paths]
            for k, paths in members.items()
        }
        return {"@type": "sc:Collection", "@id": museum.base + name, "label": name, **listed}

    museum.json("/top", collection("/top", manifests=["/1.json"], collections=["/sub", "/top"]))
    museum.json("/sub", collection("/sub", manifests=["/2.json", "/1.json", "/3.json"]))
    for name in ("1", "2", "3"):
        museum.json(f"/{name}.json", manifest_3(museum, name))
    iiif = source(museum, client, "/top")
    pages = await all_pages(iiif)
    assert [page.next_cursor for page in pages] == [
        f"{museum.base}/1.json",
        f"{museum.base}/2.json",
        None,
    ]
    rest = await all_items(iiif, pages[1].next_cursor)
    assert [item.key for item in rest] == [item.key for item in pages[2].items]
    assert len(await all_items(iiif, "https://gone.example/x")) == 3


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"rights": None}, "licence unknown"),
        ({"rights": "http://rightsstatements.org/vocab/InC/1.0/"}, "licence not open"),
        ({"metadata": [{"label": "Copyright", "value": "© The Estate"}]}, "licence not open"),
        ({"items": []}, "no picture"),
        ({"type": "Range"}, "manifest unreadable"),
    ],
)
async def test_what_may_not_be_shown_is_left_out(
    museum: FakeMuseum, client: Web, changes: dict[str, Any], reason: str
) -> None:
    museum.json("/a.json", manifest_3(museum, **changes))
    [item] = await all_items(source(museum, client, "/a.json"))
    assert isinstance(item, Skipped)
    assert item.reason == reason


async def test_the_settings_may_name_the_licence(museum: FakeMuseum, client: Web) -> None:
    museum.json("/a.json", manifest_3(museum, rights=None))
    [item] = await all_items(source(museum, client, "/a.json", licence=PDM))
    assert isinstance(item, Listed)


async def test_pages_of_a_viewer_and_lost_manifests_are_left_out(
    museum: FakeMuseum, client: Web
) -> None:
    museum.body("/viewer", b"<!doctype html><html></html>", "text/html")
    museum.body("/broken", b'{"type": "Manif', "application/json")
    museum.json("/a.json", manifest_3(museum))
    items = await all_items(source(museum, client, "/viewer", "/lost", "/broken", "/a.json"))
    reasons = [getattr(item, "reason", "taken") for item in items]
    assert reasons == ["manifest unreadable"] * 3 + ["taken"]


async def test_pictures_of_other_hosts_need_leave(museum: FakeMuseum, client: Web) -> None:
    elsewhere = manifest_3(museum)
    body = elsewhere["items"][0]["items"][0]["items"][0]["body"]
    body["service"][0]["id"] = "https://images.example.org/iiif/a"
    museum.json("/a.json", elsewhere)
    [item] = await all_items(source(museum, client, "/a.json"))
    assert isinstance(item, Skipped)
    assert (item.reason, item.detail) == (
        "host not allowed",
        "add images.example.org to hosts of test",
    )


async def test_pictures_behind_a_login_are_left_out(museum: FakeMuseum, client: Web) -> None:
    guarded = manifest_3(museum)
    login = {"@context": "http://iiif.io/api/auth/1/context.json", "@id": "https://example.org/in"}
    guarded["items"][0]["items"][0]["items"][0]["body"]["service"][0]["service"] = [login]
    museum.json("/a.json", guarded)
    [item] = await all_items(source(museum, client, "/a.json"))
    assert getattr(item, "reason", "") == "needs a login"


async def test_an_image_service_by_itself(museum: FakeMuseum, client: Web) -> None:
    service = info(museum, "c", profile="level0", rights=PDM, sizes=[{"width": 600, "height": 400}])
    museum.json("/iiif/c/info.json", service)
    museum.picture("/iiif/c/full/600,400/0/default.jpg")
    iiif = source(museum, client, "/iiif/c/info.json")
    [item] = await all_items(iiif)
    assert isinstance(item, Listed)
    assert (await iiif.fetch(item, wanted_px=512)).location.endswith("/full/600,400/0/default.jpg")


def sizes(**described: Any) -> list[str]:
    service = service_of({"id": "https://x.org/a", "type": "ImageService3", **described})
    assert service is not None
    return [image.location.split("/full/")[1].split("/")[0] for image in renditions(service)]


def test_sizes_keep_to_the_services_limits() -> None:
    large = {"width": 6000, "height": 4000, "profile": "level2"}
    assert sizes(**large) == ["!512,512", "!1024,1024", "!2048,2048", "!3840,3840"]
    assert sizes(**large, maxWidth=3000) == ["!512,512", "!1024,1024", "!2048,2048", "!3000,3000"]
    assert sizes(**large, maxArea=1_500_000) == ["!512,512", "!1024,1024", "!1500,1500"]
    assert sizes(width=14645, height=12158, profile="level2")[:2] == ["!512,512", "!1024,1024"]
    assert sizes(width=300, height=200, profile="level2") == ["!300,300"]
    assert sizes(width=1000, height=2000, profile="level1") == ["256,", "512,", "1000,"]
    assert sizes(width=900, height=700, profile="level0") == ["max"]
    assert sizes(profile="level2") == ["!512,512", "!1024,1024", "!2048,2048"]
    assert sizes(profile="level1") == ["max"]
    version_2 = {"@context": "http://iiif.io/api/image/2/context.json", "type": None}
    limits = {"maxWidth": 1000, "supports": []}
    profile = ["http://iiif.io/api/image/2/level2.json", limits]
    assert sizes(**(large | version_2 | {"profile": profile})) == ["!512,512", "!1000,1000"]


def test_hosts_come_from_the_addresses_and_the_settings() -> None:
    chosen = IiifSettings(
        name="a", kind="iiif", urls=("https://Manifests.example.org/1",), hosts=("img.example.org",)
    )
    assert Iiif.hosts_of(chosen) == {"manifests.example.org", "img.example.org"}
