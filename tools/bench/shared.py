"""A search by PostgreSQL's ports beside the same by SQLite's: `python -m tools.bench.shared`.

One library, copied by `library copy` into a PostgreSQL that is started here, on a socket, with
the settings of Debian but for its shared buffers. All are open in this process and asked in
turns: what is compared is wall time, since the server has processors of its own. Where there is
pgvector, it is asked as well; and what each takes of an agent's memory, processes of their own say.
"""

from __future__ import annotations

import argparse
import gc
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does, before numpy loads

import numpy as np
import psycopg

from glance_agent.config.load import load
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.store.copying import copy_library
from glance_agent.taste.wish import Wish
from glance_agent.wiring import rooms as wiring
from glance_agent.wiring.memory import keep_little_memory
from glance_agent.wiring.rooms import Rooms, open_rooms
from tests.postgres import started, with_pgvector
from tools.bench.scale.__main__ import megabytes
from tools.bench.scale.libraries import WordEncoder, large_library
from tools.bench.scale.searches import SHOWN, searches
from tools.bench.taste import chooser

SETTINGS = ("listen_addresses=", "shared_buffers=256MB")
Asked = Mapping[str, Callable[[], object]]


def main() -> None:
    """Make the libraries, and print a line for each search."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--works", type=int, default=100_000)
    parser.add_argument("--dimension", type=int, default=512, help="how many numbers a vector has")
    parser.add_argument("--times", type=int, default=30, help="how often each is asked")
    parser.add_argument("--memory", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    encoder = WordEncoder(options.dimension)
    if options.memory:
        take(options.memory, encoder)
        return
    programs = with_pgvector()
    with tempfile.TemporaryDirectory() as name, started(SETTINGS, programs) as server:
        folder, database = Path(name) / "library", server.created()
        large_library(folder, options.works, encoder)
        url = server.url(database)
        begun = time.monotonic()
        copy_library(folder / "glance.db", PostgresPlace(url), lambda table, rows: None)
        print(f"{options.works:,} works copied in {time.monotonic() - begun:.0f} s")
        server.run("VACUUM ANALYZE", database)
        print(f"the server's database takes {_database_mb(url):,.0f} MB")
        kinds = configured(folder, url, by_pgvector=programs is not None)
        with ExitStack() as stack:
            asked = {}
            for kind, path in kinds.items():
                begun = time.monotonic()
                asked[kind] = all_asked(stack.enter_context(opened(path, encoder)))
                print(f"{kind}: opened in {time.monotonic() - begun:.1f} s")
            compare(asked, options.times)
        for path in kinds.values():
            again = ["--dimension", str(options.dimension), "--memory", str(path)]
            subprocess.run([sys.executable, "-m", "tools.bench.shared", *again], check=True)


def _database_mb(url: str) -> float:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    return row[0] / 1e6 if row else math.nan


def configured(folder: Path, url: str, *, by_pgvector: bool) -> dict[str, Path]:
    """The configuration of each kind of library."""
    there = {"SQLite": f'path = "{folder}/glance.db"', "server": f'url = "{url}"'}
    if by_pgvector:
        there["pgvector"] = f'url = "{url}"\nsearch = "pgvector"'
    told = (folder / "glance.toml").read_text()
    paths = {}
    for kind, where in there.items():
        paths[kind] = folder / kind / "glance.toml"
        paths[kind].parent.mkdir()
        of_kind = told.replace('path = "glance.db"', where).replace('"art"', f'"{folder}/art"')
        paths[kind].write_text(of_kind)
    return paths


@contextmanager
def opened(path: Path, encoder: WordEncoder) -> Iterator[Rooms]:
    """The library of a configuration."""
    with (
        patch.object(wiring, "encoder_of", lambda _: encoder),
        open_rooms(load(path, {})) as rooms,
    ):
        yield rooms


def all_asked(rooms: Rooms) -> Asked:
    """What is asked of a library, by name."""
    view, (_, recommender) = rooms.index.now(), chooser(rooms)
    near = iter(np.random.default_rng(2).permutation(view.sample(5_000)).tolist())
    wish = Wish("wall", "anna", None, 20, window=50)

    def similar() -> object:
        vector = view.vectors_of(np.array([next(near)]))[0]
        return view.ids_of(view.best(vector[None], SHOWN))

    return {
        **searches(rooms),
        "a picture": similar,
        "next": lambda: recommender.suggest(wish, view),
    }


def compare(asked: Mapping[str, Asked], times: int) -> None:
    """Ask all in turns, and print the medians, and in multiples of the first."""
    gc.collect()
    print(f"{'wall ms':44}" + "".join(f"{kind:>9}" for kind in asked))
    for name in next(iter(asked.values())):
        rounds = [[_ms(of_kind[name]) for of_kind in asked.values()] for _ in range(times + 1)][1:]
        medians = [statistics.median(taken) for taken in zip(*rounds, strict=True)]
        ratios = " ".join(f"{median / medians[0]:6.2f}" for median in medians[1:])
        print(f"{name:44}" + "".join(f"{m:9.2f}" for m in medians) + f"  {ratios}", flush=True)


def take(path: Path, encoder: WordEncoder) -> None:
    """Print what this process takes more for a library that is opened and asked everything."""
    keep_little_memory()  # as the agent does
    before = megabytes("VmRSS")
    with opened(path, encoder) as rooms:
        rooms.follower.prepare()
        gc.collect()
        opening = megabytes("VmRSS") - before
        asked = all_asked(rooms)
        for work in asked.values():
            for _ in range(5):
                work()
        gc.collect()
        stay, peak = megabytes("VmRSS") - before, megabytes("VmHWM") - before
    kind = path.parent.name
    print(f"{kind}: {opening:.0f} MB when it is open, {stay:.0f} when asked, {peak:.0f} at most")


def _ms(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


if __name__ == "__main__":
    main()
