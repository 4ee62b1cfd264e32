"""What bringing in the pictures of a holiday takes: memory of all processes, and others' patience.

`python -m tools.bench.memory` starts the agent with glance-mini beside a real Mosquitto, lets a
phone send commands, and moves a folder of 2,000 pictures of 12 megapixels into one that it
watches: JPEG of one and of several passes, turned by EXIF, PNG, WebP and TIFF. They are some dozen
pictures, each many times with other bytes at its end, so that every one is decoded and embedded.
Printed are the most memory that the agent and its decoding processes had together (what they share
counted once), and the 95th percentile of commands meanwhile: at most twice that of the quiet agent
is wanted, plus the time that one picture takes alone.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import signal
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from glance_agent.config.load import load
from glance_agent.config.settings import Config
from glance_agent.decoding.work import small
from glance_agent.pictures.prepare import EMBEDDED_PX
from glance_agent.store.connection import open_database
from glance_agent.wiring.encoding import encoder_of
from tools.bench.agent import household, mosquitto, p95, say, start_agent, until_online
from tools.bench.arrivals import Times, lively, sent

SIZE_PX = (4_000, 3_000)
WANTED_MEGABYTES = 350
SHARES = {"jpeg": 30, "turned": 6, "passes": 6, "png": 3, "webp": 3, "tiff": 2}
"""How many different pictures of each kind there are."""
_OPTIONS = {
    "png": ("compress_level", 1),
    "webp": ("method", 0),
    "tiff": ("compression", "tiff_lzw"),
}
SAMPLE_SECONDS = 0.1
STRETCH_SECONDS = 5.0


def main() -> None:
    """Set up, measure, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--works", type=int, default=1_000, help="that are there before")
    parser.add_argument("--pictures", type=int, default=2_000)
    parser.add_argument("--kinds", nargs="+", choices=SHARES, default=[*SHARES])
    parser.add_argument("--idle", type=float, default=25.0, help="seconds of the quiet agent")
    parser.add_argument("--pause", type=float, default=0.05, help="seconds between two commands")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, mosquitto(Path(name)) as port:
        folder = Path(name)
        config = lively(household(folder, port, options.works), options.works)
        one_ms = alone_ms(config, write_pictures(folder / "ready", options.pictures, options.kinds))
        asyncio.run(measure(folder, config, options, one_ms))


async def measure(folder: Path, config: Config, options: argparse.Namespace, one_ms: float) -> None:
    """The quiet agent, then the agent while the pictures come in."""
    agent = await asyncio.to_thread(start_agent, folder)
    try:
        await until_online(config)
        await sent(config, 10.0, options.pause)  # until all that is learned once is learned
        quiet = flat(await sent(config, options.idle, options.pause))
        with Watched(agent.pid) as before:
            await sent(config, 2.0, options.pause)
        started = time.perf_counter()
        with Watched(agent.pid) as memory:
            (folder / "ready").rename(folder / "new" / "holiday")
            busy: list[float] = []
            while dealt_with(config) < options.pictures:
                busy += flat(await sent(config, STRETCH_SECONDS, options.pause))
        seconds = time.perf_counter() - started
    finally:
        agent.send_signal(signal.SIGTERM)
        await asyncio.to_thread(agent.wait)
    say("pictures a second", f"{options.pictures / seconds:.1f}", f"{options.pictures} in all")
    say("most memory before", f"{sum(before.worst):.0f} MB", parts(before))
    wanted = f"{parts(memory)}; wanted: {WANTED_MEGABYTES}"
    say("most memory meanwhile", f"{sum(memory.worst):.0f} MB", wanted)
    say("one picture alone", f"{one_ms:.0f} ms", "decoded and embedded")
    figures = f"{len(busy)} commands; median {statistics.median(busy):.1f}"
    say("commands p95, quiet", f"{p95(quiet):.1f} ms", f"{len(quiet)} commands")
    say("commands p95, meanwhile", f"{p95(busy):.1f} ms", figures)
    say("wanted at most", f"{2 * p95(quiet) + one_ms:.1f} ms", "twice, plus one picture")


