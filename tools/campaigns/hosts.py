"""Hostile museums, hubs, encoders and picture hosts on loopback, against everything that asks them.

`python -m tools.campaigns.hosts` tries every answer of `hostile_answers` on every client and
prints how many were tried and failed. An answer fails where it raises anything but what the
client promises, takes too long, or leaves text that cannot be stored or would act in a terminal.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from glance_agent.domain.foreign import shown
from tools.campaigns.hostile_answers import Hostile, RawHost, answer, named, some_fields
from tools.campaigns.hostile_requests import fault_of, requests, service
from tools.campaigns.hosts_clients import Clients, Try

LONGEST_SECONDS = 20.0
"""For one answer: the longest are bodies of 15 MB and hosts that say nothing."""
ASKED = "serve-encoder, asked"


@dataclass(slots=True)
class Tally:
    """What came of one client's tries."""

    tried: int = 0
    failed: list[str] = field(default_factory=list)
    slowest_seconds: float = 0.0
    slowest: str = ""
    raised: Counter[str] = field(default_factory=Counter)


# -- trying ----------------------------------------------------------------------------------


async def campaign(
    hostile: Iterable[Hostile], folder: Path, only: str = "", say: Callable[[str], object] = str
) -> dict[str, Tally]:
    """Every answer tried on every client whose name holds `only`."""
    async with RawHost() as host:
        host.honest["/toys/toy/resolve/none"] = answer(404)
        clients = Clients(host, folder)
        chosen = {name: how for name, how in clients.all().items() if only in name}
        tallies = {name: Tally() for name in chosen}
        for number, one in enumerate(hostile):
            host.answer = one
            for name, (attempt, allowed) in chosen.items():
                await _tried(tallies[name], one, attempt, allowed)
            if number % 100 == 99:
                say(f"{number + 1} answers, {sum(len(t.failed) for t in tallies.values())} failed")
        await clients.close()
    return tallies


async def asked(hostile: Iterable[Hostile]) -> Tally:
    """Every request sent to `serve-encoder`."""
    tally = Tally()
    async with service() as port:
        for one in hostile:
            await _tried(tally, one, lambda sent=one.sent: _borne(port, sent), ())  # type: ignore[misc]
    return tally


async def _borne(port: int, sent: bytes) -> object:
    fault = await fault_of(port, sent)
    assert not fault, fault
    return ""


async def _tried(
    tally: Tally, one: Hostile, attempt: Try, allowed: tuple[type[Exception], ...]
) -> None:
    started = time.perf_counter()
    tally.tried += 1
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            found = await attempt()
        fault = _fault(repr(found) if not isinstance(found, str) else found)
    except allowed as error:
        tally.raised[type(error).__name__] += 1
        fault = _fault(str(error))
    except Exception as error:  # what nobody promised is what the campaign looks for
        fault = f"{type(error).__name__}: {error}"
    seconds = time.perf_counter() - started
    if seconds > tally.slowest_seconds:
        tally.slowest_seconds, tally.slowest = seconds, one.name
    if fault:
        tally.failed.append(f"{one.name}: {fault}")


def _fault(text: str) -> str:
    """Why a text must not come out of a client; empty where it may."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "text that cannot be stored"
    return "" if shown(text, one_line=True) == text else f"text that acts: {text[:200]!r}"


def main() -> None:
    """Run the campaign and print its table; exit 1 where anything failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--generated", type=int, default=400, help="answers made by chance")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="clients whose name holds this")
    wanted = parser.parse_args()
    hostile = itertools.chain(named(), some_fields(wanted.generated, wanted.seed))
    with tempfile.TemporaryDirectory() as folder:
        say = Console(stderr=True).print
        tallies = asyncio.run(campaign(hostile, Path(folder), wanted.only, say))
    if wanted.only in ASKED:
        tallies[ASKED] = asyncio.run(asked(requests()))
    _print(tallies)
    sys.exit(any(tally.failed for tally in tallies.values()))


def _print(tallies: dict[str, Tally]) -> None:
    table = Table("client", "tried", "failed", "slowest s", "which", "raised")
    for name, tally in tallies.items():
        raised = ", ".join(f"{kind} {count}" for kind, count in tally.raised.most_common())
        failed = str(len(tally.failed))
        table.add_row(
            name, str(tally.tried), failed, f"{tally.slowest_seconds:.1f}", tally.slowest, raised
        )
    out = Console()
    out.print(table)
    for name, tally in tallies.items():
        for failure in tally.failed[:20]:
            out.print(f"{name}: {failure}", markup=False)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    out.print(f"peak of this process, the hosts' own answers included: {peak:.0f} MB")


if __name__ == "__main__":
    main()
