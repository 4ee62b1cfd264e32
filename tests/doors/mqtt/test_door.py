"""The MQTT door against a real Mosquitto: what comes in is answered, what is kept is retained."""

from __future__ import annotations

import asyncio
import io
import json
import socket
from random import Random
from typing import Any

import pytest
from PIL import Image

from glance_agent.domain.display_names import DisplayNames
from glance_agent.domain.errors import ErrorCode
from glance_agent.domain.frame import Frame
from glance_agent.domain.news import About, Hung, News
from glance_agent.domain.topics import Topics
from glance_agent.doors.mqtt import intake
from glance_agent.doors.mqtt.door import MqttDoor
from glance_agent.doors.mqtt.intake import Intake
from glance_agent.doors.mqtt.link import Link
from glance_agent.doors.mqtt.response_topics import ResponseTopics
from glance_agent.doors.mqtt.settings import MqttSettings
from tests.broker import Broker, OldBroker
from tests.colour_encoder import COLOURS
from tests.door import Household, Patience, door, door_of
from tests.home import SIZE_PX, Home, agent, move_in
from tests.phone import Phone
from tests.spawned import PATIENCE_SECONDS

VERSIONS = pytest.mark.parametrize("version", ["5", "3.1.1"])
DISPLAY_TOPICS = ("artwork", "image", "settings")


async def until_shown(phone: Phone) -> None:
    """The agent has put something on every display."""
    for display in ("wall", "hall"):
        await phone.expect(f"display/{display}/image")
        await phone.expect(f"display/{display}/artwork")
    await phone.ask("command/status")  # and nothing of that is still to be told


def is_answer_to(transaction: object) -> Any:
    return lambda message: message.json()["transaction"] == transaction


# -- state -------------------------------------------------------------------------------------


@VERSIONS
async def test_everything_is_retained_for_who_comes_later(
    home: Home, broker: Broker, version: str
) -> None:
    async with agent(home.config(broker.port, mqtt={"protocol": version})):
        async with Phone(broker.port) as early:
            await until_shown(early)
        async with Phone(broker.port, version=version) as late:
            topics = ["status", "agent"]
            topics += [f"display/{d}/{t}" for d in ("wall", "hall") for t in DISPLAY_TOPICS]
            state = {topic: await late.expect(topic) for topic in topics}
    assert all(message.retained for message in state.values())
    assert state["status"].payload == b"online"
    assert state["agent"].json()["artworks"] == len(COLOURS)
    assert state["agent"].json()["embedded"] == len(COLOURS)
    assert {"mood", "slideshow", "interval_seconds", "discovery"} <= set(
        state["display/wall/settings"].json()
    )
    shown = state["display/wall/artwork"].json()
    assert shown["id"].startswith("paint:")
    assert {"shown_at", "why", "position", "colours", "title"} <= set(shown)
    picture = Image.open(io.BytesIO(state["display/wall/image"].payload))
    assert (picture.format, picture.size) == ("JPEG", SIZE_PX)
    assert len(state["display/wall/image"].payload) <= 20_000


class SlowToTell(Household):
    """A household that takes its time to say all that is retained."""

    def __init__(self, *news: News) -> None:
        super().__init__(news)
        self.asked, self.ready = asyncio.Event(), asyncio.Event()

    async def state(self) -> list[News]:
        self.asked.set()
        await self.ready.wait()
        return await super().state()


async def test_what_is_told_by_itself_is_not_told_again_on_a_new_connection(broker: Broker) -> None:
    old, new = (Hung("wall", Frame(data, "image/jpeg", 1, 1)) for data in (b"old", b"new"))
    other = Hung("hall", Frame(b"other", "image/jpeg", 1, 1))
    household = SlowToTell(new, other, About({"version": "test"}))
    async with Phone(broker.port) as phone, door_of(household, broker.port, Patience()) as one:
        await household.asked.wait()
        for news in (old, new, other):
            await one.announce(news)
        household.ready.set()
        await phone.expect("agent")
        images = phone.heard("display/wall/image") + phone.heard("display/hall/image")
        assert [message.payload for message in images] == [b"old", b"new", b"other"]


