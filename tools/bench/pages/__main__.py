"""Measures the pages against their limits, and prints one table.

`python -m tools.bench.pages` starts the agent as its own process beside a real Mosquitto, with
libraries that are made in some seconds, and asks as browsers do; where it counts, a real Chromium
does. Every time is by the clock and, where the agent alone works, by what it had of the CPU:
other programs make the first longer and not the second. Ends with 1 where a limit is exceeded by
both.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does, before numpy loads

from glance_agent.config.load import Config
from glance_agent.embedding.encoder import OnnxEncoder, open_encoder
from tests.broker import free_port
from tools.bench.agent import mosquitto, round_trips, start_agent, until_online
from tools.bench.pages import asking, browsing
from tools.bench.pages.libraries import library
from tools.bench.pages.measured import (
    HEAD,
    Reference,
    Row,
    cpu_seconds,
    p95,
    resident_megabytes,
    together_megabytes,
)

OPEN_PAGES = 20
SETTLED_SECONDS = 2.0
SEARCH_MS = {10_000: 150.0, 100_000: 300.0}
PARTS = ("start", "memory", "searches", "commands", "browser")


def main() -> None:
    """Measure what is wanted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--works", type=int, nargs="*", default=list(SEARCH_MS))
    parser.add_argument("--searches", type=int, default=120)
    parser.add_argument("--commands", type=int, default=120, help="each way")
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=PARTS)
    options = parser.parse_args()
    encoder = open_encoder("glance-mini", None, threads=1, memory_arena=True, prepacking=True)
    print(HEAD)
    over = False
    for works in options.works:
        with tempfile.TemporaryDirectory() as name, mosquitto(Path(name)) as port:
            config = library(Path(name) / "home", works, encoder, (port, free_port()))
            for row in rows(config, works, encoder, options):
                print(f"{works:>7,} {row}", flush=True)
                over = over or row.verdict == "OVER"
    sys.exit(over)


def rows(
    config: Config, works: int, encoder: OnnxEncoder, options: argparse.Namespace
) -> Iterator[Row]:
    """Everything about a library of this size; what does not depend on it, for the first."""
    first = works == options.works[0]
    if "start" in options.parts:
        yield from started(config)
    if "memory" in options.parts and first:
        yield from asyncio.run(weighed(config))
    if "searches" in options.parts:
        reference = Reference(works, encoder.dimension)
        yield from asyncio.run(searched(config, reference, SEARCH_MS.get(works), options.searches))
    if "commands" in options.parts and first:
        yield from asyncio.run(commanded(config, options.commands))
    if "browser" in options.parts:
        yield from asyncio.run(browsed(config, everything=first))


@contextlib.asynccontextmanager
async def agent(config: Config) -> AsyncIterator[int]:
    """The agent's process, once it is online, serves pages and has looked through its folder."""
    process = await asyncio.to_thread(start_agent, config.library.path.parent)
    try:
        await until_online(config)
        await until_served(config.web.port)
        await until_idle(process.pid)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(process.wait)


async def until_served(port: int) -> None:
    """Return once something listens there."""
    while True:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        await asyncio.sleep(0.01)


async def until_idle(pid: int) -> None:
    """Return once the process does next to nothing any more."""
    while True:
        before = cpu_seconds(pid)
        await asyncio.sleep(SETTLED_SECONDS)
        if cpu_seconds(pid) - before < SETTLED_SECONDS / 50:
            return


# -- what is measured ---------------------------------------------------------------------------


def started(config: Config) -> Iterator[Row]:
    """From starting the process to `online`, and to pages."""
    online, served, busy = [], [], []
    for _ in range(3):
        begun = time.perf_counter()
        process = start_agent(config.library.path.parent)
        try:
            asyncio.run(until_online(config))
            online.append(time.perf_counter() - begun)
            busy.append(cpu_seconds(process.pid))
            asyncio.run(until_served(config.web.port))
            served.append(time.perf_counter() - begun)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()
    yield Row("start to online", statistics.median(online), "s", 1.5, statistics.median(busy))
    yield Row("start to pages", statistics.median(served), "s")


