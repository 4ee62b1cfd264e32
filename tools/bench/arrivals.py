"""How long commands take while pictures arrive: the 95th percentile, against that of a quiet agent.

`python -m tools.bench.arrivals` starts the agent beside a real Mosquitto, with 10,000 works and a
household of several people whose tastes it knows, and puts so many pictures a second into a folder
that it watches, while a phone sends searches, choices and likes. What is printed are ratios to the
same commands of the same run while nothing arrives: at most twice, plus one picture, is wanted.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import signal
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from glance_agent.config.load import load
from glance_agent.config.settings import Config
from glance_agent.domain.display import Reaction
from glance_agent.doors.mqtt.link import Link
from glance_agent.store.connection import open_database
from glance_agent.store.history import History
from glance_agent.wiring.clock import utc_now
from tools.bench.agent import (
    QUERIES,
    household,
    listening,
    mosquitto,
    p95,
    say,
    start_agent,
    until_online,
    write_pictures,
)

USERS = ("anna", "ben", "cleo")
Times = dict[str, list[float]]


def main() -> None:
    """Set up, measure, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--works", type=int, default=10_000)
    parser.add_argument("--a-second", type=float, default=4.0, help="pictures that arrive")
    parser.add_argument("--seconds", type=float, default=25.0, help="for so long, each way")
    parser.add_argument("--pause", type=float, default=0.05, help="seconds between two commands")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, mosquitto(Path(name)) as port:
        folder = Path(name)
        config = lively(household(folder, port, options.works), options.works)
        (folder / "ready").mkdir()
        one_ms = write_pictures(folder / "ready", round(options.seconds * options.a_second))
        quiet, busy = asyncio.run(both_ways(folder, config, options))
    report(quiet, busy, one_ms)


def lively(config: Config, works: int) -> Config:
    """The household, with a watched folder and people of whom something is known."""
    path = config.library.path.parent / "glance.toml"
    path.write_text(path.read_text().replace('path = "new"\n', 'path = "new"\nwatch = true\n'))
    database = open_database(config.library.path, synchronous="NORMAL")
    history, chance = History(database), np.random.default_rng(3)
    with history.transaction():
        for user in USERS:
            for number in chance.permutation(works)[:120].tolist():
                kind = "like" if number % 3 else "dislike"
                history.react(Reaction(user, f"bench:{number}", kind, utc_now()))
    database.close()
    return load(path, {})


async def both_ways(
    folder: Path, config: Config, options: argparse.Namespace
) -> tuple[Times, Times]:
    """The milliseconds of each command by its kind: while nothing arrives, and while it does."""
    agent = await asyncio.to_thread(start_agent, folder)
    try:
        await until_online(config)
        await sent(config, 10.0, options.pause)  # until all that is learned once is learned
        quiet = await sent(config, options.seconds, options.pause)
        arriving = asyncio.create_task(arrive(folder, options.a_second))
        busy = await sent(config, options.seconds, options.pause)
        arriving.cancel()
    finally:
        agent.send_signal(signal.SIGTERM)
        await asyncio.to_thread(agent.wait)
    return quiet, busy


async def arrive(folder: Path, a_second: float) -> None:
    """Put one picture after the other into the watched folder."""
    started = time.perf_counter()
    for number, picture in enumerate(sorted((folder / "ready").iterdir())):
        await asyncio.sleep(max(0.0, started + number / a_second - time.perf_counter()))
        picture.rename(folder / "new" / picture.name)


def commands() -> Iterator[tuple[str, dict[str, object]]]:
    """What the phone sends, one after the other, for ever."""
    for number in itertools.count():
        user = USERS[number % len(USERS)]
        yield "search", {"query": QUERIES[number % len(QUERIES)], "show": False}
        yield "next", {"user": user}
        yield "next", {}
        yield "similar", {"artwork": f"bench:{number}", "show": False}
        yield "like", {"artwork": f"bench:{7 * number % 9_000}", "user": user}


async def sent(config: Config, seconds: float, pause: float) -> Times:
    """Send commands for so long; the milliseconds until each was answered, by verb."""
    times: Times = defaultdict(list)
    until = time.perf_counter() + seconds
    async with listening(config) as heard:
        link: Link = heard.link  # type: ignore[attr-defined]
        for verb, keys in commands():
            if time.perf_counter() > until:
                return times
            transaction = time.time_ns()
            started = time.perf_counter()
            payload = json.dumps({**keys, "transaction": transaction})
            link.publish(f"glance/command/{verb}", payload, retain=False)
            while True:
                received, at = await asyncio.wait_for(heard.get(), 30)
                answered = received.topic == "glance/response"
                if answered and json.loads(received.payload)["transaction"] == transaction:
                    break
            times[verb].append((at - started) * 1000)
            await asyncio.sleep(pause)
    return times


def report(quiet: Times, busy: Times, one_ms: float) -> None:
    """A line for each verb, and one for all."""
    everything = [t for some in quiet.values() for t in some]
    meanwhile = [t for some in busy.values() for t in some]
    rows = [*((verb, quiet[verb], busy[verb]) for verb in quiet), ("all", everything, meanwhile)]
    say("one picture alone", f"{one_ms:.0f} ms", "decoded and embedded")
    for verb, before, during in rows:
        ratio, middle = p95(during) / p95(before), statistics.median(during)
        say(
            f"{verb}: p95 while they arrive",
            f"{ratio:.1f} x quiet",
            f"{p95(before):.1f} -> {p95(during):.1f} ms; median {statistics.median(before):.1f} "
            f"-> {middle:.1f} ms; {len(during)} commands",
        )
    allowed = (2 * p95(everything) + one_ms) / p95(everything)
    say("wanted for all", f"{allowed:.1f} x quiet", "twice, plus one picture")


if __name__ == "__main__":
    main()
