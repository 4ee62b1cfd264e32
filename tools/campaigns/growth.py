"""A year of use in a minute: how much the library grows, and whether commands stay as quick.

`python -m tools.campaigns.growth` carries out commands in a library of 2,000 works, measures `next`
and `like` after a week, lets a year of 500 `next`, 300 `like` and 200 searches a day go by, and
measures again. The year is written through the same store as the agent's, with the answers of real
commands, a day in one transaction; the upkeep of the agent runs after every day. What must hold at
the end:

- the library has grown by less than 50 MB;
- the last 10,000 showings of the display are whole, and every showing is counted somewhere;
- answers are kept for seven days, each once;
- `next` and `like` take no longer than before (the medians, and the ratio to the first).
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from unittest import mock

import numpy as np

from glance_agent.commands.idempotency import Delivery
from glance_agent.config.load import load
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.command import Command, Like
from glance_agent.domain.display import Reaction, Showing
from glance_agent.domain.items import StoredWork
from glance_agent.domain.picture_verbs import Next, Search
from glance_agent.domain.vectors import unit_rows
from glance_agent.store import folded
from glance_agent.store.connection import open_database
from glance_agent.store.library import Library
from glance_agent.store.receipts import RECEIPTS_KEPT
from glance_agent.wiring import rooms as wired
from glance_agent.wiring import upkeep
from glance_agent.wiring.clock import utc_now
from glance_agent.wiring.encoding import encoder_of
from glance_agent.wiring.rooms import Rooms, open_rooms
from glance_agent.wiring.upkeep import Upkept
from tools.campaigns.stage import table

MOST_MEGABYTES = 50
SLOWER_AT_MOST = 1.5
"""How much slower a median may seem: two runs on a busy machine differ by as much."""
SETTLED_DAYS = 7
"""From when on it is compared: a household that has liked nothing yet has no tastes to weigh."""
QUERIES = ("peaceful blue water", "stormy sea", "autumn forest", "red abstract", "night")


@dataclass
class Found:
    """What a year has done to a library."""

    days: int
    commands: int = 0
    bytes_before: int = 0
    bytes_after: int = 0
    whole: int = 0
    folded: int = 0
    shown: int = 0
    answers: int = 0
    answers_expected: int = 0
    before_ms: dict[str, float] = field(default_factory=dict)
    after_ms: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def grown_megabytes(self) -> float:
        return (self.bytes_after - self.bytes_before) / 1e6

    def failures(self) -> list[str]:
        """Why the promise was not kept, apart from speed; empty where it was."""
        failures = []
        if self.grown_megabytes > MOST_MEGABYTES:
            failures.append(f"the library has grown by {self.grown_megabytes:.1f} MB")
        if self.whole + self.folded != self.shown:
            failures.append(f"{self.shown} showings, {self.whole} whole and {self.folded} folded")
        if self.whole != min(self.shown, folded.WHOLE_SHOWINGS):
            failures.append(f"{self.whole} showings are whole")
        if self.answers > self.answers_expected:
            failures.append(f"{self.answers} answers are kept")
        return failures

    def slower(self) -> list[str]:
        """Which commands take longer than before."""
        return [
            f"{verb} takes {self.after_ms[verb] / before:.1f} times as long"
            for verb, before in self.before_ms.items()
            if self.after_ms[verb] > SLOWER_AT_MOST * before
        ]

    def table(self) -> str:
        speeds = [
            (f"{verb}, median", f"{before:.1f} ms, then {self.after_ms[verb]:.1f} ms")
            for verb, before in self.before_ms.items()
        ]
        return table(
            [
                ("days", self.days),
                ("commands", f"{self.commands:,}"),
                ("grown by", f"{self.grown_megabytes:.1f} MB"),
                ("showings, whole", f"{self.whole:,}"),
                ("showings, folded", f"{self.folded:,}"),
                ("answers kept", f"{self.answers:,}"),
                *speeds,
                ("took", f"{self.seconds:.0f} s"),
                *(("FAILED", failure) for failure in [*self.failures(), *self.slower()]),
            ]
        )


@dataclass
class Clock:
    """A time of day that the campaign sets."""

    now: datetime = field(default_factory=utc_now)

    def __call__(self) -> datetime:
        return self.now


def main(arguments: Sequence[str] | None = None) -> int:
    options = parsed(arguments)
    found = campaign(options)
    print(found.table())
    return 1 if found.failures() or found.slower() else 0


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--works", type=int, default=2_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--next", type=int, default=500, help="a day")
    parser.add_argument("--like", type=int, default=300, help="a day")
    parser.add_argument("--search", type=int, default=200, help="a day")
    parser.add_argument("--measured", type=int, default=60, help="commands for each median")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)


def campaign(options: argparse.Namespace) -> Found:
    """One library, a year older at the end."""
    started, found = time.monotonic(), Found(options.days)
    with tempfile.TemporaryDirectory() as name, _household(Path(name), options) as (rooms, clock):
        year = _Year(rooms, clock, Random(options.seed), options)
        answers = year.answers()
        found.bytes_before = _bytes(rooms)
        for day in range(options.days):
            if day == min(SETTLED_DAYS, options.days - 1):
                found.before_ms = year.measured()
            found.commands += year.day(answers)
        found.after_ms = year.measured()
        year.tidied()
        found.bytes_after = _bytes(rooms)
        found.shown = rooms.history.position("wall")
        rows = rooms.library.db.execute("SELECT count(*) FROM showings").fetchone()
        found.whole, found.folded = int(rows[0]), rooms.history.reach().folded
        rows = rooms.library.db.execute("SELECT count(*) FROM answers").fetchone()
        found.answers = int(rows[0])
        a_day = options.next + options.like + options.search
        found.answers_expected = a_day * (RECEIPTS_KEPT.days + 1) + 10 * options.measured
    found.seconds = time.monotonic() - started
    return found


class _Year:
    """Days that go by in one library."""

    def __init__(
        self, rooms: Rooms, clock: Clock, chance: Random, options: argparse.Namespace
    ) -> None:
        self._rooms = rooms
        self._clock = clock
        self._chance = chance
        self._options = options
        self._upkept = Upkept(rooms, lambda: rooms)
        self._delivered = 0

    def measured(self) -> dict[str, float]:
        """The medians of some real commands, in milliseconds; whatever is to be learned first."""
        showing = self._rooms.showing
        lessons = showing.lessons(showing.unlearned())
        showing.adopt_tastes(lesson.learn() for lesson in lessons)
        return {
            "next": self._median(lambda: Next(user=self._user())),
            "like": self._median(lambda: Like(artwork=self._work(), user=self._user())),
        }

    def answers(self) -> dict[str, str]:
        """What is kept of an answer to each verb, as a real command has it."""
        kept: dict[str, str] = {}
        for command in (Next(), Like(artwork=self._work()), Search(query=QUERIES[0])):
            self._carry_out(command)
            sql = "SELECT reply FROM answers ORDER BY id DESC LIMIT 1"
            kept[command.verb] = str(self._rooms.library.db.execute(sql).fetchone()[0])
        return kept

    def day(self, answers: dict[str, str]) -> int:
        """A day goes by, and its upkeep; how many commands it had."""
        history, options = self._rooms.history, self._options
        verbs = ["next"] * options.next + ["like"] * options.like + ["search"] * options.search
        self._chance.shuffle(verbs)
        step = timedelta(days=1) / max(len(verbs), 1)
        with history.transaction():
            for verb in verbs:
                self._clock.now += step
                self._kept(verb, answers[verb])
        self.tidied()
        return len(verbs)

    def tidied(self) -> None:
        """What the agent does by itself, a little at a time."""
        while not self._upkept.prune():
            pass

    def _kept(self, verb: str, answer: str) -> None:
        """What one command leaves behind."""
        history, now, user = self._rooms.history, self._clock.now, self._user()
        if verb == "like":
            history.react(Reaction(user, self._work(), "like", now))
        else:
            parts = json.loads('{"taste": 1.234, "side": 0.5, "fatigue": 0.1, "discovery": 20.0}')
            why = "Because Mia likes “Stormy Sea with a Lighthouse”, and this is near it"
            history.show(Showing("wall", self._work(), now, verb, user, why, None, parts))
        self._delivered += 1
        keys = [f"transaction:{self._delivered:064x}", f"delivery:{self._delivered:040x}"]
        history.keep_receipts(keys, answer, now)

    def _median(self, command: Callable[[], Command]) -> float:
        return statistics.median(self._carry_out(command()) for _ in range(self._options.measured))

    def _carry_out(self, command: Command) -> float:
        """Carry a real command out; how many milliseconds it took."""
        self._delivered += 1
        self._clock.now += timedelta(seconds=30)
        delivery = Delivery(f"{self._delivered:040x}", redelivered=False)
        started = time.perf_counter()
        outcome = self._rooms.answers.answer(command, delivery)
        took = (time.perf_counter() - started) * 1000
        if not outcome.reply.ok:
            sys.exit(f"{command.verb} failed: {outcome.reply.message}")
        return took

    def _work(self) -> str:
        return f"growth:{self._chance.randrange(self._options.works)}"

    def _user(self) -> str:
        return self._chance.choice(("household", "Mia", "Ben"))


@contextmanager
def _household(folder: Path, options: argparse.Namespace) -> Iterator[tuple[Rooms, Clock]]:
    """The rooms of a library of random works, with a clock that the campaign sets."""
    path = folder / "glance.toml"
    (folder / "art").mkdir()
    path.write_text(
        '[library]\npath = "glance.db"\n[[displays]]\nname = "wall"\n'
        '[[sources]]\nname = "growth"\nkind = "folder"\npath = "art"\n'
    )
    config, clock = load(path, {}), Clock()
    encoder = encoder_of(config)
    chance = np.random.default_rng(options.seed)
    rows = unit_rows(chance.standard_normal((options.works, encoder.dimension)))
    database = open_database(config.library.path, synchronous="NORMAL")
    library = Library(database)
    with library.together():
        for number, vector in enumerate(rows):
            library.add("growth", f"{number}.jpg", _stored(number, encoder.space, vector))
    database.close()
    with (
        mock.patch.object(wired, "utc_now", clock),
        mock.patch.object(upkeep, "utc_now", clock),
        open_rooms(config) as rooms,
    ):
        yield rooms, clock


def _stored(
    number: int, space: str, vector: np.ndarray[tuple[int], np.dtype[np.float32]]
) -> StoredWork:
    artwork = Artwork(
        id=f"growth:{number}",
        title=f"Evening at the Sea, number {number}",
        artist=f"Painter {number % 97}",
        date="1885",
        credit="A museum in a town, bequest of a collector",
        licence="CC0",
        page_url=f"https://museum.example/works/{number}",
        source="growth",
        width=1600,
        height=1200,
        colours=("#102030", "#405060", "#708090"),
        tags=("sea",),
    )
    return StoredWork(artwork, f"/art/{number}.jpg", f"f{number}", f"h{number}", space, vector)


def _bytes(rooms: Rooms) -> int:
    """The size of the file once all is in it."""
    rooms.library.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return rooms.config.library.path.stat().st_size


if __name__ == "__main__":
    sys.exit(main())
