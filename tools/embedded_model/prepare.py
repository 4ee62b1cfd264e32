"""Decode the paintings, paint the abstracts, measure both: what every later step reads."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tools.embedded_model.colours import measure
from tools.embedded_model.records import Record, abstract_recipe, abstract_records, read_paintings
from tools.embedded_model.workplace import arguments
from tools.starter_gallery import abstracts

SIDE_PX = 128


def open_images(work: Path) -> NDArray[np.uint8]:
    """All pictures, uint8 (N, 128, 128, 3), mapped from disk."""
    return np.load(work / "images.npy", mmap_mode="r")  # type: ignore[no-any-return]  # np.load returns Any


def open_records(work: Path) -> list[Record]:
    """All records, row n describing picture n."""
    lines = (work / "records.jsonl").read_text(encoding="utf-8").splitlines()
    rows = (json.loads(line) for line in lines)
    return [Record(**{**row, "tags": tuple(row["tags"])}) for row in rows]


def open_measures(work: Path) -> NDArray[np.float32]:
    """`colours.measure` of every picture, float32 (N, 19)."""
    return np.load(work / "measures.npy")  # type: ignore[no-any-return]  # np.load returns Any


def painting_pixels(folder: Path) -> Iterator[tuple[int, Image.Image]]:
    """Number and RGB picture of every file in images.tar."""
    with tarfile.open(folder / "images.tar") as tar:
        for member in tar:
            packed = tar.extractfile(member)
            if packed is not None and member.name.endswith(".webp"):
                yield (
                    int(Path(member.name).stem),
                    Image.open(io.BytesIO(packed.read())).convert("RGB"),
                )


def abstract_pixels(first: int, count: int) -> Iterator[tuple[int, Image.Image]]:
    """Number and picture of every procedural piece."""
    for index in range(count):
        kind, seed = abstract_recipe(index)
        yield first + index, abstracts.paint(kind, seed, (SIDE_PX, SIDE_PX))


def prepare(paintings: Path, work: Path) -> None:
    """Write images.npy, measures.npy and records.jsonl."""
    work.mkdir(parents=True, exist_ok=True)
    painted = read_paintings(paintings)
    invented = abstract_records(len(painted))
    records = painted + invented
    shape = (len(records), SIDE_PX, SIDE_PX, 3)
    images = np.lib.format.open_memmap(work / "images.npy", mode="w+", dtype=np.uint8, shape=shape)
    for source in (painting_pixels(paintings), abstract_pixels(len(painted), len(invented))):
        for number, picture in source:
            images[number] = np.asarray(picture)
    images.flush()
    np.save(work / "measures.npy", np.stack([measure(picture) for picture in images]))
    lines = [json.dumps(asdict(record), ensure_ascii=False) for record in records]
    (work / "records.jsonl").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    options = arguments("decode and measure the training pictures").parse_args()
    prepare(options.paintings, options.work)
