"""Libraries of invented works, made in seconds: labels, vectors, and a picture behind each."""

from __future__ import annotations

import asyncio
import json
import os
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from glance_agent.config.load import Config, load
from glance_agent.domain.items import Listed
from glance_agent.domain.vectors import Matrix, unit_rows
from glance_agent.embedding.encoder import OnnxEncoder
from glance_agent.store.connection import open_database
from glance_agent.store.database import Database
from glance_agent.store.label_folding import fold_labels
from tools.bench.agent import QUERIES as SENT
from tools.bench.agent import listed
from tools.bench.search import labelled

PICTURES = 40
"""So many different ones; the works take them in turn."""
LABELS = 10_000
"""So many labels differ."""
SOURCE = "bench"
_NOW = datetime(2026, 1, 1, tzinfo=UTC).isoformat(timespec="milliseconds")


def library(folder: Path, works: int, encoder: OnnxEncoder, ports: tuple[int, int]) -> Config:
    """A library of so many works in a folder, and its configuration.

    `ports` are the broker's and that of the pages. What is sent over MQTT has works near it.
    """
    art = folder / "art"
    art.mkdir(parents=True)
    write_pictures(art, works)
    path = folder / "glance.toml"
    path.write_text(
        f'[mqtt]\nport = {ports[0]}\n[library]\npath = "glance.db"\n[web]\nport = {ports[1]}\n'
        '[[displays]]\nname = "wall"\n'
        f'[[sources]]\nname = "{SOURCE}"\nkind = "folder"\npath = "art"\n'
    )
    config = load(path, {})
    items = asyncio.run(listed(art))
    database = open_database(config.library.path, synchronous="OFF")
    try:
        kept = [Kept(n, i, str(art / i.key)) for n, i in enumerate(items)]
        with database.atomic():
            keep_works(database, kept)
            keep_vectors(database, kept, vectors(works, encoder), encoder.space)
    finally:
        database.close()
    return config


def write_pictures(folder: Path, works: int) -> None:
    """A file for each work: links to a few pictures that look like photographs."""
    rng = np.random.default_rng(2)
    for number in range(min(PICTURES, works)):
        small = rng.integers(0, 255, (30, 40, 3), dtype=np.uint8)
        image = Image.fromarray(small).resize((1600, 1200), Image.Resampling.BICUBIC)
        image.save(folder / f"{number:06}.jpg", quality=88)
    for number in range(PICTURES, works):
        os.link(folder / f"{number % PICTURES:06}.jpg", folder / f"{number:06}.jpg")


def vectors(works: int, encoder: OnnxEncoder) -> Matrix:
    """A unit row for each work, at random, some of them near each query that is sent."""
    rows = np.random.default_rng(1).standard_normal((works, encoder.dimension), dtype=np.float32)
    for number, query in enumerate(SENT):
        rows[number::200] += 8 * encoder.embed_text(query)
    return unit_rows(rows)


class Kept(NamedTuple):
    """A work by its number, and the file that it is of."""

    number: int
    item: Listed
    location: str

    @property
    def id(self) -> str:
        return f"{SOURCE}:{self.number}"

    @property
    def row(self) -> dict[str, Any]:
        """The work as a row; of a number that is some ten thousand more, the label is the same."""
        row = labelled(self.number, random.Random(self.number % LABELS)).model_dump()
        colour = f"#{self.number * 7919 % 0xFFFFFF:06x}"
        row |= {"colours": json.dumps([colour]), "tags": json.dumps(row["tags"])}
        return row | {"location": self.location, "content_hash": self.id, "added_at": _NOW}


def keep_works(database: Database, kept: list[Kept]) -> None:
    """Write the works as the library keeps them. The first have their labels folded; those of
    all others are copied, which is what makes a large library quick to make."""
    rows = [one.row for one in kept]
    names, values = ", ".join(rows[0]), ", ".join(f":{name}" for name in rows[0])
    put = database.conn.executemany
    put(f"INSERT INTO artworks ({names}) VALUES ({values})", rows[:LABELS])
    while not fold_labels(database, LABELS):
        pass
    put(f"INSERT INTO artworks ({names}) VALUES ({values})", rows[LABELS:])
    database.execute("DELETE FROM unfolded")
    columns = "title, artist, medium, tags, description"
    for start in range(LABELS, len(kept), LABELS):
        database.execute(
            f"INSERT INTO labels_fts (rowid, {columns}) SELECT rowid + :start, {columns} "
            "FROM labels_fts WHERE rowid <= :labels AND rowid + :start <= :works",
            {"start": start, "labels": LABELS, "works": len(kept)},
        )


def keep_vectors(database: Database, kept: list[Kept], rows: Matrix, space: str) -> None:
    """Write a vector for each work, and the item that it came from."""
    put = database.conn.executemany
    put(
        "INSERT INTO embeddings (artwork_id, space, vector) VALUES (?, ?, ?)",
        ((k.id, space, row.astype("<f2").tobytes()) for k, row in zip(kept, rows, strict=True)),
    )
    put(
        "INSERT INTO items (source, key, fingerprint, artwork_id, location, checked_at) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        ((SOURCE, k.item.key, k.item.fingerprint, k.id, k.location, _NOW) for k in kept),
    )
