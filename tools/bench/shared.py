"""A search by PostgreSQL's ports beside the same by SQLite's: `python -m tools.bench.shared`.

One library, copied by `library copy` into a PostgreSQL that is started here, on a socket, with
the settings of Debian but for its shared buffers. Both are open in this process and asked in
turns: what is compared is wall time, since the server has processors of its own.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does, before numpy loads

from glance_agent.config.load import load
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.store.copying import copy_library
from glance_agent.wiring import rooms as wiring
from glance_agent.wiring.rooms import Rooms, open_rooms
from tests.postgres import started
from tools.bench.scale.libraries import WordEncoder, large_library
from tools.bench.scale.searches import searches

SETTINGS = ("listen_addresses=", "shared_buffers=256MB")


def main() -> None:
    """Make both libraries, and print a line for each search."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--works", type=int, default=100_000)
    parser.add_argument("--dimension", type=int, default=512, help="how many numbers a vector has")
    parser.add_argument("--times", type=int, default=30, help="how often each is asked")
    options = parser.parse_args()
    encoder = WordEncoder(options.dimension)
    with tempfile.TemporaryDirectory() as name, started(SETTINGS) as server:
        database = server.created()
        place = PostgresPlace(server.url(database))
        folder = Path(name) / "library"
        config = large_library(folder, options.works, encoder)
        begun = time.monotonic()
        copy_library(config.library.path, place, lambda table, rows: None)
        print(f"{options.works:,} works copied in {time.monotonic() - begun:.0f} s")
        server.run("VACUUM ANALYZE", database)
        with opened(folder, encoder) as file, opened(folder, encoder, place) as shared:
            compare(searches(file), searches(shared), options.times)


@contextmanager
def opened(
    folder: Path, encoder: WordEncoder, place: PostgresPlace | None = None
) -> Iterator[Rooms]:
    """The library of a folder, or the copy of it that a server has."""
    path = folder / "glance.toml"
    if place is not None:
        told = path.read_text().replace('path = "glance.db"', f'url = "{place.url}"')
        path = folder / "shared.toml"
        path.write_text(told)
    with (
        patch.object(wiring, "encoder_of", lambda _: encoder),
        open_rooms(load(path, {})) as rooms,
    ):
        yield rooms


def compare(
    file: dict[str, Callable[[], object]], shared: dict[str, Callable[[], object]], times: int
) -> None:
    """Ask both in turns, and print the medians."""
    gc.collect()
    print(f"{'wall ms':44}{'SQLite':>9}{'server':>9}{'ratio':>7}")
    for name in file:
        both = [(_ms(file[name]), _ms(shared[name])) for _ in range(times + 1)][1:]
        of_file, of_server = (statistics.median(taken) for taken in zip(*both, strict=True))
        print(f"{name:44}{of_file:9.2f}{of_server:9.2f}{of_server / of_file:7.2f}", flush=True)


def _ms(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


if __name__ == "__main__":
    main()
