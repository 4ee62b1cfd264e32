"""What taste costs: choosing the next work, and learning from a reaction.

`python -m tools.bench.taste` makes a library of 10,000 works and a person with 500 reactions, and
prints medians, of the clock and of the processor alone (other programs are not in the latter):

- the choice of `next`, as it is usually and as it is right after a reaction, before that has
  been learned;
- the same with a mood, and for a household of several people;
- `like` and `next` as whole commands, each on disk before it is answered;
- learning a taste anew, which happens beside the commands.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does, before numpy loads

import numpy as np

from glance_agent.config.load import load
from glance_agent.config.settings import Config
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.command import Like
from glance_agent.domain.display import Reaction, Showing
from glance_agent.domain.items import StoredWork
from glance_agent.domain.picture_verbs import Next
from glance_agent.domain.vectors import unit_rows
from glance_agent.search.query_embedding import Understanding
from glance_agent.store.connection import open_database
from glance_agent.store.history import History
from glance_agent.store.library import Library
from glance_agent.store.query_vectors import QueryVectorCache
from glance_agent.taste.profiles import Profiles
from glance_agent.taste.recommend import Recommender
from glance_agent.taste.wish import Wish
from glance_agent.wiring.clock import utc_now
from glance_agent.wiring.encoding import encoder_of
from glance_agent.wiring.rooms import Rooms, open_rooms

USERS = ("household", "anna", "ben", "cleo")
A_MINUTE = timedelta(minutes=1)
KINDS = 40
"""The works lie in so many clouds, as the pictures of a museum do."""


def main() -> None:
    """Measure everything and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--works", type=int, default=10_000)
    parser.add_argument("--reactions", type=int, default=500)
    parser.add_argument("--times", type=int, default=60, help="how often each is measured")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        config = household(Path(name), options.works, options.reactions)
        with open_rooms(config) as rooms:
            print(
                f"{options.works} works of {rooms.encoder.dimension} numbers, "
                f"{options.reactions} reactions a person; medians in ms"
            )
            print(f"{'':44}{'clock':>8}{'processor':>11}")
            measure(rooms, options.times)


def measure(rooms: Rooms, times: int) -> None:
    """Every line of the table, one after the other."""
    view, answer = rooms.index.now(), rooms.answers.answer
    everything = view.sample(len(view))
    matrix = view.vectors_of(everything)
    showing = rooms.showing
    while not showing.understanding.prepare(60.0):
        pass
    if (measurement := showing.measurement()) is not None:
        showing.adopt_background(measurement, measurement.measured())
    tastes, recommender = chooser(rooms)
    some = iter(np.random.default_rng(2).permutation(everything).tolist())

    def react() -> None:
        work = view.ids_of(np.array([next(some)]))[0]
        rooms.history.react(Reaction("anna", work, "like", datetime.now(UTC)))

    def choose(user: str, discovery: int = 20, mood: str | None = None) -> Callable[[], object]:
        return lambda: recommender.suggest(Wish("wall", user, mood, discovery, window=50), view)

    line("one product of the library with a vector", lambda: matrix @ matrix[0], times)
    line("choice of `next`", choose("anna"), times)
    line("choice of `next`, discovery 80", choose("anna", 80), times)
    line("choice of `next` with a mood", choose("anna", mood="calm evening"), times)
    line(f"choice of `next` for {len(USERS)} people", choose("household"), times)
    line("choice of `next` right after a reaction", choose("anna"), times, before=react)
    line("`next`, answered and on disk", lambda: answer(Next(user="anna")), times)
    line("`like`, answered and on disk", lambda: answer(Like(user="anna")), times)
    line("learning: reading what somebody did", lambda: tastes.lessons(["anna"], view), times)
    line("learning: the rest, beside the commands", tastes.lessons(["anna"], view)[0].learn, times)


def chooser(rooms: Rooms) -> tuple[Profiles, Recommender]:
    """What chooses in the agent, with everyone's taste learned, to be measured by itself."""
    understanding = Understanding(rooms.encoder, QueryVectorCache(rooms.library.db))
    understanding.prepare(60.0)
    tastes = Profiles(rooms.history, clock=utc_now)
    for user in tastes.users():
        tastes.refresh(user, rooms.index.now())
    recommender = Recommender(
        rooms.library,
        rooms.history,
        tastes,
        understanding=understanding,
        clock=utc_now,
        chance=Random(1),
    )
    return tastes, recommender


def line(
    name: str, work: Callable[[], object], times: int, before: Callable[[], object] = lambda: None
) -> None:
    """Measure some work again and again, and print the medians."""
    clock, processor = [], []
    for _ in range(times):
        before()
        started, busy = time.perf_counter(), time.thread_time()
        work()
        processor.append(time.thread_time() - busy)
        clock.append(time.perf_counter() - started)
    medians = (1000 * statistics.median(clock), 1000 * statistics.median(processor))
    print(f"{name:44}{medians[0]:8.2f}{medians[1]:11.2f}", flush=True)


# -- what is set up ---------------------------------------------------------------------------


def household(folder: Path, works: int, reactions: int) -> Config:
    """A library of works in clouds, and people of several tastes who have reacted to many."""
    path = folder / "glance.toml"
    path.write_text(
        '[library]\npath = "glance.db"\n[[displays]]\nname = "wall"\n'
        '[[sources]]\nname = "bench"\nkind = "folder"\npath = "."\n'
    )
    config = load(path, {})
    encoder = encoder_of(config)
    chance = np.random.default_rng(1)
    kinds = chance.integers(0, KINDS, works)
    centres = chance.standard_normal((KINDS, encoder.dimension))
    rows = unit_rows(centres[kinds] + chance.standard_normal((works, encoder.dimension)) + 1.0)
    database = open_database(config.library.path, synchronous="NORMAL")
    library, history = Library(database), History(database)
    with database.atomic():
        for number, vector in enumerate(rows):
            library.add("bench", str(number), stored(number, encoder.space, vector))
        for place, user in enumerate(USERS):
            live(history, user, kinds, chance.permutation(works)[:reactions], place)
    database.close()
    return config


def stored(
    number: int, space: str, vector: np.ndarray[tuple[int], np.dtype[np.float32]]
) -> StoredWork:
    work = Artwork(id=f"bench:{number}", title=f"Work {number}", source="bench", width=4, height=3)
    return StoredWork(work, "-", str(number), "-", space, vector)


def live(
    history: History,
    user: str,
    kinds: np.ndarray[tuple[int], np.dtype[np.int64]],
    seen: np.ndarray[tuple[int], np.dtype[np.int64]],
    place: int,
) -> None:
    """Half a year of somebody who likes three eighths of the kinds, a reaction a showing."""
    start = datetime.now(UTC) - timedelta(days=180)
    for step, row in enumerate(seen.tolist()):
        at = start + timedelta(hours=8 * step)
        liked = (kinds[row] + 5 * place) % 8 < 3
        history.show(Showing("wall", f"bench:{row}", at, "next", user, "", None, {}))
        history.react(Reaction(user, f"bench:{row}", "like" if liked else "dislike", at + A_MINUTE))


if __name__ == "__main__":
    main()
