"""One agent runs with a library in PostgreSQL: a lock of the server, taken anew when it was away.

The lock lives as long as its connection. A server that restarts forgets it, and so it does where a
network fails; then another agent may take the library. So whoever connects again makes sure of the
lock first, and an agent that finds another one there stops.
"""

from __future__ import annotations

import math
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Final

import psycopg

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.domain.said import say
from glance_agent.store.postgres.errors import cannot_be_opened
from glance_agent.store.postgres.line import (
    APPLICATION,
    Driver,
    made_ready,
    opened,
    prepare,
)
from glance_agent.store.postgres.watching import watched

HEARTBEAT_SECONDS: Final = 4.0
"""So long a server may take to say that it is there."""
LOOK_SECONDS: Final = 0.2
"""How often whoever waits for another one's heartbeat looks what that one knows."""
_GONE_MILLISECONDS: Final = 2_000
_ONE_AGENT: Final = 0x676C6E6361676E74
"""The advisory lock of the agent that runs with a library: “glncagnt”."""
_HOLDER: Final = (
    "SELECT a.pid, a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
    "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 "
    "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    f"AND l.classid = {_ONE_AGENT >> 32} AND l.objid = {_ONE_AGENT & 0xFFFFFFFF}"
)

_END_LEFT: Final = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND "
    "state LIKE 'idle in transaction%' AND state_change < now() - make_interval(secs => $2)"
)
"""Ends what this agent was writing when it was cut off: others would wait for it."""
_END_SILENT: Final = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 "
    "AND pid <> pg_backend_pid() AND backend_start < now() - make_interval(secs => $2)"
)
"""Ends all connections that this agent has given up: one that waits to write, too, would have its
turn for nothing as soon as the writer before it is ended."""


class PostgresClaim:
    """That no other agent runs with a library; safe to use from several threads."""

    instance: str | None = None

    def __init__(self, place: PostgresPlace, *, shared: bool = False) -> None:
        self.away: StoreError | None = None
        """Why the library cannot be reached, as far as is known; None where it can."""
        self.silent_at = -math.inf
        """When it was found last that nothing comes any more, by the clock of waits."""
        self._place = place
        self._shared = shared
        self.name = f"{APPLICATION} {secrets.token_hex(6)}"
        self._driver: Driver | None = None
        self._lock = threading.Lock()
        self._lost: StoreError | None = None

    def settle(self, place: object, instance: str) -> str | None:
        """Nothing has to be remembered of a library that no file is."""

    def confirm(self) -> None:
        """Make sure that the library is this agent's, and claim it again where the server has
        forgotten that. Raises StoreError: where another agent has it, which stays so, or where the
        server does not answer."""
        while not self._lock.acquire(timeout=LOOK_SECONDS):
            if self.away is not None:  # whoever is finding out knows that much already
                raise self._told()
        try:
            self._confirm()
        finally:
            self._lock.release()

    def _confirm(self) -> None:
        if self._lost is not None:
            raise StoreError(self._lost.said, trouble=self._lost.trouble)
        since = time.monotonic()
        if not self._holds():
            if time.monotonic() - since > HEARTBEAT_SECONDS / 2:
                self.silent_at, self.away = time.monotonic(), _silent()
            self._claim_again()
        self.away = None

    def take(self) -> None:
        """Claim the library for the first time. Raises StoreError where another agent has it."""
        self._driver = self._claimed()

    def close(self) -> None:
        """Let another agent have it, from this moment on where the server can be reached."""
        with self._lock:
            if self._driver is not None:
                if self.away is None:  # a server ends a connection a while after it was closed
                    with suppress(psycopg.Error, StoreError):
                        self._driver.execute("SELECT pg_advisory_unlock_all()")
                with suppress(psycopg.Error):
                    self._driver.close()

    def _holds(self) -> bool:
        """Whether the connection lives, and the lock with it."""
        try:
            if self._driver is not None and not self._driver.closed:
                self._driver.execute("SELECT 1")
                return True
        except psycopg.Error:
            pass
        return False

    def _claim_again(self) -> None:
        try:
            self._driver = self._claimed()
        except StoreError as error:
            if not error.busy:
                self.away = cannot_be_opened(self._place, error)
                raise self._told() from error
            self._lost = self.away = StoreError(
                say(
                    "Another agent has taken the library {place} while its server could not be "
                    "reached. This one stops, so that both do not run with it.",
                    place=self._place,
                ),
                trouble=Trouble.REPLACED,
            )
            raise StoreError(self._lost.said, trouble=self._lost.trouble) from error

    def _told(self) -> StoreError:
        said = self.away.said if self.away else ""
        return StoreError(said, trouble=Trouble.UNREACHABLE, told=True)

    def _claimed(self) -> Driver:
        """A new connection that has the lock. Raises StoreError."""
        driver = opened(self._place, self.name)
        driver.silent_seconds = HEARTBEAT_SECONDS
        with made_ready(driver):
            prepare(driver)
            driver.execute(_END_LEFT, [self.name, HEARTBEAT_SECONDS])
            if not self._taken(driver):
                raise StoreError(
                    say(
                        "Another agent is running with the library {place}. Stop that one first, "
                        "or give this one a library of its own with library.url.",
                        place=self._place,
                    ),
                    trouble=Trouble.BUSY,
                )
            if self.silent_at > -math.inf:
                driver.execute(_END_SILENT, [self.name, time.monotonic() - self.silent_at])
        return driver

    def _taken(self, driver: Driver) -> bool:
        """Whether the lock is this agent's now; a connection of its own that the server still
        believes in is ended."""
        if self._locked(driver):
            return True
        for process, name in driver.execute(_HOLDER).fetchall():
            if name == self.name:
                driver.execute("SELECT pg_terminate_backend($1, $2)", [process, _GONE_MILLISECONDS])
        return self._locked(driver)  # it may also have ended in between

    def _locked(self, driver: Driver) -> bool:
        kind = "_shared" if self._shared else ""
        taken = driver.execute(f"SELECT pg_try_advisory_lock{kind}({_ONE_AGENT})").fetchone()
        return bool(taken and taken[0])


def _silent() -> StoreError:
    return StoreError(
        say("The server of the library does not answer."), trouble=Trouble.UNREACHABLE
    )


@contextmanager
def claimed_postgres(place: PostgresPlace, *, shared: bool = False) -> Iterator[PostgresClaim]:
    """The library for this agent alone, or `shared` with others who share it; it watches over the
    server. Raises StoreError where another one runs with it."""
    claim = PostgresClaim(place, shared=shared)
    try:
        claim.take()
    except StoreError as error:
        raise error if error.busy else cannot_be_opened(place, error) from error
    with closing(claim), watched([place], claim):
        yield claim
