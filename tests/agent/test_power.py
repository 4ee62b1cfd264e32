"""A display that is off, with the whole agent: nothing is brought to it until it is on again."""

from __future__ import annotations

from glance_agent.domain.command import Power
from tests.broker import Broker
from tests.home import Home, agent
from tests.phone import Message, Phone

WALL = "display/wall"


def is_off(message: Message) -> bool:
    return message.payload == b"off"


async def test_a_display_that_is_off_gets_its_picture_when_it_is_on(
    home: Home, broker: Broker
) -> None:
    work = home.work("blue")
    async with (
        agent(home.config(broker.port, choice={"slideshow": True})),
        Phone(broker.port) as phone,
    ):
        assert (await phone.expect(f"{WALL}/power")).payload == b"on"
        before = (await phone.expect(f"{WALL}/image")).payload
        mark = len(phone.messages)
        assert (await phone.ask("command/power", "off"))["message"].startswith("Switched off")
        await phone.expect(f"{WALL}/power", is_off, after=mark)
        told = await phone.expect(f"{WALL}/settings", lambda m: not m.json()["power"], after=mark)
        assert told.json()["next_change_at"] is None
        reply = await phone.ask("command/show", work)
        assert reply["message"].endswith("It is off; “turn the display on” brings the picture.")
        await phone.expect(f"{WALL}/artwork", lambda m: m.json()["id"] == work, after=mark)
        await phone.ask("command/show/hall", work)
        await phone.expect("display/hall/image", after=mark)
        # That which hung before may still have been on its way, or come as a retained one too.
        brought = phone.heard(f"{WALL}/image", after=mark)
        assert [message for message in brought if message.payload != before] == []
        mark = len(phone.messages)
        assert (await phone.ask("command/power", "on"))["message"] == "Switched on."
        assert (await phone.expect(f"{WALL}/power", after=mark)).payload == b"on"
        assert (await phone.expect(f"{WALL}/image", after=mark)).payload != before
        assert (await phone.ask("command", "turn the wall display on"))["message"] == (
            "It is on already."
        )


async def test_a_display_stays_off_over_a_restart_and_its_picture_stays(
    home: Home, broker: Broker
) -> None:
    config = home.config(broker.port)
    async with agent(config), Phone(broker.port) as phone:
        await phone.expect(f"{WALL}/image")
        await phone.ask("command/power/wall", "off")
        await phone.ask("command/show/wall", home.work("blue"))
    async with agent(config), Phone(broker.port) as phone:
        assert (await phone.expect(f"{WALL}/power")).payload == b"off"
        await phone.expect("display/hall/image")
        artwork = (await phone.expect(f"{WALL}/artwork")).json()
        assert artwork["id"] == home.work("blue")
        status = await phone.ask("command/status")
        assert "it is off" in status["message"]
        mark = len(phone.messages)
        await phone.ask("command/power/wall", "on")
        await phone.expect(f"{WALL}/image", after=mark)


async def test_all_are_off_and_on_again(home: Home, broker: Broker) -> None:
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await phone.expect("display/hall/image")
        reply = await phone.ask("command", "schalte alle Bildschirme aus")
        assert (reply["verb"], reply["ok"]) == (Power.model_fields["verb"].default, True)
        for display in ("wall", "hall"):
            await phone.expect(f"display/{display}/power", is_off)
        mark = len(phone.messages)
        await phone.ask("command/power/all", "on")
        for display in ("wall", "hall"):
            await phone.expect(f"display/{display}/image", after=mark)


async def test_who_asks_for_a_picture_on_one_that_is_off_is_told_what_to_say(
    home: Home, broker: Broker
) -> None:
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await phone.expect("display/hall/image")
        await phone.ask("command/power/hall", "off")
        reply = await phone.ask("command/show/hall", home.work("blue"))
        assert "“turn the hall display on”" in reply["message"]
        reply = await phone.ask("command", "turn the hall display on")
        assert (reply["display"], reply["message"]) == ("hall", "Switched on.")


async def test_what_cannot_be_switched_is_answered(home: Home, broker: Broker) -> None:
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await phone.expect(f"{WALL}/image")
        for text in ("", "station", '{"on": "perhaps"}', '{"off": true}'):
            reply = await phone.ask("command/power", text)
            assert not reply["ok"], text
            assert reply["error"]["hint"] or reply["error"]["message"]
        unknown = await phone.ask("command", "turn the balcony display off")
        assert unknown["error"]["code"] == "unknown_display"
