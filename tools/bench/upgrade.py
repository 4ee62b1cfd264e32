"""How long a library of an older version takes to be brought up to date.

`python -m tools.bench.upgrade` writes 100,000 invented works as version 0.1 kept them, opens the
library, and folds its labels as the agent does beside its commands.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from random import Random

import numpy as np

from glance_agent.store import schema
from glance_agent.store.connection import open_database
from glance_agent.store.label_folding import fold_labels
from tools.bench.search import labelled

OLD = Path(__file__).parents[2] / "tests" / "databases" / "v0.1.db"
LABELS = 5_000
"""So many labels differ."""
DIMENSION = 512
VECTORS = 1_000
"""So many vectors differ."""


def older_library(path: Path, works: int) -> None:
    """A library of version 0.1 with so many works more, each with a vector and shown once."""
    shutil.copy(OLD, path)
    chance = np.random.default_rng(1)
    vectors = chance.standard_normal((VECTORS, DIMENSION)).astype("<f2")
    labels = [labelled(number, Random(number)) for number in range(min(works, LABELS))]
    with closing(sqlite3.connect(path)) as db:
        for number in range(works):
            label = labels[number % len(labels)]
            db.execute(
                "INSERT INTO artworks (id, source, title, artist, year_from, year_to, medium, "
                "width, height, colours, tags, description, location, content_hash, added_at) "
                "VALUES (?, 'bench', ?, ?, ?, ?, ?, 1600, 1200, '[]', ?, ?, ?, ?, '2026')",
                [
                    *(f"bench:{number}", label.title, label.artist, label.year_from),
                    *(label.year_to, label.medium, json.dumps(label.tags), label.description),
                    *(f"/bench/{number}.jpg", f"{number}"),
                ],
            )
        ids = [(f"bench:{n}", vectors[n % VECTORS].tobytes()) for n in range(works)]
        db.executemany("INSERT INTO embeddings VALUES (?, 'bench', ?)", ids)
        db.executemany(
            "INSERT INTO showings (display, position, artwork_id, shown_at, verb, user, why, parts)"
            " VALUES ('wall', ?, ?, '2026-01-31', 'next', 'anna', '', '{}')",
            [(number, artwork) for number, (artwork, _) in enumerate(ids, 100)],
        )
        db.commit()


def main() -> None:
    """Make it, and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--works", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "glance.db"
        older_library(path, options.works)
        print(f"{options.works:,} works, {path.stat().st_size / 2**20:.0f} MB")
        started, cpu = time.perf_counter(), time.process_time()
        with closing(open_database(path)) as db:
            _say(f"opened, {len(schema.applied(db))} migrations seen", started, cpu)
            while not fold_labels(db):
                pass
            _say("labels folded, while commands would be answered", started, cpu)
            if (fault := db.fault()) is not None:
                sys.exit(fault)


def _say(what: str, started: float, cpu: float) -> None:
    wall, busy = time.perf_counter() - started, time.process_time() - cpu
    print(f"{what}: {wall:.1f} s, {busy:.1f} of the processor, since the start")


if __name__ == "__main__":
    main()
