"""Large libraries of invented works, made in seconds: labels as museums write them, and vectors.

The vectors lie in clouds round centres of their own, as the pictures of large collections do:
every work has near neighbours, and words come from outside of the clouds.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from glance_agent.config.load import load
from glance_agent.config.settings import Config
from glance_agent.domain.display import Reaction, Showing
from glance_agent.domain.vectors import Matrix, Vector, unit, unit_rows
from glance_agent.embedding.encoder import OnnxEncoder, open_encoder
from glance_agent.store.connection import open_database
from glance_agent.store.database import Database
from glance_agent.store.history import History
from glance_agent.store.label_folding import fold_labels
from tools.bench.search import QUERIES, labelled

CLOUDS = 2_000
FEWEST_OF_CLOUD = 20
LIKED_CLOUDS = 5
REACTIONS = 40
LABELS = 10_000
"""So many labels differ; further works have these again, with other numbers."""
AT_ONCE = 10_000
NEAR = 200
"""So many works are near each of the queries."""
RARE = 250
"""One work in so many is an etching, which its label says and hardly another one's."""
_NOW = datetime(2026, 1, 1, tzinfo=UTC).isoformat(timespec="milliseconds")


class WordEncoder:
    """What the package's model makes of words, in a space of its own or a wider one."""

    def __init__(self, dimension: int) -> None:
        self._model: OnnxEncoder = open_encoder(
            "glance-mini", None, threads=1, memory_arena=True, prepacking=True
        )
        self.dimension = dimension
        self.space = f"bench-{dimension}"
        turned = np.random.default_rng(4).standard_normal((dimension, self._model.dimension))
        self._turned = np.linalg.qr(turned)[0].astype(np.float32)

    def embed_text(self, text: str) -> Vector:
        """A unit vector (d,); angles between texts are those of the model."""
        return unit(self._turned @ self._model.embed_text(text))

    def embed_images(self, images: Sequence[Any]) -> Matrix:
        raise NotImplementedError("there are no pictures behind invented works")


def large_library(folder: Path, works: int, encoder: WordEncoder) -> Config:
    """A library of so many works, and somebody who has liked some of them."""
    (folder / "art").mkdir(parents=True)
    path = folder / "glance.toml"
    path.write_text(
        '[library]\npath = "glance.db"\n[web]\nenabled = false\n[[displays]]\nname = "wall"\n'
        '[[sources]]\nname = "bench"\nkind = "folder"\npath = "art"\n'
    )
    config = load(path, {})
    database = open_database(config.library.path, synchronous="NORMAL")
    try:
        database.execute("PRAGMA synchronous=OFF")
        vectors = Clouds(works, encoder)
        for start in range(0, works, AT_ONCE):
            numbers = range(start, min(start + AT_ONCE, works))
            with database.atomic():
                keep_works(database, numbers)
                keep_vectors(database, numbers, vectors.of(numbers), encoder.space)
        with database.atomic():
            _live(History(database), vectors)
    finally:
        database.close()
    return config


class Clouds:
    """The vector of each work by its number."""

    def __init__(self, works: int, encoder: WordEncoder) -> None:
        chance = np.random.default_rng(1)
        self.works = works
        clouds = min(CLOUDS, works // FEWEST_OF_CLOUD)
        self.kinds = chance.integers(0, clouds, works)
        self._centres = chance.standard_normal((clouds, encoder.dimension), dtype=np.float32)
        self._step = max(len(QUERIES), works // NEAR)
        self._queries = [np.asarray(encoder.embed_text(query)) for query in QUERIES]

    def of(self, numbers: range) -> Matrix:
        """Their unit rows (m, d)."""
        noise = np.random.default_rng(7 + numbers.start).standard_normal(
            (len(numbers), self._centres.shape[1]), dtype=np.float32
        )
        rows = self._centres[self.kinds[numbers.start : numbers.stop]] + 0.7 * noise
        for place, query in enumerate(self._queries):
            first = -(numbers.start - place) % self._step
            rows[first :: self._step] += 8 * query
        return unit_rows(rows)

    def liked(self) -> list[int]:
        """Works of a few clouds, in turns."""
        fullest = np.bincount(self.kinds).argsort()[-LIKED_CLOUDS:]
        of_kinds = [np.flatnonzero(self.kinds == kind) for kind in fullest]
        return [int(kind[at]) for at in range(REACTIONS // LIKED_CLOUDS) for kind in of_kinds]


def keep_works(database: Database, numbers: range) -> None:
    """Write works as the library keeps them; only the first have their labels folded anew."""
    rows = list(_rows(numbers))
    names, values = ", ".join(rows[0]), ", ".join(f":{name}" for name in rows[0])
    database.conn.executemany(f"INSERT INTO artworks ({names}) VALUES ({values})", rows)
    if numbers.start < LABELS:
        while not fold_labels(database, LABELS):
            pass
        return
    columns = "title, artist, medium, tags, description"
    database.execute("DELETE FROM unfolded")
    database.execute(
        f"INSERT INTO labels_fts (rowid, {columns}) SELECT rowid + :start, {columns} "
        "FROM labels_fts WHERE rowid BETWEEN 1 AND :count",
        {"start": numbers.start, "count": len(numbers)},
    )


def _rows(numbers: range) -> Iterator[dict[str, Any]]:
    for number in numbers:
        label = number % LABELS
        work = labelled(label, random.Random(label))
        upright = number % 3 == 0
        yield work.model_dump() | {
            "id": f"bench:{number}",
            "tags": json.dumps(work.tags),
            "colours": json.dumps([f"#{number * 7919 % 0xFFFFFF:06x}"]),
            "medium": "etching" if label % RARE == 0 else work.medium,
            "width": 1200 if upright else 1600,
            "height": 1600 if upright else 1200,
            "location": f"art/{number}.jpg",
            "content_hash": f"bench:{number}",
            "added_at": _NOW,
        }


def keep_vectors(database: Database, numbers: range, rows: Matrix, space: str) -> None:
    """Write a vector for each work, and the item that it came from."""
    database.conn.executemany(
        "INSERT INTO embeddings (artwork_id, space, vector) VALUES (?, ?, ?)",
        (
            (f"bench:{number}", space, row.astype("<f2").tobytes())
            for number, row in zip(numbers, rows, strict=True)
        ),
    )
    database.conn.executemany(
        "INSERT INTO items (source, key, fingerprint, artwork_id, location, checked_at) "
        "VALUES ('bench', ?, 'same', ?, ?, ?)",
        ((f"{n}.jpg", f"bench:{n}", f"art/{n}.jpg", _NOW) for n in numbers),
    )


def _live(history: History, vectors: Clouds) -> None:
    """What somebody has liked of what was shown."""
    start = datetime.now(UTC) - timedelta(days=30)
    for step, number in enumerate(vectors.liked()):
        work, at = f"bench:{number}", start + timedelta(hours=8 * step)
        history.show(Showing("wall", work, at, "next", "anna", "", None, {}))
        history.react(Reaction("anna", work, "like", at + timedelta(minutes=1)))
