"""Brokers that deliver too much, confirm nothing, or end the connection over an answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from glance_agent.commands.idempotency import Asked, Delivery
from glance_agent.domain.command import Command
from glance_agent.domain.display import ShownArtwork
from glance_agent.domain.errors import ErrorCode
from glance_agent.domain.reply import Reply, Result
from glance_agent.doors.mqtt import intake, sending, wire
from glance_agent.doors.mqtt.outgoing import WINDOW
from tests.broker import Broker, needs_mosquitto, running
from tests.door import Household, Patience, door, door_of
from tests.phone import Phone
from tests.spawned import PATIENCE_SECONDS
from tools.campaigns.strange_broker import Said, StrangeBroker, Verdict

VERSIONS = pytest.mark.parametrize("version", ["5", "3.1.1"])
RESPONSE, ERROR = "glance/response", "glance/error"


def search(transaction: int) -> tuple[str, bytes]:
    return "glance/command/search", json.dumps({"query": "x", "transaction": transaction}).encode()


def describe(transaction: int) -> tuple[str, bytes]:
    return "glance/command/describe", json.dumps({"transaction": transaction}).encode()


class Talker(Household):
    """Gives long answers to `search`, and notes in which order it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[Any] = []
        self.again: list[Any] = []

    async def handle(
        self, command: Command, delivery: Delivery | None = None, also: Sequence[Asked] = ()
    ) -> Reply:
        self.done.append(command.transaction)
        if delivery is not None and delivery.redelivered:
            self.again.append(command.transaction)
        results: tuple[Result, ...] = ()
        if command.verb == "search":
            work = ShownArtwork(
                id="a:b", title="x" * 1000, artist="y", source="a", width=1, height=1
            )
            results = tuple(Result(artwork=work, match=1.0, why="") for _ in range(20))
        return Reply(verb=command.verb, ok=True, message="Done.", results=results)


