"""Why a broker refuses or leaves: its reason codes, and what there is to do about them."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from glance_agent.domain.errors import GlanceError
from glance_agent.domain.said import say

CARRIERS = (
    PacketTypes.CONNACK,
    PacketTypes.PUBACK,
    PacketTypes.SUBACK,
    PacketTypes.UNSUBACK,
    PacketTypes.DISCONNECT,
)
"""The packets in which a broker says why (MQTT 5.0, section 2.4)."""
FIRST_FAILURE, CODES = 0x80, 0x100
TAKEN_OVER = "Session taken over"
OWN_CLIENT_ID = say(
    "another program has connected with our client id; each agent needs its own: set "
    "mqtt.client_id, and stop a second agent of this library"
)
HOPELESS = frozenset(
    {
        "Bad user name or password",
        "Not authorized",
        "Banned",
        "Client identifier not valid",
        "Administrative action",
        TAKEN_OVER,
    }
)
"""What does not pass by itself in a few seconds."""
BLAMELESS = frozenset(
    {
        TAKEN_OVER,
        "Administrative action",
        "Banned",
        "Keep alive timeout",
        "Maximum connect time",
        "Server busy",
        "Server moved",
        "Server shutting down",
        "Use another server",
    }
)
"""What ends a connection whatever was just being sent."""

_LOGIN = say("check mqtt.username, mqtt.password and the broker's own list of passwords")
_ADVICE = {
    "Bad user name or password": _LOGIN,
    "Not authorized": _LOGIN,
    "Client identifier not valid": say("check mqtt.client_id"),
    TAKEN_OVER: OWN_CLIENT_ID,
}
_WORDS = {
    "Keep alive timeout": say("the broker answered no ping"),
    "Protocol error": say("the broker sent what is not MQTT"),
}
_SILENTLY = say("the broker closed it without a word")


class LinkError(GlanceError):
    """No connection: why in words, and whether trying again soon makes sense.

    `old_broker` where the broker does not know the version of MQTT, `unanswered` where it was
    there and said nothing to it.
    """

    def __init__(
        self,
        reason: str,
        *,
        refused: bool = False,
        old_broker: bool = False,
        unanswered: bool = False,
    ) -> None:
        super().__init__(reason)
        self.refused = refused
        self.old_broker = old_broker
        self.unanswered = unanswered


def accept_every_reason() -> None:
    """Let paho read each reason in each packet.

    Brokers give reasons where the specification does not list them (Mosquitto answers a
    publication with “Packet too large”); paho would take that for a broken packet and hang up.
    """
    ReasonCode.names = MappingProxyType(
        {code: _named(code, ReasonCode.names.get(code, {})) for code in range(CODES)}
    )


def _named(code: int, names: dict[str, list[int]]) -> dict[str, list[int]]:
    """The names of a code by the packets that carry it; one for each packet that may."""
    if code < FIRST_FAILURE:
        return names
    known = {packet for packets in names.values() for packet in packets}
    missing = [packet for packet in CARRIERS if packet not in known]
    name = next(iter(names), f"reason 0x{code:02X}")
    return {**names, name: [*names.get(name, []), *missing]}


def in_words(reason: ReasonCode, properties: Any = None) -> str:
    """What a broker says, and what to do about it where that is known."""
    name = reason.getName()
    more = getattr(properties, "ReasonString", None)
    told = name + (f" ({more})" if more else "")
    if name not in _ADVICE:
        return say("the broker says “{told}”", told=told)
    return say("the broker says “{told}”: {advice}", told=told, advice=_ADVICE[name])


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a connection ended; `hopeless` where that will end the next one too, `blameless` where
    nothing that was being sent can be the cause, `perhaps_taken_over` where another client may have
    come with our client id: MQTT 3.1.1 has no word for it."""

    why: str
    hopeless: bool = False
    blameless: bool = False
    perhaps_taken_over: bool = False


def ending_of(reason: ReasonCode, properties: Any, *, by_broker: bool) -> Ending:
    """Why a connection ended, as the broker says it, or as it looks from here."""
    name = reason.getName()
    if by_broker:
        said = in_words(reason, properties)
        return Ending(said, name in HOPELESS, name in BLAMELESS, name == TAKEN_OVER)
    said = _WORDS.get(name, _SILENTLY)
    return Ending(said, blameless=name in BLAMELESS, perhaps_taken_over=said == _SILENTLY)
