"""Runs the real program with the tests' encoder, and kills it (SIGKILL) at a chosen point.

    python -m tests.doomed_agent POINT[:N] ARGUMENTS…

The points, each on a real boundary of what is durable; N counts how often it is passed first:

    never               nothing happens
    hurried             nothing happens, and a run that the library has hindered is tried again soon
    uncommitted         a reaction has been written, its transaction is not committed
    committed           a command's effect is committed, nothing has been answered
    answered            the answer was handed to the connection, nothing is acknowledged
    before-work         a work is about to be added by an ingest
    in-work             a work has been added by an ingest, its transaction is not committed
    after-work          a work has been added by an ingest, and is committed
    embedded            a work has been embedded, and its vector is not kept
    impatient           nothing happens; works and displays are leased for a moment only
    patient             nothing happens; what others hold is asked for only where they leave it
    large               nothing happens; the library is taken for a large one, whose index is kept,
                        however long that takes, and it is said when it has been read
    slow-disk           the same without that, and the index is kept again and again, on a disk that
                        takes hours
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from glance_agent.agent import source_runs
from glance_agent.agent.agent import Agent
from glance_agent.cli import main as cli
from glance_agent.commands.dispatch import Dispatcher
from glance_agent.doors.mqtt.link import Link
from glance_agent.ingest import reembed
from glance_agent.store import index as index_room
from glance_agent.store import side_files
from glance_agent.store.history import History
from glance_agent.store.index import VectorIndex
from glance_agent.store.library import Library
from glance_agent.store.work_leases import WorkLeases
from glance_agent.wiring import (
    agents,
    catching_up,
    ingestion,
    lease_keeper,
    leaving,
    rooms,
    sharing,
    source_turns,
)
from tests.colour_encoder import ColourEncoder

AGAIN_SECONDS = 0.3
"""When a run is tried again that the library has hindered."""
MOMENT_SECONDS = 1.0
"""How long works are leased to who is impatient."""
PART_SECONDS = 0.5
"""How long a slow disk takes for some bytes."""
DOOMED = "doomed"
"""The user whose commands are fatal; what the agent does of its own accord is not."""


def main() -> None:
    point, _, passes = sys.argv.pop(1).partition(":")
    rooms.encoder_of = lambda config: ColourEncoder()  # type: ignore[attr-defined]
    if point != "never":
        POINTS[point](_fate(int(passes or 0)))
    cli.main()


def _fate(passes: int) -> Callable[[], None]:
    """A call that kills this process when it has been passed so often."""
    left = [passes]

    def meet() -> None:
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1

    return meet


def _before(
    kind: type, method: str, meet: Callable[[], None], concerns: Callable[[Any], bool]
) -> None:
    original = getattr(kind, method)

    def doomed(self: Any, *arguments: Any) -> Any:
        if concerns(arguments[0]):
            meet()
        return original(self, *arguments)

    setattr(kind, method, doomed)


def _after(
    kind: type, method: str, meet: Callable[[], None], concerns: Callable[[Any], bool]
) -> None:
    original = getattr(kind, method)

    def doomed(self: Any, *arguments: Any, **keys: Any) -> Any:
        found = original(self, *arguments, **keys)
        if concerns(arguments[0]):
            meet()
        return found

    setattr(kind, method, doomed)


def _of_the_doomed(thing: Any) -> bool:
    return bool(thing.user == DOOMED)


def _is_command(received: Any) -> bool:
    """Whether somebody else sent it: by its own the agent tries what comes through."""
    return "/probe/" not in received.topic


def _uncommitted(meet: Callable[[], None]) -> None:
    for method in ("react", "show"):
        _after(History, method, meet, _of_the_doomed)


def _hurry(_: Callable[[], None]) -> None:
    setattr(agents, "Agent", partial(Agent, again_seconds=AGAIN_SECONDS))  # noqa: B010


def _be_impatient(_: Callable[[], None]) -> None:
    setattr(ingestion, "LEASE_SECONDS", MOMENT_SECONDS)  # noqa: B010
    setattr(source_turns, "LEASE_SECONDS", MOMENT_SECONDS)  # noqa: B010
    setattr(source_turns, "ASKED_EVERY_SECONDS", MOMENT_SECONDS / 10)  # noqa: B010
    setattr(reembed, "ASKED_EVERY_SECONDS", MOMENT_SECONDS / 10)  # noqa: B010
    setattr(lease_keeper, "LEASE_SECONDS", 5 * MOMENT_SECONDS)  # noqa: B010
    setattr(lease_keeper, "MARGIN_SECONDS", MOMENT_SECONDS)  # noqa: B010
    setattr(lease_keeper, "RENEWED_EVERY_SECONDS", MOMENT_SECONDS / 4)  # noqa: B010
    setattr(lease_keeper, "ASKED_EVERY_SECONDS", MOMENT_SECONDS / 10)  # noqa: B010
    setattr(sharing, "TRIED_EVERY_SECONDS", MOMENT_SECONDS / 4)  # noqa: B010


def _take_for_large(_: Callable[[], None]) -> None:
    setattr(index_room, "EXACT_UP_TO", 5)  # noqa: B010


def _keep_large(meet: Callable[[], None]) -> None:
    prepare = catching_up.Follower.prepare

    def prepared(follower: catching_up.Follower) -> None:
        prepare(follower)
        sys.stderr.write("the index is read\n")

    _take_for_large(meet)
    setattr(leaving, "KEEPING_SECONDS", 1e6)  # noqa: B010
    setattr(catching_up.Follower, "prepare", prepared)  # noqa: B010


def _write_slowly(meet: Callable[[], None]) -> None:
    def written(*_: int) -> None:
        sys.stderr.write("a part of the index is written\n")
        time.sleep(PART_SECONDS)

    _take_for_large(meet)
    setattr(source_runs, "CATCH_UP_SECONDS", 0.05)  # noqa: B010
    setattr(catching_up, "CHANGES_LEFT", -1)  # noqa: B010
    setattr(leaving, "KEEPING_SECONDS", 0.0)  # noqa: B010
    setattr(side_files, "AT_ONCE", 8)  # noqa: B010
    setattr(side_files, "sync_part", written)  # noqa: B010


def _be_patient(_: Callable[[], None]) -> None:
    setattr(lease_keeper, "ASKED_EVERY_SECONDS", 1e6)  # noqa: B010


def _embedded(meet: Callable[[], None]) -> None:
    _be_impatient(meet)
    _before(WorkLeases, "keep", meet, lambda work: True)


POINTS: dict[str, Callable[[Callable[[], None]], None]] = {
    "hurried": _hurry,
    "uncommitted": _uncommitted,
    "committed": lambda meet: _after(Dispatcher, "answer", meet, _of_the_doomed),
    "answered": lambda meet: _before(Link, "acknowledge", meet, _is_command),
    "before-work": lambda meet: _before(Library, "add", meet, lambda source: True),
    "in-work": lambda meet: _after(Library, "add", meet, lambda source: True),
    "embedded": _embedded,
    "impatient": _be_impatient,
    "patient": _be_patient,
    "large": _keep_large,
    "slow-disk": _write_slowly,
    "after-work": lambda meet: _before(VectorIndex, "put", meet, lambda number: True),
}

if __name__ == "__main__":
    main()