class Hurry(Patience):
    """Waits for nothing between two attempts."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


def answers(broker: StrangeBroker) -> list[Any]:
    return [json.loads(payload) for payload in broker.payloads(RESPONSE)]


def transactions(broker: StrangeBroker) -> list[Any]:
    return [answer["transaction"] for answer in answers(broker)]


async def all_acknowledged(broker: StrangeBroker, mids: list[int]) -> None:
    """The client has acknowledged these, and in this order where it did so in one connection."""
    await broker.until(lambda b: set(mids) <= set(b.acknowledged), PATIENCE_SECONDS)


async def as_far_as_it_goes() -> None:
    """Let everything happen that waits for nothing from outside."""
    for _ in range(1000):
        await asyncio.sleep(0)


# -- too much at once --------------------------------------------------------------------------


@VERSIONS
async def test_a_backlog_beyond_what_is_held_is_fetched_by_connecting_again(
    monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setattr(intake, "HELD_COMMANDS", 20)
    many, household = 90, Talker()
    async with StrangeBroker() as broker:
        mids = broker.send(describe(n) for n in range(many))
        async with door_of(household, broker.port, Hurry(), protocol=version):
            await all_acknowledged(broker, mids)
    assert household.done == transactions(broker) == list(range(many))
    assert broker.acknowledged == mids
    assert broker.links == 5


async def test_so_many_bytes_are_held_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "HELD_BYTES", 100)
    async with StrangeBroker() as broker:
        large = [("glance/command/search", b"x" * 200) for _ in range(3)]
        mids = broker.send([*large, describe(1), describe(2)])
        async with door(broker.port, Hurry()):
            await all_acknowledged(broker, mids)
    assert broker.acknowledged == mids
    assert broker.links == 4


async def test_so_much_is_done_before_answers_are_confirmed_and_no_more() -> None:
    deaf = [True]
    household = Talker()

    def verdict(said: Said) -> Verdict:
        return Verdict.IGNORE if deaf and said.topic == RESPONSE else Verdict.CONFIRM

    async with StrangeBroker(verdict) as broker:
        mids = broker.send(describe(n) for n in range(150))
        async with door_of(household, broker.port, Hurry()):
            await broker.until(lambda b: len(answers(b)) == WINDOW, PATIENCE_SECONDS)
            await as_far_as_it_goes()
            assert len(household.done) == intake.UNANSWERED_COMMANDS
            assert broker.acknowledged == []
            deaf.clear()
            broker.hang_up()
            await all_acknowledged(broker, mids)
    assert household.done == list(range(150))
    assert set(transactions(broker)) == set(range(150))


async def test_what_has_arrived_is_answered_though_the_broker_has_forgotten_it() -> None:
    household = Talker()

    def verdict(said: Said) -> Verdict:
        return Verdict.IGNORE if said.link == 1 and said.topic == RESPONSE else Verdict.CONFIRM

    async with StrangeBroker(verdict) as broker:
        broker.send(describe(n) for n in range(150))
        async with door_of(household, broker.port, Hurry()):
            await broker.until(lambda b: len(answers(b)) == WINDOW, PATIENCE_SECONDS)
            await as_far_as_it_goes()
            broker.forget()
            await broker.until(lambda b: transactions(b)[-1:] == [149], PATIENCE_SECONDS)
            await all_acknowledged(broker, broker.send([describe(150)]))
    assert household.done == list(range(151))
    assert set(transactions(broker)) == set(range(151))


async def test_a_broker_is_sent_no_more_at_once_than_it_takes() -> None:
    async with StrangeBroker(lambda said: Verdict.IGNORE, receive_maximum=3) as broker:
        broker.send(describe(n) for n in range(10))
        async with door(broker.port, Hurry()):
            await broker.until(lambda b: b.most_under_way == 3, PATIENCE_SECONDS)
            await as_far_as_it_goes()
            broker.hang_up()
    assert broker.most_under_way == 3


# -- brokers that say no, or nothing ------------------------------------------------------------


async def test_a_refusal_is_a_confirmation_too() -> None:
    async with StrangeBroker(lambda said: Verdict.REFUSE) as broker:
        mids = broker.send(describe(n) for n in range(5))
        async with door(broker.port, Hurry()):
            await all_acknowledged(broker, mids)
    assert transactions(broker) == list(range(5))
    assert broker.links == 1


async def test_a_broker_that_confirms_nothing_is_left(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sending, "SILENCE_SECONDS", 0.05)
    monkeypatch.setattr(wire, "MISC_SECONDS", 0.01)

    def verdict(said: Said) -> Verdict:
        return Verdict.IGNORE if said.link == 1 else Verdict.CONFIRM

    async with StrangeBroker(verdict) as broker:
        mids = broker.send([search(1)])
        async with door(broker.port, Hurry()):
            await all_acknowledged(broker, mids)
    assert "the broker has confirmed nothing" in caplog.text
    assert [answer["note"] for answer in answers(broker)] == [None] * len(answers(broker))


# -- answers that end the connection ------------------------------------------------------------


@VERSIONS
async def test_an_answer_that_ends_the_connection_is_shortened(version: str) -> None:
    def verdict(said: Said) -> Verdict:
        too_long = said.topic == RESPONSE and len(said.payload) > 5000
        return Verdict.CLOSE if too_long else Verdict.CONFIRM

    async with StrangeBroker(verdict) as broker:
        mids = broker.send([describe(0), search(1), describe(2), describe(3)])
        async with door_of(Talker(), broker.port, Hurry(), protocol=version):
            await all_acknowledged(broker, mids)
    arrived = {a["transaction"]: a for a in answers(broker) if len(json.dumps(a)) < 5000}
    assert sorted(arrived) == [0, 1, 2, 3]
    assert arrived[1]["ok"]
    assert "left out" in arrived[1]["note"]
    assert [arrived[n]["note"] for n in (0, 2, 3)] == [None, None, None]
    assert broker.links <= 3


async def test_what_is_learnt_from_one_answer_spares_the_next_ones() -> None:
    def verdict(said: Said) -> Verdict:
        too_long = said.topic == RESPONSE and len(said.payload) > 2500
        return Verdict.CLOSE if too_long else Verdict.CONFIRM

    many = 30
    async with (
        StrangeBroker(verdict) as broker,
        door_of(Talker(), broker.port, Hurry(), protocol="3.1.1"),
    ):
        for number in range(many):
            await all_acknowledged(broker, broker.send([search(number)]))
    last = answers(broker)[-1]
    assert (last["transaction"], last["ok"]) == (many - 1, True)
    assert last["note"].endswith("20 of its 20 results are left out.")
    assert broker.links <= 6


async def test_a_connection_that_is_lost_once_shortens_no_later_answer() -> None:
    dropped: list[int] = []

    def verdict(said: Said) -> Verdict:
        if said.topic == RESPONSE and json.loads(said.payload)["transaction"] in (1, 3):
            dropped.append(said.link)
            return Verdict.CLOSE if len(dropped) in (1, 3) else Verdict.CONFIRM
        return Verdict.CONFIRM

    async with StrangeBroker(verdict) as broker, door_of(Talker(), broker.port, Hurry()):
        for number in range(5):
            await all_acknowledged(broker, broker.send([search(number)]))
    assert broker.links == 3
    assert [a["note"] is None for a in answers(broker) if a["transaction"] in (0, 2, 4)] == [
        True
    ] * 3


@needs_mosquitto
async def test_an_answer_that_the_broker_calls_too_large_is_shortened(tmp_path: Path) -> None:
    broker = Broker(tmp_path / "broker", more=("message_size_limit 3000",))
    async with (
        running(broker),
        Phone(broker.port) as phone,
        door_of(Talker(), broker.port, Hurry(), protocol="5"),
    ):
        await phone.expect("status", lambda m: m.payload == b"online")
        for number in range(3):
            answer = await phone.ask("command/search", {"query": "x", "transaction": number})
            assert answer["note"].endswith("results are left out.")
        assert phone.heard("error") == []
        assert broker.process is not None
        assert broker.process.text.count("New client connected") == 2


@VERSIONS
async def test_an_answer_that_no_broker_takes_is_given_up_and_told(version: str) -> None:
    def verdict(said: Said) -> Verdict:
        poison = said.topic == RESPONSE and json.loads(said.payload)["transaction"] == 7
        return Verdict.CLOSE if poison else Verdict.CONFIRM

    async with StrangeBroker(verdict) as broker:
        mids = broker.send(describe(n) for n in range(10))
        async with door_of(Talker(), broker.port, Hurry(), protocol=version):
            await all_acknowledged(broker, mids)
            await broker.until(lambda b: len(b.payloads(ERROR)) == 1, PATIENCE_SECONDS)
            assert broker.send([describe(11)]) == [11]
            await all_acknowledged(broker, [11])
    told = json.loads(broker.payloads(ERROR)[0])
    assert (told["code"], told["transaction"]) == (ErrorCode.ANSWER_REFUSED, 7)
    assert transactions(broker).count(7) <= 3
    assert set(transactions(broker)) == {*range(10), 11}
    assert broker.links <= 4


async def test_no_answer_is_blamed_for_a_broker_that_was_restarted() -> None:
    async with StrangeBroker() as broker:
        port, tries = broker.port, []

        def verdict(said: Said) -> Verdict:
            if said.topic == RESPONSE:
                tries.append(said.payload)
                if len(tries) < 4:
                    broker.stop_listening()
                    return Verdict.CLOSE
            return Verdict.CONFIRM

        class Restarts(Patience):
            async def sleep(self, seconds: float) -> None:
                if len(self.delays) % 2:
                    await broker.listen()
                self.delays.append(seconds)

        broker.verdict = verdict
        mids = broker.send([search(1)])
        async with door_of(Talker(), port, Restarts()):
            await all_acknowledged(broker, mids)
    assert len(set(tries)) == 1


@pytest.mark.parametrize(
    ("named_bytes", "settings"),
    [
        (5000, {"protocol": "5"}),
        (None, {"protocol": "5", "max_payload_bytes": 5000}),
        (None, {"protocol": "3.1.1", "max_payload_bytes": 5000}),
    ],
)
async def test_answers_are_as_long_as_the_broker_takes(
    named_bytes: int | None, settings: dict[str, Any]
) -> None:
    async with StrangeBroker(maximum_packet_bytes=named_bytes) as broker:
        mids = broker.send([search(1)])
        async with door_of(Talker(), broker.port, Hurry(), **settings):
            await all_acknowledged(broker, mids)
    (payload,) = broker.payloads(RESPONSE)
    answer = json.loads(payload)
    assert 3000 < len(payload) <= 5000
    assert answer["note"] == (
        f"The broker does not take the whole answer: {20 - len(answer['results'])} of its 20 "
        "results are left out."
    )


async def test_what_is_refused_is_told_though_the_connection_ends_over_it() -> None:
    """The sentence is said again on the next connection, and not for ever."""

    def verdict(said: Said) -> Verdict:
        if said.topic == "glance/agent":
            return Verdict.REFUSE
        dies = said.topic == "glance/error" and b"Quota exceeded" in said.payload and said.link < 3
        return Verdict.CLOSE if dies else Verdict.CONFIRM

    def is_told(broker: StrangeBroker) -> bool:
        return any(b"Quota exceeded" in s.payload for s in broker.said if s.link == 3)

    async with StrangeBroker(verdict) as broker, door(broker.port, Hurry(), protocol="5"):
        await broker.until(is_told, PATIENCE_SECONDS)
