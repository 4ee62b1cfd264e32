"""Which retained message a connection ends of: found by sending those that may be it alone.

MQTT 3.1.1 has no word for it: a broker that does not take a message, because it is too long or
forbidden, hangs up. Whatever is retained is published on every connect, and would end each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

CONVICTED = 2
"""So many connections that ended while the message was on its way, and it is left out."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A publication on its way, and how long its payload is."""

    topic: str
    size_bytes: int
    retain: bool = False


class Verdict(Enum):
    """How a message is to be published."""

    FREELY = "together with others"
    ALONE = "when all others have arrived"
    NOT = "left out"


@dataclass(slots=True)
class _Record:
    strikes: int
    size_bytes: int


class Suspects:
    """The topics whose messages may have ended a connection, with what speaks against them."""

    def __init__(self) -> None:
        self._records: dict[str, _Record] = {}

    def verdict(self, sent: Sent) -> Verdict:
        """Shorter ones than what was left out may be taken again, but are sent alone."""
        record = self._records.get(sent.topic) if sent.retain else None
        if record is None:
            return Verdict.FREELY
        guilty = record.strikes >= CONVICTED and sent.size_bytes >= record.size_bytes
        return Verdict.NOT if guilty else Verdict.ALONE

    def untried(self) -> bool:
        """Whether one is to be sent alone that may end the connection."""
        return any(record.strikes < CONVICTED for record in self._records.values())

    def forget_untried(self) -> None:
        """What has not been sent again by now is suspected no more."""
        self._records = {t: r for t, r in self._records.items() if r.strikes >= CONVICTED}

    def arrived(self, sent: Sent) -> None:
        """The broker has taken this one."""
        record = self._records.get(sent.topic)
        if record is not None and record.strikes < CONVICTED:
            del self._records[sent.topic]

    def refused(self, sent: Sent) -> None:
        """The broker has refused this one and hung up at once, as Mosquitto 2.0 does where its
        `max_queued_messages` is 0: it is left out."""
        if sent.retain:
            self._records[sent.topic] = _Record(CONVICTED, sent.size_bytes)

    def ended(self, unconfirmed: Sequence[Sent]) -> Sent | None:
        """A connection ended while these were on their way, oldest first; the one it ended of.

        None where that is not certain yet; the longest is the likeliest. Where nothing was on its
        way, the broker may be another one afterwards.
        """
        if not unconfirmed:
            self._doubt_again()
            return None
        retained = [sent for sent in unconfirmed if sent.retain]
        alone = [sent for sent in retained if sent.topic in self._records]
        if alone:
            # Brokers answer in the order of sending: what was sent before it may be the cause.
            return self._strike(alone[0]) if alone[0] == unconfirmed[0] else None
        longest = max((sent.size_bytes for sent in retained), default=0)
        for sent in retained:
            is_likeliest = sent.size_bytes == longest
            self._records[sent.topic] = _Record(int(is_likeliest), sent.size_bytes)
        return None

    def _doubt_again(self) -> None:
        """Let what was left out be tried once more."""
        for record in self._records.values():
            record.strikes = min(record.strikes, CONVICTED - 1)

    def _strike(self, sent: Sent) -> Sent | None:
        record = self._records[sent.topic]
        record.strikes, record.size_bytes = record.strikes + 1, sent.size_bytes
        return sent if record.strikes >= CONVICTED else None
