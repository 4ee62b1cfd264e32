"""Messages that have been dealt with in, those that may be acknowledged now out."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar


class Numbered(Protocol):
    """What came under a packet identifier."""

    @property
    def mid(self) -> int: ...


T = TypeVar("T", bound=Numbered)


class AckOrder(Generic[T]):
    """The messages of one connection that are not acknowledged yet, in the order of arrival.

    Clients acknowledge in that order (MQTT 5.0, section 4.6), whatever is finished first.
    """

    def __init__(self) -> None:
        self._waiting: dict[int, T] = {}
        self._done: set[int] = set()

    def add(self, message: T) -> None:
        """A message has arrived."""
        self._waiting[message.mid] = message

    def forget(self, message: T) -> None:
        """This one stays unacknowledged for ever; those after it do not wait for it."""
        self._waiting.pop(message.mid, None)

    def done(self, message: T) -> list[T]:
        """Those to be acknowledged, now that this one has been dealt with."""
        if message.mid in self._waiting:
            self._done.add(message.mid)
        ready = []
        while self._waiting and (first := next(iter(self._waiting))) in self._done:
            self._done.discard(first)
            ready.append(self._waiting.pop(first))
        return ready
