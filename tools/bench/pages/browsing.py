"""The pages in a real Chromium: when the first picture is seen, and how much is loaded."""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

VIEWS = ("", "?view=displays", "?view=taste", "?view=map", "?view=sources")
FIRST_PICTURE = """() => new Promise(seen => {
  new PerformanceObserver((list, observer) => {
    const found = list.getEntries().find(e => e.url.includes('thumbs/'));
    if (found) { observer.disconnect(); seen(found.renderTime || found.startTime); }
  }).observe({type: 'largest-contentful-paint', buffered: true});
})"""
LOADED = """() => performance.getEntriesByType('resource')
  .filter(e => /\\.(js|css)$/.test(new URL(e.name).pathname))
  .map(e => [e.name, e.encodedBodySize])"""
FILLED = "() => document.querySelectorAll('#grid img').length && document.title"


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The distribution's browser, without a window."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, headless=True, args=["--no-sandbox"]
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def fresh(browser: Browser) -> AsyncIterator[Page]:
    """A page that has nothing of us yet."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    try:
        yield await context.new_page()
    finally:
        await context.close()


async def first_pictures_seconds(
    browser: Browser, port: int, rounds: int, thumbs: Path | None
) -> list[float]:
    """When the first picture is painted, from the start of loading; where `thumbs` is given, no
    thumbnail is there before."""
    times = []
    for _ in range(rounds):
        if thumbs is not None:
            shutil.rmtree(thumbs, ignore_errors=True)
        async with fresh(browser) as page:
            await page.goto(f"http://127.0.0.1:{port}/", wait_until="commit")
            times.append(float(await page.evaluate(FIRST_PICTURE)) / 1000)
    return times


async def loaded_bytes(browser: Browser, port: int, paths: tuple[str, ...]) -> int:
    """How much of scripts and styles comes over the network for some pages, each file once."""
    sizes: dict[str, int] = {}
    for path in paths:
        async with fresh(browser) as page:
            await page.goto(f"http://127.0.0.1:{port}/{path}", wait_until="load")
            await page.wait_for_timeout(1000)
            sizes |= dict(await page.evaluate(LOADED))
    return sum(sizes.values())


async def typed_seconds(browser: Browser, port: int, words: list[str]) -> float:
    """The median from the last key to the answer in the page, with the pause that it waits."""
    times = []
    async with fresh(browser) as page:
        await page.goto(f"http://127.0.0.1:{port}/")
        await page.wait_for_selector("#grid img")
        for wish in words:
            field = page.locator("#words")
            await field.fill("")
            await page.wait_for_timeout(600)
            async with page.expect_response(lambda r, w=wish: f"q={_coded(w)}" in r.url) as answer:  # type: ignore[misc]
                await field.press_sequentially(wish, delay=40)
                started = time.perf_counter()
            await (await answer.value).finished()
            times.append(time.perf_counter() - started)
    return statistics.median(times)


def _coded(words: str) -> str:
    return words.replace(" ", "+")
