"""How quick and how small the agent is, with 10,000 works and a real Mosquitto on loopback.

`python -m tools.bench.agent` prints medians, and the ratio to the raw numpy search of the same
run: machines differ and are busy, ratios less so. What is measured:

- inside the agent, from a command's PUBLISH arriving to the display's JSON leaving;
- start of the process to `online`, and resident memory then, with no model loaded;
- round trips as a phone sees them, idle and while a folder is being ingested.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Never

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does, before numpy loads

import numpy as np
from PIL import Image

from glance_agent.config.load import load
from glance_agent.config.settings import Config
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.items import Listed, StoredWork
from glance_agent.domain.vectors import top, unit_rows
from glance_agent.doors.mqtt.door import MqttDoor
from glance_agent.doors.mqtt.link import Link, Received
from glance_agent.doors.mqtt.outgoing import Publication
from glance_agent.sources.folders.folder import FolderSource
from glance_agent.store.connection import open_database
from glance_agent.store.library import Library
from glance_agent.wiring.encoding import encoder_of
from glance_agent.wiring.rooms import open_rooms
from glance_agent.wiring.running import serve

TITLES = ("Portrait", "Landscape", "Still Life", "The Sea", "Evening", "Study", "Garden")
PICTURE_SECONDS = 3.0
TRANSACTIONS = itertools.count(time.time_ns())
"""Never one again: a repeated transaction is answered from its receipt and shows nothing."""
QUERIES = ("peaceful blue water", "stormy sea", "autumn forest", "red abstract", "snowy mountains")


def main() -> None:
    """Run all parts and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--works", type=int, default=10_000)
    parser.add_argument("--commands", type=int, default=200)
    parser.add_argument("--pictures", type=int, default=150, help="pictures ingested meanwhile")
    parser.add_argument("--phone", type=Path, help="only send commands, to the agent set up there")
    options = parser.parse_args()
    if options.phone:
        asyncio.run(round_trips(load(options.phone / "glance.toml", {}), options.commands))
        return
    with tempfile.TemporaryDirectory() as name, mosquitto(Path(name)) as port:
        config = household(Path(name), port, options.works)
        report_start(Path(name), port)
        asyncio.run(report_latency(config, options.commands))
        asyncio.run(report_ingest(Path(name), config, options))


# -- what is set up ---------------------------------------------------------------------------


@contextlib.contextmanager
def mosquitto(folder: Path) -> Iterator[int]:
    """A broker of our own on a free loopback port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    settings = folder / "mosquitto.conf"
    settings.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    process = subprocess.Popen([program, "-c", settings], stderr=subprocess.DEVNULL)
    try:
        until_it_listens(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def until_it_listens(port: int) -> None:
    """Return once someone listens there."""
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.1):
            return
        time.sleep(0.02)
    sys.exit("Mosquitto did not start.")


def household(folder: Path, port: int, works: int) -> Config:
    """A library of so many works with random vectors, a few of them near each query.

    Every work has a file of its own, a link to one picture, so that the agent finds at its start
    that all of them are there and unchanged, as it would at home.
    """
    (folder / "art").mkdir()
    (folder / "new").mkdir()
    write_links(folder / "art", works)
    path = folder / "glance.toml"
    path.write_text(
        f'[mqtt]\nport = {port}\n[library]\npath = "glance.db"\n'
        '[[displays]]\nname = "wall"\n'
        '[[sources]]\nname = "bench"\nkind = "folder"\npath = "art"\n'
        '[[sources]]\nname = "new"\nkind = "folder"\npath = "new"\n'
    )
    config = load(path, {})
    encoder = encoder_of(config)
    rows = unit_rows(np.random.default_rng(1).standard_normal((works, encoder.dimension)))
    for number, query in enumerate(QUERIES):
        rows[number::200] += encoder.embed_text(query)
    rows = unit_rows(rows)
    items = asyncio.run(listed(folder / "art"))
    database = open_database(config.library.path, synchronous="NORMAL")
    library = Library(database)
    with database.atomic():
        for number, (item, vector) in enumerate(zip(items, rows, strict=True)):
            place = str(folder / "art" / item.key)
            stored = StoredWork(
                work(number), place, item.fingerprint, f"{number}", encoder.space, vector
            )
            library.add("bench", item.key, stored)
    database.close()
    return config


def write_links(folder: Path, count: int) -> None:
    """So many names of one picture."""
    first = folder / "00000.jpg"
    Image.effect_noise((1600, 1200), 60).convert("RGB").save(first, quality=85)
    for number in range(1, count):
        os.link(first, folder / f"{number:05}.jpg")


def _no_look(_data: bytes) -> Never:
    """Nothing is fetched here."""
    raise NotImplementedError


async def listed(folder: Path) -> list[Listed]:
    """The items of the folder as its source lists them."""
    pages = FolderSource("bench", folder, _no_look).pages(None)
    return [item async for page in pages for item in page.items if isinstance(item, Listed)]


def work(number: int) -> Artwork:
    """An invented work."""
    return Artwork(
        id=f"bench:{number}",
        title=f"{TITLES[number % 7]} {number}",
        artist=f"Artist {number % 700}",
        source="bench",
        width=1600,
        height=1200,
        year_from=1800 + number % 150,
    )


# -- start and memory -------------------------------------------------------------------------


def report_start(folder: Path, port: int) -> None:
    """Time from starting the process to `online`, and its resident memory a second later."""
    times, sizes = [], []
    for _ in range(3):
        started = time.perf_counter()
        agent = start_agent(folder)
        try:
            asyncio.run(until_online(load(folder / "glance.toml", {})))
            times.append(time.perf_counter() - started)
            time.sleep(1)
            sizes.append(resident_megabytes(agent.pid))
        finally:
            agent.send_signal(signal.SIGTERM)
            agent.wait()
    say("start to online", f"{statistics.median(times):.2f} s", "target 1.5 s")
    say("resident, no model loaded", f"{statistics.median(sizes):.0f} MB", "target 150 MB")


def start_agent(folder: Path) -> subprocess.Popen[bytes]:
    """The agent as a process of its own."""
    path = str(folder / "glance.toml")
    command = [sys.executable, "-m", "glance_agent", "run", "--config", path]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)


async def until_online(config: Config) -> None:
    """Return when the status topic says so."""
    async with listening(config) as heard:
        while True:
            received, _ = await heard.get()
            if received.topic == "glance/status" and received.payload == b"online":
                return


def resident_megabytes(pid: int) -> float:
    """What the kernel says is in memory."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


