"""When displays change, with the whole agent: wishes hang in time, quiet hours are told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from glance_agent.domain.clock_steps import ClockSteps
from glance_agent.wiring import doors, rooms
from tests.broker import Broker
from tests.home import Home, agent
from tests.phone import Message, Phone


def around_now() -> list[str]:
    """Quiet hours from an hour ago to two hours from now, in UTC."""
    now = datetime.now(UTC)
    return [f"{now - timedelta(hours=1):%H:%M}-{now + timedelta(hours=2):%H:%M}"]


@pytest.fixture
def time_of_day(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The one time that every clock on the wall shows."""
    now = [datetime.now(UTC)]
    for module in (rooms, doors):
        monkeypatch.setattr(module, "utc_now", lambda: now[0])
    monkeypatch.setattr(ClockSteps, "taken", lambda steps: None)
    return now


async def test_a_wish_hangs_as_soon_as_the_panel_may_change(
    home: Home, broker: Broker, time_of_day: list[datetime]
) -> None:
    work, wall = home.work("blue"), "display/wall"
    config = home.config(broker.port, wall={"min_interval_seconds": 900})
    async with agent(config), Phone(broker.port) as phone:
        await phone.expect(f"{wall}/image")
        mark = len(phone.messages)
        reply = await phone.ask("command/show", work)
        assert "“Blue Field” hangs at " in reply["message"]
        waits = lambda m: m.json()["waiting"] == work  # noqa: E731
        told = (await phone.expect(f"{wall}/settings", waits, after=mark)).json()
        due = time_of_day[0] + timedelta(minutes=15)
        assert datetime.fromisoformat(told["next_change_at"]) - due < timedelta(seconds=1)
        shown = [m.json()["id"] for m in phone.heard(f"{wall}/artwork", after=mark)]
        assert work not in shown, "what the start still has to tell may come after an answer"
        time_of_day[0] = due
        await phone.publish("command/status")  # so that everyone looks at the clock
        await phone.expect(f"{wall}/artwork", lambda m: m.json()["id"] == work, after=mark)
        await phone.expect("event/shown", lambda m: m.json()["id"] == work, after=mark)
        await phone.expect(f"{wall}/image", after=mark)
        await phone.expect(f"{wall}/settings", lambda m: m.json()["waiting"] is None, after=mark)


async def test_in_quiet_hours_a_slideshow_is_told_to_wait_and_a_person_is_not(
    home: Home, broker: Broker
) -> None:
    quiet: dict[str, dict[str, Any]] = {
        "choice": {"slideshow": True},
        "wall": {"quiet": around_now()},
    }
    config = home.config(broker.port, **quiet).model_copy(update={"timezone": "UTC"})
    async with agent(config), Phone(broker.port) as phone:
        settings = (await phone.expect("display/wall/settings")).json()
        assert settings["quiet_until"] is not None
        shown = lambda m: m.json()["next_change_at"] == settings["quiet_until"]  # noqa: E731
        await phone.expect("display/wall/settings", shown)
        mark = len(phone.messages)
        assert (await phone.ask("command/next"))["message"].startswith("Showing")
        await phone.expect("display/wall/image", after=mark)
        await phone.ask("command/pause")
        paused = lambda m: m.json()["paused"]  # noqa: E731
        told = (await phone.expect("display/wall/settings", paused, after=mark)).json()
        assert told["next_change_at"] is None
        assert told["quiet_until"] == settings["quiet_until"]


async def test_settings_of_a_household_without_a_slideshow_are_told_once(
    home: Home, broker: Broker
) -> None:
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await phone.expect("display/wall/image")
        await phone.ask("command/discovery", "40")
        told = [await settings_told_by_pictures(phone) for _ in range(5)]
        assert [] in told, "what the start still had to tell ends"


async def settings_told_by_pictures(phone: Phone) -> list[Message]:
    """What is told of the settings while three other pictures are put up."""
    mark = len(phone.messages)
    for number in range(3):
        await phone.ask("command/next", {"transaction": f"{mark} {number}"})
    return phone.heard("display/wall/settings", after=mark)


async def test_the_first_picture_of_a_slideshow_says_when_it_changes(
    home: Home, broker: Broker
) -> None:
    home.database.unlink()  # so that there is no picture before those that are brought in
    async with (
        Phone(broker.port) as phone,
        agent(home.config(broker.port, choice={"slideshow": True})),
    ):
        await phone.expect("display/wall/artwork")
        await phone.expect(
            "display/wall/settings", lambda m: m.json()["next_change_at"] is not None
        )
