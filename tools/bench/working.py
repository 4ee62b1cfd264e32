"""How much four workers embed beside one: `python -m tools.bench.working [WORKS]`.

The model sleeps, as one does that waits for another machine, so that it is not the cores that
decide. A library of its own in PostgreSQL (started here, on a socket), workers in processes of
their own: each has opened the library before the clock starts. Figures are works a second, from
the start to the last vector that was kept; and whether each work was kept once.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from glance_agent.config.load import load
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.items import StoredWork
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.domain.vectors import Matrix, Vector
from glance_agent.store.library import Library
from glance_agent.store.opening import open_library
from glance_agent.store.spaces import Spaces
from glance_agent.wiring import rooms as wiring
from glance_agent.wiring.rooms import open_rooms
from glance_agent.wiring.working import embed_what_waits
from tests.postgres import Server, started

WORKS = 200
MODEL_SECONDS = 0.25
ROUNDS = 3
SPACE = "asleep"


class Asleep:
    """An encoder that takes its time and no processor's."""

    space = SPACE
    dimension = 8

    def embed_text(self, text: str) -> Vector:
        """Any unit vector (8,)."""
        first: Vector = self._rows(1)[0]
        return first

    def embed_images(self, images: Sequence[Image.Image]) -> Matrix:
        """Any unit rows (n, 8), later."""
        time.sleep(MODEL_SECONDS * len(images))
        return self._rows(len(images))

    def _rows(self, count: int) -> Matrix:
        return np.eye(8, dtype=np.float32)[np.arange(count) % 8]


def fill(place: PostgresPlace, folder: Path, works: int) -> None:
    """Works without a vector, whose picture all are one file."""
    out = BytesIO()
    Image.new("RGB", (320, 200), (30, 60, 220)).save(out, "JPEG")
    (folder / "blue.jpg").write_bytes(out.getvalue())
    with closing(open_library(place)) as database:
        library = Library(database)
        with library.together():
            for number in range(works):
                work = Artwork(id=f"bench:{number}", title=f"Blue {number}", source="bench")
                stored = StoredWork(
                    artwork=work,
                    location=str(folder / "blue.jpg"),
                    fingerprint="1",
                    content_hash=str(number),
                    space="none",
                    vector=None,
                    look=None,
                )
                library.add("bench", f"{number}.jpg", stored)


def config_of(place: PostgresPlace, folder: Path) -> Path:
    """A configuration of a worker."""
    path = folder / "glance.toml"
    path.write_text(
        f'[library]\nurl = "{place.url}"\n'
        f'[[sources]]\nname = "bench"\nkind = "folder"\npath = "{folder}"\n',
        encoding="utf-8",
    )
    return path


def be_a_worker(config: Path) -> None:
    """Open the library, say so, and embed what waits once somebody has said a word."""
    setattr(wiring, "encoder_of", lambda config: Asleep())  # noqa: B010

    async def embed() -> None:
        with open_rooms(load(config, {}), at_once=True) as rooms:
            async with rooms.web:
                print("ready", flush=True)
                sys.stdin.readline()
                with closing(rooms.decoders):
                    await embed_what_waits(rooms, lambda *_: None, once=True)

    asyncio.run(embed())


def seconds_of(server: Server, workers: int, works: int) -> float:
    """How long so many workers take for so many works."""
    place = PostgresPlace(server.url(server.created()))
    with TemporaryDirectory() as name:
        folder = Path(name)
        fill(place, folder, works)
        command = [sys.executable, "-m", "tools.bench.working", "--config"]
        running = [
            subprocess.Popen(
                [*command, str(config_of(place, folder))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(workers)
        ]
        for one in running:
            assert one.stdout is not None
            one.stdout.readline()
        begun = time.perf_counter()
        for one in running:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()
        with closing(open_library(place)) as database:
            spaces = Spaces(database)
            while spaces.count(SPACE) < works:
                time.sleep(0.02)
            took = time.perf_counter() - begun
            for one in running:
                assert one.wait() == 0
            last = "SELECT max(number) - min(number) + 1 FROM embeddings"
            kept = database.execute(last).fetchone()[0]
        assert kept == works, f"{works} works were kept {kept} times"
    return took


def main() -> None:
    """Measure, and print a line for each round and the median."""
    if sys.argv[1:2] == ["--config"]:
        be_a_worker(Path(sys.argv[2]))
        return
    works, times = int(sys.argv[1]) if sys.argv[1:] else WORKS, []
    with started() as server:
        for _ in range(ROUNDS):
            one, four = seconds_of(server, 1, works), seconds_of(server, 4, works)
            times.append(one / four)
            print(f"one {works / one:.1f}/s, four {works / four:.1f}/s: x {one / four:.2f}")
    print(f"median: four workers embed {statistics.median(times):.2f} times as much as one")


if __name__ == "__main__":
    main()
