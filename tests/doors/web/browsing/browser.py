"""A real browser: the distribution's Chromium, and what it complains about."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib.resources import files
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.broker import lasting_port

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
in_a_browser = [
    pytest.mark.skipif(
        CHROMIUM is None, reason="Chromium is not installed: sudo apt-get install chromium"
    ),
    pytest.mark.asyncio(loop_scope="session"),
]
"""The mark of files whose tests share one browser, and with it its loop."""


_AT_REST: WeakKeyDictionary[Browser, dict[str, list[Page]]] = WeakKeyDictionary()
"""Pages that nobody looks at now, by what they were opened with."""


def pages_port() -> int:
    """One port for the pages of all tests of this process: scripts and fonts that the browser has
    are not fetched and compiled again."""
    return lasting_port()


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The browser, without a window."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, args=["--no-sandbox"]
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def page_of(
    browser: Browser, *, alone: bool = False, **options: Any
) -> AsyncIterator[tuple[Page, list[str]]]:
    """An empty page without cookies, and what it complains of as it goes on.

    Pages are used again: a new one takes five times as long to open the gallery. One that is
    changed for ever, by a script in front or a clock, is for one test `alone`.
    """
    at_rest = _AT_REST.setdefault(browser, {}).setdefault(repr(options), [])
    if at_rest and not alone:
        page = at_rest.pop()
    else:
        page = await (await browser.new_context(**options)).new_page()
    complaints: list[str] = []
    hears = {
        "pageerror": lambda error: complaints.append(str(error)),
        "console": lambda said: complaints.append(said.text) if said.type == "error" else None,
    }
    for event, hear in hears.items():
        page.on(event, hear)  # type: ignore[call-overload]
    done = False
    try:
        yield page, complaints
        done = True
    finally:
        for event, hear in hears.items():
            page.remove_listener(event, hear)
        if done and not alone:
            await _emptied(page)
            at_rest.append(page)
        else:
            await page.context.close()


async def _emptied(page: Page) -> None:
    await page.unroute_all(behavior="ignoreErrors")
    if page.url.startswith("http"):
        await page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
    await page.goto("about:blank")
    await page.context.clear_cookies()


@cache
def _axe() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


async def breaches(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA and good practice, a sentence each."""
    if not await page.evaluate("() => Boolean(window.axe)"):
        await page.evaluate(_axe())
    kinds = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    # Of what is as it should be one example will do, and nobody asks where it stands.
    how = "{runOnly: {type: 'tag', values: kinds}, resultTypes: ['violations'], selectors: false}"
    found = await page.evaluate(f"kinds => axe.run(document, {how})", kinds)
    return [f"{one['id']}: {one['help']} {one['nodes'][0]['html']}" for one in found["violations"]]
