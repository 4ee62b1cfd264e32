"""Whether anybody has written into a library, told by the server at once (LISTEN and NOTIFY)."""

from __future__ import annotations

import time

from glance_agent.domain.library_place import PostgresPlace
from glance_agent.store.postgres.connection import PostgresConnection, translating
from glance_agent.store.postgres.line import SCHEMA, Driver, connected

QUIET_SECONDS = 30.0
"""After so long without news it is asked whether the server is still there."""


class PostgresNews:
    """Hears of writes by a connection of its own; one thread at a time."""

    def __init__(self, place: PostgresPlace) -> None:
        self._connection = PostgresConnection(lambda: connected(place, also=_listen))
        self._heard = time.monotonic()
        self._listening: Driver | None = None

    def wait(self, seconds: float) -> bool:
        """Whether something is written within so many seconds, or may have been since this was
        asked last; returns as soon as it is. Raises StoreError where the server does not answer."""
        driver = self._connection.driver()
        if driver is not self._listening:  # nobody knows what was written before it listened
            self._listening, self._heard = driver, time.monotonic()
            return True
        with translating(self._connection):
            if time.monotonic() - self._heard > QUIET_SECONDS:
                driver.execute("SELECT 1")
                self._heard = time.monotonic()
            heard = any(True for _ in driver.notifies(timeout=seconds, stop_after=1))
            self._heard = time.monotonic() if heard else self._heard
            return heard

    def close(self) -> None:
        """Listen no more."""
        self._connection.close()


def _listen(driver: Driver) -> None:
    driver.execute(f"LISTEN {SCHEMA}")
