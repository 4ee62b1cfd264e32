"""The labelled paintings of the evaluation: a table, and a tar of small pictures.

`paintings.jsonl.gz` has one object a line: `n`, `title`, `artist`, `style`, `genre`, `year`,
`tags` (words of the title), `colours` (names), `colour_share` (13 numbers), `stats` (lightness
`L`, contrast `C`, saturation `S`, shares `warm` and `cool`), `split`; `images.tar` holds
`NNNNN.webp`.
"""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from PIL import Image

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.vectors import Matrix

BATCH = 64


@dataclass(frozen=True, slots=True)
class Labelled:
    """One work with what is known of it; the labels are hidden from the search."""

    artwork: Artwork
    style: str | None = None
    genre: str | None = None
    tags: frozenset[str] = frozenset()
    colours: frozenset[str] = frozenset()
    colour_share: tuple[float, ...] = ()
    stats: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, slots=True)
class Exhibition:
    """Works and their vectors (n, d) in one space, row by row."""

    name: str
    works: tuple[Labelled, ...]
    matrix: Matrix
    space: str


class Painter(Protocol):
    """Turns pictures into unit vectors."""

    @property
    def space(self) -> str: ...
    def embed_images(self, images: list[Image.Image]) -> Matrix: ...


def available(folder: Path) -> bool:
    """Whether the paintings are there."""
    return (folder / "paintings.jsonl.gz").is_file() and (folder / "images.tar").is_file()


def load_paintings(folder: Path, splits: frozenset[str], encoder: Painter) -> Exhibition:
    """The paintings of some splits, embedded."""
    with gzip.open(folder / "paintings.jsonl.gz", "rt", encoding="utf-8") as table:
        rows = {row["n"]: row for line in table if (row := json.loads(line))["split"] in splits}
    works, vectors = [], []
    with tarfile.open(folder / "images.tar") as tar:
        for batch in _batches(_pictures(tar, rows)):
            works += [_labelled(rows[n]) for n, _ in batch]
            vectors.append(encoder.embed_images([picture for _, picture in batch]))
    name = " and ".join(sorted(splits))
    return Exhibition(name, tuple(works), np.concatenate(vectors), encoder.space)


def load_gallery(folder: Path, entries: list[dict[str, Any]], encoder: Painter) -> Exhibition:
    """The starter gallery, embedded; its tags are its labels and are kept from the search."""
    works, vectors = [], []
    for entry in entries:
        kept = {k: entry[k] for k in ("id", "title", "artist") if entry.get(k)}
        works.append(Labelled(Artwork(**kept), tags=frozenset(entry.get("tags", ()))))
        with Image.open(folder / entry["file"]) as picture:
            vectors.append(encoder.embed_images([picture.convert("RGB")]))
    return Exhibition("starter gallery", tuple(works), np.concatenate(vectors), encoder.space)


def _pictures(
    tar: tarfile.TarFile, rows: dict[int, dict[str, Any]]
) -> Iterator[tuple[int, Image.Image]]:
    for member in tar:
        number = Path(member.name).stem
        data = tar.extractfile(member) if number.isdigit() and int(number) in rows else None
        if data is not None:
            yield int(number), Image.open(io.BytesIO(data.read())).convert("RGB")


def _batches(
    pictures: Iterable[tuple[int, Image.Image]],
) -> Iterator[list[tuple[int, Image.Image]]]:
    batch: list[tuple[int, Image.Image]] = []
    for picture in pictures:
        batch.append(picture)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _labelled(row: dict[str, Any]) -> Labelled:
    year = row["year"]
    artwork = Artwork(
        id=f"paintings:{row['n']}",
        title=row["title"].title(),
        artist=row["artist"],
        date=str(year) if year else None,
        year_from=year,
        year_to=year,
        source="paintings",
    )
    return Labelled(
        artwork,
        row["style"],
        row["genre"],
        frozenset(row["tags"]),
        frozenset(row["colours"]),
        tuple(row["colour_share"]),
        row["stats"],
    )