async def test_the_first_word_is_online(home: Home, broker: Broker) -> None:
    async with Phone(broker.port) as phone:
        for number in range(3):
            mark = len(phone.messages)
            async with agent(home.config(broker.port)):
                await phone.expect("display/hall/image", after=mark)
            # What waited at the broker is ours, and a probe is said to itself.
            others = ("/command", "/probe/")
            said = [m for m in phone.messages[mark:] if not any(o in m.topic for o in others)]
            assert (said[0].topic, said[0].payload) == ("glance/status", b"online")
            await phone.expect("status", lambda m: m.payload == b"offline", after=mark)
            await phone.publish("command/next", {"transaction": number})


async def test_the_last_word_is_offline(home: Home, broker: Broker) -> None:
    async with Phone(broker.port) as phone:
        async with agent(home.config(broker.port)):
            await phone.expect("status", lambda m: m.payload == b"online")
        await phone.expect("status", lambda m: m.payload == b"offline")


async def test_status_publishes_everything_again(home: Home, broker: Broker) -> None:
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await until_shown(phone)
        mark = len(phone.messages)
        assert (await phone.ask("command/status"))["ok"]
        for topic in ("status", "agent", *(f"display/wall/{t}" for t in DISPLAY_TOPICS)):
            await phone.expect(topic, after=mark)


# -- commands and answers ----------------------------------------------------------------------


SPELLINGS: list[tuple[str, Any, str]] = [
    ("command/next", b"", "next"),
    ("command/next/hall", b"", "next"),
    ("command", b"search blue", "search"),
    ("command", {"command": "search", "query": "red", "display": "hall"}, "search"),
    ("command/like", {"user": "ann"}, "like"),
    ("command", b"What is this?", "describe"),
]


@VERSIONS
async def test_every_spelling_is_answered(home: Home, broker: Broker, version: str) -> None:
    config = home.config(broker.port, mqtt={"protocol": version})
    async with agent(config), Phone(broker.port, version=version) as phone:
        await until_shown(phone)
        for topic, payload, verb in SPELLINGS:
            answer = await phone.ask(topic, payload)
            assert (answer["verb"], answer["ok"]) == (verb, True)


HOSTILE: list[tuple[str, bytes]] = [
    ("command/search", rb'{"query": "sea", "transaction": "\ud800"}'),
    ("command/search", rb'{"query": "\udfff", "transaction": 1}'),
    ("command/status", b'{"verb": "x"}'),
    ("command/describe", b'{"verb": "like"}'),
    ("command/next", b'{"transaction": 1e400}'),
    ("command/next", b'{"transaction": ' + 4000 * b"9" + b"}"),
    ("command/next", b'{"transaction": ' + 9000 * b"9" + b"}"),
    ("command/next", b'{"transaction": NaN}'),
    ("command/next", b'{"mood": ' + 30_000 * b"[" + b"}"),
    ("command/next", b'{"mood": ' + 30_000 * b"[" + 30_000 * b"]" + b"}"),
    ("command/next//like", b"\xff\xfe"),
    ("command", b'{"command": {"verb": "like"}}'),
]


@VERSIONS
async def test_whatever_arrives_is_answered_and_the_next_command_too(
    home: Home, broker: Broker, version: str
) -> None:
    config = home.config(broker.port, mqtt={"protocol": version})
    async with agent(config) as running, Phone(broker.port, version=version) as phone:
        await until_shown(phone)
        for topic, payload in HOSTILE:
            mark = len(phone.messages)
            await phone.publish(topic, payload)
            answer = await phone.expect("response", after=mark)
            assert answer.json()["ok"] is False
            told = await phone.expect("error", after=mark)
            for message in (answer, told):
                assert json.loads(message.payload, parse_constant=pytest.fail)["transaction"] in (
                    None, 1,
                )  # fmt: skip
        assert (await phone.ask("command/describe"))["ok"]
        assert not running.done()
    assert home.likes() == []


