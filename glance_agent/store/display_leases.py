"""Whose a display is, where several agents share a library: a row with a holder and a deadline.

Deadlines are by the database's own clock, so that no machine's clock matters. Who holds a display
renews its lease well before that; who cannot has lost it to whoever takes it then. An agent asks
for all that it is configured for: first for its topics, on which two agents cannot speak at once,
then for its displays. Every showing is kept only by who has the lease of its display.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.said import say
from glance_agent.domain.who_runs import in_ones_language
from glance_agent.store.database import Database
from glance_agent.store.lease_time import DAY_SECONDS, NOW
from glance_agent.store.transaction import transaction

LEASE_SECONDS = 15.0
"""How long a display stays with an agent that is not heard of."""
SILENT_SECONDS = 5.0
"""Whoever was in the middle of writing and has been silent for so long keeps nobody from it."""
FORGOTTEN_SECONDS = 86_400.0
"""Whoever has not been heard of for so long is not expected to come back."""
_FORGOTTEN_DAYS = FORGOTTEN_SECONDS / DAY_SECONDS


@dataclass(frozen=True, slots=True)
class Holder:
    """An agent that runs: its id, which of its machine's folders it runs in, and its process.

    Another `run` of the same agent at the same place is the one before, and has ended.
    """

    agent: str
    place: str
    title: str
    run: str = field(default_factory=lambda: secrets.token_hex(8))


@dataclass(frozen=True, slots=True)
class HeldLeases:
    """What an agent holds now of what it asked for; the titles of those who hold the rest.

    It is `contested` where another agent would take something of it, or may come back to do so
    while the library cannot be asked.
    """

    mine: tuple[str, ...]
    others: dict[str, str]
    contested: bool
    missed: tuple[str, ...] = ()
    """The titles of those who had something of it until now and did not renew it."""


class DisplayLeases:
    """The leases that one agent asks for; one thread at a time."""

    def __init__(
        self, db: Database, me: Holder, topics: str, displays: Sequence[str], seconds: float
    ) -> None:
        """`topics` is the name of the topics, without which no display is held."""
        self.db = db
        self._me = me
        self._topics = topics
        self._wanted = [topics, *map(display_lease, displays)]
        self._days = seconds / DAY_SECONDS
        self._is_known = False
        self._alive = f"until > {NOW}"
        """Which leases and agents count."""

    def hold(self, *, patient: bool = False) -> HeldLeases:
        """Renew what is held, and take what is free; where it is `patient`, nothing that is only
        over: whoever has it may not have been able to renew it. Raises StoreError."""
        self._alive = "1 = 1" if patient else f"until > {NOW}"
        self._ask()
        renewal = f"UPDATE display_leases SET until = {NOW} + ? WHERE run = ?"
        self.db.unfollowed(renewal, [self._days, self._me.run])
        missed: tuple[str, ...] = ()
        if self._free():
            self.db.end_silent_writers(SILENT_SECONDS)
            with transaction(self.db):  # what is being shown is kept before, or not at all
                free = self._free()
                missed = self._who_had(free)
                for name in free:
                    self._take(name)
        held = self._held()
        mine = [name for name in self._wanted if held.get(name, ("", ""))[0] == self._me.run]
        if mine and self._topics not in mine:
            self._let_go()
            mine = []
        others = {name: title for name, (run, title) in held.items() if run != self._me.run}
        return HeldLeases(tuple(mine), others, self._is_contested(mine), missed)

    def release(self) -> None:
        """Leave everything to others at once. Raises StoreError."""
        with transaction(self.db):
            self._let_go()
            self.db.execute(f"UPDATE agents SET until = {NOW} WHERE run = ?", [self._me.run])

    def _ask(self) -> None:
        """Say which agent is there, and what it would like to hold."""
        if not self._is_known:
            gone = f"DELETE FROM agents WHERE until < {NOW} - ? OR (agent = ? AND until <= {NOW})"
            self.db.unfollowed(gone, [_FORGOTTEN_DAYS, self._me.agent])
        self.db.unfollowed(
            "INSERT INTO agents (run, agent, title, wants, until) "
            f"VALUES (?1, ?2, ?3, ?4, {NOW} + ?5) "
            "ON CONFLICT (run) DO UPDATE SET until = excluded.until",
            [
                self._me.run,
                self._me.agent,
                self._me.title,
                json.dumps(self._wanted),
                self._days,
            ],
        )
        self._is_known = True

    def _held(self) -> dict[str, tuple[str, str]]:
        """By name the run and the title of who holds it, of what is wanted and held."""
        rows = self.db.execute(
            "SELECT name, run, title FROM display_leases "
            f"WHERE name IN (SELECT value FROM json_each(?)) AND ({self._alive} OR run = ?)",
            [json.dumps(self._wanted), self._me.run],
        )
        return {name: (run, title) for name, run, title in rows}

    def _free(self) -> list[str]:
        """What nobody holds, or only an earlier run of this agent; nothing without its topics."""
        rows = self.db.execute(
            "SELECT name FROM display_leases WHERE name IN (SELECT value FROM json_each(?)) "
            f"AND {self._alive} AND NOT (run <> ? AND agent = ? AND place = ?)",
            [json.dumps(self._wanted), self._me.run, self._me.agent, self._me.place],
        )
        taken = {name for (name,) in rows}
        if self._topics in taken and self._held().get(self._topics, ("",))[0] != self._me.run:
            return []
        return [name for name in self._wanted if name not in taken]

    def _who_had(self, names: Sequence[str]) -> tuple[str, ...]:
        """The titles of the other agents that have these, as far as the leases tell."""
        rows = self.db.execute(
            "SELECT DISTINCT title FROM display_leases WHERE run <> ? AND NOT (agent = ? AND "
            "place = ?) AND name IN (SELECT value FROM json_each(?)) ORDER BY title",
            [self._me.run, self._me.agent, self._me.place, json.dumps(names)],
        )
        return tuple(title for (title,) in rows)

    def _take(self, name: str) -> None:
        self.db.execute(
            "INSERT INTO display_leases (name, agent, place, run, title, until) "
            f"VALUES (?1, ?2, ?3, ?4, ?5, {NOW} + ?6) ON CONFLICT (name) DO UPDATE SET "
            "agent = excluded.agent, place = excluded.place, run = excluded.run, "
            "title = excluded.title, until = excluded.until",
            [
                name,
                self._me.agent,
                self._me.place,
                self._me.run,
                self._me.title,
                self._days,
            ],
        )

    def _let_go(self) -> None:
        self.db.execute("DELETE FROM display_leases WHERE run = ?", [self._me.run])

    def _is_contested(self, mine: Sequence[str]) -> bool:
        """Whether another agent asks for any of these, or did lately: it may be started again while
        this one is cut off, which could not know. Who is patient knows of none that it has ended.
        """
        row = self.db.execute(
            "SELECT 1 FROM agents a, json_each(a.wants) w WHERE a.run <> ? "
            f"AND ({self._alive} OR (agent <> ? AND until > {NOW} - ?)) "
            "AND w.value IN (SELECT value FROM json_each(?)) LIMIT 1",
            [self._me.run, self._me.agent, _FORGOTTEN_DAYS, json.dumps([*mine])],
        ).fetchone()
        return row is not None


class DisplayOwner:
    """Sees to it that a showing is kept only by the agent whose display it is."""

    def __init__(self, run: str, owns: Callable[[], bool] = lambda: True) -> None:
        """`owns` says whether the displays of this run are its own for sure, without a look."""
        self._run = run
        self._owns = owns

    def check(self, db: Database, display: str) -> None:
        """Raises StoreError where the display is another agent's; for an open transaction, in which
        nobody else can take it."""
        if not self.has(db, display):
            raise not_ours(display)

    def has(self, db: Database, display: str) -> bool:
        """Whether the display is this agent's. Raises StoreError."""
        sql = "SELECT 1 FROM display_leases WHERE name = ? AND run = ?"
        return db.execute(sql, [display_lease(display), self._run]).fetchone() is not None

    def check_unkept(self, display: str) -> None:
        """Raises StoreError where the display is not this agent's for sure; without a look at the
        library, which is away."""
        if not self._owns():
            raise not_ours(display)


def not_ours(display: str) -> StoreError:
    """What is answered of a display that another agent may have taken."""
    said = say("The display {display} is another agent's now. Ask again.", display=display)
    return StoreError(said, trouble=Trouble.BUSY)


def display_lease(display: str) -> str:
    """The name of the lease of a display."""
    return f"display/{display}"


def holders(db: Database) -> dict[str, str]:
    """Which agent holds which display now, by the display's name. Raises StoreError."""
    rows = db.execute(
        "SELECT name, title FROM display_leases "
        f"WHERE name LIKE 'display/%' AND until > {NOW} ORDER BY name"
    )
    return {name.removeprefix("display/"): in_ones_language(title) for name, title in rows}


def agents_running(db: Database) -> int:
    """How many agents run with a library that they share. Raises StoreError."""
    row = db.execute(f"SELECT count(*) FROM agents WHERE until > {NOW}").fetchone()
    return int(row[0])
