"""A library in PostgreSQL whose server is killed, cut off and silenced while people say things.

`python -m tools.campaigns.away` starts a server, an agent and a phone, and has reactions and “next”
sent without rest. 50 times the server is killed (SIGQUIT and SIGKILL), and in between connections
are ended by the server, the way to it is cut, or swallows what is sent, and the agent is killed.
What must hold at the end:

- every reaction that was acknowledged is in the library, as it was said;
- none was taken in twice: the library counts each change of a user's reactions;
- every command is answered, however long the server is away.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import psycopg

from glance_agent.domain.library_place import PostgresPlace
from tests.postgres import Server, started
from tests.proxy import Proxy, way_to
from tools.campaigns.stage import Agent, Broken, Phone, mosquitto, table, until

LASTING = ("listen_addresses=", "max_connections=60", "shared_buffers=16MB", "jit=off")
"""How the server is set: what it has confirmed is on the disk."""
BESIDE = ("terminate", "cut", "swallow", "agent")
"""What befalls an agent in between, in turn."""
LEAST_SECONDS = 0.3
"""How long a server stays away at least."""


@dataclass
class Found:
    """What a campaign has seen."""

    befell: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    acknowledged: int = 0
    kept_meanwhile: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    silent: int = 0
    ended: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    slowest_seconds: float = 0.0
    seconds: float = 0.0

    def failures(self) -> list[str]:
        """Why the promise was not kept; empty where it was."""
        failures = [f"lost: {user}" for user in self.lost]
        failures += [f"doubled: {user}" for user in self.doubled]
        if self.ended:
            failures.append(f"the agent ended by itself {self.ended} times")
        if self.silent:
            failures.append(f"{self.silent} commands were never answered")
        return failures

    def table(self) -> str:
        refused = ", ".join(f"{code} {count:,}" for code, count in self.refused.items())
        return table(
            [
                *sorted(self.befell.items()),
                ("commands", f"{self.sent:,}"),
                ("reactions acknowledged", f"{self.acknowledged:,}"),
                ("… of them while the server was away", f"{self.kept_meanwhile:,}"),
                ("refused, or shown and not kept", refused or "none"),
                ("acknowledged reactions lost", len(self.lost)),
                ("… taken in twice", len(self.doubled)),
                ("never answered", self.silent),
                ("slowest answer of a living agent", f"{self.slowest_seconds:.1f} s"),
                ("took", f"{self.seconds:.0f} s"),
                *(("FAILED", failure) for failure in self.failures()[:10]),
            ]
        )


class People(Phone):
    """Say things one after the other, each by a user of its own, and remember the answers."""

    def __init__(self, port: int, chance: Random) -> None:
        super().__init__(port)
        self.said: dict[int, str] = {}
        self.liked: dict[int, str] = {}
        self.asked_at: dict[int, float] = {}
        self.took: dict[int, float] = {}
        self.kept_meanwhile: set[int] = set()
        self._chance = chance

    def say(self) -> int:
        """One command more; its number."""
        number = len(self.said) + 1
        verb = self._chance.choices(("like", "dislike", "next"), (5, 3, 2))[0]
        keys: dict[str, Any] = {"transaction": number, "user": f"u{number}"}
        self.said[number], self.asked_at[number] = verb, time.monotonic()
        self.send([(verb, keys)])
        return number

    def _heard(self, client: Any, data: Any, message: Any) -> None:
        super()._heard(client, data, message)
        if not message.topic.endswith("/response"):
            return
        reply = json.loads(message.payload)
        number = reply.get("transaction")
        if number in self.said and number not in self.took:
            self.took[number] = time.monotonic() - self.asked_at[number]
            if "added to the library as soon as" in reply["message"]:
                self.kept_meanwhile.add(number)


class Campaign:
    """One server, one agent, and as many outages as it takes."""

    def __init__(
        self, folder: Path, port: int, server: Server, way: Proxy, options: argparse.Namespace
    ) -> None:
        self._chance = Random(options.seed)
        self._options = options
        self._server = server
        self._way = way
        self._place = PostgresPlace(server.url(server.created()))
        library = f'url = "{way.place(self._place).url}"'
        self._agent = Agent(folder, port, library=library)
        self._people = People(port, self._chance)
        self._stop = threading.Event()
        self._killed_at: list[tuple[float, float]] = []
        self.found = Found()

    def run(self) -> Found:
        """Let it happen. Raises Broken where the agent no longer gets on."""
        began = time.monotonic()
        self._agent.start()
        try:
            self._move_in()
            talking = threading.Thread(target=self._talk, name="people")
            talking.start()
            try:
                for number in range(self._options.kills):
                    self._outage(signal.SIGKILL if number % 4 == 3 else signal.SIGQUIT)
                    for what in BESIDE[: self._options.beside]:
                        if number % len(BESIDE) == BESIDE.index(what):
                            self._befalls(what)
            finally:
                self._stop.set()
                talking.join()
            self._settle()
        finally:
            self._agent.end(signal.SIGTERM)
        self._compare()
        self.found.seconds = time.monotonic() - began
        return self.found

    def _move_in(self) -> None:
        until(lambda: self._people.last_heard.get("status") == b"online", "the agent")
        until(lambda: self._succeeds("next"), "the first picture")

    def _succeeds(self, verb: str) -> bool:
        number = len(self._people.said) + 1
        self._people.said[number], self._people.asked_at[number] = verb, time.monotonic()
        self._people.send([(verb, {"transaction": number, "user": f"u{number}"})])
        until(lambda: self._people.answers[number] > 0, "an answer")
        return number not in self._people.refused | self._people.kept_meanwhile

    def _talk(self) -> None:
        """Say one thing after the other, some of them at once."""
        while not self._stop.is_set():
            numbers = [self._people.say() for _ in range(self._chance.randint(1, 4))]
            with contextlib.suppress(Broken):
                until(partial(self._are_answered, numbers), "an answer", 60)

    def _are_answered(self, numbers: Sequence[int]) -> bool:
        return not self._people.unanswered(numbers)

    # -- what befalls them --------------------------------------------------------------------

    def _outage(self, number: signal.Signals) -> None:
        """The server dies, and is there again after a while."""
        self._work()
        self.found.befell[f"server killed ({number.name})"] += 1
        self._server.end(number)
        self._wait()
        until(self._starts, "the server")

    def _wait(self) -> None:
        time.sleep(self._chance.uniform(LEAST_SECONDS, self._options.longest))

    def _starts(self) -> bool:
        """Whether it could be started: what is left of one that was killed may still be there."""
        with contextlib.suppress(RuntimeError):
            self._server.start()
            return True
        time.sleep(0.2)
        return False

    def _befalls(self, what: str) -> None:
        self._work()
        self.found.befell[{"agent": "agent killed"}.get(what, f"connections: {what}")] += 1
        if what == "terminate":
            self._server.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        elif what == "agent":
            killed_at = time.monotonic()
            self._agent.end(signal.SIGKILL)
            self._people.last_heard.pop("status", None)
            self._agent.start()
            until(lambda: self._people.last_heard.get("status") == b"online", "the agent")
            self._killed_at.append((killed_at, time.monotonic()))
        else:
            self._way.refuse() if what == "cut" else self._way.swallow()
            self._wait()
            self._way.forward()

    def _work(self) -> None:
        """Until the library takes things again, and a little longer."""
        until(partial(self._reaches, time.monotonic()), "a library that is reached")
        time.sleep(self._chance.uniform(0.0, 0.5 * self._options.longest))

    def _reaches(self, since: float) -> bool:
        """Whether a reaction that was said since then came into the library at once."""
        if self._agent.has_ended:
            self.found.ended += 1
            self._agent.start()
        people = self._people
        done = [n for n in [*people.took][-20:] if people.asked_at[n] > since]
        elsewhere = people.kept_meanwhile | people.refused
        return any(people.said[n] != "next" and n not in elsewhere for n in done)

    # -- what is left -------------------------------------------------------------------------

    def _settle(self) -> None:
        until(lambda: self._succeeds("like"), "the last like")
        self._people.catch_up()

    def _compare(self) -> None:
        """What was acknowledged beside what the library has."""
        found, people = self.found, self._people
        with psycopg.connect(self._place.url) as connection:
            connection.execute("SET search_path TO glance_agent")
            rows = connection.execute('SELECT "user", kind FROM reactions').fetchall()
            marks = connection.execute(
                "SELECT substr(name, 14), value FROM facts WHERE name LIKE 'reactions of %'"
            ).fetchall()
        kept: dict[str, str] = dict(rows)
        changes = {user: int(value) for user, value in marks}
        found.sent = len(people.said)
        found.silent = len(people.unanswered([*people.said]))
        for number, verb in people.said.items():
            if number in people.refused:
                found.refused[people.codes[number]] += 1
            elif verb != "next" and number in people.took:
                found.acknowledged += 1
                if kept.get(f"u{number}") != verb:
                    found.lost.append(f"u{number}")
        found.doubled = [user for user, count in changes.items() if count > 1]
        found.kept_meanwhile = len(people.kept_meanwhile)
        living = [
            seconds
            for number, seconds in people.took.items()
            if not any(
                people.asked_at[number] <= online and people.asked_at[number] + seconds >= killed
                for killed, online in self._killed_at
            )
        ]
        found.slowest_seconds = max(living, default=0.0)


@contextlib.contextmanager
def stage() -> Iterator[tuple[Path, int, Server, Proxy]]:
    """A folder, a broker's port, a server whose data last, and a way to it."""
    with (
        tempfile.TemporaryDirectory() as name,
        mosquitto(Path(name)) as port,
        started(LASTING) as server,
        way_to(server) as way,
    ):
        yield Path(name), port, server, way


def campaign(options: argparse.Namespace) -> Found:
    """One campaign from beginning to end."""
    with stage() as (folder, port, server, way):
        try:
            return Campaign(folder, port, server, way, options).run()
        except Broken:
            print((folder / "agent.log").read_text("utf-8", "replace")[-4_000:], file=sys.stderr)
            raise


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=50, help="how often the server is killed")
    parser.add_argument("--beside", type=int, default=4, help="how much else befalls the agent")
    parser.add_argument("--longest", type=float, default=4.0, help="seconds away at most")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)


def main() -> None:
    """Run it, and say what came of it."""
    found = campaign(parsed())
    print(found.table())
    sys.exit(1 if found.failures() else 0)


if __name__ == "__main__":
    main()
