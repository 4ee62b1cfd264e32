"""What an ingest costs beside a bare loop with the same decoders, drafts and batches, in CPU time.

`python -m tools.bench.ingest` brings pictures of 12 and of 1.5 megapixels into a new library, with
glance-mini and with a full-size B/32 of random weights, and in turn embeds the same pictures by a
loop that does nothing else: reads the file, decodes it small, embeds as many as the model takes at
once. Printed are CPU seconds of all processes, medians of three, and what is wanted: at most 1.1.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import statistics
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does, before numpy loads

import numpy as np
from PIL import Image

from glance_agent.decoding.work import small
from glance_agent.embedding.encoder import OnnxEncoder, open_encoder
from glance_agent.embedding.runtime import RuntimeOptions
from glance_agent.pictures.prepare import EMBEDDED_PX
from tools.bench.encode import Timed, ingest, random_encoder

SIZES = {"12 MP": (4_000, 3_000), "1.5 MP": (1_414, 1_060)}
WANTED = 1.1


def main() -> None:
    """Measure each model with each size, in turn with the bare loop."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pictures", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        encoders = {
            "glance-mini": open_encoder(
                "glance-mini", None, threads=options.threads, memory_arena=False, prepacking=True
            ),
            "B/32": random_encoder(folder, RuntimeOptions(options.threads)),
        }
        for said, size in SIZES.items():
            gallery = folder / said
            gallery.mkdir()
            for number in range(options.pictures):
                (gallery / f"{number}.jpg").write_bytes(photograph(number, size))
            for model, encoder in encoders.items():
                report(f"{model}, {said}", folder, gallery, encoder, options.rounds)


def report(what: str, folder: Path, gallery: Path, encoder: OnnxEncoder, rounds: int) -> None:
    """A line: our seconds, those of the bare loop, and their ratio."""
    ours, bare = list[float](), list[float]()
    encoder.embed_images([Image.new("RGB", (64, 64))])
    for number in range(rounds):
        database = folder / f"{gallery.name} {encoder.entry.name} {number}.db"
        ours.append(cpu_of(lambda database=database: brought_in(database, gallery, encoder)))
        bare.append(cpu_of(lambda: looped(gallery, encoder)))
    mine, least = statistics.median(ours), statistics.median(bare)
    ratio = mine / least
    verdict = "" if ratio <= WANTED else f"  (wanted: {WANTED})"
    print(f"{what:22} ours {mine:6.2f} s  bare loop {least:6.2f} s  {ratio:5.2f}{verdict}")


def brought_in(database: Path, gallery: Path, encoder: OnnxEncoder) -> None:
    """The pictures in a new library, as the agent does it."""
    asyncio.run(ingest(database, gallery, Timed(encoder), encoder.dimension))


def looped(gallery: Path, encoder: OnnxEncoder) -> None:
    """The pictures embedded, and nothing else."""
    paths = sorted(gallery.iterdir())
    for at in range(0, len(paths), encoder.entry.max_batch):
        some = paths[at : at + encoder.entry.max_batch]
        encoder.embed_images([small(path.read_bytes(), EMBEDDED_PX) for path in some])


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
