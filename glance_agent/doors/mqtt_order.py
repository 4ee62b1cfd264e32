"""Messages that have been dealt with in, those that may be acknowledged now out."""

from __future__ import annotations


class Arrivals:
    """The messages of one connection that are not acknowledged yet, in the order of arrival.

    Clients acknowledge in that order (MQTT 5.0, section 4.6), whatever is finished first.
    """

    def __init__(self) -> None:
        self._is_done: dict[int, bool] = {}

    def add(self, mid: int) -> None:
        """A message with this identifier has arrived."""
        self._is_done[mid] = False

    def done(self, mid: int) -> list[int]:
        """The identifiers to be acknowledged, now that this one has been dealt with."""
        self._is_done[mid] = True
        ready = []
        while self._is_done and self._is_done[first := next(iter(self._is_done))]:
            del self._is_done[first]
            ready.append(first)
        return ready
