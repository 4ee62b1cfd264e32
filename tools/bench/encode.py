"""What embedding costs beside the towers themselves, on a full-size B/32 with random weights.

`python -m tools.bench.encode` prints medians, and ratios to the raw session run of the same run:
machines differ and are busy, ratios less so. What is measured:

- a 2000-px JPEG to its vector, and which part of that is not the tower;
- how busy the image tower is while a folder of such pictures is ingested;
- a query to its vector, beside the raw run; and a query that was asked before.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from io import BytesIO
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does, before numpy loads

import numpy as np
from PIL import Image

from glance_agent.decoding.opening import Decoders
from glance_agent.decoding.work import small
from glance_agent.domain.vectors import Matrix
from glance_agent.embedding.encoder import OnnxEncoder
from glance_agent.embedding.models.catalogue import CatalogueModel, ModelFile, find
from glance_agent.embedding.pixels import Pixels
from glance_agent.embedding.runtime import RuntimeOptions, open_session
from glance_agent.embedding.tokens import WordTokenizer
from glance_agent.ingest.ingest import SourceIngest
from glance_agent.pictures.fitting import fitting_of
from glance_agent.pictures.prepare import EMBEDDED_PX
from glance_agent.search.query_embedding import Understanding
from glance_agent.sources.folders.folder import FolderSource
from glance_agent.store.connection import open_database
from glance_agent.store.index import VectorIndex
from glance_agent.store.library import Library
from glance_agent.store.query_vectors import QueryVectorCache
from tests.embedding.toy import clip_rules
from tools.bench.random_clip import IMAGE_PX, write_text, write_vision
from tools.understood import understand

QUERY = "a painting of a stormy sea at night"


class Timed:
    """The encoder, with a watch on its pictures."""

    def __init__(self, encoder: OnnxEncoder) -> None:
        self.space, self._encoder, self.seconds = encoder.space, encoder, 0.0
        self.fitting = encoder.fitting

    def embed_images(self, images: Sequence[Image.Image]) -> Matrix:
        started = time.perf_counter()
        try:
            return self._encoder.embed_images(images)
        finally:
            self.seconds += time.perf_counter() - started


def main() -> None:
    """Run all parts and print their figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--pictures", type=int, default=40, help="pictures to ingest")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    runtime = RuntimeOptions(options.threads)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        encoder = random_encoder(folder, runtime)
        report_picture(folder, encoder, runtime, options.rounds)
        report_ingest(folder, encoder, options.pictures)
        report_query(folder, encoder, runtime, options.rounds)


def random_encoder(folder: Path, runtime: RuntimeOptions, side_px: int = IMAGE_PX) -> OnnxEncoder:
    """The encoder of random towers, built in this folder; pictures are squares of this side."""
    write_vision(folder / "image.onnx", side_px)
    write_text(folder / "text.onnx")
    (folder / "tokenizer.json").write_text(clip_rules(), encoding="utf-8")
    about = find("clip-vit-b32-fp32").model_dump()
    files = [ModelFile(role="image", path="image.onnx", sha256=hashlib.sha256().hexdigest())]
    files += [ModelFile(role="text", path="text.onnx")]
    files += [ModelFile(role="tokenizer", path="tokenizer.json")]
    own = {"name": "random-b32", "files": files, "image_size_px": side_px}
    entry = CatalogueModel.model_validate({**about, **own})
    paths = {file.role: folder / file.path for file in files}
    return OnnxEncoder(entry, paths, runtime, folder)


def report_picture(
    folder: Path, encoder: OnnxEncoder, runtime: RuntimeOptions, rounds: int
) -> None:
    """The whole way from a JPEG, against the tower alone, turn by turn."""
    data = jpeg(0)
    pixels = Pixels(encoder.entry).batch([small(data, EMBEDDED_PX)])
    session = open_session(folder / "image.onnx", runtime)
    tower, whole = in_turn(
        rounds,
        lambda: session.run(["image_embeds"], {"pixel_values": pixels}),
        lambda: encoder.embed_images([small(data, EMBEDDED_PX)]),
    )
    say("image tower alone", tower)
    say("2000-px JPEG to vector", whole)
    print(f"{'overhead of the tower':34} {100 * (whole - tower) / tower:8.1f} %")


