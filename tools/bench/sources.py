"""How quickly works come in from a museum when neither manners nor the encoder hold them up.

`python -m tools.bench.sources` starts a museum on loopback (in a process of its own, 20 ms late
with every answer), lifts the politeness rate, replaces the encoder by a stub, and prints medians:

- works per second through fetch, decode of 1000-px JPEGs (of the starter gallery), hash, store;
- the same pictures fetched and decoded, at the same scale and as many at a time, by aiohttp and
  Pillow alone, and the ratio of both: machines differ and are busy, ratios less so;
- resident memory after 100 works and after all.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, nullcontext
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does, before numpy loads

import numpy as np
from aiohttp import ClientSession, web
from PIL import Image

from glance_agent.decoding.opening import Decoders
from glance_agent.domain.vectors import Matrix, unit_rows
from glance_agent.ingest.ingest import SourceIngest
from glance_agent.pictures.prepare import EMBEDDED_PX
from glance_agent.sources import starter
from glance_agent.sources.museums.cleveland import Cleveland, ClevelandSettings
from glance_agent.sources.web.museum import Museum
from glance_agent.sources.web.reach import Reach
from glance_agent.sources.web.request_log import Budget
from glance_agent.sources.web.visit import Visit
from glance_agent.sources.web.web import Surroundings, Web
from glance_agent.store.connection import open_database
from glance_agent.store.index import VectorIndex
from glance_agent.store.library import Library

LATENCY_SECONDS = 0.02
DIFFERENT_PICTURES = 20
LONG_SIDE_PX = 1000
PATH = "/api/artworks/"


def main() -> None:
    """Run both ways in turn, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--works", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve(options.works))
    else:
        asyncio.run(report(options.works, options.rounds))


async def report(works: int, rounds: int) -> None:
    ours, raw, grown = [], [], []
    async with museum(works) as base:
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as folder:
                rate, growth = await ingested(base, Path(folder))
            ours.append(rate)
            grown.append(growth)
            raw.append(await fetched_and_decoded(base, works))
    mine, theirs = statistics.median(ours), statistics.median(raw)
    print(f"{works} works, {rounds} rounds, {os.cpu_count()} cores, medians")
    print(f"  ingested                 {mine:8.1f} works/s")
    print(f"  fetched and decoded only {theirs:8.1f} works/s   ratio {mine / theirs:.2f}")
    print(f"  memory, work 100 to last {statistics.median(grown):+8.1f} MB")


# -- the museum -----------------------------------------------------------------------------------


@asynccontextmanager
async def museum(works: int) -> AsyncIterator[str]:
    """A museum in a process of its own; its address."""
    command = (sys.executable, "-m", "tools.bench.sources", "--serve", "--works", str(works))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        if process.stdout is None:
            raise RuntimeError("no pipe to the museum")
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.terminate()
        await process.wait()


async def serve(works: int) -> None:
    """Answer as the Cleveland Museum of Art does, a little late, until terminated."""
    served = pictures()

    async def listing(request: web.Request) -> web.Response:
        await asyncio.sleep(LATENCY_SECONDS)
        first, count = int(request.query["skip"]), int(request.query["limit"])
        found = [record(n, str(request.url.origin())) for n in range(works)[first : first + count]]
        return web.json_response({"info": {"total": works}, "data": found})

    async def image(request: web.Request) -> web.Response:
        await asyncio.sleep(LATENCY_SECONDS)
        number = int(request.match_info["number"])
        # A comment of its own makes each file's bytes, and so its hash, different.
        tail = b"\xff\xfe\x00\x06%04d" % number
        body = served[number % len(served)]
        return web.Response(body=body[:2] + tail + body[2:], content_type="image/jpeg")

    app = web.Application()
    app.router.add_get(PATH, listing)
    app.router.add_get("/pictures/{number}.jpg", image)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


