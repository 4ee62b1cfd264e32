"""The gallery in a real browser: found as one types, walked by keys, whatever is answered."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import ClientSession, web
from playwright.async_api import Browser, Page, Route, expect

from tests.broker import Broker, free_port
from tests.colour_encoder import COLOURS
from tests.doors.web.browsing.browser import breaches, in_a_browser, page_of, pages_port
from tests.doors.web.served import agent_with_pages
from tests.home import Home
from tests.phone import Phone
from tests.spawned import PATIENCE_SECONDS

pytestmark = in_a_browser
PREFIX = "/api/hassio_ingress/x"
MANY = 100_000
PATIENCE = PATIENCE_SECONDS * 1000
WORKS = "#grid li .title"
DOT = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


@asynccontextmanager
async def gallery(
    home: Home, broker: Broker, browser: Browser, place: str = "", **options: Any
) -> AsyncIterator[tuple[Page, list[str], str]]:
    """The gallery of a whole agent, its complaints, and its address."""
    port = pages_port()
    address = f"http://127.0.0.1:{port}/"
    async with (
        agent_with_pages(home, broker.port, port),
        page_of(browser, **{"viewport": {"width": 1200, "height": 700}, **options}) as (
            page,
            complaints,
        ),
    ):
        await page.goto(address + place)
        yield page, complaints, address


def work(number: int, **facts: Any) -> dict[str, Any]:
    """A work as api/artworks tells it."""
    told = {
        "id": f"far:{number}",
        "title": f"Work {number}",
        "artist": None,
        "date": None,
        "source": "far",
        "width": 300 + number % 400,
        "height": 400,
        "colour": "#446688",
        "liked": None,
        "hidden": False,
        "thumb": None,
        "match": None,
        "why": None,
    }
    return {**told, **facts}


async def answering(page: Page, total: int, **facts: Any) -> list[dict[str, str]]:
    """Have the browser be told of so many works; what it asks for, as it asks."""
    asked: list[dict[str, str]] = []

    async def answer(route: Route) -> None:
        given = {k: v[0] for k, v in parse_qs(urlsplit(route.request.url).query).items()}
        asked.append(given)
        first = int(given.get("offset", "0"))
        numbers = range(first, min(total, first + int(given["limit"])))
        told = {
            "result": "one",
            "total": total,
            "offset": first,
            "asked": given.get("q", ""),
            "sure": True,
            "by_pictures": True,
            "late": False,
            "works": [work(n, **facts) for n in numbers],
        }
        await route.fulfill(json=told)

    await page.route("**/api/artworks?*", answer)
    return asked


async def test_what_is_typed_is_found_and_stays_in_the_address(
    home: Home, broker: Broker, browser: Browser
) -> None:
    async with gallery(home, broker, browser) as (page, complaints, address):
        await expect(page.locator("#count")).to_contain_text(f"{len(COLOURS)} works")
        assert await breaches(page) == []
        asked: list[str] = []
        page.on("request", lambda sent: asked.append(sent.url) if "artworks?" in sent.url else None)
        await page.keyboard.press("/")
        await page.keyboard.type("a red field")
        await expect(page.locator("#count")).to_contain_text("“a red field”")
        await expect(page.locator(WORKS).first).to_have_text("Red Field")
        assert page.url == f"{address}?q=a+red+field"
        # A machine that is very busy may take longer over a key than the page waits for more.
        assert len(asked) < len("red field"), "no question for each key"
        await page.keyboard.press("Escape")
        await expect(page.locator("#count")).to_have_text(f"{len(COLOURS)} works")
        await page.go_back()
        await expect(page.locator("#words")).to_have_value("")
        assert complaints == []


async def test_an_answer_that_comes_late_is_not_shown(
    home: Home, broker: Broker, browser: Browser
) -> None:
    async with gallery(home, broker, browser) as (page, complaints, _):
        await expect(page.locator(WORKS).first).to_be_visible()
        held = asyncio.Event()
        begun = asyncio.Event()

        async def hold(route: Route) -> None:
            begun.set()
            await held.wait()
            await route.continue_()

        await page.route("**/api/artworks?q=red*", hold)
        await page.keyboard.press("/")
        await page.keyboard.type("red")
        await begun.wait()
        await expect(page.locator("#grid")).to_have_attribute("aria-busy", "true")
        await expect(page.locator(WORKS).first).to_be_visible()
        await page.locator("#words").fill("blue")
        await expect(page.locator(WORKS).first).to_have_text("Blue Field")
        held.set()
        await page.wait_for_load_state("networkidle")
        await expect(page.locator(WORKS).first).to_have_text("Blue Field")
        assert complaints == []


async def test_a_hundred_thousand_works_are_few_in_the_page(
    home: Home, broker: Broker, browser: Browser
) -> None:
    async with gallery(home, broker, browser, "?list=liked", alone=True) as (
        page,
        complaints,
        address,
    ):
        asked = await answering(page, MANY)
        await page.goto(address)
        await expect(page.locator("#count")).to_have_text("100,000 works")
        for share in (0.31, 0.77, 1):
            await page.evaluate(f"() => scrollTo(0, document.body.scrollHeight * {share})")
            await expect(page.locator("#grid li a[href]").nth(3)).to_be_visible()
            assert await page.locator("#grid li").count() < 100
        await expect(page.locator(f"[aria-posinset='{MANY}'] .title")).to_have_text("Work 99999")
        later = [one for one in asked if one["offset"] != "0"]
        assert {one.get("result") for one in later} == {"one"}
        assert all(int(one["offset"]) % 100 == 0 for one in asked)
        await page.set_viewport_size({"width": 3840, "height": 2160})
        await expect(page.locator("#grid li a[href]").nth(20)).to_be_visible()
        assert await page.locator("#grid li").count() < 100
        assert complaints == []


async def test_what_did_not_come_is_asked_for_again(
    home: Home, broker: Broker, browser: Browser
) -> None:
    async with gallery(home, broker, browser, "?view=settings") as (page, _, address):
        await answering(page, 1000, thumb="thumbs/one")
        refused: list[str] = []

        async def once(route: Route) -> None:
            if route.request.url in refused:
                await route.fallback()
            else:
                refused.append(route.request.url)
                await route.fulfill(status=503)

        async def picture(route: Route) -> None:
            await route.fulfill(body=DOT, content_type="image/gif")

        await page.route("**/thumbs/*", picture)
        await page.route("**/thumbs/*", once)
        await page.route("**/api/artworks?*offset=900*", once)
        await page.goto(address)
        await expect(page.locator("#grid li img.here").first).to_be_visible(timeout=PATIENCE)
        await page.evaluate("scrollTo(0, document.body.scrollHeight)")
        await expect(page.locator(WORKS).last).to_have_text("Work 999", timeout=PATIENCE)
        assert len(refused) == 2


async def test_keys_walk_through_the_works(home: Home, broker: Broker, browser: Browser) -> None:
    async with gallery(home, broker, browser) as (page, complaints, address):
        await answering(page, MANY)
        await page.goto(address)
        await expect(page.locator("#grid a[tabindex='0']")).to_have_count(1)
        await page.keyboard.press("/")
        for key, number in (
            ("ArrowDown", 1),
            ("ArrowRight", 2),
            ("ArrowDown", 6),
            ("ArrowLeft", 5),
            ("End", MANY),
            ("Home", 1),
        ):
            await page.keyboard.press(key)
            at = page.locator("#grid li:has(a:focus)")
            await expect(at).to_have_attribute("aria-posinset", str(number))
            await expect(at).to_be_in_viewport()
        assert complaints == []


async def test_hostile_words_are_words_and_long_ones_fit(
    home: Home, broker: Broker, browser: Browser
) -> None:
    hostile = "<img src=x onerror=alert(1)>" + "Wwwwwwww" * 60
    size = {"width": 320, "height": 640}
    async with gallery(home, broker, browser, viewport=size) as (page, complaints, address):
        await answering(
            page, 3, title=hostile, artist=hostile, why=hostile, id='a/../"%', match=0.5
        )
        await page.goto(address)
        await expect(page.locator(WORKS).first).to_have_text(hostile)
        assert await page.locator("#grid .title *").count() == 0
        assert await page.evaluate("() => document.documentElement.scrollWidth") == size["width"]
        assert await breaches(page) == []
        page_url = "javascript:alert(1)"
        full = work(0, title=hostile, page_url=page_url, why=hostile, description=hostile)
        await page.route("**/api/artworks/a*", lambda route: route.fulfill(json=full))
        await page.click("#grid a >> nth=0")
        await expect(page.locator(".description")).to_have_text(hostile)
        assert await page.locator(".label img, a[href^=javascript]").count() == 0
        assert await page.evaluate("() => document.querySelector('dialog').scrollWidth") <= 320
        assert await breaches(page) == []
        assert complaints == []


async def test_nothing_found_and_no_answer_are_said(
    home: Home, broker: Broker, browser: Browser
) -> None:
    async with gallery(home, broker, browser, "?list=hidden") as (page, complaints, _):
        await expect(page.locator("#view h2")).to_have_text("Nothing is hidden.")
        assert await breaches(page) == []
        assert complaints == []
        await page.route("**/api/artworks?*", lambda route: route.abort())
        await page.click("#places a >> text=Liked")
        await expect(page.locator("[role=alert] h2")).to_have_text("The agent does not answer.")
        assert await breaches(page) == []
        await page.unroute("**/api/artworks?*")
        await page.click("text=Try again")
        await expect(page.locator("#view h2")).to_have_text("Nothing is liked yet.")


async def test_whoever_is_not_signed_in_is_asked_to(
    home: Home, broker: Broker, browser: Browser
) -> None:
    (home.folder / "token").write_text("a" * 40)
    port = pages_port()
    address = f"http://127.0.0.1:{port}/"
    async with agent_with_pages(home, broker.port, port, token_file="token"):
        async with page_of(browser) as (page, complaints):
            await page.goto(address)
            await expect(page.locator("#view h2")).to_have_text("This collection is private.")
            assert await breaches(page) == []
            assert complaints == []
            await page.fill("#secret", "a" * 40)
            await page.keyboard.press("Enter")
            await expect(page.locator("#count")).to_have_text(f"{len(COLOURS)} works")
        async with page_of(browser) as (page, complaints):
            await page.goto(f"{address}?list=shown#t={'a' * 40}")
            await expect(page.locator("#places [aria-current]")).to_have_text("Recently shown")
            assert page.url == f"{address}?list=shown", "no secret stays in the address"
            assert complaints == []
        for secret in ("used-up", "%E0%A4%A"):
            async with page_of(browser) as (page, _):
                await page.goto(f"{address}#t={secret}")
                await expect(page.locator("#view [role=alert]")).to_contain_text("opens nothing")
                assert await breaches(page) == []


async def test_pictures_that_come_in_are_told_and_shown(
    home: Home, broker: Broker, browser: Browser
) -> None:
    async with gallery(home, broker, browser, "?list=liked") as (page, complaints, address):
        run = {"event_type": "progress", "source": "far", "done": 3, "added": 3, "total": 2000}
        news = f"event: ingest\ndata: {json.dumps(run)}\n\n"
        asked = await answering(page, 3)
        await page.route(
            "**/api/events*",
            lambda route: route.fulfill(body=news, content_type="text/event-stream"),
        )
        await page.goto(address)
        await expect(page.locator("#arriving")).to_contain_text("3 of 2,000 so far")
        await expect(page.locator(WORKS)).to_have_count(3)
        assert len(asked) >= 2, "it has looked again"
        assert complaints == []


async def test_a_picture_that_came_at_once_is_shown(
    home: Home, broker: Broker, browser: Browser
) -> None:
    async with gallery(home, broker, browser, "?view=settings") as (page, complaints, address):
        run = {"event_type": "finished", "source": "far", "done": 1, "added": 1, "total": 1}
        works: list[dict[str, Any]] = []
        asked = asyncio.Event()

        async def later(route: Route) -> None:
            await asked.wait()
            works[:] = [work(0)]
            news = f"event: all\ndata: {{}}\n\nevent: ingest\ndata: {json.dumps(run)}\n\n"
            await route.fulfill(body=news, content_type="text/event-stream")

        async def answer(route: Route) -> None:
            told = {"result": "one", "offset": 0, "asked": "", "sure": True, "by_pictures": True}
            await route.fulfill(json={**told, "late": False, "total": len(works), "works": works})
            asked.set()

        await page.route("**/api/artworks?*", answer)
        await page.route("**/api/events*", later)
        await page.goto(address)
        await expect(page.locator(WORKS)).to_have_count(1)
        assert complaints == []


async def test_a_work_is_liked_by_keys_and_that_is_taken_back(
    home: Home, broker: Broker, browser: Browser
) -> None:
    async with (
        Phone(broker.port) as phone,
        gallery(home, broker, browser) as (page, complaints, address),
    ):
        await expect(page.locator("#grid a[tabindex='0']")).to_have_count(1)
        title = await page.locator(WORKS).first.inner_text()
        for key in ("/", "ArrowDown", "Enter"):
            await page.keyboard.press(key)
        await expect(page.locator("dialog h2")).to_have_text(title)
        await expect(page.locator("#do-like")).to_have_attribute("aria-pressed", "false")
        assert "work=" in page.url
        assert await breaches(page) == []
        mark = len(phone.messages)
        await page.keyboard.press("l")
        told = (await phone.expect("event/reaction", after=mark)).json()
        assert (told["event_type"], told["artwork"]["title"]) == ("like", title)
        await expect(page.locator("#toast")).to_contain_text(f"You like “{title}”.")
        await expect(page.locator("#do-like")).to_have_attribute("aria-pressed", "true")
        assert await breaches(page) == []
        mark = len(phone.messages)
        await page.keyboard.press("u")
        told = (await phone.expect("event/reaction", after=mark)).json()
        assert told["event_type"] == "forget"
        await expect(page.locator("#do-like")).to_have_attribute("aria-pressed", "false")
        await page.keyboard.press("ArrowRight")
        await expect(page.locator("dialog h2")).not_to_have_text(title)
        await page.keyboard.press("Escape")
        await expect(page.locator("dialog")).to_be_hidden()
        await expect(page.locator("#grid li[aria-posinset='2'] a")).to_be_focused()
        assert page.url == address
        assert home.likes() == []
        assert complaints == []


async def test_a_work_s_page_begins_with_its_picture(
    home: Home, broker: Broker, browser: Browser
) -> None:
    narrow: Any = {"width": 320, "height": 480}
    async with gallery(home, broker, browser, viewport=narrow) as (page, complaints, address):
        await answering(page, 1)
        told = work(0, title="Long " * 60, medium=None, label="", colours=[], tags=[], hangs=[])

        async def later(route: Route) -> None:
            await expect(page.locator("dialog h2")).to_be_focused()
            await route.fulfill(json=told)

        await page.route("**/api/artworks/far*", later)
        await page.goto(f"{address}?work=far:0")
        await expect(page.locator("#but")).to_be_visible()
        await expect(page.locator("dialog .facts dt").first).to_be_attached()
        assert await page.evaluate("document.querySelector('dialog').scrollTop") == 0
        assert complaints == []


async def test_a_work_is_hung_from_a_menu_and_the_old_one_put_back(
    home: Home, broker: Broker, browser: Browser
) -> None:
    async with (
        Phone(broker.port) as phone,
        gallery(home, broker, browser, "?q=red+field") as (page, complaints, _),
    ):
        await phone.expect("display/hall/image")
        before = (await phone.expect("display/hall/artwork")).json()
        wanted = "Red" if before["title"] != "Red Field" else "Blue"
        await page.click(f"#grid a:has-text('{wanted} Field')")
        await page.click("text=Show on …")
        await expect(page.locator("#displays-menu button:has-text('hall')")).to_contain_text(
            f"now “{before['title']}”"
        )
        assert await breaches(page) == []
        mark = len(phone.messages)
        await page.click("#displays-menu button:has-text('hall')")
        picture = await phone.expect("display/hall/image", after=mark)
        hangs = (await phone.expect("display/hall/artwork", after=mark)).json()
        assert hangs["title"] == f"{wanted} Field"
        assert picture.payload
        mark = len(phone.messages)
        await page.click("text=Put the old one back")
        hangs = (await phone.expect("display/hall/artwork", after=mark)).json()
        assert hangs["id"] == before["id"]
        assert complaints == []


async def test_a_work_is_hidden_and_comes_back(
    home: Home, broker: Broker, browser: Browser
) -> None:
    async with (
        Phone(broker.port) as phone,
        gallery(home, broker, browser, "?q=red+field") as (page, complaints, _),
    ):
        await expect(page.locator(WORKS).first).to_have_text("Red Field")
        await page.locator("#grid a").first.focus()
        await page.keyboard.press("h")
        told = (await phone.expect("event/reaction")).json()
        assert (told["event_type"], told["artwork"]["title"]) == ("hide", "Red Field")
        await page.click("#places a >> text=Hidden")
        await page.click(f"{WORKS} >> text=Red Field")
        mark = len(phone.messages)
        await expect(page.locator("#do-hide")).to_have_text("Bring back")
        await page.click("#do-hide")
        await expect(page.locator("#do-hide")).to_have_text("Hide")
        told = (await phone.expect("event/reaction", after=mark)).json()
        assert told["event_type"] == "unhide"
        assert complaints == []


async def test_more_like_a_work_in_other_words(
    home: Home, broker: Broker, browser: Browser
) -> None:
    async with gallery(home, broker, browser, "?q=red+field") as (page, complaints, address):
        await page.click("#grid a:has-text('Red Field')")
        await page.fill("#but", "blue")
        await page.keyboard.press("Enter")
        await expect(page.locator("dialog")).to_be_hidden()
        await expect(page.locator("#likened")).to_contain_text("More like “Red Field”")
        assert "like=" in page.url
        await expect(page.locator("#words")).to_have_value("blue")
        await page.click("#likened a")
        await expect(page.locator("#likened")).to_be_hidden()
        assert page.url == f"{address}?q=blue"
        assert complaints == []


async def test_what_the_agent_refuses_is_taken_back_and_said(
    home: Home, broker: Broker, browser: Browser
) -> None:
    async with gallery(home, broker, browser) as (page, _, _address):
        refused = {"ok": False, "message": "Busy.", "error": {"code": "busy", "hint": "Wait."}}
        await page.route(
            "**/api/command/like", lambda route: route.fulfill(status=503, json=refused)
        )
        await page.click("#grid a >> nth=0")
        await page.click("#do-like")
        await expect(page.locator("#toast")).to_have_text("Busy. Wait.")
        await expect(page.locator("#do-like")).to_have_attribute("aria-pressed", "false")


async def test_what_is_said_of_a_work_stays_when_all_of_it_has_come(
    home: Home, broker: Broker, browser: Browser
) -> None:
    async with gallery(home, broker, browser) as (page, _, _address):
        said = asyncio.Event()

        async def late(route: Route) -> None:
            await said.wait()
            await route.continue_()

        await page.route("**/api/artworks/*", late)
        await page.click("#grid a >> nth=0")
        await page.click("#do-like")
        await expect(page.locator("#toast button")).to_be_visible()
        said.set()
        await expect(page.locator("#work .facts dt").first).to_be_visible()
        await expect(page.locator("#toast button")).to_be_visible()


async def test_displays_are_seen_and_set(home: Home, broker: Broker, browser: Browser) -> None:
    async with (
        Phone(broker.port) as phone,
        gallery(home, broker, browser, "?view=displays") as (page, complaints, _),
    ):
        first = (await phone.expect("display/wall/artwork")).json()["title"]
        wall = page.locator(".card:has(h2:text('wall'))")
        await expect(wall.locator(".title")).to_have_text(first)
        assert await breaches(page) == []
        mark = len(phone.messages)
        await wall.locator("text=Another picture").click()
        second = (await phone.expect("display/wall/artwork", after=mark)).json()["title"]
        await expect(wall.locator(".title")).to_have_text(second)
        await wall.get_by_label("Slideshow").select_option("every hour")
        await wall.get_by_label("Mood").fill("warm")
        await settings(phone, slideshow=True, interval_seconds=3600)
        await page.keyboard.press("Enter")
        await settings(phone, mood="warm")
        await wall.locator("text=Pause").click()
        await settings(phone, paused=True)
        await expect(wall).to_contain_text("nothing changes by itself")
        assert await wall.locator("a[href='kiosk/wall']").count() == 1
        assert complaints == []


async def settings(phone: Phone, **wanted: Any) -> None:
    """Return once the wall is set so; what is said of it may be said twice."""
    await phone.expect("display/wall/settings", lambda m: wanted.items() <= m.json().items())


async def test_the_taste_is_told_and_forgotten_and_sources_are_listed(
    home: Home, broker: Broker, browser: Browser
) -> None:
    async with (
        Phone(broker.port) as phone,
        gallery(home, broker, browser, "?view=taste") as (page, complaints, _),
    ):
        await expect(page.locator("#view h2")).to_contain_text("nothing of your taste yet")
        await phone.expect("display/wall/image")
        assert (await phone.ask("command/like", {"artwork": home.work("red")}))["ok"]
        await expect(page.locator("#view h2")).to_have_text("This is what I believe of you")
        assert await breaches(page) == []
        mark = len(phone.messages)
        await page.get_by_label("Forget “Red Field”").click()
        assert (await phone.expect("event/reaction", after=mark)).json()["event_type"] == "forget"
        await expect(page.locator("#view h2")).to_contain_text("nothing of your taste yet")
        await page.click("#places a >> text=Sources")
        await expect(page.locator(".card")).to_contain_text(f"{len(COLOURS)} works")
        assert await breaches(page) == []
        await page.click("text=See them")
        await expect(page.locator("#count")).to_contain_text(f"{len(COLOURS)} works")
        assert complaints == []


async def test_the_map_is_drawn_and_leads_to_works(
    home: Home, broker: Broker, browser: Browser
) -> None:
    async with gallery(home, broker, browser, "?view=map") as (page, complaints, _):
        works = page.locator(".near a")
        await expect(works).to_have_count(len(COLOURS))
        painted = await page.evaluate(
            "() => { const c = document.querySelector('canvas');"
            " const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
            " return d.some((v, n) => n % 4 === 3 && v > 0); }"
        )
        assert painted
        assert await breaches(page) == []
        first = await works.first.get_attribute("aria-label")
        for _step in range(3):
            await page.get_by_role("button", name="To the left").click()
        await expect(works.first).not_to_have_attribute("aria-label", first or "")
        await works.first.click()
        await expect(page.locator("dialog h2")).to_contain_text("Field")
        await page.keyboard.press("Escape")
        await expect(page.locator("dialog")).to_be_hidden()
        assert complaints == []


async def test_all_works_below_a_prefix(home: Home, broker: Broker, browser: Browser) -> None:
    port = pages_port()
    async with (
        Phone(broker.port) as phone,
        agent_with_pages(home, broker.port, port) as session,
        stripping(session) as address,
        page_of(browser) as (page, complaints),
    ):
        await phone.expect("display/wall/image")
        asked: list[str] = []
        page.on("request", lambda sent: asked.append(sent.url))
        await page.goto(address)
        await expect(page.locator("#grid img.here").first).to_be_visible()
        assert all(url.startswith(address) for url in asked), "nothing is asked beside the prefix"
        assert complaints == []


@asynccontextmanager
async def stripping(agent: ClientSession) -> AsyncIterator[str]:
    """A proxy that takes a prefix away, as Home Assistant's does; its address."""

    async def passed_on(request: web.Request) -> web.StreamResponse:
        path = request.path_qs.removeprefix(PREFIX)
        async with agent.request(
            request.method, path, data=await request.read(), allow_redirects=False
        ) as answer:
            kept = {"Content-Type": answer.headers["Content-Type"]}
            response = web.StreamResponse(status=answer.status, headers=kept)
            await response.prepare(request)
            async for some in answer.content.iter_any():
                await response.write(some)
            return response

    app = web.Application()
    app.router.add_route("*", PREFIX + "/{path:.*}", passed_on)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}{PREFIX}/"
    finally:
        await runner.cleanup()
