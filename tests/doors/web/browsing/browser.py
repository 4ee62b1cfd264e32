"""A real browser: the distribution's Chromium, and what it complains about."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
in_a_browser = [
    pytest.mark.skipif(
        CHROMIUM is None, reason="Chromium is not installed: sudo apt-get install chromium"
    ),
    pytest.mark.asyncio(loop_scope="session"),
]
"""The mark of files whose tests share one browser, and with it its loop."""


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
async def page_of(browser: Browser, **options: Any) -> AsyncIterator[tuple[Page, list[str]]]:
    """A page of its own, and what it complains of as it goes on."""
    context = await browser.new_context(**options)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    try:
        yield page, complaints
    finally:
        await context.close()


async def breaches(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA and good practice, a sentence each."""
    await page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text("utf-8"))
    kinds = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = await page.evaluate(
        "kinds => axe.run(document, {runOnly: {type: 'tag', values: kinds}})", kinds
    )
    return [f"{one['id']}: {one['help']} {one['nodes'][0]['html']}" for one in found["violations"]]
