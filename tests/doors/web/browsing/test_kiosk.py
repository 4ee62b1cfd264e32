"""The kiosk in a real browser: the picture changes, stays, comes back; keys and touches command."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, expect

from glance_agent.agent import foreseeing
from tests.broker import Broker
from tests.doors.web.browsing.browser import breaches, in_a_browser, page_of, pages_port
from tests.doors.web.served import agent_with_pages
from tests.home import Home, paint
from tests.phone import Phone
from tests.spawned import PATIENCE_SECONDS

pytestmark = in_a_browser
SIZE = {"width": 640, "height": 400}
PICTURE = """() => {
  const image = document.querySelector('#wall img.on:not([alt=""])');
  return image && image.complete && image.naturalWidth ? image.currentSrc : null;
}"""


async def seen(page: Page, other_than: str | None = None) -> str:
    """The address of the picture that is on the screen, once it is another one."""

    async def look() -> str | None:
        found: str | None = await page.evaluate(PICTURE)
        return found if found != other_than else None

    found: str = await eventually(look)
    return found


async def named(page: Page) -> int:
    """How many pictures are told to those who do not see."""
    count: int = await page.evaluate(
        "() => document.querySelectorAll('#wall img[alt]:not([alt=\"\"])').length"
    )
    return count


async def eventually(look: Callable[[], Awaitable[Any]]) -> Any:
    """What it finds, once it finds something; a browser tells nobody when it has painted."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if found := await look():
                return found
            await asyncio.sleep(0.05)


