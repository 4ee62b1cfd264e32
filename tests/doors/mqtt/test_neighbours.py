"""Other agents on our topics: met by name, contradicted where they say that we are not there."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from glance_agent.domain.errors import ErrorCode
from glance_agent.doors.mqtt import door as door_module
from glance_agent.doors.mqtt import subscriptions
from glance_agent.doors.mqtt.backoff import LONGEST_DELAY_SECONDS
from glance_agent.doors.mqtt.neighbours import KEY, NOBODY, Card, Neighbours
from glance_agent.doors.mqtt.reasons import TAKEN_OVER, Ending, in_words
from tests.broker import Broker
from tests.door import Patience, door
from tests.phone import Message, Phone
from tests.spawned import PATIENCE_SECONDS
from tools.campaigns.strange_broker import StrangeBroker

VERSIONS = pytest.mark.parametrize("version", ["5", "3.1.1"])
MINE = Card("aaaa", "pi", "10.0.0.1", 812, "agent-1")
OTHER = Card("bbbb", "attic", "10.0.0.2", 77, "agent-2")


def facts_of(card: Card, **more: Any) -> bytes:
    return json.dumps({"version": "1", KEY: asdict(card), **more}).encode()


def introduced() -> Neighbours:
    neighbours = Neighbours(MINE)
    neighbours.is_introduced = True
    return neighbours


# -- who is met, as tables -----------------------------------------------------------------------


def test_a_retained_card_from_before_our_own_may_be_our_last_run() -> None:
    neighbours = Neighbours(MINE)
    assert neighbours.heard(facts_of(OTHER), retained=True) is None
    assert neighbours.whoever() == NOBODY


def test_a_card_that_comes_after_our_own_is_of_another_agent() -> None:
    met = introduced().heard(facts_of(OTHER), retained=True)
    assert met is not None
    assert "the agent on attic (10.0.0.2), process 77" in met
    assert "mqtt.base_topic" in met


def test_a_live_card_is_of_another_agent_that_is_met_once() -> None:
    neighbours = Neighbours(MINE)
    assert neighbours.heard(facts_of(OTHER), retained=False)
    assert neighbours.heard(facts_of(OTHER, artworks=9), retained=False) is None
    assert "attic" in neighbours.whoever()


def test_our_own_card_is_none_of_another() -> None:
    assert introduced().heard(facts_of(MINE), retained=False) is None


RIVAL = replace(OTHER, client_id="agent-1")
SILENT = Ending("the broker closed it without a word", perhaps_taken_over=True)
ENDS = {
    "silently, soon": (RIVAL, SILENT, 40.0, True),
    "by another agent, soon": (OTHER, SILENT, 40.0, False),
    "silently, after days": (RIVAL, SILENT, 90_000.0, False),
    "with another reason": (RIVAL, Ending("the broker answered no ping"), 40.0, False),
}


@pytest.mark.parametrize("how", ENDS)
def test_a_connection_that_was_taken_is_told_by_the_name_of_who_took_it(how: str) -> None:
    card, ending, lived, is_told = ENDS[how]
    neighbours = introduced()
    neighbours.opened()
    neighbours.heard(facts_of(card), retained=True)
    explained = neighbours.explained(ending, lived_seconds=lived)
    assert (explained != ending) == is_told
    if is_told:
        assert "attic (10.0.0.2), process 77, has our client id as well" in explained.why
        assert explained.hopeless
        assert explained.blameless
    neighbours.opened()
    assert neighbours.explained(ending, lived_seconds=lived) == ending


def test_one_with_our_client_id_is_told_apart() -> None:
    met = introduced().heard(facts_of(replace(OTHER, client_id="agent-1")), retained=False)
    assert met is not None
    assert "it has our client id as well" in met


def test_whoever_speaks_on_our_topics_may_have_our_displays_whatever_its_client_id() -> None:
    heard = []

    def gives_way() -> bool:
        heard.append(True)
        return True

    neighbours = Neighbours(MINE, stands_in=gives_way)
    neighbours.heard(facts_of(OTHER), retained=True)
    assert not heard, "that may have been our own last run"
    neighbours.is_introduced = True
    neighbours.heard(facts_of(MINE), retained=False)
    assert not heard
    for times in (1, 2):
        neighbours.heard(facts_of(OTHER), retained=times == 1)
        assert len(heard) == times, "each time: in between the displays may have been ours again"


@pytest.mark.parametrize("gives_way", [False, True])
def test_one_that_stands_in_for_us_is_not_to_be_stopped(gives_way: bool) -> None:
    neighbours = Neighbours(MINE, stands_in=lambda: gives_way)
    neighbours.is_introduced = True
    neighbours.opened()
    told = in_words(ReasonCode(PacketTypes.DISCONNECT, TAKEN_OVER))
    unmet = neighbours.explained(Ending(told, True, True, True), lived_seconds=1.0)
    met = neighbours.heard(facts_of(RIVAL), retained=False)
    explained = neighbours.explained(SILENT, lived_seconds=1.0)
    assert met is not None
    for said in (met, explained.why, unmet.why):
        assert "stands in for us" in said
        assert "mqtt." not in said
        assert "top one" not in said
    assert unmet.why.startswith("the broker says “Session taken over”; another agent, it seems, ")
    for ending in (explained, unmet):
        assert ending.blameless
        assert ending.hopeless is gives_way, "it comes back soon, or leaves the other one alone"
    other = neighbours.heard(facts_of(replace(OTHER, id="cccc")), retained=False)
    assert other is not None
    assert "mqtt.base_topic" in other


STRANGE = [
    b"",
    b"\xff",
    b"[]",
    b"3",
    b"[" * 100_000,
    b'{"runs": 3}',
    b'{"runs": {"id": 1, "host": null}}',
    b'{"runs": {"id": [], "host": "", "address": "", "process": 1, "client_id": ""}}',
]


@pytest.mark.parametrize("payload", STRANGE)
def test_anything_may_be_published_there(payload: bytes) -> None:
    met = introduced().heard(payload, retained=False)
    assert (met is not None) == payload.startswith(b"{")


# -- on a real broker ------------------------------------------------------------------------------


def is_online(message: Message) -> bool:
    return message.payload == b"online"


@contextmanager
def warnings(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """What the door warns of, by then."""
    with caplog.at_level(logging.WARNING):
        said: list[str] = []
        yield said
        said += [r.getMessage() for r in caplog.records if r.name.endswith(".door")]


@VERSIONS
async def test_a_foreign_offline_is_contradicted(
    broker: Broker, version: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with door(broker.port, Patience(), protocol=version), Phone(broker.port) as phone:
        await phone.expect("agent")
        for payload in (b"offline", b""):
            mark = len(phone.messages)
            await phone.publish("status", payload, retain=True)
            await phone.expect("status", lambda m: m.payload != b"online", after=mark)
            await phone.expect("status", is_online, after=mark)
    assert f"online” again: {NOBODY}" in caplog.text
    async with Phone(broker.port) as later:
        # Its own last word is not contradicted.
        assert (await later.expect("status")).payload == b"offline"


@VERSIONS
async def test_two_agents_on_one_base_topic_tell_each_other_by_name(
    broker: Broker, version: str, caplog: pytest.LogCaptureFixture
) -> None:
    mine, yours = Patience(), Patience()
    async with Phone(broker.port) as phone, door(broker.port, mine, protocol=version):
        await phone.expect("agent")
        with warnings(caplog) as said:
            async with door(broker.port, yours, client_id="other", protocol=version):
                # One introduces itself, and each answers to the other's introduction once.
                await phone.several(4, "agent")
            stopped = len(phone.messages)
            await phone.expect("status", is_online, after=stopped)
    assert [line for line in said if line.startswith("another agent, the agent on ")]
    met = [line for line in said if line.startswith("another agent, ")]
    assert len(met) == 2
    assert all("127.0.0.1), process " in line and "mqtt.base_topic" in line for line in met)
    assert any("online” again: it was probably the agent on" in line for line in said)
    assert mine.delays == yours.delays == []


class Observed(Neighbours):
    """Lets a test wait until it is known to the others, and knows who took its connection."""

    def __init__(self, mine: Card) -> None:
        self.introduced, self.met = asyncio.Event(), asyncio.Event()
        super().__init__(mine)

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "is_introduced" and value:
            self.introduced.set()
        if name == "_rival":
            (self.met.set if value else self.met.clear)()


@VERSIONS
async def test_two_agents_with_one_client_id_tell_each_other_by_name(
    broker: Broker, version: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mosquitto of MQTT 3.1.1 closes the connection of the first without a word.

    Each is waited for itself: that a third hears it does not say that it has heard of the other,
    and what a broker has sent is lost with the connection.
    """
    observed: list[Observed] = []

    def neighbours(mine: Card, *, stands_in: object) -> Observed:
        assert not stands_in
        observed.append(Observed(mine))
        return observed[-1]

    monkeypatch.setattr(door_module, "Neighbours", neighbours)
    first, second = Patience(), Patience()
    with caplog.at_level(logging.WARNING):
        async with asyncio.timeout(PATIENCE_SECONDS), door(broker.port, first, protocol=version):
            await observed[0].introduced.wait()
            async with door(broker.port, second, protocol=version):
                await observed[1].introduced.wait()
                for one, its in zip((first, second, first), (*observed, observed[0]), strict=True):
                    await one.failures(1)
                    one.wake()
                    await its.met.wait()
                await second.failures(1)
    said = [record.getMessage() for record in caplog.records]
    met = [line for line in said if line.startswith("another agent, the agent on ")]
    lost = [line for line in said if "the connection to the broker was lost" in line]
    assert len(met) == 2
    assert all("it has our client id as well" in line for line in met)
    # Whoever loses it for the first time has met nobody yet.
    told = ["; the agent on " in line and "has our client id as well" in line for line in lost]
    assert told == [False, False, True, True]
    assert first.delays[1] >= LONGEST_DELAY_SECONDS / 2


