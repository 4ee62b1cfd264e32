"""What a browser keeps for whoever sits before it, and pictures that are searched by."""

from __future__ import annotations

import base64

from playwright.async_api import Browser, FilePayload, Page, Route, expect

from tests.broker import Broker
from tests.doors.web.browsing.browser import breaches, in_a_browser, page_of, pages_port
from tests.doors.web.served import agent_with_pages
from tests.home import Home, picture
from tests.phone import Phone

pytestmark = in_a_browser
DROP = """data => {
  const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], "dropped.png", { type: "image/png" }));
  document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true }));
}"""
WORKS = "#grid li .title"


async def test_a_picture_is_searched_by_and_nothing_of_it_kept(
    home: Home, broker: Broker, browser: Browser
) -> None:
    port = pages_port()
    address = f"http://127.0.0.1:{port}/"
    async with (
        agent_with_pages(home, broker.port, port),
        page_of(browser) as (page, complaints),
    ):
        await page.goto(address)
        mine = FilePayload(name="mine.png", mimeType="image/png", buffer=picture("red"))
        await page.set_input_files("#picture", files=[mine])
        await expect(page.locator("#likened")).to_contain_text("Like your picture")
        await expect(page.locator("#likened img")).to_be_visible()
        await expect(page.locator(WORKS).first).to_have_text("Red Field")
        assert await breaches(page) == []
        await page.evaluate(DROP, base64.b64encode(picture("blue")).decode())
        await expect(page.locator(WORKS).first).to_have_text("Blue Field")
        await page.click("text=Without this picture")
        await expect(page.locator("#likened")).to_be_hidden()
        assert page.url == address
        assert complaints == []
        await page.goto(f"{address}?picture=gone")
        await expect(page.locator("#view h2")).to_have_text("That picture is forgotten.")
        torn = FilePayload(name="torn.png", mimeType="image/png", buffer=b"torn")
        await page.set_input_files("#picture", files=[torn])
        await expect(page.locator("#toast")).to_contain_text("cannot be used")


async def test_of_two_pictures_the_one_chosen_last_is_searched_by(
    home: Home, broker: Broker, browser: Browser
) -> None:
    port = pages_port()
    async with (
        agent_with_pages(home, broker.port, port),
        page_of(browser) as (page, complaints),
    ):
        held: list[Route] = []

        async def hold_the_first(route: Route) -> None:
            held.append(route)
            if len(held) > 1:
                await route.continue_()

        await page.route("**/api/pictures", hold_the_first)
        await page.goto(f"http://127.0.0.1:{port}/")
        for colour in ("red", "blue"):
            one = FilePayload(name="mine.png", mimeType="image/png", buffer=picture(colour))
            async with page.expect_request("**/api/pictures"):
                await page.set_input_files("#picture", files=[one])
        await expect(page.locator(WORKS).first).to_have_text("Blue Field")
        blue = page.url
        async with page.expect_response("**/api/pictures") as late:
            await held[0].continue_()
        await (await late.value).finished()
        await page.evaluate("() => fetch('api/session').then((answer) => answer.json())")
        assert page.url == blue, "what was asked later has been answered later"
        assert complaints == []


async def test_who_looks_has_likes_of_their_own(
    home: Home, broker: Broker, browser: Browser
) -> None:
    port = pages_port()
    address = f"http://127.0.0.1:{port}/"
    async with (
        Phone(broker.port) as phone,
        agent_with_pages(home, broker.port, port),
        page_of(browser) as (page, complaints),
    ):
        await page.goto(f"{address}?view=settings")
        await page.fill("#another", " Mia ")
        await page.keyboard.press("Enter")
        await expect(page.locator("#who")).to_have_value("mia")
        assert await breaches(page) == []
        await page.click("#places a >> text=All works")
        await page.locator("#grid a").first.focus()
        await page.keyboard.press("l")
        told = (await phone.expect("event/reaction")).json()
        assert (told["event_type"], told["user"]) == ("like", "mia")
        await expect(page.locator("#grid a").first).to_have_attribute("data-mark", "liked")
        await page.click("#places a >> text=Liked")
        await expect(page.locator("#count")).to_have_text("1 work")
        await page.click("#places a >> text=Your taste")
        await expect(page.locator("#view h2")).to_have_text("This is what I believe of Mia")
        await page.click("#places a >> text=Settings")
        await page.select_option("#who", label="Everybody at home")
        await expect(page.locator("#who")).to_have_value("household")
        await page.click("#places a >> text=Liked")
        await expect(page.locator("#view h2")).to_have_text("Nothing is liked yet.")
        await page.click("#places a >> text=Settings")
        await expect(page.locator("#who option")).to_have_text(["Everybody at home", "Mia"])
        assert complaints == []