def report_ingest(folder: Path, encoder: OnnxEncoder, pictures: int) -> None:
    """How much of the time of an ingest the image tower is at work."""
    gallery = folder / "gallery"
    gallery.mkdir()
    for number in range(pictures):
        (gallery / f"{number}.jpg").write_bytes(jpeg(number))
    timed = Timed(encoder)
    started = time.perf_counter()
    asyncio.run(ingest(folder / "bench.db", gallery, timed, encoder.dimension))
    elapsed = time.perf_counter() - started
    print(f"{'ingest, pictures a second':34} {pictures / elapsed:8.1f}")
    print(f"{'encoder busy while ingesting':34} {100 * timed.seconds / elapsed:8.1f} %")


async def ingest(database: Path, gallery: Path, encoder: Timed, dimension: int) -> None:
    db = open_database(database, synchronous="NORMAL")
    with ThreadPoolExecutor(1) as executor:
        index = VectorIndex(encoder.space, dimension)
        with closing(Decoders(80)) as decoders:
            decoder = decoders.in_background
            decoder.fitting = fitting_of(encoder)
            work = SourceIngest(
                Library(db),
                encoder,
                index,
                executor=executor,
                decoder=decoder,
                clock=time.monotonic,
            )
            async for _ in work.run(FolderSource("bench", gallery, decoder.look, see=decoder.see)):
                pass
    db.close()


def report_query(folder: Path, encoder: OnnxEncoder, runtime: RuntimeOptions, rounds: int) -> None:
    """A new query and a known one, against the tower alone, turn by turn."""
    words = WordTokenizer(folder / "tokenizer.json", encoder.entry)
    ids = np.asarray([words.ids(QUERY)])
    session = open_session(folder / "text.onnx", runtime)
    tower, whole = in_turn(
        4 * rounds,
        lambda: session.run(["text_embeds"], {"input_ids": ids}),
        lambda: encoder.embed_text(QUERY),
    )
    say("text tower alone", tower)
    say("query to vector", whole)
    print(f"{'overhead of the tower':34} {100 * (whole - tower) / tower:8.1f} %")
    db = open_database(folder / "bench.db")
    understanding = Understanding(encoder, QueryVectorCache(db))
    understand(understanding, [QUERY])
    (known,) = in_turn(4 * rounds, lambda: understanding.vector(QUERY))
    say("query that was asked before", known)
    db.close()


def jpeg(number: int) -> bytes:
    """A JPEG of 2000 x 1500 with structure at every scale; every number gives another."""
    chance = np.random.default_rng(number)
    image = Image.new("RGB", (2000, 1500))
    for side in (8, 40, 200, 1000):
        noise = chance.integers(0, 255, (side * 3 // 4, side, 3), np.uint8)
        layer = Image.fromarray(noise).resize(image.size, Image.Resampling.BICUBIC)
        image = Image.blend(image, layer, 0.45)
    out = BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


def in_turn(rounds: int, *acts: Callable[[], object]) -> list[float]:
    """The median milliseconds of each act, done in turn so that all meet the same machine."""
    for act in acts:
        act()
    times: list[list[float]] = [[] for _ in acts]
    for _ in range(rounds):
        for act, mine in zip(acts, times, strict=True):
            started = time.perf_counter()
            act()
            mine.append((time.perf_counter() - started) * 1000.0)
    return [statistics.median(mine) for mine in times]


def say(what: str, milliseconds: float) -> None:
    print(f"{what:34} {milliseconds:8.2f} ms")


if __name__ == "__main__":
    main()