@pytest.mark.parametrize(("kind", "half"), [(Intake, "run"), (MqttDoor, "_stay_connected")])
async def test_a_door_of_which_one_half_dies_ends_as_a_whole(
    broker: Broker, monkeypatch: pytest.MonkeyPatch, kind: type, half: str
) -> None:
    async def dies(door: object) -> None:
        raise RuntimeError("it is dead")

    monkeypatch.setattr(kind, half, dies)
    one = MqttDoor(
        MqttSettings(port=broker.port), Household(),
        client_id="door", displays=DisplayNames(("wall",)), chance=Random(1),
    )  # fmt: skip
    with pytest.raises(ExceptionGroup) as ended:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await one.run()
    assert ended.group_contains(RuntimeError, match="it is dead")


async def test_a_search_goes_up_on_the_display(home: Home, broker: Broker) -> None:
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await until_shown(phone)
        mark = len(phone.messages)
        answer = await phone.ask("command/search", "something blue please")
        assert answer["results"][0]["artwork"]["id"] == home.work("blue")
        best = answer["artwork"]["id"]
        await phone.expect("display/wall/artwork", lambda m: m.json()["id"] == best, after=mark)
        event = await phone.expect("event/shown", after=mark)
        assert event.json()["id"] == answer["artwork"]["id"]
        image = await phone.expect("display/wall/image", after=mark)
        with Image.open(io.BytesIO(image.payload)) as picture:
            red, _, blue = picture.convert("RGB").getpixel((SIZE_PX[0] // 2, SIZE_PX[1] // 2))  # type: ignore[misc]
        assert blue > red + 50


async def test_a_command_without_acknowledgement_is_answered_too(
    home: Home, broker: Broker
) -> None:
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await until_shown(phone)
        assert (await phone.ask("command/like", qos=0))["ok"]


async def test_the_answer_also_goes_where_the_sender_says(home: Home, broker: Broker) -> None:
    config = home.config(broker.port, mqtt={"response_topics": ["phones"]})
    async with agent(config), Phone(broker.port) as phone:
        await until_shown(phone)
        await phone.subscribe("phones/ann")
        for topic in ("phones/ann", f"{phone.base}/response/ann"):
            mark = len(phone.messages)
            await phone.publish(
                "command/describe", response_topic=topic, correlation=b"\x00\xffcall 7"
            )
            common = await phone.expect("response", after=mark)
            own = await phone.at(topic, after=mark)
            assert own.correlation == b"\x00\xffcall 7"
            assert own.payload == common.payload
            assert common.json()["note"] is None


async def test_who_names_the_common_topic_finds_its_correlation_there(
    home: Home, broker: Broker
) -> None:
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await until_shown(phone)
        mark = len(phone.messages)
        topic = f"{phone.base}/response"
        await phone.publish("command/describe", response_topic=topic, correlation=b"7")
        answer = await phone.expect("response", after=mark)
        assert (answer.correlation, answer.json()["note"]) == (b"7", None)
        await phone.ask("command/describe", {"transaction": "last"})
        assert len(phone.heard("response", after=mark)) == 2


FORBIDDEN_TOPICS = (
    "homeassistant/device/evil/config",
    "phones/ann",
    "glance/status",
    "glance/command/next",
    "glance/display/wall/image",
    "glance",
    "glance/responses/x",
    "$x/y",
)


async def test_answers_go_nowhere_else_and_the_common_one_says_so(
    home: Home, broker: Broker
) -> None:
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await until_shown(phone)
        await phone.subscribe("#")
        for number, topic in enumerate(FORBIDDEN_TOPICS):
            await phone.publish("command/describe", {"transaction": number}, response_topic=topic)
            answer = (await phone.expect("response", is_answer_to(number))).json()
            assert f"“{topic}”" in answer["note"]
            assert "mqtt.response_topics" in answer["note"]
        # What would have gone astray has come before the answer to a later command.
        assert (await phone.ask("command/describe", {"transaction": "last"}))["note"] is None
        astray = [m for m in phone.messages if m.topic in FORBIDDEN_TOPICS and b"verb" in m.payload]
        assert astray == []


def test_a_prefix_is_a_level_and_never_one_of_our_own() -> None:
    topics = ResponseTopics(Topics("art"), ("phones/", "art", "a/b"))
    allowed = ("art/response/x", "phones/ann", "phones/ann/1", "a/b/c")
    refused = (
        "phones",
        "phones2/ann",
        "a/bc",
        "art/status",
        "art/response",
        "phones/+",
        "phones/#",
    )
    assert [topic for topic in (*allowed, *refused) if topics.may_be(topic)] == list(allowed)


IMPOSSIBLE = [
    ("command/search", b"x" * (64 * 1024 + 1), ErrorCode.TOO_LARGE),
    ("command/search", b"x" * 501, ErrorCode.TOO_LARGE),
    ("command/search", b"\xff\xfe", ErrorCode.BAD_TEXT),
    ("command", b"{", ErrorCode.BAD_JSON),
    ("command/a/b/c/d", b"", ErrorCode.UNKNOWN_VERB),
    ("command/next/attic", b"", ErrorCode.UNKNOWN_DISPLAY),
    ("command/like", b"paint:no-such-thing", ErrorCode.UNKNOWN_ARTWORK),
    ("command/ingest", b"louvre", ErrorCode.UNKNOWN_SOURCE),
]


@VERSIONS
async def test_what_cannot_be_done_is_answered_and_told(
    home: Home, broker: Broker, version: str
) -> None:
    config = home.config(broker.port, mqtt={"protocol": version})
    async with agent(config), Phone(broker.port, version=version) as phone:
        await phone.expect("agent")
        for topic, payload, code in IMPOSSIBLE:
            mark = len(phone.messages)
            answer = await phone.ask(topic, payload)
            assert not answer["ok"]
            assert answer["error"]["code"] == code
            assert answer["error"]["message"] == answer["message"]
            told = (await phone.expect("error", after=mark)).json()
            assert {k: told[k] for k in ("code", "message", "hint")} == answer["error"]
            assert (await phone.ask("command/search", "red"))["ok"]


# -- retained commands -------------------------------------------------------------------------


@VERSIONS
async def test_a_retained_command_is_answered_and_not_executed(
    home: Home, broker: Broker, version: str
) -> None:
    config = home.config(broker.port, mqtt={"protocol": version})
    async with Phone(broker.port, version=version) as phone:
        await phone.publish("command/like", home.work("red"), retain=True)
        for start in ("first", "second"):
            mark = len(phone.messages)
            async with agent(config):
                await phone.expect("agent", after=mark)
                if version == "3.1.1" or start == "first":
                    # Version 5 spares a known subscriber what was retained before.
                    answer = await phone.expect("response", after=mark)
                    assert answer.json()["error"]["code"] == ErrorCode.RETAINED
                assert (await phone.ask("command/describe", {"transaction": start}))["verb"]
    assert home.likes() == []


async def test_a_command_sent_retained_to_a_running_agent_is_not_executed(
    home: Home, broker: Broker
) -> None:
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await until_shown(phone)
        answer = await phone.ask("command/like", {"transaction": "r"}, retain=True)
        assert answer["error"]["code"] == ErrorCode.RETAINED
        cleared = await phone.ask("command/like", b"", retain=True)
        assert cleared["error"]["code"] == ErrorCode.RETAINED
        assert "clears its topic" in cleared["message"]
    assert home.likes() == []


async def test_what_clears_a_topic_is_a_command_to_version_3(home: Home, broker: Broker) -> None:
    """As the contract says: the broker hides the flag from a subscriber that is connected."""
    config = home.config(broker.port, mqtt={"protocol": "3.1.1"})
    async with agent(config), Phone(broker.port) as phone:
        await until_shown(phone)
        answer = await phone.ask("command/describe", b"", retain=True)
        assert (answer["verb"], answer["ok"]) == ("describe", True)


# -- many at once ------------------------------------------------------------------------------


@VERSIONS
async def test_more_commands_than_the_queue_takes_wait_at_the_broker(
    home: Home, broker: Broker, version: str
) -> None:
    config = home.config(broker.port, mqtt={"protocol": version})
    many, red = 400, home.work("red")
    async with Phone(broker.port, version=version) as phone:
        async with agent(config):
            await until_shown(phone)
        mark = len(phone.messages)
        likes = [{"artwork": red, "user": f"guest {n}", "transaction": n} for n in range(many)]
        await asyncio.gather(*(phone.publish("command/like", like) for like in likes))
        async with agent(config):
            answers = [m.json() for m in await phone.several(many, "response", after=mark)]
    assert all(a["ok"] for a in answers)
    assert sorted(a["transaction"] for a in answers) == list(range(many))
    assert len(home.rows("SELECT DISTINCT user FROM reactions")) == many


async def test_a_flood_is_held_back_until_the_worker_has_time(home: Home, broker: Broker) -> None:
    many = 300
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await until_shown(phone)
        mark = len(phone.messages)
        with home.write_lock():
            for number in range(many):
                await phone.publish("command/forget", {"transaction": number}, qos=0)
        answers = [m.json() for m in await phone.several(many, "response", after=mark)]
    assert sorted(a["transaction"] for a in answers) == list(range(many))


async def test_beyond_what_is_held_a_command_of_qos_0_is_answered_busy(
    home: Home, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "HELD_COMMANDS", 20)
    many = 120
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await until_shown(phone)
        mark = len(phone.messages)
        with home.write_lock():
            await phone.publish("command/like", {"transaction": "first"})
            for number in range(many):
                await phone.publish("command/describe", {"transaction": number}, qos=0)
            refused = [m.json() for m in await phone.several(many - 19, "response", after=mark)]
        assert {a["error"]["code"] for a in refused} == {ErrorCode.BUSY}
        assert [a["transaction"] for a in refused] == list(range(19, many))
        answers = await phone.several(many + 1, "response", after=mark)
    assert sum(m.json()["ok"] for m in answers) == 20


async def queued(phone: Phone, home: Home, commands: list[tuple[str, Any]]) -> list[dict[str, Any]]:
    """Send commands while the worker is busy with another one; their answers, in order."""
    mark = len(phone.messages)
    with home.write_lock():
        await phone.publish("command/forget", {"transaction": "first"})
        for number, (topic, payload) in enumerate(commands):
            await phone.publish(topic, {"transaction": number, **payload})
    answers = await phone.several(len(commands) + 1, "response", after=mark)
    found = {m.json()["transaction"]: m.json() for m in answers}
    return [found[commands[n][1].get("transaction", n)] for n in range(len(commands))]


async def test_queued_next_become_one(home: Home, broker: Broker) -> None:
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await until_shown(phone)
        before = len(home.showings())
        answers = await queued(phone, home, [("command/next", {})] * 5)
        assert len({a["artwork"]["id"] for a in answers}) == 1
        assert [a["transaction"] for a in answers] == [0, 1, 2, 3, 4]
        assert len(home.showings()) == before + 1


async def test_only_the_same_next_become_one(home: Home, broker: Broker) -> None:
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await until_shown(phone)
        wall, hall = len(home.showings("wall")), len(home.showings("hall"))
        commands: list[tuple[str, Any]] = [
            ("command/next", {}),
            ("command/next", {}),
            ("command/next/hall", {}),
            ("command/next", {"mood": "blue"}),
            ("command/like", {}),
            ("command/next", {}),
        ]
        assert all(a["ok"] for a in await queued(phone, home, commands))
        assert len(home.showings("wall")) == wall + 3
        assert len(home.showings("hall")) == hall + 1


async def test_a_fresh_next_behind_a_repeated_one_is_carried_out(
    home: Home, broker: Broker
) -> None:
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await until_shown(phone)
        await phone.ask("command/next", {"transaction": "old"})
        before = home.showings()
        commands = [("command/next", {"transaction": "old"}), ("command/next", {})]
        answers = await queued(phone, home, commands)
        assert len(home.showings()) == len(before) + 1
        assert answers[1]["artwork"]["id"] == home.showings()[-1] != before[-1]


@VERSIONS
async def test_a_repeated_transaction_is_answered_again_and_changes_nothing(
    home: Home, broker: Broker, version: str
) -> None:
    config = home.config(broker.port, mqtt={"protocol": version})
    async with agent(config), Phone(broker.port, version=version) as phone:
        await until_shown(phone)
        first = await phone.ask("command/next", {"transaction": "t1"})
        shown = home.showings()
        mark = len(phone.messages)
        again = await phone.ask("command/next", {"transaction": "t1"})
        await phone.ask("command/describe", {"transaction": "barrier"})
        assert again["artwork"]["id"] == first["artwork"]["id"]
        assert home.showings() == shown
        assert phone.heard("event/shown", after=mark) == []
        assert (await phone.ask("command/next", {"transaction": "t2"}))["ok"]
        assert len(home.showings()) == len(shown) + 1


async def test_a_command_that_breaks_the_agent_is_answered_and_the_next_is_carried_out(
    broker: Broker,
) -> None:
    async with door(broker.port, Patience()), Phone(broker.port) as phone:
        await phone.expect("status", lambda m: m.payload == b"online")
        answer = await phone.ask("command/next", {"user": "moon", "transaction": 1})
        assert answer["error"]["code"] == ErrorCode.INTERNAL
        assert "secret" not in str(answer)
        told = (await phone.expect("error")).json()
        assert (told["code"], told["transaction"]) == (ErrorCode.INTERNAL, 1)
        assert (await phone.ask("command/next", {"transaction": 2}))["ok"]


# -- versions and neighbours ---------------------------------------------------------------------


async def test_no_packet_waits_until_the_one_before_is_confirmed(broker: Broker) -> None:
    """Nagle's algorithm is off: with it, an answer behind an acknowledgement waits 40 ms."""
    settings = MqttSettings(port=broker.port)
    link = Link(settings, "quick", version=5, will_topic=None, on_message=print)
    await link.open()
    wire = link._client.socket()
    assert isinstance(wire, socket.socket)
    assert wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    await link.close(1.0)


async def test_a_broker_without_version_5_gets_version_3(home: Home) -> None:
    async with OldBroker() as old, agent(home.config(old.port)):
        await old.accepted_a_connection()
        assert old.asked_for == [5, 4]


async def test_two_agents_share_a_broker(
    home: Home, broker: Broker, stocked: Any, pictures: Any, tmp_path: Any
) -> None:
    other = move_in(tmp_path / "other", stocked, pictures)
    # Copied with the library, the instance id would make both the same MQTT client.
    mine, yours = {"base_topic": "glance/a"}, {"base_topic": "b", "client_id": "agent-b"}
    async with (
        agent(home.config(broker.port, mqtt=mine)),
        agent(other.config(broker.port, mqtt=yours)),
        Phone(broker.port, base="glance/a") as ann,
        Phone(broker.port, base="b") as bob,
    ):
        await until_shown(ann)
        await until_shown(bob)
        mark = len(bob.messages)
        assert (await ann.ask("command/search", {"query": "red", "transaction": 1}))["ok"]
        await bob.ask("command/describe", {"transaction": 2})
        heard = bob.heard("response", after=mark)
        assert [message.json()["transaction"] for message in heard] == [2]
        assert (await bob.ask("command/like", {"artwork": home.work("red")}))["verb"] == "like"
    assert home.likes() == []