async def test_settings_fit_a_narrow_phone(home: Home, broker: Broker, browser: Browser) -> None:
    port = pages_port()
    async with (
        agent_with_pages(home, broker.port, port),
        page_of(browser, viewport={"width": 320, "height": 640}, locale="de") as (page, complaints),
    ):
        for view, field in (("settings", "#another"), ("displays", "#mood-0")):
            await page.goto(f"http://127.0.0.1:{port}/?view={view}")
            assert (await box_of(page, field))["width"] > 150, "there is room to write"
            assert await page.evaluate("() => document.documentElement.scrollWidth") == 320
        assert complaints == []


async def test_a_narrow_phone_shows_that_there_is_more_and_wastes_no_room(
    home: Home, broker: Broker, browser: Browser
) -> None:
    port = pages_port()
    async with (
        Phone(broker.port) as phone,
        agent_with_pages(home, broker.port, port),
        page_of(browser, viewport={"width": 320, "height": 640}) as (page, complaints),
    ):
        await phone.expect("display/wall/image")
        await page.goto(f"http://127.0.0.1:{port}/?view=displays")
        places = page.locator("#places")
        assert "gradient" in await places.evaluate("(nav) => getComputedStyle(nav).maskImage")
        await places.evaluate("(nav) => { nav.scrollLeft = nav.scrollWidth; }")
        row, last = await box_of(page, "#places"), await box_of(page, "#places a:last-child")
        assert row["right"] - last["right"] >= 32, "it is not faded itself"
        heading = await box_of(page, "#display-0")
        shown = await box_of(page, ".card .picture .frame")
        assert 0 <= shown["top"] - heading["bottom"] < 24
        assert complaints == []


async def box_of(page: Page, which: str) -> dict[str, float]:
    """Where it is, once it is there; what news put in its place is asked for anew."""
    await expect(page.locator(which).first).to_be_visible()
    box: dict[str, float] = await page.evaluate(
        "(which) => document.querySelector(which).getBoundingClientRect().toJSON()", which
    )
    return box


async def test_light_and_language_are_chosen_and_kept(
    home: Home, broker: Broker, browser: Browser
) -> None:
    port = pages_port()
    async with (
        agent_with_pages(home, broker.port, port),
        page_of(browser, alone=True, color_scheme="light") as (page, complaints),
    ):
        await page.goto(f"http://127.0.0.1:{port}/?view=settings")
        by_system = await wall(page)
        await page.select_option("#light", "dark")
        dark = await wall(page)
        assert dark != by_system
        assert await breaches(page) == []
        await page.emulate_media(color_scheme="dark")
        await page.select_option("#light", "light")
        assert await wall(page) == by_system
        await page.select_option("#light", "")
        assert await wall(page) == dark, "it follows the system"
        await page.select_option("#light", "light")
        await page.select_option("#language", label="Deutsch")
        await expect(page.locator("#places [aria-current]")).to_have_text("Einstellungen")
        await expect(page.locator("html")).to_have_attribute("lang", "de")
        assert await wall(page) == by_system, "what was chosen is kept"
        assert await page.evaluate(FONTS) == ["Literata"], "titles are set in the family that ships"
        assert complaints == []


FONTS = """async () => {
  await document.fonts.ready;
  const loaded = [...document.fonts].filter((font) => font.status === "loaded");
  return [...new Set(loaded.map((font) => font.family))];
}"""


async def wall(page: Page) -> str:
    """The colour behind everything."""
    colour: str = await page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    return colour