# -- inside the agent -------------------------------------------------------------------------


async def phone(config: Config, commands: int) -> None:
    """So many searches from a process of its own, as a phone is one."""
    home = config.library.path.parent
    command = ("-m", "tools.bench.agent", "--phone", str(home), "--commands", str(commands))
    process = await asyncio.create_subprocess_exec(sys.executable, *command)
    if await process.wait():
        sys.exit("The phone failed.")


async def report_latency(config: Config, commands: int) -> None:
    """From PUBLISH in to the display's JSON out, against the raw search."""
    arrived: list[float] = []
    inside_ms: list[float] = []
    arrive, publish = MqttDoor._arrived, Link.publish

    def on_arrival(door: MqttDoor, received: Received) -> None:
        arrived.append(time.perf_counter())
        arrive(door, received)

    def on_departure(link: Link, topic: str, *rest: object, **more: object) -> Publication:
        sent = publish(link, topic, *rest, **more)  # type: ignore[arg-type]
        if topic == "glance/display/wall/artwork" and arrived:
            inside_ms.append((time.perf_counter() - arrived[-1]) * 1000)
        return sent

    MqttDoor._arrived, Link.publish = on_arrival, on_departure  # type: ignore[method-assign,assignment]
    try:
        async with running(config):
            await phone(config, 8 * len(QUERIES))  # until the reference queries are embedded
            inside_ms.clear()
            await phone(config, commands)
    finally:
        MqttDoor._arrived, Link.publish = arrive, publish  # type: ignore[method-assign]
    if len(inside_ms) < commands / 2:
        sys.exit(f"Only {len(inside_ms)} of {commands} searches put a picture up.")
    inside = statistics.median(inside_ms)
    raw = raw_search_ms(config)
    say("raw numpy search", f"{raw:.2f} ms", "matrix product and argpartition")
    say("PUBLISH in to JSON out", f"{inside:.2f} ms", f"{inside / raw:.1f} x raw")
    say("more than the raw search", f"{inside - raw:.2f} ms", "target 5 ms")


def raw_search_ms(config: Config) -> float:
    """The median of the numpy calls alone, over the same matrix."""
    with open_rooms(config) as rooms:
        view = rooms.index.now()
        matrix = view.vectors_of(view.sample(len(view)))
    query, times = matrix[0].copy(), []
    for _ in range(200):
        started = time.perf_counter()
        top(matrix @ query, 10)
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


