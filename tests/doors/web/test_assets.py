"""The files of the pages: kept for ever by their address, whole, and nothing inline in them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from calmjs.parse import es5  # type: ignore[import-untyped]
from PIL import ImageFont

import glance_agent.doors.web
from glance_agent.doors.web.assets import STATIC, Asset, Assets
from tests.doors.web.served import door_of, serving

PAGES = Path(glance_agent.doors.web.__file__).parent / "pages"
PACKAGE = PAGES.parents[2]
HTML = sorted(PAGES.rglob("*.html"))
SCRIPTS = sorted(PAGES.rglob("*.js"))
MARKUP = r"\beval\(|new Function\(|innerHTML|outerHTML|insertAdjacentHTML|document\.write"
ASSETS = Assets.of_the_package()


class Tags(HTMLParser):
    """Every tag of a page, with what it says."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("page", HTML, ids=lambda path: path.name)
def test_pages_hold_no_code_and_refer_to_what_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for tag, said in Tags(text).found:
        assert tag != "style", "a style sheet is a file"
        assert tag != "script" or said.get("src"), "a script is a file"
        assert not [name for name in said if name == "style" or name.startswith("on")]
        for reference in (said.get("src"), said.get("href")):
            assert not re.match(r"(?:[a-z]+:)?/", reference or ""), "addresses are relative"
    for name in re.findall(rf"{STATIC}/([\w./-]+)", text):
        assert any((folder / name).is_file() for folder in (PAGES, PACKAGE)), name


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_ask_below_the_prefix_of_a_proxy_alone(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert re.findall(r"""(?:fetch|EventSource|import)\(?\s*[`"'](?:[a-z]+:)?/""", text) == []
    for name in re.findall(r"""^import .*["']\./([^"']+)["']""", text, re.M):
        assert (script.parent / name).is_file(), name
    assert not re.search(MARKUP, text), "data is never read as markup"


async def test_files_are_kept_for_ever_and_pages_asked_for_anew() -> None:
    routes = [ASSETS.files_route(), ASSETS.page_route("/", "index.html")]
    async with serving(door_of(routes)) as session:
        async with session.get("/") as answer:
            page = await answer.text()
            assert answer.headers["Cache-Control"] == "no-cache"
            tag = answer.headers["ETag"]
        async with session.get("/", headers={"If-None-Match": tag}) as answer:
            assert (answer.status, await answer.read()) == (304, b"")
        names = re.findall(r'(?:src|href)="(static/[^"]+)"', page)
        assert names
        for name in names:
            async with session.get(f"/{name}") as answer:
                assert answer.status == 200, name
                assert "immutable" in answer.headers["Cache-Control"]
                assert answer.headers["Vary"] == "Accept-Encoding"
                whole = await answer.read()
            plain = {"Accept-Encoding": "identity"}
            async with session.get(f"/{name}", headers=plain) as answer:
                assert "Content-Encoding" not in answer.headers
                assert await answer.read() == whole


def test_the_pages_are_small() -> None:
    gallery = [f"gallery/{file.name}" for file in (PAGES / "gallery").iterdir()]
    assert packed("gallery.css", *gallery) <= 40_000
    assert packed("kiosk.js", "kiosk.css") < 6_000


def packed(*names: str) -> int:
    """How many bytes of these files go over the wire."""
    return sum(len(served(name).gzipped or b"") for name in names)


def served(name: str) -> Asset:
    asset = Assets.of_the_package().file(name)
    assert asset is not None
    return asset


def test_scripts_are_served_without_what_is_said_to_readers() -> None:
    source, script = (PAGES / "kiosk.js").read_text("utf-8"), served("kiosk.js").data.decode()
    es5(script)
    said = [line for line in source.splitlines() if line.lstrip().startswith("//")]
    assert said
    assert script.splitlines() == [line for line in source.splitlines() if line not in said]


def test_the_kiosks_script_is_what_old_tablets_read() -> None:
    # It raises for anything newer: iOS 12 and old WebViews know no more for sure.
    es5((PAGES / "kiosk.js").read_text("utf-8"))


def test_another_file_is_another_address() -> None:
    one, other = Assets({"a.js": b"1"}), Assets({"a.js": b"2"})
    assert one.version != other.version
    assert one.version == Assets({"a.js": b"1"}).version


def test_a_page_below_the_root_refers_to_the_same_files() -> None:
    assets = Assets({"kiosk.html": b'<link href="@static@/a.css">', "a.css": b""})
    assert assets.page("kiosk.html", deep=1).data == (
        f'<link href="../static/{assets.version}/a.css">'.encode()
    )


@pytest.mark.parametrize("style", ["literata.woff2", "literata-italic.woff2"])
def test_the_family_that_ships_writes_what_titles_are_written_in(style: str) -> None:
    font = PACKAGE / "fonts" / style
    assert font.stat().st_size < 60_000
    assert f"fonts/{style}".encode() in ASSETS.page("gallery.css").data
    opened = ImageFont.truetype(font, 20)
    missing = opened.getmask("\ue000").getbbox()
    for letter in "AzßÉłşčőĐ“”–ΩάЖяїếữ":
        mask = opened.getmask(letter)
        assert mask.getbbox() != missing, letter
    assert (font.parent / "OFL.txt").is_file()
