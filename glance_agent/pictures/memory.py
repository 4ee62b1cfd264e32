"""Memory that several share: what is large takes turns."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from glance_agent.domain.errors import BadPicture


class Memory:
    """So many bytes, lent and given back by any thread."""

    def __init__(self, total_bytes: int, *, within: Memory | None = None) -> None:
        """What is lent is lent by that other one as well, if it lies `within` one."""
        self._total = total_bytes
        self._within = within
        self._lent = 0
        self._closed = False
        self._changed = threading.Condition()

    def take(self, wanted_bytes: int) -> None:
        """Wait until so much is free; what is more than there is at all waits until all is free.

        Raises BadPicture where it is closed meanwhile.
        """
        self._take(wanted_bytes)
        try:
            if self._within is not None:
                self._within.take(wanted_bytes)
        except BadPicture:
            self._give_back(wanted_bytes)
            raise

    def give_back(self, lent_bytes: int) -> None:
        if self._within is not None:
            self._within.give_back(lent_bytes)
        self._give_back(lent_bytes)

    @contextmanager
    def lent(self, wanted_bytes: int) -> Iterator[None]:
        """The same for as long as something is done with it."""
        self.take(wanted_bytes)
        try:
            yield
        finally:
            self.give_back(wanted_bytes)

    def close(self) -> None:
        """Lend nothing any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _take(self, wanted_bytes: int) -> None:
        with self._changed:
            while self._lent and self._lent + wanted_bytes > self._total and not self._closed:
                self._changed.wait()
            if self._closed:
                raise stopping()
            self._lent += wanted_bytes

    def _give_back(self, lent_bytes: int) -> None:
        with self._changed:
            self._lent -= lent_bytes
            self._changed.notify_all()


def stopping() -> BadPicture:
    """What is said of a picture that nobody waits for any more."""
    return BadPicture("not decoded", "the program is stopping", passing=True)
