"""One backlog of mixed commands, the agent killed (SIGKILL) at random moments until it is empty.

`python -m tools.campaigns.kills` sends 20,000 commands to an agent that is away, once with MQTT 5
and once with 3.1.1, then lets it run and kills it 100 times. What must hold at the end:

- every effect is on disk exactly once, in the order in which the commands were sent;
- every command is answered (an answer may come twice);
- whenever it was killed, at most 100 commands were done and not yet answered.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tools.campaigns.stage import Agent, Broken, Phone, mosquitto, table, until

MOST_UNANSWERED = 100
LEAST_ANSWERS_PER_SECOND = 100
LIKES = ("starter:calm-sea-at-dawn", "starter:stormy-sea", "starter:desert-dunes")
QUERIES = ("peaceful blue water", "stormy sea", "autumn forest", "red abstract", "night")


@dataclass
class Found:
    """What a campaign has seen."""

    protocol: str
    commands: int
    kills: int = 0
    unanswered_at_kills: list[int] = field(default_factory=list)
    answers: int = 0
    twice: int = 0
    silent: int = 0
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0
    answering_seconds: float = 0.0
    processor_seconds: float = 0.0
    peak_megabytes: float = 0.0

    @property
    def most_unanswered(self) -> int:
        return max(self.unanswered_at_kills, default=0)

    @property
    def per_second(self) -> float:
        return self.answers / self.answering_seconds if self.answering_seconds else 0.0

    @property
    def processor_ms(self) -> float:
        return 1000 * self.processor_seconds / self.answers if self.answers else 0.0

    def failures(self) -> list[str]:
        """Why the promise was not kept; empty where it was. Speed depends on the machine."""
        failures = list(self.faults)
        if self.silent:
            failures.append(f"{self.silent} commands were never answered")
        if self.most_unanswered > MOST_UNANSWERED:
            failures.append(f"{self.most_unanswered} were done and not answered at a kill")
        return failures

    def table(self) -> str:
        return table(
            [
                ("MQTT", self.protocol),
                ("commands", f"{self.commands:,}"),
                ("kills", self.kills),
                ("never answered", self.silent),
                ("answered more than once", self.twice),
                ("done, not answered, at a kill (most)", self.most_unanswered),
                ("effects missing, doubled or out of order", len(self.faults)),
                ("answers a second, between the kills", f"{self.per_second:.0f}"),
                ("… and of the processor's time each took", f"{self.processor_ms:.1f} ms"),
                ("most memory", f"{self.peak_megabytes:.0f} MB"),
                ("took", f"{self.seconds:.0f} s"),
                *(("FAILED", failure) for failure in self.failures()[:10]),
            ]
        )


def mixed(number: int, chance: Random) -> tuple[str, dict[str, Any]]:
    """One command of every kind that people send; its transaction is its number.

    What puts a picture up does so for a user of its own, by whom the showing is known again.
    """
    own: dict[str, Any] = {"transaction": number, "user": f"u{number}"}
    share = chance.random()
    if share < 0.40:
        verb = "like" if chance.random() < 0.7 else "dislike"
        keys = {"artwork": chance.choice(LIKES), "user": f"guest {chance.randrange(20)}"}
        return verb, {**keys, "transaction": number}
    if share < 0.65:
        return "next", own
    if share < 0.80:
        return "search", {**own, "query": chance.choice(QUERIES)}
    if share < 0.85:
        return "search", {**own, "query": chance.choice(QUERIES), "show": False}
    if share < 0.90:
        return "describe", own
    if share < 0.95:
        return "discovery", {"value": number % 101, "transaction": number}
    return "next", {**own, "no such key": 1}


def shows(command: tuple[str, dict[str, Any]]) -> bool:
    """Whether the command puts a picture up."""
    verb, keys = command
    return verb in ("next", "search") and keys.get("show", True) and "no such key" not in keys


class Campaign:
    """One backlog, one agent, and as many deaths as it takes."""

    def __init__(self, folder: Path, port: int, options: argparse.Namespace, protocol: str) -> None:
        self._chance = Random(options.seed)
        self._options = options
        self._agent = Agent(folder, port, protocol=protocol)
        self._phone = Phone(port)
        self._commands = [mixed(n, self._chance) for n in range(options.commands)]
        self.found = Found(protocol, options.commands)

    def run(self) -> Found:
        """Let it happen. Raises Broken where the agent no longer gets on."""
        self._move_in()
        self._phone.send(self._commands)
        started = time.monotonic()
        while not self._is_empty() and self.found.kills < self._options.kills:
            self._one_life()
        with self._agent.running():
            self._until_answered(self._options.commands)
            self._phone.catch_up()
            self._note_memory()
        self._look_back()
        self.found.seconds = time.monotonic() - started
        self._phone.close()
        return self.found

    def _move_in(self) -> None:
        """A first run: the pictures come into the library, and the broker gets to know us."""
        with self._agent.running():
            self._agent.until_stocked()
            until(lambda: self._phone.last_heard.get("status") == b"online", "the agent")

    def _is_empty(self) -> bool:
        return bool(self._phone.answered() >= self._options.commands)

    def _one_life(self) -> None:
        """Start the agent, and kill it after so many answers, or before the first one."""
        lives = self._options.kills - self.found.kills + 1
        left = self._options.commands - self._phone.answered()
        each = 2 * left // lives
        wanted = self._phone.answered() + self._chance.randint(-each // 4, each)
        more_seconds = self._chance.uniform(0, 0.1)
        if wanted <= self._phone.answered():
            more_seconds = self._chance.uniform(0, 3.0)
        self._agent.start()
        self._until_answered(min(wanted, self._options.commands))
        time.sleep(more_seconds)
        self._note_memory()
        self._agent.end(signal.SIGKILL)
        self.found.kills += 1
        self._phone.catch_up()
        self.found.unanswered_at_kills.append(len(self._done() - set(self._phone.answers)))

    def _until_answered(self, wanted: int) -> None:
        """Wait until so many are answered in all; what passes from the first one is counted."""
        before = self._phone.answered()
        if before >= wanted:
            return

        def more() -> bool:
            if self._agent.has_ended:
                raise Broken("the agent ended by itself:\n" + self._agent.log[-2000:])
            return self._phone.answered() > before

        until(more, "the next answer")
        began, first = time.monotonic(), self._phone.answered()
        busy = self._agent.processor_seconds()
        while (before := self._phone.answered()) < wanted:
            until(more, "the next answer")
        self.found.processor_seconds += self._agent.processor_seconds() - busy
        self.found.answering_seconds += time.monotonic() - began
        self.found.answers += self._phone.answered() - first

    def _note_memory(self) -> None:
        self.found.peak_megabytes = max(self.found.peak_megabytes, self._agent.peak_megabytes())

    def _done(self) -> set[int]:
        """The commands whose effect, and the receipt for it, is on disk."""
        kept = self._agent.rows("SELECT json_extract(reply, '$.transaction') FROM answers")
        return {number for (number,) in kept if isinstance(number, int)}

    def _look_back(self) -> None:
        """Compare what is on disk, and what was answered, with what was sent."""
        answers = self._phone.answers
        self.found.silent = len(self._phone.unanswered(range(self._options.commands)))
        self.found.twice = sum(times > 1 for times in answers.values())
        showings = self._agent.rows("SELECT user FROM showings WHERE user LIKE 'u%' ORDER BY id")
        told = [int(user[1:]) for (user,) in showings]
        wanted = [n for n, command in enumerate(self._commands) if shows(command)]
        times = Counter(told)
        self.found.faults += [f"{n} was shown {times[n]} times" for n in wanted if times[n] != 1]
        if told != sorted(told):
            self.found.faults.append("pictures were not shown in the order of the commands")
        self.found.faults += self._wrong_reactions()

    def _wrong_reactions(self) -> list[str]:
        """The last word of each person about each work has to be the one that is kept."""
        last = {
            (keys["user"], keys["artwork"]): verb
            for verb, keys in self._commands
            if verb in ("like", "dislike")
        }
        rows = self._agent.rows("SELECT user, artwork_id, kind FROM reactions")
        kept = {(user, work): kind for user, work, kind in rows}
        return [
            f"{key}: {kept.get(key)}, not {kind}"
            for key, kind in last.items()
            if kept.get(key) != kind
        ]


def campaign(options: argparse.Namespace, protocol: str) -> Found:
    """One campaign in a folder of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="kills-") as name,
        mosquitto(Path(name), "max_queued_messages 0") as port,
    ):
        return Campaign(Path(name), port, options, protocol).run()


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options, from the command line where none are given."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--commands", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--protocol", choices=("5", "3.1.1", "both"), default="both")
    return parser.parse_args(arguments)


def main() -> None:
    """Run the campaigns, print their tables, and fail where a promise was not kept."""
    options = parsed()
    versions = ("5", "3.1.1") if options.protocol == "both" else (options.protocol,)
    failed = False
    for protocol in versions:
        found = campaign(options, protocol)
        print(found.table(), end="\n\n", flush=True)
        failed |= bool(found.failures())
    sys.exit(failed)


if __name__ == "__main__":
    main()