async def weighed(config: Config) -> list[Row]:
    """Memory: with a page open, with twenty, and with everything at once."""
    port = config.web.port
    async with agent(config) as pid, asking.open_pages(port, 1):
        await asyncio.sleep(SETTLED_SECONDS)
        one = resident_megabytes(pid)
    async with agent(config) as pid, asking.page(port) as session:
        await asking.asked_ms(session)
        await asyncio.sleep(SETTLED_SECONDS)
        before = resident_megabytes(pid)
        async with asking.open_pages(port, OPEN_PAGES):
            await asyncio.sleep(SETTLED_SECONDS)
            each = (resident_megabytes(pid) - before) / OPEN_PAGES
            for words in asking.typed(30):
                await asking.asked_ms(session, q=words)
            await round_trips(config, 5)
            await asyncio.wait_for(_scrolled(port), 30)
            await asyncio.sleep(SETTLED_SECONDS)
            everything = together_megabytes(pid)
    return [
        Row("resident, a page open, no model", one, "MB", 150),
        Row("more for each of 20 open pages", each, "MB", 1),
        Row("20 pages, model and decoder together", everything, "MB", 280),
    ]


async def _scrolled(port: int) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(4):
            await asking.scroll(port)


async def searched(
    config: Config, reference: Reference, limit: float | None, count: int
) -> list[Row]:
    """Searches while one types, and the first works of lists."""
    port = config.web.port
    async with agent(config) as pid:
        await asking.searches_ms(port, 5, reference)
        await until_idle(pid)  # until the reference queries are embedded
        reference.times_ms.clear()
        before = cpu_seconds(pid)
        times = await asking.searches_ms(port, count, reference)
        busy = (cpu_seconds(pid) - before) / count * 1000
        middle = statistics.median(times)
        rows = [
            Row("typed search, median", middle, "ms", busy=busy, note=reference.times(middle)),
            Row("typed search, p95", p95(times), "ms", limit, busy),
        ]
        for name, asked in (("all", {}), ("of a source", {"source": "bench"})):
            before = cpu_seconds(pid)
            times = await asking.first_pages_ms(port, 20, **asked)
            busy = (cpu_seconds(pid) - before) / 20 * 1000
            rows.append(Row(f"first works, {name}", statistics.median(times), "ms", busy=busy))
    return rows


async def commanded(config: Config, count: int) -> list[Row]:
    """Commands over MQTT, idle and while a page scrolls, by turns."""
    async with agent(config):
        await round_trips(config, 40)  # until the reference queries are embedded
        command = ("-m", "tools.bench.pages.asking", "--port", str(config.web.port))
        scroller = await asyncio.create_subprocess_exec(sys.executable, *command)
        idle: list[float] = []
        scrolling: list[float] = []
        try:
            await asyncio.sleep(3)
            while len(idle) < count:
                scrolling += await round_trips(config, 20)
                scroller.send_signal(signal.SIGSTOP)
                await asyncio.sleep(0.5)
                idle += await round_trips(config, 20)
                scroller.send_signal(signal.SIGCONT)
        finally:
            scroller.kill()
            await scroller.wait()
    ratio = p95(scrolling) / p95(idle)
    medians = f"medians {statistics.median(scrolling):.1f} and {statistics.median(idle):.1f} ms"
    return [
        Row("p95 of commands, idle", p95(idle), "ms"),
        Row("p95 of commands, a page scrolls", p95(scrolling), "ms", note=medians),
        Row("… as a multiple of idle", ratio, "x", 2),
    ]


async def browsed(config: Config, *, everything: bool) -> list[Row]:
    """What a real browser sees."""
    port, thumbs = config.web.port, config.library.path.with_suffix(".web") / "thumbs"
    async with agent(config), browsing.chromium() as browser:
        await browsing.first_pictures_seconds(browser, port, 1, None)
        cold = await browsing.first_pictures_seconds(browser, port, 5, thumbs)
        warm = await browsing.first_pictures_seconds(browser, port, 5, None)
        keys = await browsing.typed_seconds(browser, port, list(asking.typed(60))[2::6])
        rows = [
            Row("first picture, no thumbnail made yet", statistics.median(cold), "s", 1.5),
            Row("first picture, thumbnails there", statistics.median(warm), "s", 1.5),
            Row("last key to results, median", keys, "s", note="the page waits 0.22 s for more"),
        ]
        if everything:
            gallery = await browsing.loaded_bytes(browser, port, browsing.VIEWS)
            kiosk = await browsing.loaded_bytes(browser, port, ("kiosk/wall",))
            rows += [
                Row("scripts and styles of the gallery, gzipped", gallery / 1000, "kB", 40),
                Row("scripts and styles of the kiosk, gzipped", kiosk / 1000, "kB", 6),
            ]
    return rows


if __name__ == "__main__":
    main()
