"""Whose request it is, by the id that a device names; and what is said of one that nobody knows."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from glance_agent.displays import pull
from glance_agent.displays.pull import DeviceRoute, DeviceTable, Moment, PulledDisplay
from glance_agent.displays.settings import PulledSettings
from glance_agent.domain.device_http import DeviceAnswer, DeviceRequest
from glance_agent.domain.device_id import device_id
from glance_agent.domain.display import TimedSettings
from glance_agent.domain.sleeping import sleep_seconds

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


class ClockSettings(PulledSettings):
    """A frame that shows nothing but whose it is."""


class Clock(PulledDisplay[ClockSettings]):
    """Answers with its own name."""

    settings_class = ClockSettings

    async def told(self, request: DeviceRequest, moment: Moment) -> DeviceAnswer:
        return DeviceAnswer(self.settings.name.encode())

    @classmethod
    def routes(cls) -> Sequence[DeviceRoute]:
        return (
            DeviceRoute("GET", "/mine", lambda request: request.header("id"), cls.told),
            DeviceRoute("GET", "/nobodys", lambda request: None, cls.told),
        )


def clock(name: str, **settings: Any) -> Clock:
    return Clock(ClockSettings(kind="clock", name=name, **settings))


async def moment(_display: str) -> Moment:
    return Moment(NOW)


async def asked(table: DeviceTable, path: str, name: str = "", address: str = "10.0.0.9") -> str:
    """What is answered: a display's name, or the status of who has none."""
    [found] = [one for one in table.addresses() if one.path == path]
    answer = await found.answer(DeviceRequest({"id": name}, address=address))
    return answer.body.decode() if answer.status == 200 else str(answer.status)


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("ESP32-AB12CD", "esp32-ab12cd"),
        ("01:23:45:67:89:AB", "01:23:45:67:89:ab"),
        ("01-23-45-67-89-ab", "01:23:45:67:89:ab"),
        (" 0123456789AB ", "01:23:45:67:89:ab"),
        ("", None),
        ("a b", None),
        ("x\nforged", None),
        ("é" * 10, None),
        ("a" * 41, None),
        ("../etc", None),
    ],
)
def test_an_id_has_one_spelling(written: str, known: str | None) -> None:
    assert device_id(written) == known


async def test_only_the_device_of_a_display_is_answered() -> None:
    table = DeviceTable(
        [clock("wall", device="one-1"), clock("hall", device="AABBCCDDEEFF")], moment
    )
    assert await asked(table, "/mine", "ONE-1") == "wall"
    assert await asked(table, "/mine", "aa:bb:cc:dd:ee:ff") == "hall"
    for stranger in ("two-2", "", "one-1\n", "'; --"):
        assert await asked(table, "/mine", stranger.replace("\n", "?")) == "404"


async def test_a_device_without_a_name_is_the_only_one_or_the_one_at_its_address() -> None:
    only = DeviceTable([clock("wall", device="one-1")], moment)
    assert await asked(only, "/nobodys") == "wall"
    pinned = DeviceTable([clock("wall", device="one-1", address="10.0.0.7")], moment)
    assert await asked(pinned, "/nobodys") == "404"
    both = [
        clock("wall", device="one-1", address="10.0.0.7"),
        clock("hall", device="two-2", address="10.0.0.9"),
        clock("loft", device="three-3"),
    ]
    assert await asked(DeviceTable(both, moment), "/nobodys", address="10.0.0.7") == "wall"
    assert await asked(DeviceTable(both, moment), "/nobodys") == "hall"
    assert await asked(DeviceTable(both, moment), "/nobodys", address="10.0.0.8") == "404"


async def test_an_unknown_device_is_told_of_once_with_what_to_write(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = DeviceTable([clock("wall", device="one-1", address="10.0.0.7")], moment)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            await asked(table, "/mine", "ESP32-ab12cd")
            await asked(table, "/mine", '"]\n[web]\nhost="0.0.0.0')
            await asked(table, "/nobodys")
        assert [record.getMessage().partition(": ")[2] for record in caplog.records] == [
            'device = "esp32-ab12cd"',
            "",
            'address = "10.0.0.9"',
        ]
        assert not any("web" in record.getMessage() for record in caplog.records)
        monkeypatch.setattr(pull, "MOST_STRANGERS", 5)
        for number in range(9):
            await asked(table, "/mine", f"other-{number}")
    assert len(caplog.records) == 5


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"device": "a b"}, "no id of a device"),
        ({"device": "one-1", "address": "hall.local"}, "no address"),
        ({"device": "one-1", "wake_seconds": 5}, "greater than or equal to 60"),
        ({}, "Field required"),
    ],
)
def test_settings_that_cannot_be_are_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        clock("wall", **wrong)


# -- how long a device sleeps ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "battery", "seconds"),
    [
        ({}, None, 1800),
        ({"next_change_at": 600}, None, 645),
        ({"next_change_at": 7200}, None, 1800),
        ({"next_change_at": 1}, None, 60),
        ({"next_change_at": -50}, None, 60),
        ({"quiet_until": 9 * 3600}, None, 9 * 3600 + 45),
        ({"quiet_until": 9 * 3600, "next_change_at": 9 * 3600}, None, 9 * 3600 + 45),
        # Somebody asked for it, at night.
        ({"quiet_until": 9 * 3600, "next_change_at": 600, "waiting": "a:1"}, None, 645),
        ({"quiet_until": 60 * 86_400}, None, 7 * 86_400),
        ({"next_change_at": 600}, 15, 7200),
        ({"next_change_at": 600}, 16, 645),
        ({"paused": True}, 80, 1800),
    ],
)
def test_a_device_sleeps_until_there_is_something_to_see(
    settings: dict[str, Any], battery: float | None, seconds: int
) -> None:
    at = {
        key: NOW + timedelta(seconds=value) if key.endswith(("_at", "_until")) else value
        for key, value in settings.items()
    }
    assert sleep_seconds(TimedSettings(**at), NOW, usual=1800, battery=battery) == seconds


def test_a_device_sleeps_as_usual_where_nothing_is_known() -> None:
    assert sleep_seconds(None, NOW, usual=900) == 900
    assert sleep_seconds(None, NOW, usual=60, least=225) == 225
