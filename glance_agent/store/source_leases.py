"""Who brings in a source: one program at a time, however many share a library.

A lease ends at a time by the database's own clock; whoever has it says now and then that it still
is at it. Who comes to the end of the source takes the lease away. What is over and still there was
left in the middle: by a program that was killed, or that could not go on.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from glance_agent.domain.who_runs import in_ones_language
from glance_agent.store.database import Database
from glance_agent.store.lease_time import DAY_SECONDS, NOW

LEASE_SECONDS = 60.0
"""How long a source stays with a program that is not heard of."""
_PREFIX = "source/"


@dataclass(frozen=True, slots=True)
class Lister:
    """A program that brings in sources: what tells it from all others, what people call it, and
    its process, among those that its `place` can tell of."""

    title: str
    place: str = field(default_factory=lambda: _processes())
    process: int = field(default_factory=os.getpid)
    run: str = field(default_factory=lambda: secrets.token_hex(8))

    def knows_gone(self, place: str, process: str) -> bool:
        """Whether another one has ended, as far as that can be seen from here."""
        if place != self.place or not process.isdecimal():
            return False
        if int(process) == self.process:
            return True
        try:
            os.kill(int(process), 0)
        except ProcessLookupError:
            return True
        except OSError:
            pass
        return False


class SourceLease:
    """The lease of one source, as one program asks for it; one thread at a time."""

    def __init__(self, db: Database, source: str, me: Lister, seconds: float) -> None:
        self.seconds = seconds
        """How long it lasts where it is not renewed."""
        self._db = db
        self._name = f"{_PREFIX}{source}"
        self._me = me
        self._days = seconds / DAY_SECONDS

    def take(self) -> str | None:
        """Take what nobody has, or renew what is ours; who else has it, None for nobody. Raises
        StoreError."""
        run, title, place, process = self._row() or ("", "", "", "")
        gone = run if run != self._me.run and self._me.knows_gone(place, process) else ""
        taken = self._db.unfollowed(
            "INSERT INTO display_leases (name, agent, place, run, title, until) "
            f"VALUES (?1, ?2, ?3, ?4, ?5, {NOW} + ?6) ON CONFLICT (name) DO UPDATE SET "
            "agent = excluded.agent, place = excluded.place, run = excluded.run, "
            f"title = excluded.title, until = excluded.until "
            f"WHERE display_leases.until <= {NOW} OR display_leases.run IN (excluded.run, ?7) "
            "RETURNING 1",
            [
                self._name,
                str(self._me.process),
                self._me.place,
                self._me.run,
                self._me.title,
                self._days,
                gone,
            ],
        )
        if taken:
            return None
        return title or (self._row() or ("", "another program"))[1]

    def is_known(self) -> bool:
        """Whether somebody is at it, or has left it in the middle. Raises StoreError."""
        return self._row() is not None

    def give_back(self, *, done: bool) -> None:
        """Leave it to others: `done`, or to be gone on with. Raises StoreError."""
        change = "DELETE FROM display_leases" if done else "UPDATE display_leases SET until = 0"
        self._db.unfollowed(f"{change} WHERE name = ? AND run = ?", [self._name, self._me.run])

    def _row(self) -> Sequence[str] | None:
        """The run, the title, the place and the process of whoever has it or had it last."""
        sql = "SELECT run, title, place, agent FROM display_leases WHERE name = ?"
        found: Sequence[str] | None = self._db.execute(sql, [self._name]).fetchone()
        return found


def listers(db: Database) -> dict[str, str]:
    """Who is bringing in which source now, by the source's name. Raises StoreError."""
    rows = db.execute(
        "SELECT name, title FROM display_leases "
        f"WHERE name LIKE '{_PREFIX}%' AND until > {NOW} ORDER BY name"
    )
    return {name.removeprefix(_PREFIX): in_ones_language(title) for name, title in rows}


def _processes() -> str:
    """What tells the processes that can be seen from here from those of other machines, and of
    other starts of this one."""
    told = [socket.gethostname()]
    with suppress(OSError):
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as boot:
            told.append(boot.read().strip())
        told.append(os.readlink("/proc/self/ns/pid"))
    return " ".join(told)
