"""What pages say: in the language of whoever looks, and nowhere beside the catalogues."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import pytest
from aiohttp.test_utils import make_mocked_request

from glance_agent.doors.web.assets import Assets
from glance_agent.doors.web.language import best_language, language_of
from tests.doors.web.served import door_of, serving
from tools import catalogue_files, catalogues

KNOWN = ("en", "de", "fr")
LANGUAGES = catalogues.catalogues()
SCRIPTS = sorted(catalogues.PAGES.rglob("*.js"))
HTML = sorted(catalogues.PAGES.rglob("*.html"))
SAME = {"Glance", "Token", "{n}"}
"""Texts that are the same in other languages: names."""
HOLE = re.compile(r"\{\w+\}")
COMMENTS = re.compile(r"/\*.*?\*/|(?:^|\s)//.*?$", re.S | re.M)
STRINGS = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|`[^`]*`")
NO_TEXT = {"use strict", "frame missing", "noopener noreferrer"}
"""Strings of scripts that read like text and are none."""
KEYS = re.compile(
    r"Arrow\w+|Enter|Escape|Home|End|Content-Type|BUTTON|AbortError|Files|GET|POST|DELETE|Glance"
)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("DE-de", "de"),
        ("pl,fr;q=0.4,de;q=0.7", "de"),
        ("pl, fr ; q=0.4", "fr"),
        ("de;q=0,fr;q=0.1", "fr"),
        ("pl,*;q=0.5,de;q=0.1", "en"),
        ("pl,ja", "en"),
        ("de;q=9,fr;q=nan,;;,=", "en"),
        ("ünï" * 50, "en"),
    ],
)
def test_what_a_browser_asks_for_is_found(accepted: str, language: str) -> None:
    assert best_language(accepted, KNOWN) == language


@pytest.mark.parametrize(
    ("address", "language"), [("/?lang=fr", "fr"), ("/?lang=FR", "fr"), ("/?lang=x", "de")]
)
def test_an_address_may_name_a_language(address: str, language: str) -> None:
    request = make_mocked_request("GET", address, headers={"Accept-Language": "de"})
    assert language_of(request, KNOWN) == language


async def test_pages_come_in_the_language_that_is_asked_for() -> None:
    page = b'<html lang="@lang@" data-languages="@languages@"><p title="[[A &amp; b]]">[[Cat]]</p>'
    words = '{"Cat": "<Katze>", "A & b": "\\"A\\" & b"}'
    assets = Assets({"index.html": page, "words/de.json": words.encode()})
    async with serving(door_of([assets.page_route("/", "index.html")])) as session:
        tags = {}
        for asked, said in (
            ("en", '<html lang="en" data-languages="en de"><p title="A &amp; b">Cat</p>'),
            (
                "de",
                '<html lang="de" data-languages="en de">'
                '<p title="&quot;A&quot; &amp; b">&lt;Katze&gt;</p>',
            ),
        ):
            async with session.get("/", headers={"Accept-Language": asked}) as answer:
                assert await answer.text() == said
                assert answer.headers["Vary"] == "Accept-Encoding, Accept-Language"
                tags[asked] = answer.headers["ETag"]
        german = {"Accept-Language": "de", "If-None-Match": tags["en"]}
        async with session.get("/", headers=german) as answer:
            assert answer.status == 200, "a page of another language is another page"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_in_every_catalogue(language: str) -> None:
    kept = {_all(m.id): _all(m.string) for m in catalogue_files.read(LANGUAGES[language]) if m.id}
    wanted = {_all(text) for _, text in catalogues.said()}
    assert wanted == set(kept)
    assert [texts for texts, said in kept.items() if not said or not all(said)] == []


def _all(said: str | Sequence[str] | None) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said or ())


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_have_the_same_holes_and_are_translations(language: str) -> None:
    for message in catalogue_files.read(LANGUAGES[language]):
        texts = _all(message.id or None)
        for text in _all(message.string) if texts else ():
            assert sorted(HOLE.findall(text)) == sorted(HOLE.findall(texts[-1])), text
            assert text not in texts or text in SAME, text
            assert text == text.strip()
            assert "[[" not in text


def test_what_pages_read_is_what_the_catalogues_say() -> None:
    for path, data in catalogues.files().items():
        assert path.read_bytes() == data, f"python -m tools.write_docs renews {path.name}"


@pytest.fixture(scope="module")
def told() -> dict[str, set[str]]:
    """What each file of the pages says, by its name."""
    found: dict[str, set[str]] = {}
    for name, said in catalogues.said():
        found.setdefault(Path(name).name, set()).update(_all(said))
    return found


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_say_nothing_beside_the_catalogues(script: Path, told: dict[str, set[str]]) -> None:
    text = script.read_text(encoding="utf-8")
    assert not re.search(r"(?<!function )\b(?:_|many)\((?!\s*\")", text), (
        "texts are written where they are said"
    )
    beside = [one[1:-1] for one in STRINGS.findall(COMMENTS.sub("", text)) if _reads(one[1:-1])]
    assert set(beside) <= told.get(script.name, set())


def _reads(text: str) -> bool:
    """Whether a string of a script reads like words for people."""
    text = re.sub(r"\$\{.*?\}", "", text).strip()
    if text in NO_TEXT or KEYS.fullmatch(text.strip(" ·:")):
        return False
    return bool(re.match(r"[A-Z][a-zé’]+(?:[ .,:!?…]|$)", text) or re.search(r"^\w+ \w+ \w+", text))


@pytest.mark.parametrize("page", HTML, ids=lambda path: path.name)
def test_pages_say_nothing_beside_the_catalogues(page: Path) -> None:
    said = _Words(page.read_text(encoding="utf-8")).found
    assert said
    beside = [text for text in said if not re.fullmatch(r"\[\[.+\]\]|Glance|\W*", text, re.S)]
    assert beside == []


class _Words(HTMLParser):
    """What a page says to people: its text, and the attributes that are read to somebody."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        read = {"alt", "title", "placeholder", "aria-label"}
        own = {"data-static", "data-languages", "data-verb", "data-close"}
        for name, value in attrs:
            if value and (name in read or (name.startswith("data-") and name not in own)):
                self.found.append(value)

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.found.append(data.strip())
