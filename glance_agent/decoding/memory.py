"""The memory that all decoding processes share: large pictures take turns."""

from __future__ import annotations

import threading

from glance_agent.domain.errors import BadPicture


class Memory:
    """So many bytes, lent and given back by any thread."""

    def __init__(self, total_bytes: int) -> None:
        self._total = total_bytes
        self._lent = 0
        self._closed = False
        self._changed = threading.Condition()

    def take(self, wanted_bytes: int) -> None:
        """Wait until so much is free; what is more than there is at all waits until all is free.

        Raises BadPicture where it is closed meanwhile.
        """
        with self._changed:
            while self._lent and self._lent + wanted_bytes > self._total and not self._closed:
                self._changed.wait()
            if self._closed:
                raise stopping()
            self._lent += wanted_bytes

    def give_back(self, lent_bytes: int) -> None:
        with self._changed:
            self._lent -= lent_bytes
            self._changed.notify_all()

    def close(self) -> None:
        """Lend nothing any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


def stopping() -> BadPicture:
    """What is said of a picture that nobody waits for any more."""
    return BadPicture("not decoded", "the program is stopping", passing=True)
