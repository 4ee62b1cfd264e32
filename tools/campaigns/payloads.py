"""Messages that nobody in their senses would send: every one is answered, and nothing breaks.

`python -m tools.campaigns.payloads` has the real parts (parser, use cases, library, model) carry
out 100,000 generated messages, and sends 5,000 to the real agent through a real broker. What must
hold of each:

- it is answered once, and never with `internal`;
- the answer, and all that is published because of it, is strict JSON;
- a verb in the topic is the verb: no payload has another one carried out.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Never

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from glance_agent.commands.parse import BadCommand, parse_command
from glance_agent.config.load import load
from glance_agent.domain.command import COMMANDS
from glance_agent.domain.errors import ErrorCode
from glance_agent.domain.news import Failed, Public
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.reply import refusal
from glance_agent.domain.strict_json import as_json
from glance_agent.domain.topics import Topics
from glance_agent.doors.mqtt.messages import message_of
from glance_agent.wiring.rooms import Rooms, open_rooms
from tools.campaigns.stage import Agent, mosquitto, table, until
from tools.campaigns.strange import Strange, Strangers

TOPICS = Topics()
ANY_VERB = ("", "say")
"""What names no verb by its topic: the text says which is meant."""
AT_ONCE = 100
"""So many messages wait for their answers at a time."""
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f+#]")
"""What no topic may hold, or what Mosquitto ends the connection for."""


@dataclass
class Found:
    """What a part of the campaign has seen."""

    part: str
    tried: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def failures(self) -> list[str]:
        """Why the promise was not kept; empty where it was."""
        return self.faults

    def table(self) -> str:
        kinds = [
            (f"{kind}: sent, carried out", f"{count:,}, {self.accepted[kind]:,}")
            for kind, count in sorted(self.tried.items())
        ]
        return table(
            [
                ("part", self.part),
                *kinds,
                ("all", f"{self.tried.total():,}, {self.accepted.total():,}"),
                ("failed", len(self.faults)),
                ("took", f"{self.seconds:.0f} s"),
                *(("FAILED", fault[:300]) for fault in self.faults[:10]),
            ]
        )


# -- the parts ------------------------------------------------------------------------------------


def parts(rooms: Rooms, options: argparse.Namespace) -> Found:
    """Have the parts of the agent answer messages, one after the other, without a broker."""
    found, strangers = Found("parts"), Strangers(Random(options.seed))
    started = time.monotonic()
    for _ in range(options.messages):
        message = strangers.message()
        found.tried[message.kind] += 1
        try:
            found.accepted[message.kind] += _carried_out(rooms, message)
        except Exception as error:
            # Whatever comes is what this looks for.
            found.faults.append(f"{message.topic} {message.payload[:200]!r}: {error!r}")
    found.seconds = time.monotonic() - started
    return found


def _carried_out(rooms: Rooms, message: Strange) -> bool:
    """Whether the message was a command that was carried out; raises for a broken promise."""
    command = parse_command(TOPICS, message.topic, message.payload)
    if isinstance(command, BadCommand):
        reply = refusal(command.verb, command.error, command.display)
        reply = reply.model_copy(update={"transaction": command.transaction})
        outcome = Outcome(reply)
    else:
        named = message.topic.removeprefix(TOPICS.command).strip("/").split("/")[0].lower()
        assert named in (*ANY_VERB, command.verb), f"{named} became {command.verb}"
        outcome = rooms.answers.answer(command)
        assert outcome.reply.verb == command.verb
    _check(outcome)
    return outcome.reply.ok


def _check(outcome: Outcome) -> None:
    """All that is told of an outcome can be read; raises where it cannot."""
    told = [as_json(outcome.reply)]
    news: list[Public] = [*outcome.glances, *outcome.events, Failed(outcome.reply)]
    told += [str(message_of(TOPICS, one).payload) for one in news]
    for text in told:
        strictly(text.encode())
    error = outcome.reply.error
    assert (error is None) == outcome.reply.ok
    assert error is None or error.code is not ErrorCode.INTERNAL, "internal"


def strictly(payload: bytes) -> Any:
    """What a reader decodes that knows RFC 8259 and no more; raises ValueError."""

    def no_constant(name: str) -> Never:
        raise ValueError(f"{name} is not JSON")

    return json.loads(payload.decode("utf-8"), parse_constant=no_constant)


# -- the agent, through a broker ------------------------------------------------------------------


class Letterbox:
    """Sends messages with a number each, and takes the answers by it (MQTT 5)."""

    def __init__(self, port: int) -> None:
        self.answers: dict[int, list[bytes]] = {}
        self.others: list[tuple[str, bytes]] = []
        self._own = f"{TOPICS.response}/strangers"
        self._ready = threading.Event()
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, "strangers", protocol=MQTTProtocolVersion.MQTTv5
        )
        self._client.on_message = self._heard
        self._client.max_inflight_messages = AT_ONCE
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        events, displays = f"{TOPICS.base}/event/#", f"{TOPICS.base}/display/#"
        topics = (self._own, TOPICS.error, events, displays, TOPICS.status)
        self._client.subscribe([(topic, 1) for topic in topics])
        until(self._ready.is_set, "the agent")

    def send(self, number: int, message: Strange, qos: int) -> None:
        """Publish a message as what it is."""
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.ResponseTopic = self._own
        properties.CorrelationData = str(number).encode()
        self._client.publish(message.topic, message.payload, qos, properties=properties)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _heard(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        number = getattr(message.properties, "CorrelationData", None)
        if message.topic == self._own and number is not None:
            self.answers.setdefault(int(number), []).append(bytes(message.payload))
        elif message.topic == TOPICS.status:
            if message.payload == b"online":
                self._ready.set()
        elif not message.topic.endswith("/image"):
            self.others.append((message.topic, bytes(message.payload)))


def through_a_broker(port: int, options: argparse.Namespace) -> Found:
    """Send messages to the running agent, so many at a time, and read all that comes of them."""
    found, chance = Found("through a broker"), Random(options.seed + 1)
    sent = list(_sendable(Strangers(chance), options.sent))
    started, letterbox = time.monotonic(), Letterbox(port)
    for at in range(0, len(sent), AT_ONCE):
        batch = range(at, min(at + AT_ONCE, len(sent)))
        for number in batch:
            letterbox.send(number, sent[number], qos=1)
        until(lambda b=batch: all(n in letterbox.answers for n in b), "the answers")  # type: ignore[misc]
    letterbox.close()
    for number, message in enumerate(sent):
        found.tried[message.kind] += 1
        found.accepted[message.kind] += _read(found, message, letterbox.answers[number])
    for topic, payload in letterbox.others:
        if topic.endswith("/power"):
            continue  # a plain word, as switches of Home Assistant read it
        try:
            strictly(payload)
        except ValueError as error:
            found.faults.append(f"{topic} is not JSON: {error}")
    found.seconds = time.monotonic() - started
    return found


def _sendable(strangers: Strangers, count: int) -> Iterator[Strange]:
    """So many messages whose topic a broker lets through, and whose payload a client sends."""
    while count:
        message = strangers.message()
        if not UNPRINTABLE.search(message.topic):
            yield message
            count -= 1


def _read(found: Found, message: Strange, answers: Sequence[bytes]) -> bool:
    """Whether the message was carried out; what is wrong with its answers is noted."""
    what = f"{message.topic} {message.payload[:200]!r}"
    if len(answers) != 1:
        found.faults.append(f"{what}: {len(answers)} answers")
    try:
        reply = strictly(answers[0])
    except ValueError as error:
        found.faults.append(f"{what}: {error}")
        return False
    named = message.topic.removeprefix(TOPICS.command).strip("/").split("/")[0].lower()
    if reply["ok"] and named in COMMANDS.keys() - ANY_VERB and reply["verb"] != named:
        found.faults.append(f"{what}: carried out as {reply['verb']}")
    if not reply["ok"] and reply["error"]["code"] == ErrorCode.INTERNAL:
        found.faults.append(f"{what}: {reply['message']}")
    return bool(reply["ok"])


def campaign(options: argparse.Namespace) -> list[Found]:
    """Both parts, with one library: first through a broker, then without."""
    with tempfile.TemporaryDirectory(prefix="payloads-") as name:
        folder = Path(name)
        with mosquitto(folder, "max_queued_messages 0") as port:
            agent = Agent(folder, port)
            with agent.running():
                agent.until_stocked()
                sent = through_a_broker(port, options)
                if agent.has_ended:
                    sent.faults.append("the agent has ended")
        if "Traceback" in agent.log:
            sent.faults.append(f"the agent's log: {agent.log[-1000:]}")
        with open_rooms(load(folder / "glance.toml", {})) as rooms:
            return [sent, parts(rooms, options)]


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options, from the command line where none are given."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--messages", type=int, default=100_000, help="carried out by the parts")
    parser.add_argument("--sent", type=int, default=5_000, help="sent through the broker")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)


def main() -> None:
    """Run both parts, print their tables, and fail where a promise was not kept."""
    failed = False
    for found in campaign(parsed()):
        print(found.table(), end="\n\n", flush=True)
        failed |= bool(found.failures())
    sys.exit(failed)


if __name__ == "__main__":
    main()
