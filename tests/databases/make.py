"""Makes the library that is kept here for a version: python -m tests.databases.make v0.1

To be run once, by the version that is about to be released; the file is never changed later.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.display import DisplaySettings, Reaction, Showing
from glance_agent.domain.items import Listed, Skipped, StoredWork
from glance_agent.domain.vectors import unit
from glance_agent.store.connection import open_database
from glance_agent.store.history import History
from glance_agent.store.library import Library

AT = datetime(2026, 1, 31, 20, 15, tzinfo=UTC)
SPACE = "kept:1"


def main(name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "glance.db"
        db = open_database(path)
        fill(Library(db), History(db))
        db.close()
        target = Path(__file__).parent / f"{name}.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("PRAGMA page_size=1024")
            connection.execute("VACUUM INTO ?", [str(target)])


def fill(library: Library, history: History) -> None:
    """Three works, one of them hidden, and a past."""
    for number, title in enumerate(("Blue Horses", "Água", "Night"), 1):
        work = Artwork(
            id=f"kept:{number}",
            title=title,
            artist="Franz Marc" if number == 1 else None,
            year_from=1910 + number,
            year_to=1910 + number,
            source="kept",
            width=640,
            height=480,
            colours=("#102030", "#405060"),
            tags=("horse",) if number == 1 else (),
        )
        vector = unit(np.eye(4, dtype=np.float32)[number])
        stored = StoredWork(work, f"/kept/{number}.jpg", f"f{number}", f"h{number}", SPACE, vector)
        library.add("kept", f"{number}.jpg", stored)
    library.same("kept", Listed("copy.jpg", "f9"), "kept:1", "/kept/copy.jpg")
    library.skip("kept", Skipped("bad.jpg", "broken", "no end", "f8"))
    library.set_cursor("kept", "3.jpg")
    library.remember_folder("kept", "/kept")
    with history.transaction():
        library.hide("kept:3")
        history.react(Reaction("household", "kept:1", "like", AT))
        history.react(Reaction("ann", "kept:2", "dislike", AT))
        history.show(Showing("wall", "kept:2", AT, "next", "household", "Chosen for you"))
        history.show(Showing("wall", "kept:1", AT, "search", "ann", "Asked", 0.5, {"words": 1.0}))
        history.set("wall", DisplaySettings(mood="calm", slideshow=True, interval_seconds=60))
        history.keep_receipts(["transaction:abc"], '{"ok": true}', AT)


if __name__ == "__main__":
    main(sys.argv[1])