@contextlib.asynccontextmanager
async def running(config: Config) -> AsyncIterator[None]:
    """The agent in this process."""
    stopping = asyncio.Event()
    agent = asyncio.create_task(serve(config, stopping))
    try:
        await until_online(config)
        yield
    finally:
        stopping.set()
        await agent


# -- as a phone sees it -----------------------------------------------------------------------


@contextlib.asynccontextmanager
async def listening(config: Config) -> AsyncIterator[asyncio.Queue[tuple[Received, float]]]:
    """Everything the agent says, with the time at which it was heard; also sends for us."""
    heard: asyncio.Queue[tuple[Received, float]] = asyncio.Queue()

    def on_message(received: Received) -> None:
        received.link.acknowledge(received)
        heard.put_nowait((received, time.perf_counter()))

    name = f"bench-{os.getpid()}-{time.monotonic_ns()}"
    link = Link(config.mqtt, name, version=4, will_topic=None, on_message=on_message)
    await link.open()
    link.subscribe(("glance/status", "glance/response", "glance/display/wall/image"))
    heard.link = link  # type: ignore[attr-defined]
    try:
        yield heard
    finally:
        await link.close(2.0)


async def round_trips(config: Config, count: int) -> list[float]:
    """The milliseconds from sending a cached search to its answer.

    The next one is sent when the picture has come too, so that no picture is being prepared
    while a command is timed.
    """
    times = []
    async with listening(config) as heard:
        link: Link = heard.link  # type: ignore[attr-defined]
        for number in itertools.islice(TRANSACTIONS, count):
            payload = json.dumps({"query": QUERIES[number % len(QUERIES)], "transaction": number})
            started = time.perf_counter()
            link.publish("glance/command/search", payload, retain=False)
            answered = shown = None
            while answered is None or shown is None:
                try:
                    received, at = await asyncio.wait_for(heard.get(), PICTURE_SECONDS)
                except TimeoutError:
                    # A search that nothing answers puts no picture up.
                    shown = time.perf_counter()
                    continue
                if received.topic.endswith("/image"):
                    shown = at
                elif received.topic == "glance/response":
                    mine = json.loads(received.payload)["transaction"] == number
                    answered = at if mine else answered
            times.append((answered - started) * 1000)
    return times


async def report_ingest(folder: Path, config: Config, options: argparse.Namespace) -> None:
    """The 95th percentile of round trips, idle and while pictures come in."""
    one_ms = write_pictures(folder / "new", options.pictures)
    agent = await asyncio.to_thread(start_agent, folder)
    try:
        await until_online(config)
        busy: list[float] = []
        while embedded(folder) < options.works + options.pictures:
            busy += await round_trips(config, 10)
        idle = await round_trips(config, max(len(busy), 100))
    finally:
        agent.send_signal(signal.SIGTERM)
        await asyncio.to_thread(agent.wait)
    quiet, loaded = p95(idle), p95(busy)
    say("round trip p95, idle", f"{quiet:.1f} ms", f"{len(idle)} searches")
    say("round trip p95, ingesting", f"{loaded:.1f} ms", f"{len(busy)} searches")
    say("allowed while ingesting", f"{2 * quiet + one_ms:.1f} ms", "twice idle plus one picture")


def write_pictures(folder: Path, count: int) -> float:
    """Noisy pictures of 2,000 px; the milliseconds that embedding one of them takes."""
    from glance_agent.pictures.decode import decode

    rng = np.random.default_rng(2)
    for number in range(count):
        small = rng.integers(0, 255, (40, 50, 3), dtype=np.uint8)
        image = Image.fromarray(small).resize((2000, 1600), Image.Resampling.BICUBIC)
        image.save(folder / f"picture-{number}.jpg", quality=88)
    encoder = encoder_of(load(folder.parent / "glance.toml", {}))
    times = []
    for number in range(min(count, 8)):
        started = time.perf_counter()
        data = (folder / f"picture-{number}.jpg").read_bytes()
        encoder.embed_images([decode(data, wanted_px=512)])
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


def embedded(folder: Path) -> int:
    """How many works have a vector by now."""
    database = open_database(folder / "glance.db", synchronous="NORMAL")
    try:
        return int(database.execute("SELECT count(*) FROM embeddings").fetchone()[0])
    finally:
        database.close()


def p95(times: list[float]) -> float:
    return float(np.percentile(times, 95))


def say(what: str, figure: str, note: str) -> None:
    print(f"{what:<28} {figure:>10}   {note}")


if __name__ == "__main__":
    main()