def pictures() -> list[bytes]:
    """Pictures of the starter gallery as JPEGs whose long side is 1000 pixels."""
    found = []
    for path in sorted(starter.folder().glob("**/*.webp"))[:DIFFERENT_PICTURES]:
        with Image.open(path) as opened:
            image = opened.convert("RGB")
        scale = LONG_SIDE_PX / max(image.size)
        size = (round(image.width * scale), round(image.height * scale))
        out = io.BytesIO()
        image.resize(size, Image.Resampling.LANCZOS).save(out, "JPEG", quality=90)
        found.append(out.getvalue())
    return found


def record(number: int, base: str) -> dict[str, object]:
    url = f"{base}/pictures/{number}.jpg"
    return {
        "id": number,
        "share_license_status": "CC0",
        "title": f"Harbour No. {number}",
        "creators": [{"role": "artist", "description": "Ada Brook (Danish, 1820–1871)"}],
        "creation_date": "c. 1850",
        "technique": "oil on canvas",
        "images": {"web": {"url": url, "width": "1000", "height": "750"}},
    }


# -- both ways ------------------------------------------------------------------------------------


class Stub:
    """An encoder that costs nothing: each picture gets the next of some fixed vectors."""

    space = "stub"

    def __init__(self) -> None:
        self._vectors = unit_rows(np.random.default_rng(0).normal(size=(4096, 512)))
        self._next = 0

    def embed_images(self, images: Sequence[Image.Image]) -> Matrix:
        self._next = (self._next + len(images)) % 4000
        return self._vectors[self._next : self._next + len(images)]


async def ingested(base: str, folder: Path) -> tuple[float, float]:
    """Works per second into a new library, and megabytes grown after the first hundred."""
    around = Surroundings(
        directory=folder / "web", reach=Reach(private=True), limiter=lambda _: nullcontext()
    )
    database = open_database(folder / "glance.db", synchronous="NORMAL")
    with ThreadPoolExecutor(1) as executor:
        async with Web(version="bench", surroundings=around) as client:
            budget = Budget("bench", client.request_log, time.time, 10**6, 10**6)
            visit = Visit(client, frozenset({"127.0.0.1"}), budget)
            settings = ClevelandSettings(name="bench", kind="cleveland")
            source = Cleveland(settings, visit, api=base + PATH)
            index = VectorIndex("stub", 512)
            with closing(Decoders(80)) as decoders:
                ingest = SourceIngest(
                    Library(database),
                    Stub(),
                    index,
                    executor=executor,
                    decoder=decoders.for_people,
                    clock=time.monotonic,
                )
                lift_seats(client)
                started, early = time.perf_counter(), 0.0
                async for progress in ingest.run(source):
                    if progress.done == 100:
                        early = resident_megabytes()
                seconds = time.perf_counter() - started
    if progress.stopped_by or progress.added != progress.total:
        raise RuntimeError(json.dumps(progress.event().payload))
    database.close()
    return progress.done / seconds, resident_megabytes() - early


def lift_seats(client: Web) -> None:
    """Let as many requests go at once as the ingest asks for."""
    from glance_agent.sources.web.manners import Manners

    client.manners["127.0.0.1"] = Manners(interval_seconds=0.001, at_once=64)


async def fetched_and_decoded(base: str, works: int) -> float:
    """Works per second by aiohttp and Pillow alone, as many at a time as the ingest has."""
    waiting = iter(range(works))
    started = time.perf_counter()

    async def one_after_the_other(session: ClientSession) -> None:
        for number in waiting:
            async with session.get(f"{base}/pictures/{number}.jpg") as answer:
                data = await answer.read()
            await asyncio.to_thread(decoded, data)

    async with ClientSession() as session, asyncio.TaskGroup() as tasks:
        for _ in range(Museum.at_once):
            tasks.create_task(one_after_the_other(session))
    return works / (time.perf_counter() - started)


def decoded(data: bytes) -> None:
    with Image.open(io.BytesIO(data)) as image:
        scale = EMBEDDED_PX / max(image.size)
        image.draft("RGB", (round(image.width * scale), round(image.height * scale)))
        image.load()


def resident_megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
