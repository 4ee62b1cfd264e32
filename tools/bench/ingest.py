"""What an ingest costs beside a bare loop with the same decoders, drafts and batches, in CPU time.

`python -m tools.bench.ingest` brings pictures of 12 and of 1.5 megapixels into a new library, with
glance-mini and with a full-size B/32 of random weights, and in turn embeds the same pictures by a
loop that does nothing else: reads the files and decodes them small in as many threads as we have
decoding processes, embeds as many at once as we do. A third loop does the same and has our decoding
processes decode, as strangers' pictures have to be. Printed are CPU milliseconds of all processes
for one picture more, medians of three, our ratios to both loops, what it takes to begin (as many
decoding processes are started as there are processors), and what is wanted of the ratio: at most
1.1.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import statistics
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from io import BytesIO
from itertools import islice
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does, before numpy loads

import numpy as np
from PIL import Image

from glance_agent.decoding.opening import Decoders
from glance_agent.decoding.work import small
from glance_agent.embedding.encoder import OnnxEncoder, open_encoder
from glance_agent.embedding.runtime import RuntimeOptions
from glance_agent.ingest.admit import MOST_TOGETHER
from glance_agent.pictures.fitting import fitting_of
from glance_agent.pictures.prepare import EMBEDDED_PX
from glance_agent.wiring.memory import keep_little_memory
from tools.bench.encode import Timed, ingest, random_encoder

SIZES = {"12 MP": (4_000, 3_000), "1.5 MP": (1_414, 1_060)}
WANTED = 1.1
FIRST = 8
"""Pictures that are enough for all decoding processes to be started."""


def main() -> None:
    """Measure each model with each size, in turn with the bare loop."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pictures", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    keep_little_memory()  # as the program does; all loops run in this process
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        encoders = {
            "glance-mini": open_encoder(
                "glance-mini", None, threads=options.threads, memory_arena=False, prepacking=True
            ),
            "B/32": random_encoder(folder, RuntimeOptions(options.threads)),
        }
        for said, size in SIZES.items():
            gallery, first = folder / said, folder / f"first {said}"
            gallery.mkdir()
            first.mkdir()
            for number in range(FIRST + options.pictures):
                data = photograph(number, size)
                (gallery / f"{number}.jpg").write_bytes(data)
                if number < FIRST:
                    (first / f"{number}.jpg").write_bytes(data)
            for model, encoder in encoders.items():
                report(f"{model}, {said}", folder, (first, gallery), encoder, options.rounds)


def report(
    what: str, folder: Path, galleries: tuple[Path, Path], encoder: OnnxEncoder, rounds: int
) -> None:
    """A line: our milliseconds a picture, those of the bare loop, their ratio, and our start.

    The first of the galleries has a few pictures, which the other one has as well.
    """
    first, gallery = galleries
    more = len(list(gallery.iterdir())) - FIRST
    ours, bare, apart, starts = list[float](), list[float](), list[float](), list[float]()
    encoder.embed_images([Image.new("RGB", (64, 64))])
    for number in range(rounds):
        name = f"{gallery.name} {encoder.entry.name} {number}"
        few = cpu_of(lambda name=name: brought_in(folder / f"{name} few.db", first, encoder))
        all_ = cpu_of(lambda name=name: brought_in(folder / f"{name}.db", gallery, encoder))
        ours.append((all_ - few) / more)
        few_loop = cpu_of(lambda: looped(first, encoder))
        bare.append((cpu_of(lambda: looped(gallery, encoder)) - few_loop) / more)
        starts.append(few - few_loop - FIRST * (ours[-1] - bare[-1]))
        few_apart = cpu_of(lambda: looped_apart(first, encoder))
        apart.append((cpu_of(lambda: looped_apart(gallery, encoder)) - few_apart) / more)
    mine, least, there, start = (
        1_000 * statistics.median(found) for found in (ours, bare, apart, starts)
    )
    verdict = "" if mine <= WANTED * least else f"  (wanted: {WANTED})"
    print(
        f"{what:20} ours {mine:6.1f} ms  bare loop {least:6.1f} ms  {mine / least:5.2f}"
        f"  in processes {there:6.1f} ms  {mine / there:5.2f}  start {start:5.0f} ms{verdict}",
        flush=True,
    )


def brought_in(database: Path, gallery: Path, encoder: OnnxEncoder) -> None:
    """The pictures in a new library, as the agent does it."""
    asyncio.run(ingest(database, gallery, Timed(encoder), encoder.dimension))


def looped(
    gallery: Path, encoder: OnnxEncoder, decode: Callable[[bytes], Image.Image] | None = None
) -> None:
    """The pictures embedded, and nothing else; as many decoders work ahead as we have."""
    together = min(MOST_TOGETHER, encoder.entry.max_batch)

    def read(path: Path) -> Image.Image:
        data = path.read_bytes()
        return small(data, EMBEDDED_PX) if decode is None else decode(data)

    with ThreadPoolExecutor(os.cpu_count()) as decoders:
        found = decoders.map(read, sorted(gallery.iterdir()))
        while some := list(islice(found, together)):
            encoder.embed_images(some)


def looped_apart(gallery: Path, encoder: OnnxEncoder) -> None:
    """The same; our decoding processes make the squares that are embedded."""
    fitting = fitting_of(encoder)
    with closing(Decoders(80)) as decoders:
        decoder = decoders.in_background
        looped(
            gallery,
            encoder,
            lambda data: decoder.prepare(data, colours=False, fitting=fitting).image,
        )


def cpu_of(act: Callable[[], object]) -> float:
    """CPU seconds that an act takes of this process and of those that it starts and ends."""
    before = _cpu()
    act()
    return _cpu() - before


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def photograph(number: int, size: tuple[int, int]) -> bytes:
    """A JPEG of this size with structure at every scale; every number gives another."""
    chance = np.random.default_rng(number)
    image = Image.new("RGB", size)
    for side in (8, 40, 200, 1000):
        noise = chance.integers(0, 255, (side * 3 // 4, side, 3), np.uint8)
        layer = Image.fromarray(noise).resize(size, Image.Resampling.BILINEAR)
        image = Image.blend(image, layer, 0.45)
    out = BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


if __name__ == "__main__":
    main()
