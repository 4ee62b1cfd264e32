"""Immich, against a server on the loopback interface that searches and redirects as it does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from glance_agent.domain.errors import AddressRefused, SourceError
from glance_agent.domain.items import Listed, Skipped
from glance_agent.domain.languages import in_language
from glance_agent.sources.museums import immich
from glance_agent.sources.museums.immich import Immich, ImmichSettings
from glance_agent.sources.web.reach import Reach, checked
from glance_agent.sources.web.web import Surroundings, Web
from glance_agent.store.connection import open_database
from glance_agent.store.library import Library
from tests.home import ingest_all
from tests.sources.fake_museum import Clock, FakeMuseum, all_items, all_pages, jpeg, visit_of

KEY = "k3y-of-the-household"


def uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def photograph(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": uuid(number),
        "type": "IMAGE",
        "originalFileName": f"IMG_{number:04}.jpg",
        "localDateTime": "2019-07-04T10:11:12.000Z",
        "checksum": f"c{number}",
        "thumbhash": f"t+{number}=",
        "isFavorite": False,
        "isTrashed": False,
        "width": 4000,
        "height": 3000,
        "people": [{"id": uuid(900), "name": "Somebody Private"}],
        "tags": [{"name": "Holiday"}],
        "exifInfo": {"make": "Canon", "model": "Canon EOS R5", "city": "Rome", "country": "Italy"},
    } | changes


@dataclass
class FakeImmich:
    """What of a server's interface a source uses; refuses what it would refuse."""

    museum: FakeMuseum
    photographs: list[dict[str, Any]] = field(default_factory=list)
    albums: dict[str, list[str]] = field(default_factory=dict)
    people: dict[str, list[str]] = field(default_factory=dict)
    searches: list[dict[str, Any]] = field(default_factory=list)
    key: str = KEY
    between: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.museum.otherwise = self.answer

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("x-api-key") != self.key:
            return web.json_response({"message": "Invalid API key"}, status=401)
        if request.method == "POST" and request.path.startswith("/api/search/"):
            return await self.found(request)
        if request.path == "/api/albums":
            mine = [] if "shared" in request.query else enumerate(self.albums, 500)
            return web.json_response([{"id": uuid(n), "albumName": name} for n, name in mine])
        if request.path == "/api/people":
            page, names = int(request.query["page"]), list(self.people)
            told = [{"id": uuid(700 + n), "name": name} for n, name in enumerate(names)]
            more = page < len(told)
            return web.json_response({"people": told[page - 1 : page], "hasNextPage": more})
        return self.picture(request)

    async def found(self, request: web.Request) -> web.Response:
        asked = json.loads(await request.read())
        self.searches.append({"path": request.path, **asked})
        if not 1 <= asked["size"] <= 1000 or asked["page"] < 1:
            return web.json_response({"message": ["size must not be greater"]}, status=400)
        some = [p for p in self.photographs if p["type"] == asked.get("type", p["type"])]
        for keys, offset, known in (
            (asked.get("albumIds"), 500, self.albums),
            (asked.get("personIds"), 700, self.people),
        ):
            if keys:
                inside = list(known.values())[int(keys[0][-12:]) - offset]
                some = [p for p in some if p["id"] in inside]
        if asked.get("isFavorite"):
            some = [p for p in some if p["isFavorite"]]
        first = (asked["page"] - 1) * asked["size"]
        page = some[first : first + asked["size"]]
        more = str(asked["page"] + 1) if first + asked["size"] < len(some) else None
        self.between()
        assets = {"items": page, "total": len(page), "count": len(page), "nextPage": more}
        return web.json_response({"albums": {"items": []}, "assets": assets})

    def picture(self, request: web.Request) -> web.StreamResponse:
        key, _, what = request.path.removeprefix("/api/assets/").partition("/")
        if key not in {p["id"] for p in self.photographs}:
            return web.json_response({"message": "Not found or no asset.view access"}, status=400)
        if what == "thumbnail" and request.query.get("size") == "fullsize":
            rest = request.query_string.replace("&size=fullsize", "")
            return web.Response(status=302, headers={"Location": f"original?{rest}"})
        width = 144 if what == "thumbnail" else 400
        if request.query.get("edited") == "true":
            return web.Response(body=jpeg(width, width, "lime"), content_type="image/jpeg")
        colour = ("red", "teal", "gold", "navy")[int(key[-12:]) % 4]
        return web.Response(body=jpeg(width, width * 3 // 4, colour), content_type="image/jpeg")


@pytest.fixture
def server(museum: FakeMuseum) -> FakeImmich:
    return FakeImmich(museum)


def source(museum: FakeMuseum, client: Web, *, display_px: int = 1280, **settings: Any) -> Immich:
    chosen = ImmichSettings(
        name="test", kind="immich", url=museum.base, api_key=SecretStr(KEY), **settings
    )
    visit = visit_of(client, headers={Immich.key_header: KEY}, at_home=True)
    return Immich(chosen, visit, display_px=display_px)


async def test_a_photograph_says_when_where_and_with_what_and_names_nobody(
    server: FakeImmich, museum: FakeMuseum, client: Web
) -> None:
    server.photographs = [photograph(1)]
    [item] = await all_items(source(museum, client))
    assert isinstance(item, Listed)
    assert item.artwork is not None
    assert item.artwork.model_dump(exclude_defaults=True) == {
        "id": f"test:{uuid(1)}",
        "title": "Untitled, 4 July 2019",
        "date": "2019-07-04",
        "year_from": 2019,
        "year_to": 2019,
        "medium": "Photograph, Canon EOS R5",
        "source": "test",
        "page_url": f"{museum.base}/photos/{uuid(1)}",
        "width": 4000,
        "height": 3000,
        "tags": ("Holiday", "Rome", "Italy"),
        "description": "Rome, Italy",
    }
    assert "Somebody" not in repr(item)


@pytest.mark.parametrize(
    ("changes", "title", "size"),
    [
        ({"originalFileName": "Grandma's garden.jpg"}, "Grandma's garden", (4000, 3000)),
        ({"exifInfo": {"description": "The day we met"}}, "The day we met", (4000, 3000)),
        (
            {"width": None, "exifInfo": {"exifImageWidth": 400, "exifImageHeight": 300,
                                         "orientation": "6"}},
            "Untitled, 4 July 2019",
            (300, 400),
        ),
        ({"width": None, "exifInfo": None}, "Untitled, 4 July 2019", (None, None)),
    ],
)  # fmt: skip
async def test_what_is_known_makes_the_label(
    server: FakeImmich, museum: FakeMuseum, client: Web,
    changes: dict[str, Any], title: str, size: tuple[int | None, int | None],
) -> None:  # fmt: skip
    server.photographs = [photograph(1, **changes)]
    [item] = await all_items(source(museum, client))
    assert isinstance(item, Listed)
    assert item.artwork is not None
    assert item.artwork.title == title
    assert (item.artwork.width, item.artwork.height) == size


async def test_the_preview_is_embedded_and_the_original_shown_where_it_is_needed(
    server: FakeImmich, museum: FakeMuseum, client: Web
) -> None:
    server.photographs = [photograph(1)]
    small = source(museum, client)
    [item] = await all_items(small)
    assert isinstance(item, Listed)
    fetched = await small.fetch(item, wanted_px=512)
    assert fetched.data == jpeg(144, 108)
    assert await small.read(fetched.location) == jpeg(144, 108), "a preview is enough for 1280"
    large = source(museum, client, display_px=3840)
    fetched = await large.fetch(item, wanted_px=512)
    assert await large.read(fetched.location) == jpeg(400, 300)
    sizes = [request.query.get("size") for request in museum.asked if "/assets/" in request.path]
    assert sizes == ["preview", "preview", "preview", "fullsize", None]
    assert KEY not in fetched.location


async def test_what_was_cropped_in_immich_is_shown_so(
    server: FakeImmich, museum: FakeMuseum, client: Web
) -> None:
    server.photographs = [photograph(1), photograph(1, isEdited=True, updatedAt="2026-01-02")]
    large = source(museum, client, display_px=3840)
    whole, cropped = await all_items(large)
    assert isinstance(whole, Listed)
    assert isinstance(cropped, Listed)
    fetched = await large.fetch(cropped, wanted_px=512)
    assert fetched.data == jpeg(144, 144, "lime")
    assert await large.read(fetched.location) == jpeg(400, 400, "lime")
    assert (await large.fetch(whole, wanted_px=512)).data == jpeg(144, 108)
    server.photographs = [photograph(1, isEdited=True, updatedAt="2026-01-03")]
    [again] = await all_items(large)
    assert isinstance(again, Listed)
    assert len({whole.fingerprint, cropped.fingerprint, again.fingerprint}) == 3


async def test_each_album_and_each_of_the_people_is_asked_for_by_name(
    server: FakeImmich, museum: FakeMuseum, client: Web
) -> None:
    server.photographs = [photograph(n) for n in range(6)]
    server.albums = {"Italien ’19": [uuid(1), uuid(2)], "Best of": [uuid(2), uuid(3)]}
    server.people = {"Mia": [uuid(2)], "José": [uuid(3), uuid(4)]}

    async def keys(**settings: Any) -> list[str]:
        return [item.key for item in await all_items(source(museum, client, **settings))]

    assert await keys() == [uuid(n) for n in range(6)]
    assert await keys(albums=("italien '19", "BEST OF")) == [uuid(1), uuid(2), uuid(3)]
    assert await keys(people=("jose",)) == [uuid(3), uuid(4)]
    assert await keys(albums=(uuid(501),), people=("mia", "José")) == [uuid(2), uuid(3)]
    with pytest.raises(SourceError, match="no album called “Rom”; it has “Italien ’19”, “Best of”"):
        await keys(albums=("Rom",))
    with pytest.raises(SourceError, match="nobody called “Ann”; it knows “Mia”, “José”"):
        await keys(people=("Ann",))
    server.albums, server.people = {}, {}
    for named in ({"albums": ("Rom",)}, {"people": ("Ann",)}):
        with pytest.raises(SourceError, match="this key may see") as refused:
            await keys(**named)
        assert "Schlüssel" in in_language(refused.value.said, "de")


async def test_favourites_and_immichs_own_search(
    server: FakeImmich, museum: FakeMuseum, client: Web
) -> None:
    server.photographs = [photograph(n, isFavorite=n % 2 == 0) for n in range(300)]
    found = await all_items(source(museum, client, favourites=True))
    assert len(found) == 150
    found = await all_items(source(museum, client, query="the sea", limit=250))
    assert len(found) == 250
    last = server.searches[-1]
    assert (last["path"], last["query"]) == ("/api/search/smart", "the sea")


async def test_a_list_that_moves_is_not_called_whole(
    server: FakeImmich, museum: FakeMuseum, client: Web
) -> None:
    server.photographs = [photograph(n) for n in range(450)]
    quiet = source(museum, client)
    assert len(await all_items(quiet)) == 450
    assert quiet.lists_everything

    def deleted() -> None:
        if len(server.searches) == 7:
            del server.photographs[0]

    server.between = deleted
    moved = source(museum, client)
    found = {item.key for item in await all_items(moved)}
    assert len(found) < 450, "one has slipped onto a page that was read before"
    assert not moved.lists_everything, "so nothing is taken to be gone"


async def test_a_listing_goes_on_where_it_stopped(
    server: FakeImmich, museum: FakeMuseum, client: Web
) -> None:
    server.photographs = [photograph(n) for n in range(450)]
    first = (await all_pages(source(museum, client)))[0]
    again = source(museum, client)
    rest = await all_items(again, first.next_cursor)
    assert [item.key for item in rest] == [uuid(n) for n in range(200, 450)]
    assert not again.lists_everything
    assert len(await all_items(again, "nonsense.")) == 450


async def test_what_is_deleted_goes_and_favourites_are_liked(
    server: FakeImmich, museum: FakeMuseum, client: Web, tmp_path: Path
) -> None:
    server.photographs = [photograph(n, isFavorite=n == 1) for n in range(3)]
    database = tmp_path / "glance.db"
    done = await ingest_all(database, source(museum, client, favourites_as="mia"))
    assert (done.added, done.stopped_by) == (3, None)
    with closing(open_database(database)) as opened:
        liked = opened.execute("SELECT user, artwork_id FROM reactions").fetchall()
        assert liked == [("mia", f"test:{uuid(1)}")]
    del server.photographs[0]
    done = await ingest_all(database, source(museum, client, favourites_as="mia"))
    assert (done.added, done.gone) == (0, 1)
    with closing(open_database(database)) as opened:
        assert Library(opened).count() == 2
    server.photographs = []
    done = await ingest_all(database, source(museum, client))
    assert "has no picture" in (done.stopped_by or ""), "an empty answer takes nothing away"


async def test_a_key_that_was_revoked_is_said(
    server: FakeImmich, museum: FakeMuseum, client: Web
) -> None:
    server.key = "another"
    with pytest.raises(SourceError, match=r"refused the request \(401\); check the key") as it:
        await all_items(source(museum, client))
    assert in_language(it.value.said, "nl").endswith("(401); controleer de sleutel.")


@pytest.mark.parametrize("wrong", [{}, {"assets": None}, {"assets": {"items": "none"}}, [1], None])
async def test_another_server_is_told_from_an_empty_one(
    museum: FakeMuseum, client: Web, wrong: Any
) -> None:
    museum.json("/api/search/metadata", wrong)
    with pytest.raises(SourceError, match="does not answer as Immich does"):
        await all_items(source(museum, client))


async def test_a_list_that_never_ends_is_given_up(museum: FakeMuseum, client: Web) -> None:
    page = {"items": [photograph(1)], "nextPage": "2"}
    museum.json("/api/search/metadata", {"assets": page})
    with pytest.raises(SourceError, match="one page of its list over and over"):
        await asyncio.wait_for(all_items(source(museum, client)), 10)
    assert museum.paths["/api/search/metadata"] == 2


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (None, "record without id"),
        ({"id": "../../etc"}, "record without id"),
        ({"id": uuid(1), "type": "VIDEO"}, "not a picture"),
        ({"id": uuid(1), "type": "IMAGE", "isTrashed": True}, "not a picture"),
    ],
)
async def test_what_is_no_photograph_is_left_out(
    museum: FakeMuseum, client: Web, record: Any, reason: str
) -> None:
    museum.json("/api/search/metadata", {"assets": {"items": [record], "nextPage": None}})
    [item] = await all_items(source(museum, client))
    assert isinstance(item, Skipped)
    assert item.reason == reason


