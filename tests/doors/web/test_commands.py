"""Commands over HTTP: the verbs of the contract, from the address alone, one worker for all."""

from __future__ import annotations

from typing import Any

import pytest
from yarl import URL

from glance_agent.domain.errors import ErrorCode
from glance_agent.doors.web.commands import CommandDesk
from glance_agent.doors.web.refusing import STATUSES
from tests.broker import Broker, free_port
from tests.doors.web.served import Obedient, access_of, agent_with_pages, door_of, serving
from tests.home import Home
from tests.phone import Phone


async def test_a_command_is_answered_to_its_asker_and_told_to_everyone(
    home: Home, broker: Broker
) -> None:
    red = home.work("red")
    async with (
        Phone(broker.port) as phone,
        agent_with_pages(home, broker.port, free_port()) as session,
    ):
        body = {"artwork": red, "transaction": "t1"}
        for _ in range(2):
            async with session.post("/api/command/like/hall", json=body) as answer:
                reply = await answer.json()
            assert (answer.status, reply["ok"], reply["transaction"]) == (200, True, "t1")
        told = await phone.expect("event/reaction")
        assert (told.json()["artwork"]["id"], told.json()["display"]) == (red, "hall")
        await phone.publish("command/describe", {"transaction": "t2"})
        answered = await phone.expect("response")
        assert answered.json()["transaction"] == "t2"
    topics = [message.topic for message in phone.messages]
    assert topics.count("glance/event/reaction") == 1, "a transaction is carried out once"
    assert home.likes() == [red]


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("next", {"mood": 7}, 400, "bad_value"),
        ("next", {"colour": "red"}, 400, "unknown_key"),
        ("show", {}, 400, "missing_value"),
        ("next", {"command": "hide"}, 400, "bad_value"),
        ("jump", {}, 404, "unknown_verb"),
        ("next%2Fwall", {}, 404, "unknown_verb"),
        ("next/wall%2F..", {}, 404, "unknown_display"),
        ("next/wall/more", {}, 404, "unknown_address"),
        ("..%2f..%2fhealthz", {}, 404, "unknown_verb"),
    ],
)
async def test_what_is_no_command_is_answered_with_its_code(
    path: str, body: dict[str, Any], status: int, code: str
) -> None:
    agent = Obedient()
    desk = CommandDesk(agent, access_of())
    async with serving(door_of(desk.routes())) as session:
        url = URL(f"/api/command/{path}", encoded=True)
        async with session.post(url, json=body) as answer:
            told = await answer.json()
    assert (answer.status, told["error"]["code"]) == (status, code)
    assert agent.handled == []


def test_every_code_has_a_status() -> None:
    assert set(STATUSES) == set(ErrorCode)
