"""What the agent costs with a large library, beside the bare product of all its vectors.

`python -m tools.bench.scale --works 100000` makes a library in some seconds, opens it in a process
of its own, and prints medians of what that process had of the CPU, each also in multiples of the
raw float32 product of the same run: machines differ and are busy, and these ratios less so.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from unittest.mock import patch

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does, before numpy loads

import numpy as np

from glance_agent.config.load import load
from glance_agent.domain.command import Like
from glance_agent.domain.display import Reaction
from glance_agent.domain.vectors import top, unit_rows
from glance_agent.store.connection import open_database
from glance_agent.store.database import Database
from glance_agent.taste.wish import Wish
from glance_agent.wiring import rooms as wiring
from glance_agent.wiring.facts import facts_of
from glance_agent.wiring.memory import keep_little_memory
from glance_agent.wiring.rooms import Rooms, open_rooms
from tools.bench.scale.libraries import (
    WordEncoder,
    keep_vectors,
    keep_works,
    large_library,
)
from tools.bench.scale.searches import SHOWN, searches
from tools.bench.taste import chooser

_NUMBER = "CAST(substr({}, 7) AS INTEGER)"
ELSEWHERE = 100
"""So many works are written by another program."""


def main() -> None:
    """Make the library, and measure it in another process."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--works", type=int, default=100_000)
    parser.add_argument("--dimension", type=int, default=512, help="how many numbers a vector has")
    parser.add_argument("--times", type=int, default=15, help="how often each is measured")
    parser.add_argument("--library", type=Path, help="a folder to keep it in, for another run")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options.library, options.dimension, options.times)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = options.library or Path(name) / "library"
        if not (folder / "glance.toml").exists():
            large_library(folder, options.works, WordEncoder(options.dimension))
        again = ["--dimension", str(options.dimension), "--times", str(options.times)]
        program = [sys.executable, "-m", "tools.bench.scale", "--measure"]
        sys.exit(subprocess.run([*program, "--library", str(folder), *again]).returncode)


def measure(folder: Path, dimension: int, times: int) -> None:
    """Every line of the table."""
    keep_little_memory()  # as the agent does
    config, encoder = load(folder / "glance.toml", {}), WordEncoder(dimension)
    before = megabytes("VmRSS")
    started = time.process_time()
    with patch.object(wiring, "encoder_of", lambda _: encoder), open_rooms(config) as rooms:
        opening = time.process_time() - started
        works = len(rooms.index)
        gc.collect()
        resident, peak = megabytes("VmRSS") - before, megabytes("VmHWM") - before
        print(f"{works:,} works of {rooms.encoder.dimension} numbers")
        print(f"opening: {opening:.2f} s of the CPU, {resident:.0f} MB stay, {peak:.0f} at most")
        Measured(rooms, times).all()


def megabytes(what: str) -> float:
    """A figure of this process, as the kernel has it."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith(what))
    return int(line.split()[1]) / 1024


class Measured:
    """One open library, and the lines of the table."""

    def __init__(self, rooms: Rooms, times: int) -> None:
        self.rooms = rooms
        self.times = times
        works, dimension = len(rooms.index), rooms.encoder.dimension
        chance = np.random.default_rng(3)
        self._matrix = np.empty((works, dimension), np.float32)
        for start in range(0, works, 10_000):  # so that the peak is not that of the benchmark
            part = self._matrix[start : start + 10_000]
            part[:] = unit_rows(chance.standard_normal(part.shape, dtype=np.float32))
        self._raw = self._product_ms()

    def all(self) -> None:
        """Measure and print everything."""
        print(f"{'':44}{'CPU ms':>9}{'x':>7}")
        self._print("the bare product and its ten best", self._raw)
        self._searches()
        self._choices()
        self._small_things()
        self._written_elsewhere()

    def _product_ms(self) -> float:
        direction = self._matrix[0].copy()
        return self._median(lambda: top(self._matrix @ direction, SHOWN))

    def _searches(self) -> None:
        rooms = self.rooms
        for name, search in searches(rooms).items():
            self._line(name, search)
        some = rooms.index.now()
        near = some.ids_of(some.sample(50))

        def similar() -> None:
            work = near.pop()
            vector = some.vectors_of(some.numbers_of([work]))[0]
            some.best(vector[None], SHOWN)

        self._line("a picture", similar)

    def _choices(self) -> None:
        rooms, view = self.rooms, self.rooms.index.now()
        _, recommender = chooser(rooms)
        some = iter(np.random.default_rng(2).permutation(view.sample(5_000)).tolist())

        def react() -> None:
            work = view.ids_of(np.array([next(some)]))[0]
            rooms.history.react(Reaction("anna", work, "like", datetime.now(UTC)))

        for discovery in (0, 20, 100):
            wish = Wish("wall", "anna", None, discovery, window=50)
            self._line(
                f"next, discovery {discovery}",
                lambda w=wish: recommender.suggest(w, view),  # type: ignore[misc]
            )
        wish = Wish("wall", "anna", None, 20, window=50)
        self._line("next, the first after a like", lambda: recommender.suggest(wish, view), react)

    def _small_things(self) -> None:
        rooms = self.rooms
        self._line("status", lambda: facts_of(rooms))
        view, chance = rooms.index.now(), Random(5)
        everything = view.sample(5_000)

        def like() -> None:
            work = view.ids_of(everything[[chance.randrange(everything.size)]])[0]
            rooms.answers.answer(Like(user="ben", artwork=work))

        self._line("like, answered and on disk", like)

    def _written_elsewhere(self) -> None:
        """What it costs to take up a hundred works that another program has written."""
        rooms, space = self.rooms, self.rooms.encoder.space
        first = len(rooms.index)
        batches = iter(range(first, first + 100 * ELSEWHERE, ELSEWHERE))
        rows = self._matrix[:ELSEWHERE]

        def written() -> None:
            start = next(batches)
            numbers = range(start, start + ELSEWHERE)
            with self._other_program() as other:
                keep_works(other, numbers)
                keep_vectors(other, numbers, rows, space)

        self._line(f"taking up {ELSEWHERE} works of another program", self._catch_up, written)
        with self._other_program() as other:
            for table, key in (("embeddings", "artwork_id"), ("items", "artwork_id")):
                other.execute(f"DELETE FROM {table} WHERE {_NUMBER.format(key)} >= ?", [first])
            other.execute(f"DELETE FROM artworks WHERE {_NUMBER.format('id')} >= ?", [first])

    @contextmanager
    def _other_program(self) -> Iterator[Database]:
        """A connection that is not the library's; what is written there is kept together."""
        path = self.rooms.config.library.path
        with closing(open_database(path, synchronous="NORMAL")) as other, other.atomic():
            yield other

    def _catch_up(self) -> None:
        self.rooms.follower.catch_up()
        self.rooms.index.now()

    def _line(
        self, name: str, work: Callable[[], object], before: Callable[[], object] = lambda: None
    ) -> None:
        work_ms = self._median(work, before)
        self._print(name, work_ms)

    def _print(self, name: str, milliseconds: float) -> None:
        print(f"{name:44}{milliseconds:9.2f}{milliseconds / self._raw:7.2f}", flush=True)

    def _median(
        self, work: Callable[[], object], before: Callable[[], object] = lambda: None
    ) -> float:
        taken = []
        for _ in range(self.times + 1):
            before()
            started = time.process_time()
            work()
            taken.append(1000 * (time.process_time() - started))
        return statistics.median(taken[1:])


if __name__ == "__main__":
    main()
