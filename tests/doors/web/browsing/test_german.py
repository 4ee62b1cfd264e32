"""The pages in a browser that asks for German."""

from __future__ import annotations

import inspect
import re
from contextlib import closing
from sqlite3 import connect
from types import ModuleType
from typing import Any

from playwright.async_api import Browser, expect

from glance_agent.taste import selection
from glance_agent.taste.feedback import MORE_OF_DISPLAYED, MORE_OF_SECOND
from tests.broker import Broker
from tests.colour_encoder import COLOURS
from tests.doors.web.browsing.browser import breaches, in_a_browser, page_of, pages_port
from tests.doors.web.served import agent_with_pages
from tests.home import Home
from tests.phone import Phone

pytestmark = in_a_browser
GERMAN: dict[str, Any] = {"locale": "de-DE", "viewport": {"width": 1200, "height": 700}}


async def test_a_german_browser_is_shown_german(
    home: Home, broker: Broker, browser: Browser
) -> None:
    port = pages_port()
    async with (
        Phone(broker.port) as phone,
        agent_with_pages(home, broker.port, port),
        page_of(browser, **GERMAN) as (page, complaints),
    ):
        await phone.expect("display/wall/image")
        await page.goto(f"http://127.0.0.1:{port}/")
        await expect(page.locator("html")).to_have_attribute("lang", "de")
        await expect(page.locator("#count")).to_have_text(f"{len(COLOURS)} Werke")
        await expect(page.locator("#places a").first).to_have_text("Alle Werke")
        await expect(page.locator("#words")).to_have_attribute(
            "aria-label", "In der Sammlung suchen"
        )
        assert await breaches(page) == []
        await page.click("#places a >> text=Bildschirme")
        await page.click("#pause-0")
        await expect(page.locator("#toast")).to_have_text("Angehalten; nichts wechselt von selbst.")
        assert await breaches(page) == []
        await page.goto(f"http://127.0.0.1:{port}/?work=nothing:here")
        await expect(page.locator("dialog h2")).to_have_text(
            "Ein Werk „nothing:here“ gibt es in der Sammlung nicht."
        )
        assert complaints == [
            "Failed to load resource: the server responded with a status of 404 (Not Found)"
        ]


async def test_a_photograph_is_labelled_in_german_and_its_day_stands_once(
    home: Home, broker: Broker, browser: Browser
) -> None:
    port, work = pages_port(), home.work("red")
    with closing(connect(home.database)) as db, db:
        db.execute(
            "UPDATE artworks SET title = 'Untitled, 4 July 2019', date = '2019-07-04', "
            "medium = 'Photograph, Canon EOS R6' WHERE id = ?",
            [work],
        )
    async with (
        Phone(broker.port) as phone,
        agent_with_pages(home, broker.port, port),
        page_of(browser, **GERMAN) as (page, _),
    ):
        await phone.expect("display/wall/image")
        await page.goto(f"http://127.0.0.1:{port}/")
        tile = page.locator(f"a[href*='{work.replace(':', '%3A')}']")
        said = "Ohne Titel, 4. Juli 2019"
        await expect(tile).to_have_text(said)
        await expect(tile).to_have_attribute("aria-label", said)
        await page.goto(f"http://127.0.0.1:{port}/?work={work}")
        await expect(page.locator("dialog h2")).to_have_text(said)
        await expect(page.locator("dialog dd").first).to_have_text("Fotografie, Canon EOS R6")
        assert "2019-07-04" not in await page.locator("dialog").inner_text()
        await phone.ask("command/show/wall", work)
        await page.goto(f"http://127.0.0.1:{port}/kiosk/wall?label=always")
        await expect(page.locator("#label b")).to_have_text(said)
        await expect(page.locator("#label small").first).to_have_text("")


async def test_what_was_left_out_is_said_in_german_and_how_much_more(
    home: Home, broker: Broker, browser: Browser
) -> None:
    port = pages_port()
    card = {"name": "far", "kind": "folder", "works": 1, "progress": None}
    sources = {
        "artworks": 1,
        "sources": [{**card, "left_out": {"not a picture": 2, "strange": 1, "unreadable": 4999}}],
        "away": [],
    }
    items = [
        {"item": name, "reason": reason}
        for name, reason in (("<b>a.jpg", "not a picture"), ("b.jpg", "strange"))
    ]
    async with (
        agent_with_pages(home, broker.port, port),
        page_of(browser, **GERMAN) as (page, complaints),
    ):
        await page.route("**/api/sources", lambda route: route.fulfill(json=sources))
        await page.route(
            "**/api/sources/far?*",
            lambda route: route.fulfill(json={"total": 5002, "items": items}),
        )
        await page.goto(f"http://127.0.0.1:{port}/?view=sources")
        await page.click("summary")
        reasons, listed = page.locator("details > ul >> nth=0"), page.locator(".items li")
        await expect(reasons).to_have_text("kein Bild: 2strange: 1nicht lesbar: 4.999")
        await expect(listed).to_have_text(
            ["<b>a.jpg: kein Bild", "b.jpg: strange", "und 5.000 weitere"]
        )
        assert complaints == []


async def test_what_was_weighed_is_said_in_german(
    home: Home, broker: Broker, browser: Browser
) -> None:
    port, searched = pages_port(), {"label", "rank", "picture", "above_ordinary"}
    parts = {*searched, *_names(selection), "discovery", MORE_OF_DISPLAYED, MORE_OF_SECOND}
    async with (
        agent_with_pages(home, broker.port, port) as session,
        page_of(browser, **GERMAN) as (page, complaints),
    ):
        async with session.get(f"/api/artworks/{home.work('red')}") as answer:
            told = await answer.json()
        told["parts"] = dict.fromkeys(parts, 1.0)
        await page.route("**/api/artworks/*", lambda route: route.fulfill(json=told))
        await page.goto(f"http://127.0.0.1:{port}/?work={home.work('red')}")
        said = page.locator("dialog details dt")
        await expect(said).to_have_count(len(parts))
        plain = {name.replace("_", " ") for name in parts}
        assert plain.isdisjoint(await said.all_text_contents())
        weighed = page.locator("dialog details dd")
        assert set(await weighed.all_text_contents()) == {
            *("spricht dafür", "der Name", "ja", "1\u00a0%", "100\u00a0%")
        }
        assert complaints == []


def _names(module: ModuleType) -> set[str]:
    """The parts of the score that a choice is told with."""
    options = inspect.getsource(module._parts)
    return set(re.findall(r'"(\w+)"(?::|\])', options))


async def test_a_kiosk_speaks_the_language_of_its_browser_or_address(
    home: Home, broker: Broker, browser: Browser
) -> None:
    port = pages_port()
    async with (
        agent_with_pages(home, broker.port, port),
        page_of(browser, **GERMAN) as (page, complaints),
    ):
        for question, which, close in (
            ("", "Welcher Bildschirm ist das?", "Schließen"),
            ("?lang=en", "Which display is this?", "Close"),
        ):
            await page.goto(f"http://127.0.0.1:{port}/kiosk{question}")
            await expect(page.locator("h1")).to_have_text(which)
            assert await breaches(page) == []
            await page.click("#choice a >> nth=0")
            await expect(page.locator("#wall img.on:not([alt=''])")).to_be_visible()
            await page.keyboard.press("Enter")
            await expect(page.locator("#menu [data-close]")).to_have_text(close)
            assert await breaches(page) == []
        assert complaints == []