async def test_a_restart_of_the_same_agent_is_no_other_agent(
    broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    async with Phone(broker.port) as phone:
        with warnings(caplog) as said:
            for _ in range(3):
                mark = len(phone.messages)
                async with door(broker.port, Patience()):
                    await phone.expect("agent", after=mark)
                await phone.expect("status", lambda m: m.payload == b"offline", after=mark)
    assert said == []


@VERSIONS
async def test_commands_that_may_not_be_read_are_told_of_and_asked_for_again(
    version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mosquitto's list forbids no subscription; a plug-in or another broker does."""
    monkeypatch.setattr(subscriptions, "ASK_AGAIN_SECONDS", 0.0)
    async with (
        StrangeBroker(granted=0x87 if version == "5" else 0x80) as strict,
        door(strict.port, Patience(), protocol=version),
    ):
        await strict.until(lambda b: bool(b.payloads("glance/error")), PATIENCE_SECONDS)
        await strict.until(lambda b: b.subscribed.count("glance/command/#") > 2, PATIENCE_SECONDS)
        strict.granted = 1
        asked = strict.subscribed.count("glance/command/#")
        await strict.until(
            lambda b: b.subscribed.count("glance/command/#") > asked, PATIENCE_SECONDS
        )
        told = [json.loads(payload) for payload in strict.payloads("glance/error")]
    assert [error["code"] for error in told] == [ErrorCode.NOT_HEARD]
    assert "read its commands on glance/command/#: " in told[0]["message"]
    assert strict.links == 1
