"""WebDAV, against a server on the loopback interface that lists and refuses as true ones do."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import ssl
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

import pytest
from aiohttp import web
from yarl import URL

from glance_agent.config.load import load
from glance_agent.domain.errors import AddressRefused, ConfigError, SourceError
from glance_agent.domain.items import Listed, Skipped
from glance_agent.ingest.progress import Progress
from glance_agent.sources.museums.webdav import Webdav, WebdavSettings
from glance_agent.sources.web.dav import entries
from glance_agent.sources.web.exchange import Answer, Ask, Passing
from glance_agent.sources.web.visit import LISTING_SECONDS, STRIKES
from glance_agent.sources.web.web import Web
from tests.home import Home, ingest_all
from tests.in_process import InProcess
from tests.ingest.test_originals import index_of
from tests.sources.fake_museum import Clock, FakeMuseum, all_items, visit_of
from tests.sources.folders.test_labels import taken_at, xmp
from tests.sources.museums.test_museum_ingest import encoded, picture
from tools.campaigns.certificates import Certificates, NoOpenSSL

ROOT = "/remote.php/dav/files/mia/Photos"
PASSWORD = "s3cret of the house"
LOGIN = f"Basic {base64.b64encode(f'mia:{PASSWORD}'.encode()).decode()}"
ANOTHER = "Basic bWlhOmFub3RoZXI="
COLLECTION = (
    "<D:propstat><D:prop><D:resourcetype><D:collection/></D:resourcetype></D:prop></D:propstat>"
)
ODD = "Été 50% #1 ä?&+.jpg"


def photograph(number: int) -> bytes:
    return encoded(picture(number, (600, 400)))


@dataclass
class FakeDav:
    """A folder on a server; its addresses without a slash at the end lead to those with one."""

    museum: FakeMuseum
    files: dict[str, bytes] = field(default_factory=dict)
    login: str = LOGIN
    refused: Callable[[web.Request], bool] = lambda request: False
    fails: Callable[[web.Request], bool] = lambda request: False
    seen_from: str = ROOT
    """Where the server believes to be; another one may stand in front of it."""
    link: str = "no link"
    """A folder, from the root on, in which everything lies once more."""

    def __post_init__(self) -> None:
        self.museum.otherwise = self.answer

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != self.login:
            return web.Response(status=401, headers={"WWW-Authenticate": "Basic realm=x"})
        if self.refused(request):
            return web.Response(status=403, text="<html>no", content_type="text/html")
        if self.fails(request):
            return web.Response(status=503)
        key = request.path.removeprefix(ROOT).removeprefix("/").rpartition(self.link)[2]
        if request.method == "GET":
            data = self.files.get(key)
            return web.Response(status=404) if data is None else web.Response(body=data)
        assert (request.method, request.headers["Depth"]) == ("PROPFIND", "1")
        assert b"getetag" in await request.read()
        if not request.path.endswith("/"):
            return web.Response(status=301, headers={"Location": f"{request.path}/"})
        if key and not any(name.startswith(key) for name in self.files):
            return web.Response(status=404)
        return web.Response(status=207, text=self.listed(key), content_type="application/xml")

    def listed(self, key: str) -> str:
        rest = [name.removeprefix(key) for name in self.files if name.startswith(key)]
        told = [self.told(key, None)]
        told += [self.told(f"{key}{f}/", None) for f in {r.split("/")[0] for r in rest if "/" in r}]
        told += [self.told(f"{key}{r}", self.files[f"{key}{r}"]) for r in rest if "/" not in r]
        told += [self.told(self.link, None)] * (
            self.link.rpartition("/")[0].rpartition("/")[0] == key[:-1]
        )
        return f'<?xml version="1.0"?><d:multistatus xmlns:d="DAV:">{"".join(told)}</d:multistatus>'

    def told(self, key: str, data: bytes | None) -> str:
        etag = hashlib.md5(data or b"", usedforsecurity=False).hexdigest()
        known = "<d:resourcetype><d:collection/></d:resourcetype>"
        lacks = "<d:getcontentlength/>"
        if data is not None:
            known = f"<d:resourcetype/><d:getcontentlength>{len(data)}</d:getcontentlength>"
            lacks = "<d:quota-used-bytes/>"
        known += f"<d:getetag>&quot;{etag}&quot;</d:getetag>"
        known += "<d:getlastmodified>Thu, 04 Jul 2019 10:11:12 GMT</d:getlastmodified>"
        return (
            f"<d:response><d:href>{escape(quote(f'{self.seen_from}/{key}'))}</d:href>"
            f"<d:propstat><d:prop>{known}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>"
            f"<d:propstat><d:prop>{lacks}</d:prop><d:status>HTTP/1.1 404 Not Found</d:status>"
            "</d:propstat></d:response>"
        )

    def gets(self) -> list[str]:
        """Which files were fetched since this was asked."""
        got = [r.path.removeprefix(f"{ROOT}/") for r in self.museum.asked if r.method == "GET"]
        self.museum.asked.clear()
        return got


@pytest.fixture
def server(museum: FakeMuseum) -> FakeDav:
    return FakeDav(museum)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "home").mkdir()
    return Home(tmp_path / "home", tmp_path / "home")


def source(museum: FakeMuseum, client: Web, **settings: Any) -> Webdav:
    chosen = WebdavSettings(
        name="test",
        kind="webdav",
        url=f"{museum.base}{ROOT}",
        user="mia",
        password_file=Path("unread"),
        **settings,
    )
    headers = Webdav.login(chosen, lambda _: PASSWORD)
    visit = visit_of(client, headers=headers, key="user and password_file", at_home=True)
    made = Webdav(chosen, visit)
    made.eyes = InProcess()
    return made


async def bring(home: Home, server: FakeDav, client: Web, **settings: Any) -> Progress:
    return await ingest_all(home.database, source(server.museum, client, **settings))


async def keys(server: FakeDav, client: Web, **settings: Any) -> list[str]:
    found = await all_items(source(server.museum, client, **settings))
    return [item.key for item in found if isinstance(item, Listed)]


# -- what is there ------------------------------------------------------------------------------


async def test_what_lies_in_the_folder_is_listed(server: FakeDav, client: Web) -> None:
    names = (
        "b.jpg", "a/c.png", f"a/deep down/{ODD}", "old/x.jpg", "a/draft-1.jpg", "notes.txt",
        "@eaDir/b.jpg", ".hidden.jpg", "private/.nomedia", "private/p.jpg", "raw.cr2", "bad\n.jpg",
    )  # fmt: skip
    server.files = dict.fromkeys(names, b"x")
    found = await all_items(source(server.museum, client, exclude=("old/", "draft-*")))
    assert [item.key for item in found if isinstance(item, Listed)] == [
        "a/c.png",
        f"a/deep down/{ODD}",
        "b.jpg",
    ]
    left_out = {item.key: item.reason for item in found if isinstance(item, Skipped)}
    assert left_out == {"raw.cr2": "unknown kind", "bad .jpg": "unreadable"}
    assert not [r.path for r in server.museum.asked if "old" in r.path or "eaDir" in r.path]
    assert await keys(server, client, recursive=False) == ["b.jpg"]
    assert await keys(server, client, include=("*.png",)) == ["a/c.png"]


async def test_a_server_behind_another_one_is_understood(server: FakeDav, client: Web) -> None:
    server.files = dict.fromkeys(("b.jpg", f"a/{ODD}"), b"x")
    server.seen_from = "/internal"
    assert await keys(server, client) == [f"a/{ODD}", "b.jpg"]


async def test_a_listing_goes_on_behind_what_was_read(
    server: FakeDav, client: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glance_agent.sources.museums.webdav.PAGE_ITEMS", 2)
    server.files = {f"{number}.jpg": b"x" for number in range(5)}
    made = source(server.museum, client)
    pages = [page async for page in made.pages(None)]
    assert [page.next_cursor for page in pages] == ["1.jpg", "3.jpg", None]
    rest = [item.key async for page in made.pages("1.jpg") for item in page.items]
    assert rest == ["2.jpg", "3.jpg", "4.jpg"]


async def test_folders_without_end_cost_no_other(
    server: FakeDav, client: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glance_agent.sources.web.dav_walk.MOST_LEVELS", 4)

    async def endless(request: web.Request) -> web.Response:
        first = ["/next/"] * (request.path == f"{ROOT}/")
        names = (f"{request.path.rstrip('/')}{name}" for name in ("/", *first, "/loop/"))
        body = multistatus(*names, more=COLLECTION)
        return web.Response(status=207, body=body, content_type="application/xml")

    server.museum.otherwise = endless
    made = source(server.museum, client)
    found = await all_items(made)
    skipped = [i for i in found if isinstance(i, Skipped)]
    assert [i.key.split("/")[0] for i in skipped] == ["loop", "next"]
    assert {i.detail for i in skipped} == {"there are folders without end"}
    assert not made.lists_everything


@pytest.mark.parametrize(("more", "cut"), [((), "a/b/up/a/b/"), (("1.jpg",), "a/b/up/")])
async def test_a_link_to_a_folder_around_it_costs_no_picture(
    server: FakeDav, client: Web, more: tuple[str, ...], cut: str
) -> None:
    server.files = dict.fromkeys(("a/b/sea.jpg", "z/deep/2.jpg", *more), b"x")
    server.link = "a/b/up/"
    made = source(server.museum, client)
    found = await all_items(made)
    listed = {item.key for item in found if isinstance(item, Listed)}
    assert {"a/b/sea.jpg", "z/deep/2.jpg", *more} <= listed
    left_out = [(item.key, item.reason) for item in found if isinstance(item, Skipped)]
    assert left_out == [(cut, "link not followed")]
    assert made.lists_everything


async def test_files_on_the_server_say_what_is_not_wanted(
    server: FakeDav, client: Web, home: Home
) -> None:
    server.files = {
        "1.jpg": photograph(1), "draft-1.jpg": photograph(2), ".glanceignore": b"draft-*\nold/\n",
        "old/x.jpg": b"x", "b/2.jpg": photograph(3), "b/x.png": b"x", "b/.plexignore": b"*.png\n",
        "c/draft-2.jpg": photograph(4), "c/.glanceignore": b"!draft-2.jpg\n",
        "d/.glanceignore": b"", "d/5.jpg": photograph(5),
    }  # fmt: skip
    made = source(server.museum, client)
    for fetched in ([".glanceignore", "b/.plexignore", "c/.glanceignore"], []):
        listed = [item.key for item in await all_items(made) if isinstance(item, Listed)]
        assert listed == ["1.jpg", "b/2.jpg", "c/draft-2.jpg", "d/5.jpg"]
        assert sorted(server.gets()) == fetched
    await bring(home, server, client)
    server.files[".glanceignore"] = b"b/\n"
    done = await bring(home, server, client)
    assert (done.added, done.gone) == (1, 1)


async def test_where_it_is_not_told_what_is_wanted_nothing_is_taken_and_nothing_goes(
    server: FakeDav, client: Web, home: Home
) -> None:
    server.files = {"a/1.jpg": photograph(1), "2.jpg": photograph(2)}
    await bring(home, server, client)
    server.files["a/.glanceignore"] = b"1.jpg"
    server.refused = lambda request: request.path.endswith(".glanceignore")
    done = await bring(home, server, client)
    assert (done.gone, dict(done.left_out)) == (0, {"unreadable folder": 1})


async def test_gallery_json_on_the_server_tells_of_its_pictures(
    server: FakeDav, client: Web, home: Home
) -> None:
    def told(title: str) -> bytes:
        return f'[{{"file": "b/1.jpg", "title": "{title}", "artist": "Vermeer, J."}}]'.encode()

    server.files = {"b/1.jpg": photograph(1), "Sea.jpg": photograph(2), "gallery.json": told("A")}
    await bring(home, server, client)
    rows = "SELECT title, artist FROM artworks ORDER BY title"
    assert home.rows(rows) == [("A", "J. Vermeer"), ("Sea", None)]
    assert sorted(server.gets()) == ["Sea.jpg", "b/1.jpg", "gallery.json"]
    server.files["gallery.json"] = told("B")
    await bring(home, server, client)
    assert home.rows(rows) == [("B", "J. Vermeer"), ("Sea", None)]
    assert sorted(server.gets()) == ["b/1.jpg", "gallery.json"]


@pytest.mark.parametrize(
    ("content", "said"), [(b"{}", "must be a list of objects"), (b"[", "mend it, or remove it")]
)
async def test_a_broken_gallery_json_is_a_sentence(
    server: FakeDav, client: Web, content: bytes, said: str
) -> None:
    server.files = {"1.jpg": b"x", "gallery.json": content}
    with pytest.raises(SourceError, match=said):
        await keys(server, client)


# -- works ----------------------------------------------------------------------------------------


async def test_works_have_what_lies_in_and_beside_their_files(
    server: FakeDav, client: Web, home: Home
) -> None:
    server.files = {
        "IMG_0001.jpg": taken_at("2019:07:04 10:11:12"),
        "a/sea.jpg": photograph(1),
        "a/sea.jpg.xmp": xmp("<dc:title>The sea</dc:title><xmp:Rating>5</xmp:Rating>"),
        f"a/{ODD}": photograph(2),
        f"a/{ODD}.json": b'{"title": "Summer", "id": "summer"}',
        "broken.jpg": b"\xff\xd8\xff no",
        "page.jpg": b"<html>please wait",
    }
    done = await bring(home, server, client, favourites_as="mia")
    assert (done.added, dict(done.left_out)) == (3, {"broken": 1, "not a picture": 1})
    rows = dict(home.rows("SELECT title, coalesce(medium, '') FROM artworks"))
    assert rows == {
        "Untitled, 4 July 2019": "Photograph, Canon EOS R6",
        "The sea": "",
        "Summer": "",
    }
    ((sea, location),) = home.rows("SELECT id, location FROM artworks WHERE title = 'The sea'")
    assert home.likes() == [sea]
    assert home.rows("SELECT 1 FROM artworks WHERE id = 'test:summer'")
    assert await source(server.museum, client).read(location) == server.files["a/sea.jpg"]


@pytest.mark.parametrize("status", [403, 500])
async def test_what_lies_beside_a_picture_is_asked_for_again_where_it_did_not_come(
    server: FakeDav, client: Web, home: Home, status: int
) -> None:
    server.files = {"1.jpg": photograph(1), "1.json": b'{"title": "Named"}'}
    setattr(
        server,
        "refused" if status == 403 else "fails",
        lambda request: request.path.endswith(".json"),
    )
    assert (await bring(home, server, client)).added == 1
    assert home.rows("SELECT title FROM artworks") != [("Named",)]
    server.refused = server.fails = lambda request: False
    await bring(home, server, client)
    assert home.rows("SELECT title FROM artworks") == [("Named",)]
    assert (await bring(home, server, client)).passed_over == 1


async def test_only_what_has_changed_is_fetched_again(
    server: FakeDav, client: Web, home: Home
) -> None:
    server.files = {f"{name}.jpg": photograph(n) for n, name in enumerate(("A", "B", "C"))}
    await bring(home, server, client)
    assert sorted(server.gets()) == ["A.jpg", "B.jpg", "C.jpg"]
    before = dict(home.rows("SELECT title, location FROM artworks"))
    server.files["B.jpg"] = photograph(7)
    server.files["C.json"] = b'{"title": "Named"}'
    await bring(home, server, client)
    assert sorted(server.gets()) == ["B.jpg", "C.jpg", "C.json"]
    after = dict(home.rows("SELECT title, location FROM artworks WHERE unusable IS NULL"))
    assert after.keys() == {"A", "B", "Named"}
    assert (after["A"] == before["A"], after["B"] == before["B"]) == (True, False)
    assert (await bring(home, server, client)).passed_over == 3
    assert server.gets() == []


async def test_what_is_deleted_goes_and_what_moves_stays_the_same_work(
    server: FakeDav, client: Web, home: Home
) -> None:
    server.files = {f"{name}.jpg": photograph(n) for n, name in enumerate(("A", "B", "C"))}
    await bring(home, server, client)
    known = dict(home.rows("SELECT title, id FROM artworks"))
    del server.files["A.jpg"]
    server.files["moved/here.jpg"] = server.files.pop("B.jpg")
    assert (await bring(home, server, client)).gone == 1
    left = home.rows("SELECT id, title FROM artworks WHERE unusable IS NULL ORDER BY title")
    assert left == [(known["C"], "C"), (known["B"], "Here")]


async def test_a_file_that_was_written_anew_is_the_same_work(
    server: FakeDav, client: Web, home: Home
) -> None:
    server.files = {"A.jpg": photograph(1), "B.jpg": photograph(2)}
    await bring(home, server, client)
    known = dict(home.rows("SELECT title, id FROM artworks"))
    server.files["A.jpg"] += b"what a program has noted"
    done = await ingest_all(home.database, source(server.museum, client), index=index_of(home))
    assert (done.added, done.gone) == (0, 0)
    assert dict(home.rows("SELECT title, id FROM artworks")) == known
    ((location,),) = home.rows("SELECT location FROM artworks WHERE title = 'A'")
    assert await source(server.museum, client).read(location) == server.files["A.jpg"]


@pytest.mark.parametrize(
    ("copy", "size", "original"),
    [("a.jpg", (300, 200), "b.jpg"), ("100% Sea (1).jpg", (600, 400), "100% Sea.jpg")],
)
async def test_an_original_on_the_server_takes_the_place_of_its_copy(
    server: FakeDav, client: Web, home: Home, copy: str, size: tuple[int, int], original: str
) -> None:
    server.files = {copy: encoded(picture(1, size))}
    await bring(home, server, client)
    ((work,),) = home.rows("SELECT id FROM artworks")
    server.files[original] = encoded(picture(1, (600, 400)), quality=95)
    await ingest_all(home.database, source(server.museum, client), index=index_of(home))
    ((known, location),) = home.rows("SELECT id, location FROM artworks")
    assert known == work
    assert await source(server.museum, client).read(location) == server.files[original]
    del server.files[original]
    assert (await bring(home, server, client)).gone == 0
    ((known, location, unusable),) = home.rows("SELECT id, location, unusable FROM artworks")
    assert (known, unusable) == (work, None)
    assert await source(server.museum, client).read(location) == server.files[copy]


async def test_a_folder_that_cannot_be_read_keeps_its_works(
    server: FakeDav, client: Web, home: Home
) -> None:
    server.files = {"a/1.jpg": photograph(1), "b/2.jpg": photograph(2), "3.jpg": photograph(3)}
    await bring(home, server, client)
    server.refused = lambda request: "/a/" in request.path
    del server.files["3.jpg"]
    done = await bring(home, server, client)
    assert (done.gone, done.stopped_by) == (0, None)
    assert dict(done.left_out) == {"unreadable folder": 1}
    server.refused = lambda request: False
    assert (await bring(home, server, client)).gone == 1


async def test_a_listing_that_refuses_its_folder_keeps_its_works(
    server: FakeDav, client: Web, home: Home
) -> None:
    server.files = {"a/1.jpg": photograph(1), "2.jpg": photograph(2)}
    await bring(home, server, client)
    inside = server.listed
    refused = "<D:propstat><D:status>HTTP/1.1 403 Forbidden</D:status></D:propstat>"

    def refusing(key: str) -> str:
        body = multistatus("/x/", more=refused).decode()
        return body if key == "a/" else inside(key)

    server.listed = refusing  # type: ignore[method-assign]
    done = await bring(home, server, client)
    assert (done.gone, dict(done.left_out)) == (0, {"unreadable folder": 1})


async def test_of_a_folder_that_is_closed_to_the_user_that_is_said(
    server: FakeDav, client: Web
) -> None:
    server.files = {"a/1.jpg": b"x", "b/2.jpg": b"x"}
    server.refused = lambda request: request.path.startswith(f"{ROOT}/b/")
    found = await all_items(source(server.museum, client))
    (left,) = (item for item in found if isinstance(item, Skipped))
    assert left.key == "b/"
    assert "keeps a folder closed to this user (403)" in left.detail


async def test_a_folder_that_the_server_fails_on_costs_no_other(
    server: FakeDav, client: Web, home: Home
) -> None:
    server.files = {f"{folder}/{folder}.jpg": photograph(n) for n, folder in enumerate("abcdef", 1)}
    server.fails = lambda request: request.path.startswith((f"{ROOT}/b/", f"{ROOT}/e/"))
    done = await bring(home, server, client)
    assert (done.added, done.stopped_by) == (4, None)
    assert dict(done.left_out) == {"unreadable folder": 2}
    server.fails = lambda request: False
    assert (await bring(home, server, client)).added == 2
    server.fails = lambda request: request.path.startswith((f"{ROOT}/b/", f"{ROOT}/e/"))
    assert (await bring(home, server, client)).gone == 0


async def test_a_server_that_fails_on_one_folder_after_another_is_left(
    server: FakeDav, client: Web, home: Home
) -> None:
    server.files = {f"{folder}/{folder}.jpg": photograph(1) for folder in "abcdefgh"}
    asked: list[str] = []

    def fails(request: web.Request) -> bool:
        asked.append(request.path)
        return request.path != f"{ROOT}/"

    server.fails = fails
    assert "status 503" in ((await bring(home, server, client)).stopped_by or "")
    assert len(set(asked) - {f"{ROOT}/"}) == STRIKES


async def test_a_file_that_may_not_be_read_costs_no_other(
    server: FakeDav, client: Web, home: Home
) -> None:
    server.files = {f"{number}.jpg": photograph(number) for number in range(1, 6)}
    server.refused = lambda request: request.method == "GET" and "5" not in request.path
    done = await bring(home, server, client)
    assert (done.added, dict(done.left_out), done.stopped_by) == (1, {"not served": 4}, None)


# -- whom it lets in ------------------------------------------------------------------------------


async def test_a_wrong_password_is_a_sentence(server: FakeDav, client: Web, home: Home) -> None:
    server.login = ANOTHER
    done = await bring(home, server, client)
    assert done.stopped_by is not None
    assert "check user and password_file" in done.stopped_by
    logins = [request.headers.get("Authorization") for request in server.museum.asked]
    assert logins == [None, LOGIN], "it is tried once, before the server bars whoever tries"


async def test_a_password_that_ends_while_pictures_are_fetched_leaves_none_out(
    server: FakeDav, client: Web, home: Home
) -> None:
    server.files = {"1.jpg": photograph(1)}

    def ends(request: web.Request) -> bool:
        server.login = ANOTHER
        return False

    server.refused = ends
    done = await bring(home, server, client)
    assert done.stopped_by is not None
    assert "check user and password_file" in done.stopped_by
    server.login, server.refused = LOGIN, lambda request: False
    assert (await bring(home, server, client)).added == 1


async def test_no_other_server_is_asked(server: FakeDav, museum: FakeMuseum, client: Web) -> None:
    museum.body(f"{ROOT}/", b"", "text/plain", 302, Location="http://127.0.0.2:1/")
    with pytest.raises(AddressRefused):
        await all_items(source(museum, client))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('url = "http://nas/a"\nuser = "mia"', "user and password_file belong together"),
        ('url = "http://nas/a?b"', "without ? and #"),
        ('url = "nas/a"', "sources.0.url"),
        ("", "sources.0.url"),
    ],
)
def test_a_wrong_table_is_a_sentence(tmp_path: Path, table: str, said: str) -> None:
    config = tmp_path / "glance.toml"
    config.write_text(f'[[sources]]\nname = "a"\nkind = "webdav"\n{table}\n', encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load(config, {})
    assert said in str(refused.value)


async def test_a_certificate_that_nobody_signed_is_a_sentence_and_can_be_taken(
    server: FakeDav, client: Web, clock: Clock, tmp_path: Path
) -> None:
    made = Certificates(tmp_path)
    try:
        made.authority("nas")
    except NoOpenSSL:
        pytest.skip("openssl is not installed")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(made["nas.crt"], made["nas.key"])
    server.files = {"1.jpg": b"x"}
    await server.museum.close()
    await server.museum.start(context)
    with pytest.raises(SourceError, match=r"not trusted here; .* check_certificate = false"):
        await keys(server, client)
    assert clock.slept == []
    assert await keys(server, client, check_certificate=False) == ["1.jpg"]
    server.museum.base = server.museum.base.replace("https", "http")
    with pytest.raises(SourceError, match="check the port, and http or https"):
        await keys(server, client)


# -- what it makes of strange answers -------------------------------------------------------------


def multistatus(*hrefs: str, more: str = "") -> bytes:
    told = "".join(f"<D:response><D:href>{href}</D:href>{more}</D:response>" for href in hrefs)
    return f'<D:multistatus xmlns:D="DAV:">{told}</D:multistatus>'.encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"<html/>",
        b"\xff\xfe\x00",
        b'<multistatus xmlns="DAV:"/>',
        b'<!DOCTYPE m [<!ENTITY a "b">]><m>&a;</m>',
        multistatus("/a/")[:-9],
    ],
)
async def test_what_is_no_listing_is_a_sentence(
    museum: FakeMuseum, client: Web, body: bytes
) -> None:
    async def strange(_: web.Request) -> web.Response:
        return web.Response(status=207, body=body, content_type="application/xml")

    museum.otherwise = strange
    with pytest.raises(SourceError, match="WebDAV"):
        await all_items(source(museum, client))


@pytest.mark.parametrize("status", [200, 400, 404, 405, 423, 501])
async def test_what_is_no_folder_is_a_sentence(
    museum: FakeMuseum, client: Web, status: int
) -> None:
    museum.body(f"{ROOT}/", b"<html>Hello", "text/html", status)
    with pytest.raises(SourceError, match="check"):
        await all_items(source(museum, client))


@pytest.mark.parametrize(
    "href",
    ["/x/a/../../etc/passwd", "/x/a%2f..%2fpasswd", "http://evil.example/x/b/c", "/x/", "", "//"],
)
def test_a_listing_names_what_lies_in_the_folder_alone(href: str) -> None:
    found = entries(multistatus("/x/", href, "/x/sea%20view.jpg"), "http://nas/x/")
    assert [entry.name for entry in found] == ["sea view.jpg"]


def test_of_a_long_listing_little_is_in_memory_at_once() -> None:
    """All its elements together would take more than six times the memory of the answer."""
    more = (
        "<D:propstat><D:prop><D:resourcetype/><D:getlastmodified>Thu, 04 Jul 2019 10:11:12 GMT"
        "</D:getlastmodified><D:getetag>&quot;0123456789abcdef0123456789abcdef&quot;</D:getetag>"
        "</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>"
    )
    body = multistatus("/x/", *(f"/x/IMG_20190704_{n:06}.jpg" for n in range(600)), more=more)
    tracemalloc.start()
    found = entries(body, "http://nas/x/")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found) == 600
    assert peak < 4 * len(body)


async def test_a_folder_is_waited_for_as_long_as_listings_take(
    server: FakeDav, client: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest, asked = client.ask, list[Ask]()

    async def noted(url: URL, ask: Ask) -> Answer:
        asked.append(ask)
        return await honest(url, ask)

    async def silent(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    monkeypatch.setattr(client, "ask", noted)
    server.files = {".glanceignore": b"x", "1.jpg": b"x"}
    assert await keys(server, client) == ["1.jpg"]
    waits = {ask.method: ask.head_seconds for ask in asked}
    assert waits["PROPFIND"] == LISTING_SECONDS > waits[""]
    server.museum.otherwise = silent
    with pytest.raises(Passing, match="in time"):
        await honest(URL(f"{server.museum.base}{ROOT}/"), replace(asked[0], head_seconds=0.02))


def test_names_that_a_server_does_not_encode_are_read_whole() -> None:
    told = ("", "http://nas/x", "http://nas/x/a#1.jpg", "http://nas/x/what?.jpg", "/x/%23#")
    found = entries(multistatus(*told), "http://seen.elsewhere/dav/x/")
    assert [entry.name for entry in found] == ["a#1.jpg", "what?.jpg", "##"]


@pytest.mark.parametrize("date", ["Thu, 04 Jul 2019 10:11:12 GMT", "2019-07-04T10:11:12Z"])
def test_dates_are_read_in_both_spellings(date: str) -> None:
    more = (
        f"<D:propstat><D:prop><D:getlastmodified>{date}</D:getlastmodified></D:prop></D:propstat>"
    )
    (found,) = entries(multistatus("/x/", "/x/a.jpg", more=more), "http://nas/x")
    assert found.modified == 1562235072


def test_numbers_and_dates_that_are_none_are_passed_over() -> None:
    more = (
        "<D:propstat><D:prop><D:getcontentlength>-7</D:getcontentlength>"
        "<D:getlastmodified>yesterday</D:getlastmodified></D:prop></D:propstat>"
    )
    (found,) = entries(multistatus("/x/", "/x/a.jpg", more=more), "http://nas/x")
    assert (found.size, found.modified, found.mark) == (None, None, "-7 yesterday")
