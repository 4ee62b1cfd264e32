"""How quick a search over 10,000 works is: hybrid, calibrated, diversified, the query known.

`python -m tools.bench.search` prints medians, and ratios to the raw numpy product of the same
run: machines differ and are busy, ratios and the time on the CPU less so. The library holds random
works with labels as museums write them, some of them near each query; the queries are of every kind
that costs differently.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does, before numpy loads

import numpy as np

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.items import StoredWork
from glance_agent.domain.vectors import top, unit_rows
from glance_agent.embedding.encoder import OnnxEncoder, open_encoder
from glance_agent.search.engine import SearchEngine
from glance_agent.search.label_match import Reader
from glance_agent.search.query_embedding import Understanding
from glance_agent.search.query_parsing import parse_query
from glance_agent.store.connection import open_database
from glance_agent.store.index_view import IndexView
from glance_agent.store.labels import Labels
from glance_agent.store.library import Library
from glance_agent.store.query_vectors import QueryVectorCache
from glance_agent.store.vectors import Vectors
from glance_agent.wiring.catching_up import following
from tools.understood import understand

QUERIES = (
    "peaceful blue water",
    "stormy sea",
    "landscape",
    "a portrait of a woman in a garden",
    "Evening on the River 77",
    "paintings by Lindqvist17",
    "winter landscape -people",
    "2:boats, evening, 0.5:harbour",
    "year:1880-1910 calm river",
    "quarterly tax report",
)
SUBJECTS = ("River", "Garden", "Woman", "Sea", "Forest", "Village", "Bridge", "Harbour", "Field")
FORMS = ("Landscape with a {}", "The {}", "{} in Winter", "Evening on the {}", "Study of a {}")
NAMES = ("Lindqvist", "Morel", "Okada", "Brandt", "Castellani", "Whitlock", "Novak")
SHOWN = 10


def main() -> None:
    """Time every query, and print a line for each and one for all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--works", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--profile", action="store_true", help="say where the time goes")
    options = parser.parse_args()
    encoder = open_encoder("glance-mini", None, threads=1, memory_arena=True, prepacking=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        house(Path(folder), encoder, options.works) as (
            engine,
            view,
        ),
    ):
        if options.profile:
            profile(engine, view, options.rounds)
        else:
            report(engine, view, options.rounds)


@contextmanager
def house(
    folder: Path, encoder: OnnxEncoder, works: int
) -> Iterator[tuple[SearchEngine, IndexView]]:
    """A library of so many works, and who finds them."""
    rows = np.random.default_rng(1).standard_normal((works, encoder.dimension))
    for number, query in enumerate(QUERIES):
        rows[number :: 20 * len(QUERIES)] += 8 * encoder.embed_text(query)
    matrix = unit_rows(rows)
    database = open_database(folder / "library.db", synchronous="NORMAL")
    library = Library(database)
    chance = random.Random(1)
    with database.atomic():
        for number, vector in enumerate(matrix):
            work = labelled(number, chance)
            stored = StoredWork(work, "-", f"{number}", "-", encoder.space, vector)
            library.add("bench", f"{number}", stored)
    index = following(
        folder / "library.db", Vectors(database), encoder.space, encoder.dimension
    ).index
    understanding = Understanding(encoder, QueryVectorCache(database))
    understanding.prepare(60.0)
    understand(understanding, (t for query in QUERIES for t in parse_query(query).texts))
    view = index.now()
    assert isinstance(view, IndexView), "so few are looked at exactly"
    try:
        yield SearchEngine(library, Reader(Labels(database)), understanding), view
    finally:
        database.close()


def labelled(number: int, chance: random.Random) -> Artwork:
    """A work with a label of the usual length."""
    form, subject = chance.choice(FORMS), chance.choice(SUBJECTS)
    other = chance.choice(SUBJECTS).lower()
    return Artwork(
        id=f"bench:{number}",
        title=f"{form.format(subject)} {number}",
        artist=f"{chance.choice(NAMES)}{number % 100}",
        medium="oil on canvas",
        tags=(other, "painting", "landscape" if number % 3 else "portrait"),
        description=f"A {other} seen from a {subject.lower()}, with figures and evening light.",
        year_from=1700 + number % 230,
        year_to=1700 + number % 230,
        source="bench",
        width=1600,
        height=1200,
    )


def report(engine: SearchEngine, view: IndexView, rounds: int) -> None:
    """A line for each query, and one for all; the raw product is timed in between."""
    matrix = view.vectors  # the very rows that are searched, so that one cache serves both
    raw: list[Taken] = []
    taken: dict[str, list[Taken]] = {query: [] for query in QUERIES}
    for query in QUERIES:  # so that the background is measured
        engine.find(parse_query(query), view, count=SHOWN)
    for number in range(rounds):
        vector = matrix[number].copy()
        raw.append(timed(lambda v=vector: top(matrix @ v, SHOWN)))  # type: ignore[misc]
        for query, some in taken.items():
            some.append(timed(lambda q=query: engine.find(parse_query(q), view, count=SHOWN)))  # type: ignore[misc]
    print(f"{'':<36} {'passed':>11} {'on the CPU':>11} {'x raw':>6}")
    one = median(raw)
    say("raw numpy product and top 10", one, one)
    for query, some in taken.items():
        say(query, median(some), one)
    say("all queries; target 8 ms", median([t for some in taken.values() for t in some]), one)


class Taken(NamedTuple):
    """Milliseconds: what a clock on the wall says, and what this process had of the CPU."""

    passed: float
    busy: float


def timed(work: Callable[[], object]) -> Taken:
    """How long it takes."""
    started, began = time.perf_counter(), time.process_time()
    work()
    busy = time.process_time() - began
    return Taken((time.perf_counter() - started) * 1000, busy * 1000)


def median(some: list[Taken]) -> Taken:
    return Taken(*(statistics.median(values) for values in zip(*some, strict=True)))


def profile(engine: SearchEngine, view: IndexView, rounds: int) -> None:
    """Where the time of all queries goes."""
    queries = [parse_query(query) for query in QUERIES]
    engine.find(queries[0], view, count=SHOWN)
    profiler = cProfile.Profile(time.process_time)
    profiler.enable()
    for _ in range(rounds):
        for query in queries:
            engine.find(query, view, count=SHOWN)
    profiler.disable()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


def say(what: str, taken: Taken, one: Taken) -> None:
    ratio = taken.busy / one.busy
    print(f"{what:<36} {taken.passed:8.2f} ms {taken.busy:8.2f} ms {ratio:6.1f}")


if __name__ == "__main__":
    main()
