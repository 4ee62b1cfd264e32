"""Other agents on the same topics: each adds a card to `<base>/agent` that tells them apart.

A retained card from before our own first one may be that of our own last run. One that comes later,
or live, is that of another agent which runs now: a second one of a copied library, one that was
started by hand beside the service, or one of the neighbours with the same base topic.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from glance_agent.doors.mqtt.reasons import OWN_CLIENT_ID, Ending

KEY = "runs"
RIVALRY_SECONDS = 180.0
"""An agent with our client id comes back sooner than this, and ends our connection by it."""
_SAME_CLIENT_ID = (
    "has our client id as well, so that the broker lets in only one of us at a time. Stop one of "
    "the two, or give one another mqtt.client_id and mqtt.base_topic"
)
_STANDS_IN = (
    "stands in for us, with our client id: the broker lets in only one of us at a time. Whoever "
    "has the displays goes on; where this is said again and again, see that both use one library"
)
GivesWay = Callable[[], bool]
"""Hears that another agent has come to our topics; whether it may have our displays by now."""
NOBODY = "MQTT does not tell who it was; the broker's own log does"


@dataclass(frozen=True, slots=True)
class Card:
    """Which process speaks, and where it runs; `id` is another one at each start."""

    id: str
    host: str
    address: str
    process: int
    client_id: str

    @property
    def name(self) -> str:
        return f"the agent on {self.host} ({self.address}), process {self.process}"


def own_card(client_id: str) -> Card:
    """The card of this process; its address is known once it is connected."""
    return Card(secrets.token_hex(4), socket.gethostname(), "", os.getpid(), client_id)


class Neighbours:
    """Knows which agents speak on our topics beside ourselves."""

    def __init__(self, mine: Card, *, stands_in: GivesWay | None = None) -> None:
        """Where agents of a library stand in for one another, another one `stands_in` by right: it
        is asked whether this one gives way."""
        self.mine = mine
        self._stands_in = stands_in
        self.is_introduced = False
        """Whether our own card has reached the broker since we were started."""
        self._others: dict[str, str] = {}
        self._rival: str | None = None

    def opened(self) -> None:
        """A connection is new: whoever took the one before is met on it, by the retained card."""
        self._rival = None

    def facts(self) -> dict[str, Any]:
        """What is added to the facts about the agent."""
        return {KEY: asdict(self.mine)}

    def heard(self, payload: bytes, *, retained: bool) -> str | None:
        """A sentence about another agent, when it is met for the first time."""
        facts = _object(payload)
        if facts is None or (retained and not self.is_introduced):
            return None
        card = _card(facts)
        key = card.id if card else "older"
        if key == self.mine.id:
            return None
        if card is not None and card.client_id == self.mine.client_id:
            self._rival = card.name
        if self._stands_in is not None:
            self._stands_in()
        if key in self._others:
            return None
        self._others[key] = name = card.name if card else "an agent of an older version"
        return f"{name}, speaks on the same topics: {self._advice(card)}"

    def whoever(self) -> str:
        """Who may have spoken in our place."""
        names = sorted(set(self._others.values()))
        return f"it was probably {' or '.join(names)}" if names else NOBODY

    def explained(self, ending: Ending, *, lived_seconds: float) -> Ending:
        """Why a connection ended, with the name of the agent that took it where one was met."""
        is_taken = ending.perhaps_taken_over and lived_seconds < RIVALRY_SECONDS
        why = ending.why.removesuffix(f": {OWN_CLIENT_ID}")
        if self._stands_in and (why != ending.why or (is_taken and self._rival)):
            # Whoever has not got the displays gives way by itself, as soon as it knows.
            who = self._rival or "another agent, it seems"
            return Ending(f"{why}; {who}, {_STANDS_IN}", self._stands_in(), True, True)
        if self._rival is None or not is_taken:
            return ending
        return Ending(f"{ending.why}; {self._rival}, {_SAME_CLIENT_ID}", True, True, True)

    def _advice(self, card: Card | None) -> str:
        if card is not None and card.client_id == self.mine.client_id:
            return f"it {_STANDS_IN if self._stands_in else _SAME_CLIENT_ID}"
        return "stop one of the two, or give one another mqtt.base_topic"


def _object(payload: bytes) -> dict[str, Any] | None:
    """What others publish may be anything."""
    try:
        facts = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return facts if isinstance(facts, dict) else None


def _card(facts: dict[str, Any]) -> Card | None:
    """The card in these facts; older agents have none."""
    match facts.get(KEY):
        case {
            "id": str(identity),
            "host": str(host),
            "address": str(address),
            "process": int(process),
            "client_id": str(client_id),
        }:
            return Card(identity, host, address, process, client_id)
    return None
