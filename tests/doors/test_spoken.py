"""What a whole agent says, over MQTT and over HTTP, in the language of whoever hears it."""

from __future__ import annotations

import json

from tests.broker import Broker, free_port
from tests.doors.web.served import answering, client
from tests.home import Home, agent
from tests.phone import Phone

ENGLISH, GERMAN = {"Accept-Language": "en"}, {"Accept-Language": "de-DE,de;q=0.9"}


async def test_everybody_is_answered_in_their_language(home: Home, broker: Broker) -> None:
    port, red = free_port(), home.work("red")
    config = home.config(broker.port, web={"enabled": True, "port": port})
    config = config.model_copy(update={"language": "de", "languages": {"mia": "en"}})
    async with (
        Phone(broker.port) as phone,
        agent(config),
        client(port) as session,
    ):
        await answering(session)
        assert await _answer(phone, "show", {"artwork": red}) == "Ich zeige „Red Field“."
        why = [
            (await phone.expect(topic, lambda m: "Red Field" in m.payload.decode())).json()["why"]
            for topic in ("event/shown", "display/wall/artwork")
        ]
        assert why == ["Du hast es dir gewünscht"] * 2
        for keys in ({"user": "Mia"}, {"language": "en"}):
            english = await _answer(phone, "show", {"artwork": red, **keys})
            assert english == "Showing “Red Field”."
        assert await _answer(phone, "unhide", {}) == "Nichts ist ausgeblendet."
        failed = await phone.expect("error")
        assert failed.json()["message"] == "Nichts ist ausgeblendet."
        assert failed.json()["code"] == "no_match"
        for headers, said, reason in (
            (ENGLISH, "There is no artwork “a:b” in the library.", "You asked for it"),
            (GERMAN, "Ein Werk „a:b“ gibt es in der Sammlung nicht.", "Du hast es dir gewünscht"),
            ({}, "Ein Werk „a:b“ gibt es in der Sammlung nicht.", "Du hast es dir gewünscht"),
        ):
            async with session.post(
                "/api/command/like", json={"artwork": "a:b"}, headers=headers
            ) as answer:
                assert (await answer.json())["message"] == said
            async with session.get("/api/displays", headers=headers) as answer:
                assert (await answer.json())["displays"][0]["hangs"]["why"] == reason
            async with session.get("/api/events", headers=headers) as events:
                while (line := await events.content.readline()) and b'"why"' not in line:
                    pass
                assert json.loads(line.removeprefix(b"data: "))["why"] == reason
        async with session.get("/api/nowhere?lang=de", headers=ENGLISH) as answer:
            assert (await answer.json())["message"] == "Hier antwortet nichts."


async def _answer(phone: Phone, verb: str, keys: dict[str, str]) -> str:
    """What is answered to a command."""
    mark = f"t{len(phone.messages)}"
    await phone.publish(f"command/{verb}", {**keys, "transaction": mark})
    told = await phone.expect("response", lambda m: m.json()["transaction"] == mark)
    return str(told.json()["message"])
