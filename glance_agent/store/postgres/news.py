"""Whether anybody has written into a library, told by the server at once (LISTEN and NOTIFY)."""

from __future__ import annotations

from glance_agent.domain.library_place import PostgresPlace
from glance_agent.store.postgres.connection import (
    SCHEMA,
    Driver,
    PostgresConnection,
    connected,
    translating,
)


class PostgresNews:
    """Hears of writes by a connection of its own; one thread at a time."""

    def __init__(self, place: PostgresPlace) -> None:
        self._connection = PostgresConnection(lambda: connected(place, also=_listen))

    def wait(self, seconds: float) -> bool:
        """Whether something is written within so many seconds, or has been since this was asked
        last; returns as soon as it is. Raises StoreError where the server does not answer."""
        driver = self._connection.driver()
        with translating(self._connection):
            return any(True for _ in driver.notifies(timeout=seconds, stop_after=1))

    def close(self) -> None:
        """Listen no more."""
        self._connection.close()


def _listen(driver: Driver) -> None:
    driver.execute(f"LISTEN {SCHEMA}")
