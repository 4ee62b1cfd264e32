"""Too much at once, and brokers that take too little: what the agent makes of both.

`python -m tools.campaigns.overload` lets the real agent meet, one after the other:

- `backlog`: thousands of commands, all delivered at once on every connection, whatever Receive
  Maximum says (as Mosquitto 2.0 does when it resumes a session), with MQTT 5 and 3.1.1;
- `large`: a backlog of commands of 60 kB each;
- `qos0`: more commands without acknowledgement than it can carry out, over Mosquitto;
- `poison`: a broker that closes the connection when an answer is longer than it likes;
- `mute`: a broker that confirms nothing for its first connection.

In the end every command is answered, and memory has not grown with what was sent.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tools.campaigns.stage import Agent, Phone, mosquitto, until
from tools.campaigns.strange_broker import Said, StrangeBroker, Verdict

PATIENCE_SECONDS = 600.0
GROWTH_MEGABYTES = 40
"""So much more memory than before the overload is allowed, however much is sent."""
ALLOWED_BYTES = 2_000
RESPONSE = "glance/response"


@dataclass
class Row:
    """What one scenario has shown."""

    name: str
    commands: int = 0
    silent: int = 0
    twice: int = 0
    links: int = 0
    seconds: float = 0.0
    idle_megabytes: float = 0.0
    peak_megabytes: float = 0.0
    faults: list[str] = field(default_factory=list)

    def failures(self) -> list[str]:
        """Why the promise was not kept; empty where it was."""
        failures = list(self.faults)
        if self.silent:
            failures.append(f"{self.silent} commands were never answered")
        if self.peak_megabytes > self.idle_megabytes + GROWTH_MEGABYTES:
            failures.append("memory grew with what was sent")
        return failures

    def line(self) -> str:
        """One line of the table."""
        verdict = "; ".join(self.failures()) or "held"
        return (
            f"{self.name:<14}{self.commands:>9,}{self.silent:>8}{self.twice:>7}{self.links:>7}"
            f"{self.idle_megabytes:>8.0f}{self.peak_megabytes:>7.0f}{self.seconds:>8.0f}  {verdict}"
        )


HEAD = (
    f"{'':<14}{'commands':>9}{'silent':>8}{'twice':>7}{'links':>7}"
    f"{'idle MB':>8}{'peak':>7}{'seconds':>8}"
)


def describe(transaction: int) -> tuple[str, bytes]:
    return "glance/command/describe", json.dumps({"transaction": transaction}).encode()


def search(transaction: int) -> tuple[str, bytes]:
    keys = {"query": "sea", "limit": 20, "transaction": transaction}
    return "glance/command/search", json.dumps(keys).encode()


def large(transaction: int) -> tuple[str, bytes]:
    keys = {"query": "x" * 60_000, "transaction": transaction}
    return "glance/command/search", json.dumps(keys).encode()


class Scenario:
    """The real agent at a strange broker, from its first picture to its last answer."""

    def __init__(self, row: Row, folder: Path, broker: StrangeBroker, protocol: str) -> None:
        self._row = row
        self._broker = broker
        self._agent = Agent(folder, broker.port, protocol=protocol)
        self._started = time.monotonic()

    async def run(self, commands: Sequence[tuple[str, bytes]]) -> None:
        """Warm the agent up, send the commands, and wait for all acknowledgements."""
        self._agent.start()
        try:
            await self._all_acknowledged([describe(-1), search(-2)])
            await self._broker.until(self._has_pictures, PATIENCE_SECONDS)
            await self._all_acknowledged([search(-3)])
            self._row.idle_megabytes = self._agent.peak_megabytes()
            before, self._started = self._broker.links, time.monotonic()
            await self._all_acknowledged(commands, at_once=True)
            self._row.links = self._broker.links - before
            self._row.peak_megabytes = self._agent.peak_megabytes()
        finally:
            self._row.seconds = time.monotonic() - self._started
            self._agent.end(signal.SIGTERM)
        self._look_back(len(commands))

    async def _all_acknowledged(
        self, commands: Sequence[tuple[str, bytes]], *, at_once: bool = False
    ) -> None:
        if at_once:
            self._broker.hang_up()
        mids = self._broker.send(commands)
        last = mids[-1]
        await self._broker.until(lambda b: b.kept == 0 and last in b.acknowledged, PATIENCE_SECONDS)

    def _has_pictures(self, broker: StrangeBroker) -> bool:
        facts = [json.loads(payload) for payload in broker.payloads("glance/agent")[-1:]]
        return bool(facts) and facts[0]["artworks"] >= 60

    def _look_back(self, commands: int) -> None:
        answers = Counter(
            reply["transaction"] for reply in map(json.loads, self._broker.payloads(RESPONSE))
        )
        self._row.commands = commands
        self._row.silent = sum(number not in answers for number in range(commands))
        self._row.twice = sum(answers[number] > 1 for number in range(commands))


async def backlog(folder: Path, options: argparse.Namespace, protocol: str) -> Row:
    """All at once, more than is held."""
    row = Row(f"backlog {protocol}")
    async with StrangeBroker() as broker:
        commands = [describe(n) for n in range(options.commands)]
        await Scenario(row, folder, broker, protocol).run(commands)
    if broker.acknowledged != sorted(broker.acknowledged):
        row.faults.append("acknowledged out of order")
    return row


async def large_backlog(folder: Path, options: argparse.Namespace, protocol: str) -> Row:
    """All at once, and each as long as a command may be."""
    row = Row("large")
    async with StrangeBroker() as broker:
        commands = [large(n) for n in range(options.commands // 20)]
        await Scenario(row, folder, broker, protocol).run(commands)
    return row


async def poison(folder: Path, options: argparse.Namespace, protocol: str) -> Row:
    """Among many answers a few that end the connection."""

    def verdict(said: Said) -> Verdict:
        too_long = said.topic == RESPONSE and len(said.payload) > ALLOWED_BYTES
        return (
            Verdict.CLOSE
            if too_long and json.loads(said.payload)["transaction"] >= 0
            else (Verdict.CONFIRM)
        )

    row = Row("poison")
    async with StrangeBroker(verdict) as broker:
        many = options.commands // 20
        commands = [search(n) if n % 50 == 7 else describe(n) for n in range(many)]
        await Scenario(row, folder, broker, protocol).run(commands)
    return row


async def mute(folder: Path, options: argparse.Namespace, protocol: str) -> Row:
    """A broker that takes everything and confirms nothing, until it is left."""

    def verdict(said: Said) -> Verdict:
        # The first connection is for warming up.
        return Verdict.IGNORE if said.link == 2 else Verdict.CONFIRM

    row = Row("mute")
    async with StrangeBroker(verdict) as broker:
        scenario = Scenario(row, folder, broker, protocol)
        await scenario.run([describe(n) for n in range(100)])
    return row


async def qos0(folder: Path, options: argparse.Namespace, protocol: str) -> Row:
    """More than can be carried out, of a kind that no broker keeps."""
    row = Row("qos0", commands=options.commands)
    with mosquitto(folder) as port:
        agent, phone = Agent(folder, port, protocol=protocol), Phone(port)
        with agent.running():
            until(lambda: phone.last_heard.get("status") == b"online", "the agent")
            agent.until_stocked()
            phone.send([("search", {"query": "sea", "transaction": -1})])
            until(lambda: phone.answered() == 1, "the first answer")
            row.idle_megabytes, started = agent.peak_megabytes(), time.monotonic()
            phone.send((("describe", {"transaction": n}) for n in range(row.commands)), qos=0)
            phone.send([("describe", {"transaction": -2})])
            until(lambda: -2 in phone.answers, "the last answer", PATIENCE_SECONDS)
            row.seconds, row.peak_megabytes = time.monotonic() - started, agent.peak_megabytes()
        lost = len(phone.unanswered(range(row.commands)))
        busy = len(phone.refused)
        phone.close()
    row.name = f"qos0 ({busy} busy, {lost} dropped)"
    return row


SCENARIOS: dict[str, list[tuple[Callable[..., Awaitable[Row]], str]]] = {
    "backlog": [(backlog, "5"), (backlog, "3.1.1")],
    "large": [(large_backlog, "5")],
    "qos0": [(qos0, "5")],
    "poison": [(poison, "3.1.1")],
    "mute": [(mute, "5")],
}


def campaign(options: argparse.Namespace) -> list[Row]:
    """The scenarios, each in a folder of its own."""
    rows = []
    for name in options.only or SCENARIOS:
        for scenario, protocol in SCENARIOS[name]:
            with tempfile.TemporaryDirectory(prefix="overload-") as folder:
                rows.append(asyncio.run(_of(scenario(Path(folder), options, protocol))))
    return rows


async def _of(row: Awaitable[Row]) -> Row:
    return await row


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options, from the command line where none are given."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--commands", type=int, default=10_000)
    parser.add_argument("--only", nargs="*", choices=tuple(SCENARIOS))
    return parser.parse_args(arguments)


def main() -> None:
    """Run the scenarios, print their table, and fail where a promise was not kept."""
    rows = campaign(parsed())
    print("\n".join([HEAD, *(row.line() for row in rows)]))
    sys.exit(any(row.failures() for row in rows))


if __name__ == "__main__":
    main()
