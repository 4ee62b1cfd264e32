"""WebDAV, against a server that others have written: WsgiDAV, on the loopback interface."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

from glance_agent.ingest.progress import Progress
from glance_agent.sources.museums.webdav import Webdav, WebdavSettings
from glance_agent.sources.web.web import Web
from tests.home import Home, ingest_all
from tests.in_process import InProcess
from tests.sources.fake_museum import visit_of
from tests.sources.folders.test_labels import xmp
from tests.sources.museums.test_webdav import ODD, PASSWORD, photograph

pytestmark = pytest.mark.filterwarnings("ignore")  # what the server is warned of is its own affair
USERS = {"mia": {"password": PASSWORD}}


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    (tmp_path / "shared").mkdir()
    return tmp_path / "shared"


@pytest.fixture
def takes() -> tuple[str, ...]:
    """The ways in which the server lets people in."""
    return ("basic",)


@pytest.fixture
def address(shared: Path, takes: tuple[str, ...]) -> Iterator[str]:
    module = pytest.importorskip("wsgidav.wsgidav_app")
    app = module.WsgiDAVApp(
        {
            "provider_mapping": {"/": str(shared)},
            "http_authenticator": {
                "accept_basic": "basic" in takes,
                "accept_digest": "digest" in takes,
                "default_to_digest": "digest" in takes,
            },
            "simple_dc": {"user_mapping": {"*": USERS}},
            "verbose": 0,
        }
    )
    with make_server("127.0.0.1", 0, app, _Server, _Silent) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "home").mkdir()
    return Home(tmp_path / "home", tmp_path / "home")


async def bring(home: Home, client: Web, address: str) -> Progress:
    chosen = WebdavSettings(
        name="test", kind="webdav", url=address, user="mia", password_file=Path("unread")
    )
    login = Webdav.login(chosen, lambda _: PASSWORD)
    made = Webdav(chosen, visit_of(client, headers=login, at_home=True))
    made.eyes = InProcess()
    return await ingest_all(home.database, made)


def put(shared: Path, key: str, data: bytes) -> None:
    (shared / key).parent.mkdir(parents=True, exist_ok=True)
    (shared / key).write_bytes(data)


async def test_a_server_of_others_is_read_as_a_folder_is(
    shared: Path, address: str, client: Web, home: Home
) -> None:
    for number, key in enumerate(
        ("a/sea.jpg", f"Ω 日本/{ODD}", "old/x.jpg", "private/p.jpg", "1.jpg"), 1
    ):
        put(shared, key, photograph(number))
    put(shared, "a/sea.jpg.xmp", xmp("<dc:title>The sea</dc:title>"))
    put(shared, "gallery.json", b'[{"file": "1.jpg", "title": "First"}]')
    put(shared, ".glanceignore", b"old/\n")
    put(shared, "private/.nomedia", b"")
    put(shared, "raw.cr2", b"x")
    done = await bring(home, client, address)
    assert (done.added, dict(done.left_out), done.stopped_by) == (3, {"unknown kind": 1}, None)
    before = dict(home.rows("SELECT title, location FROM artworks"))
    assert {"The sea", "First"} < before.keys()

    (shared / "1.jpg").rename(shared / "a" / "moved.jpg")
    put(shared, "a/sea.jpg", photograph(7))
    os.utime(shared / "a" / "sea.jpg", (1e9, 1e9))  # its ETag tells whole seconds
    done = await bring(home, client, address)
    assert (done.gone, done.stopped_by) == (1, None)
    after = dict(home.rows("SELECT title, location FROM artworks WHERE unusable IS NULL"))
    assert after.keys() == before.keys() - {"First"} | {"Moved"}
    assert after["The sea"] != before["The sea"]
    assert (await bring(home, client, address)).passed_over == 4  # with what is left out


@pytest.mark.parametrize("takes", [("digest",), ("basic", "digest")])
async def test_a_password_is_shown_as_a_digest_where_the_server_takes_that(
    shared: Path, address: str, client: Web, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(shared, ODD, photograph(1))
    shown: list[str] = []
    handle = WSGIRequestHandler.get_environ

    def noted(self: WSGIRequestHandler) -> dict[str, Any]:
        shown.append(self.headers.get("Authorization", "").partition(" ")[0])
        return handle(self)

    monkeypatch.setattr(WSGIRequestHandler, "get_environ", noted)
    done = await bring(home, client, address)
    assert (done.added, done.stopped_by) == (1, None)
    assert set(shown) == {"", "Digest"}