async def test_the_picture_fits_the_screen_and_follows_the_wall(
    home: Home, broker: Broker, browser: Browser
) -> None:
    port = pages_port()
    async with (
        Phone(broker.port) as phone,
        agent_with_pages(home, broker.port, port),
        page_of(browser, viewport=SIZE, device_scale_factor=1) as (page, complaints),
    ):
        await phone.expect("display/wall/image")
        await page.goto(f"http://127.0.0.1:{port}/kiosk/wall")
        first = await seen(page)
        size = await page.evaluate(
            "() => { const i = document.querySelector('#wall img:not([alt=\\'\\'])');"
            " return [i.naturalWidth, i.naturalHeight]; }"
        )
        assert size == [SIZE["width"], SIZE["height"]], "it is laid out for this very screen"
        reply = await phone.ask("command/next", {"display": "wall"})
        assert reply["ok"], reply
        second = await seen(page, first)
        assert await named(page) == 1, "what has faded out has no words any more"
        title = reply["artwork"]["title"]
        assert title in await page.inner_text("#label")
        assert title in (await page.get_attribute("#wall img:not([alt=''])", "alt") or "")
        for key in ("ArrowRight", "ArrowLeft"):
            mark = len(phone.messages)
            await page.keyboard.press(key)
            await phone.expect("display/wall/artwork", after=mark)
            second = await seen(page, second)
        mark = len(phone.messages)
        await page.keyboard.press("l")
        assert (await phone.expect("event/reaction", after=mark)).json()["event_type"] == "like"
        assert await breaches(page) == []
        await page.keyboard.press("Enter")
        for element, top in (("#wall img:not([alt=''])", 0), ("#menu", SIZE["height"] // 2)):
            box = await page.locator(element).bounding_box()
            assert box is not None
            assert box["width"] == SIZE["width"], "it is there to be seen"
            assert abs(box["y"] + box["height"] - SIZE["height"]) < 5
            assert box["y"] >= top - 5
        assert await breaches(page) == []
        assert complaints == []


COUNTED = """window.decodedApart = [];
const Apart = window.Image;
window.Image = function (...size) {
  const image = new Apart(...size), decode = image.decode.bind(image);
  image.decode = () => { window.decodedApart.push(image.src); return decode(); };
  return image;
};"""
KEPT = """() => [...document.querySelectorAll('#wall img')].map((one) => one.src).filter(Boolean)"""
LOADED = """() => performance.getEntriesByType('resource').map((one) => one.name)
  .filter((name) => name.includes('/display/wall.jpg'))"""


async def test_the_next_picture_lies_ready_before_it_hangs(
    home: Home, broker: Broker, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foreseeing, "SETTLE_SECONDS", 0.01)
    port = pages_port()
    async with (
        Phone(broker.port) as phone,
        agent_with_pages(home, broker.port, port),
        page_of(browser, viewport=SIZE) as (page, complaints),
    ):
        await phone.expect("display/wall/image")
        await page.goto(f"http://127.0.0.1:{port}/kiosk/wall")
        hung = [await seen(page)]

        async def another() -> str | None:
            loaded = await page.evaluate(LOADED)
            return next((name for name in loaded if name not in hung), None)

        for _ in range(2):
            ready = await eventually(another)
            assert await page.evaluate(PICTURE) == hung[-1], "it does not hang yet"
            assert (await phone.ask("command/next", {"display": "wall"}))["ok"]
            hung.append(await seen(page, hung[-1]))
            assert hung[-1] == ready
        assert complaints == []


async def test_a_picture_is_loaded_into_one_element_and_kept_there_alone(
    home: Home, broker: Broker, browser: Browser
) -> None:
    port = pages_port()
    async with (
        Phone(broker.port) as phone,
        agent_with_pages(home, broker.port, port),
        page_of(browser, alone=True, viewport=SIZE) as (page, complaints),
    ):
        await page.add_init_script(COUNTED)
        await phone.expect("display/wall/image")
        await page.goto(f"http://127.0.0.1:{port}/kiosk/wall?fade=0")
        hung = [await seen(page)]
        for _ in range(2):
            assert (await phone.ask("command/next", {"display": "wall"}))["ok"]
            hung.append(await seen(page, hung[-1]))

        async def alone() -> bool:
            kept: list[str] = await page.evaluate(KEPT)
            return kept == hung[-1:]

        assert await eventually(alone)
        asked: list[str] = await page.evaluate("() => window.decodedApart")
        assert not set(asked) & set(hung), "what hangs was decoded once, where it hangs"
        assert complaints == []


@pytest.mark.parametrize("odd", ["kiosk/wall?label=%E0%A4%A", "kiosk/wall#t=%E0%A4%A", "kiosk/%E0"])
async def test_half_a_letter_in_the_address_is_no_end(
    home: Home, broker: Broker, browser: Browser, odd: str
) -> None:
    port = pages_port()
    async with (
        Phone(broker.port) as phone,
        agent_with_pages(home, broker.port, port),
        page_of(browser, viewport=SIZE) as (page, _),
    ):
        await phone.expect("display/wall/image")
        await page.goto(f"http://127.0.0.1:{port}/{odd}")
        if "wall" in odd:
            await seen(page)
        else:
            await page.wait_for_selector("#choice a")


async def test_the_old_picture_stays_until_the_new_one_is_there(
    home: Home, broker: Broker, browser: Browser
) -> None:
    port = pages_port()
    async with (
        Phone(broker.port) as phone,
        agent_with_pages(home, broker.port, port),
        page_of(browser, viewport=SIZE) as (page, _),
    ):
        await phone.expect("display/wall/image")
        await page.goto(f"http://127.0.0.1:{port}/kiosk/wall?fade=5000")
        await seen(page)

        async def visible() -> bool:
            seen_through: bool = await page.evaluate(
                "() => getComputedStyle(document.querySelector('#wall img.on')).opacity === '1'"
            )
            return seen_through

        async def both() -> bool:
            two: bool = await page.evaluate(
                "() => document.querySelectorAll('#wall img.on').length === 2"
            )
            return two

        assert await eventually(visible)
        assert (await phone.ask("command/next", {"display": "wall"}))["ok"]
        assert await eventually(both)
        opacities = await page.evaluate(
            "() => [...document.querySelectorAll('#wall img.on')]"
            ".sort((a, b) => a.style.zIndex - b.style.zIndex)"
            ".map((one) => +getComputedStyle(one).opacity)"
        )
        assert opacities[0] == 1, "what was there is not half there beneath the new one"


async def test_an_agent_that_accepts_and_never_speaks_is_left(
    home: Home, broker: Broker, browser: Browser
) -> None:
    port = pages_port()
    async with (
        Phone(broker.port) as phone,
        agent_with_pages(home, broker.port, port),
        page_of(browser, alone=True, viewport=SIZE) as (page, _),
    ):
        await phone.expect("display/wall/image")
        silent: list[Route] = []

        async def listen(route: Route) -> None:
            silent.append(route)
            if len(silent) > 1:
                await route.continue_()

        await page.clock.install()
        await page.route("**/api/events*", listen)
        await page.goto(f"http://127.0.0.1:{port}/kiosk/wall")

        async def asked() -> int:
            return len(silent)

        assert await eventually(asked) == 1
        await page.clock.run_for(30_000)
        assert await page.evaluate(PICTURE) is None
        assert len(silent) == 1, "it had no time to speak yet"
        await page.clock.run_for(30_000)
        await seen(page)


async def test_the_picture_stays_through_a_restart_and_goes_on_by_itself(
    home: Home, broker: Broker, browser: Browser
) -> None:
    port = pages_port()
    async with Phone(broker.port) as phone, page_of(browser, viewport=SIZE) as (page, _):
        async with agent_with_pages(home, broker.port, port):
            await phone.expect("display/wall/image")
            await page.goto(f"http://127.0.0.1:{port}/kiosk/wall")
            first = await seen(page)
        await page.evaluate("() => { window.never = 'loaded anew'; }")
        assert await page.evaluate(PICTURE) == first, "the picture stays"
        async with agent_with_pages(home, broker.port, port):
            assert (await phone.ask("command/next", {"display": "wall"}))["ok"]
            await seen(page, first)
            assert await page.evaluate("() => window.never") == "loaded anew"


async def test_pages_of_another_version_are_loaded_anew_while_somebody_answers(
    home: Home, broker: Broker, browser: Browser
) -> None:
    port = pages_port()
    now = "2026-11-28T20:00:00+00:00"
    other = f'event: beat\ndata: {{"now": "{now}", "version": "other"}}\n\n'
    async with (
        agent_with_pages(home, broker.port, port),
        page_of(browser, alone=True, viewport=SIZE) as (page, _),
    ):
        await page.add_init_script("Math.random = () => 0;")  # without waiting up to ten seconds
        await page.goto(f"http://127.0.0.1:{port}/kiosk/wall")
        await seen(page)
        await page.evaluate("() => { window.never = 'loaded anew'; }")
        asked, anew = asyncio.Event(), asyncio.Event()

        async def silent(route: Route) -> None:
            asked.set()
            await route.abort()

        async def updated(route: Route) -> None:
            if anew.is_set():
                await route.continue_()
            else:
                await route.fulfill(body=other, content_type="text/event-stream")

        await page.route("**/healthz", silent)
        await page.route("**/api/events*", updated)
        await page.evaluate(COME_BACK)
        await asked.wait()
        assert await page.evaluate("() => window.never") == "loaded anew", "nobody answers"
        page.on("framenavigated", lambda _: anew.set())
        await page.unroute("**/healthz", silent)
        await anew.wait()
        await page.wait_for_load_state()
        await seen(page)
        assert await page.evaluate("() => window.never === undefined")


COME_BACK = """() => {
  const back = new Event("visibilitychange");
  Date.now = ((then) => () => then() + 60000)(Date.now);
  document.dispatchEvent(back);
}"""
"""As after a minute of sleep, when nothing was heard."""


async def test_two_displays_are_told_apart_and_chosen(
    home: Home, broker: Broker, browser: Browser
) -> None:
    port = pages_port()
    async with (
        Phone(broker.port) as phone,
        agent_with_pages(home, broker.port, port),
        page_of(browser, viewport=SIZE) as (page, complaints),
        page_of(browser, viewport=SIZE) as (other, _),
    ):
        await phone.expect("display/wall/image")
        await phone.expect("display/hall/image")
        await page.goto(f"http://127.0.0.1:{port}/kiosk")
        await page.click("#choice a[href$='kiosk/hall']")
        await other.goto(f"http://127.0.0.1:{port}/kiosk/wall")
        hall, wall = await seen(page), await seen(other)
        assert (await phone.ask("command/next", {"display": "hall"}))["ok"]
        await seen(page, hall)
        assert await other.evaluate(PICTURE) == wall
        assert complaints == []


async def test_hostile_words_are_words(
    home: Home, broker: Broker, browser: Browser, tmp_path: Path
) -> None:
    port = pages_port()
    async with (
        Phone(broker.port) as phone,
        agent_with_pages(home, broker.port, port),
        page_of(browser, viewport=SIZE) as (page, complaints),
    ):
        await phone.expect("display/wall/image")
        await page.goto(f"http://127.0.0.1:{port}/kiosk/wall?label=always")
        await seen(page)
        query = "<img src=x onerror=alert(1)> red"
        assert (await phone.ask("command/search", {"query": query, "display": "wall"}))["ok"]
        await eventually(lambda: page.evaluate("() => document.getElementById('label').innerText"))
        assert await page.evaluate("() => document.querySelectorAll('#label img').length") == 0
        assert complaints == []


AWAKE = """window.locks = [];
Object.defineProperty(navigator, "wakeLock", {value: {request: () => {
  const lock = {released: false, release: async () => { lock.released = true; }};
  window.locks.push(lock);
  return Promise.resolve(lock);
}}});"""
HELD = "window.locks.filter((lock) => !lock.released).length"


async def test_a_screen_is_black_while_its_display_is_off_and_a_touch_lights_it(
    home: Home, broker: Broker, browser: Browser
) -> None:
    port = pages_port()
    async with (
        Phone(broker.port) as phone,
        agent_with_pages(home, broker.port, port),
        page_of(browser, alone=True, viewport=SIZE, device_scale_factor=1) as (page, complaints),
    ):
        await phone.expect("display/wall/image")
        await page.add_init_script(AWAKE)
        await page.goto(f"http://127.0.0.1:{port}/kiosk/wall")
        first = await seen(page)
        assert await page.evaluate(HELD) == 1
        await page.keyboard.press("Enter")
        await page.click("#menu [data-verb=power]")
        await phone.expect("display/wall/power", lambda m: m.payload == b"off")
        await page.wait_for_function(f"() => {DARKNESS} === 1")
        assert await page.evaluate(HELD) == 0, "a black screen may sleep"
        reply = await phone.ask("command/show/wall", home.work("blue"))
        assert reply["ok"]
        assert await seen(page) == first, "nothing is loaded for a dark screen"
        await page.mouse.click(SIZE["width"] // 2, SIZE["height"] // 2)
        await page.wait_for_function(f"() => {DARKNESS} === 0")
        await seen(page, first)
        assert await page.evaluate(HELD) == 1
        assert (await phone.ask("command/describe/wall"))["artwork"]["id"] == home.work("blue")
        assert complaints == []


DARKNESS = "Number(document.getElementById('night').style.opacity)"


async def test_a_screen_without_pictures_says_so_until_the_first_one_comes(
    home: Home, broker: Broker, browser: Browser, tmp_path: Path
) -> None:
    home.database.unlink()
    home, port = replace(home, pictures=tmp_path / "pictures"), pages_port()
    home.pictures.mkdir()
    async with (
        Phone(broker.port) as phone,
        agent_with_pages(home, broker.port, port),
        page_of(browser, viewport=SIZE) as (page, complaints),
    ):
        await page.goto(f"http://127.0.0.1:{port}/kiosk/wall?label=never")
        await expect(page.locator("#label")).to_contain_text("There are no pictures yet.")
        await page.keyboard.press("i")
        await expect(page.locator("#label")).to_have_class("on")
        assert await breaches(page) == []
        paint(home.pictures)
        assert (await phone.ask("command/ingest", "paint"))["ok"]
        await seen(page)
        await expect(page.locator("#label")).not_to_contain_text("no pictures")
        assert complaints == []


async def test_a_token_leaves_the_address_and_a_wrong_one_is_said(
    home: Home, broker: Broker, browser: Browser
) -> None:
    (home.folder / "token").write_text("a" * 40)
    port = pages_port()
    address = f"http://127.0.0.1:{port}/kiosk/wall"
    async with agent_with_pages(home, broker.port, port, token_file="token"):
        for token, said in (("b" * 40, "The token in the address opens nothing."), ("a" * 40, "")):
            async with page_of(browser, alone=True, viewport=SIZE) as (page, _):
                await page.goto(f"{address}?why=no#t={token}")
                if said:
                    await expect(page.locator("#notice")).to_contain_text(said)
                    assert await breaches(page) == []
                else:
                    await seen(page)
                    assert await page.locator("#notice").is_hidden()
                assert page.url == f"{address}?why=no"
                assert await page.evaluate("() => history.length") <= 2, "nor in the history"
