"""A program that has begun something waits for its server, and goes on where it was."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeVar

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.domain.said import at_the_start, say
from glance_agent.store.postgres.line import APPLICATION, connected
from glance_agent.store.postgres.watching import watched

FIRST_WAIT_SECONDS: Final = 1.0
LONGEST_WAIT_SECONDS: Final = 30.0
_T = TypeVar("_T")


class PostgresPatience:
    """Waits for the servers of libraries; safe to use from several threads.

    Whoever waits for an answer of them is let go once this gives up.
    """

    name = APPLICATION
    silent_at = -math.inf

    def __init__(
        self, places: Sequence[PostgresPlace], tell: Callable[[str], None], seconds: float
    ) -> None:
        """`tell` hears when it waits, and when that is over; each time it does so for so many
        seconds at most."""
        self.away: StoreError | None = None
        """Why nothing is asked any more, once this has given up."""
        self._places = places
        self._tell = tell
        self._seconds = seconds
        self._over = threading.Event()

    def confirm(self) -> None:
        """Raises StoreError where this has given up."""
        if self.away is not None:
            raise StoreError(self.away.said, trouble=self.away.trouble, told=True)

    def give_up(self) -> None:
        """Wait no more."""
        said = say("The library was closed.")
        self.away = StoreError(said, trouble=Trouble.UNREACHABLE, told=True)
        for place in self._places:
            place.reach.is_over = True
        self._over.set()

    def outlast(self, work: Callable[[], _T]) -> _T:
        """What the work gives, which is done anew after each time that a server went away.

        Raises StoreError for all that does not pass by itself, and where it has lasted too long.
        """
        until = -math.inf
        while True:
            begun = time.monotonic()
            try:
                return work()
            except StoreError as error:
                if not _passes(error) or self._over.is_set():
                    raise
                now = time.monotonic()
                if until < begun or now - begun > LONGEST_WAIT_SECONDS:
                    until = now + self._seconds
                self._wait(error, until)

    def _wait(self, error: StoreError, until: float) -> None:
        seconds = FIRST_WAIT_SECONDS
        why = at_the_start(error.said)
        self._tell(say("{why} This goes on as soon as the library can be reached again.", why=why))
        while not self._over.wait(seconds):
            if self._are_there():
                self._tell(say("The library can be reached again."))
                return
            if time.monotonic() > until:
                self.give_up()
                break
            seconds = min(2 * seconds, LONGEST_WAIT_SECONDS)
        raise error

    def _are_there(self) -> bool:
        """Whether they answer. Raises StoreError for what does not pass by itself."""
        try:
            for place in self._places:
                connected(place).close()
        except StoreError as error:
            if not _passes(error):
                raise
            return False
        return True


def _passes(error: StoreError) -> bool:
    """Whether it may be over without anybody changing anything."""
    return error.trouble is Trouble.UNREACHABLE and not error.refused


@contextmanager
def postgres_patience(
    places: Sequence[PostgresPlace], tell: Callable[[str], None], seconds: float
) -> Iterator[PostgresPatience]:
    """Patience with the servers of libraries that this program has not claimed."""
    patience = PostgresPatience(places, tell, seconds)
    try:
        with watched(places, patience):
            yield patience
    finally:
        for place in places:
            place.reach.is_over = False