def parts(memory: Watched) -> str:
    """The agent's part, and those of its decoding processes."""
    return " + ".join(f"{one:.0f}" for one in memory.worst)


def flat(times: Times) -> list[float]:
    """Those of all verbs."""
    return [one for some in times.values() for one in some]


def dealt_with(config: Config) -> int:
    """How many files of the watched folder have been looked at."""
    database = open_database(config.library.path, synchronous="NORMAL")
    try:
        sql = "SELECT count(*) FROM items WHERE source = 'new'"
        return int(database.execute(sql).fetchone()[0])
    finally:
        database.close()


# -- memory ---------------------------------------------------------------------------------------


class Watched:
    """Looks at the memory of a process and of those that it starts, as long as it is open."""

    def __init__(self, pid: int) -> None:
        self.worst: list[float] = []
        """Megabytes of each at the worst moment that was seen, those of the first process first."""
        self._pid, self._enough = pid, threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Watched:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._enough.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._enough.wait(SAMPLE_SECONDS):
            now = [_megabytes(pid) for pid in _family(self._pid)]
            self.worst = max(self.worst, now, key=sum)


def _family(pid: int) -> Iterator[int]:
    """A process, those that it has started by any of its threads, and those that they have."""
    yield pid
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = thread.read_text(encoding="ascii").split()
        except OSError:  # it has ended since
            continue
        for child in children:
            yield from _family(int(child))


def _megabytes(pid: int) -> float:
    """Its memory; of what it shares with others its part (PSS)."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:  # it has ended since
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


# -- pictures -------------------------------------------------------------------------------------


def write_pictures(folder: Path, count: int, kinds: Sequence[str]) -> list[bytes]:
    """So many files, no two of the same bytes; what is told are the pictures that they are of."""
    folder.mkdir()
    some = [(kind, number) for kind in kinds for number in range(SHARES[kind])]
    drawn = [(kind, picture(nth, kind)) for nth, (kind, _) in enumerate(some)]
    for number, (kind, data) in zip(range(count), itertools.cycle(drawn), strict=False):
        ending = {"turned": "jpg", "passes": "jpg", "jpeg": "jpg"}.get(kind, kind)
        (folder / f"{number:05}.{ending}").write_bytes(data + f"{number:08}".encode())
    return [data for _, data in drawn]


def picture(number: int, kind: str) -> bytes:
    """A picture with structure at several scales; every number gives another."""
    chance = np.random.default_rng(number)
    image = Image.new("RGB", SIZE_PX)
    for side in (8, 40, 200):
        noise = chance.integers(0, 255, (side * 3 // 4, side, 3), np.uint8)
        layer = Image.fromarray(noise).resize(SIZE_PX, Image.Resampling.BILINEAR)
        image = Image.blend(image, layer, 0.5)
    out = BytesIO()
    image.save(out, **dict(_how(kind)))
    return out.getvalue()


def _how(kind: str) -> Iterator[tuple[str, object]]:
    """How Pillow writes such a file."""
    if (option := _OPTIONS.get(kind)) is not None:
        yield from (("format", kind.upper()), option)
        return
    yield from (("format", "JPEG"), ("quality", 88), ("progressive", kind == "passes"))
    if kind == "turned":
        exif = Image.Exif()
        exif[0x0112] = 6
        yield "exif", exif


def alone_ms(config: Config, pictures: list[bytes]) -> float:
    """The median milliseconds that decoding and embedding one of these takes."""
    encoder, times = encoder_of(load(config.library.path.parent / "glance.toml", {})), []
    for data in pictures:
        started = time.perf_counter()
        encoder.embed_images([small(data, EMBEDDED_PX)])
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    main()