async def test_the_key_goes_to_the_server_alone(
    server: FakeImmich, museum: FakeMuseum, client: Web
) -> None:
    server.photographs = [photograph(1)]
    asking = source(museum, client)
    elsewhere = FakeMuseum()
    await elsewhere.start()
    try:
        path = f"/api/assets/{uuid(1)}/thumbnail"
        target = f"{elsewhere.base}/a.jpg"
        museum.body(path, b"", "text/plain", 302, Location=target)
        with pytest.raises(AddressRefused, match="another server"):
            await asking.read(f"{museum.base}{path}")
        assert elsewhere.asked == []
    finally:
        await elsewhere.close()


async def test_only_what_the_household_names_may_be_at_home(tmp_path: Path, clock: Clock) -> None:
    strict = Web(version="0", surroundings=Surroundings(directory=tmp_path, clock=clock))
    assert strict.reach(at_home=True).allows("192.168.1.20")
    assert not strict.reach(at_home=False).allows("192.168.1.20")
    own = frozenset({"192.168.1.20"})
    assert checked("http://192.168.1.20/a", own, strict.reach(at_home=True)).port == 80
    with pytest.raises(AddressRefused, match="private"):
        checked("http://192.168.1.20/a", own, Reach())
    assert Immich.hosts_of(
        ImmichSettings(
            name="a", kind="immich", url="http://Immich.lan:2283", api_key=SecretStr("k")
        )
    ) == {"immich.lan"}
    assert immich.MUSEUM.at_home
