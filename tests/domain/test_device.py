"""What follows from what a device says: its battery, how long it lasts, when it is missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glance_agent.domain.battery import BatterySample, days_left, percent_of
from glance_agent.domain.device import (
    MOST_SAMPLES,
    DeviceReport,
    KeptDevice,
    as_of,
    heard,
    number_of,
    said_by_device,
)

START = datetime(2026, 6, 1, tzinfo=UTC)


def told(*said: tuple[float, DeviceReport]) -> KeptDevice:
    """What is known after reports at so many hours."""
    kept = None
    for hours, report in said:
        kept = heard(kept, report, START + timedelta(hours=hours))
    assert kept is not None
    return kept


def volts(*said: tuple[float, float]) -> KeptDevice:
    return told(*((hours, DeviceReport(voltage=v)) for hours, v in said))


@pytest.mark.parametrize(
    ("volts", "percent"),
    [(0, 0), (3.3, 0), (3.4, 5), (3.5, 10), (3.7, 50), (3.95, 75), (4.2, 100), (4.4, 100)],
)
def test_a_lithium_cell_is_as_full_as_its_voltage_says(volts: float, percent: float) -> None:
    assert percent_of(volts) == percent


def falling(days: float, percent_a_day: float, every_hours: int = 6) -> list[BatterySample]:
    hours = range(0, round(days * 24) + 1, every_hours)
    return [
        BatterySample(START + timedelta(hours=h), 90 - percent_a_day * h / 24 + (h % 4) / 10)
        for h in hours
    ]


def test_the_days_left_follow_from_the_batterys_past() -> None:
    assert days_left(falling(20, 1)) == 70
    assert days_left(falling(4, 10)) == 5
    assert days_left(falling(300, 0.05)) == 999


@pytest.mark.parametrize(
    "past",
    [
        [],
        [BatterySample(START, 90)],
        falling(0.9, 20),  # less than a day
        falling(5, 0.2),  # not enough to tell from a cold night
        falling(5, -2),  # a sun panel
        [BatterySample(START, 50), BatterySample(START, 40)],
    ],
)
def test_what_cannot_be_told_yet_is_not_told(past: Sequence[BatterySample]) -> None:
    assert days_left(past) is None


def test_a_charge_begins_a_new_past() -> None:
    days = [(24.0 * day, DeviceReport(battery=90 - 3 * day)) for day in range(10)]
    assert told(*days).state.days_left == 21
    charged = told(*days, (24 * 10, DeviceReport(battery=100)))
    assert (charged.state.days_left, len(charged.samples)) == (None, 1)


def test_a_rising_voltage_is_a_charge_until_it_falls() -> None:
    assert volts((0, 3.7)).state.charging is None
    assert volts((0, 3.7), (1, 3.84)).state.charging is False
    assert volts((0, 3.7), (1, 3.86)).state.charging is True
    assert volts((0, 3.7), (1, 3.86), (2, 3.87), (3, 3.87)).state.charging is True
    assert volts((0, 3.7), (1, 3.86), (2, 3.8)).state.charging is False


def test_what_a_device_does_not_say_stays_as_it_was() -> None:
    kept = told(
        (0, DeviceReport(battery=80, firmware="1.2", signal=-60)), (1, DeviceReport(signal=-70))
    )
    assert (kept.state.battery, kept.state.firmware, kept.state.signal) == (80, "1.2", -70)
    assert kept.state.seen_at == START + timedelta(hours=1)
    assert len(kept.samples) == 1  # that it was not told again is no new value


def test_a_device_is_missing_after_two_of_its_intervals() -> None:
    state = told((0, DeviceReport(interval_seconds=3600))).state
    assert state.expected_at == START + timedelta(hours=1)
    assert not as_of(state, START + timedelta(minutes=119)).missing
    gone = as_of(state, START + timedelta(hours=2))
    assert gone.missing
    back = heard(KeptDevice(state=gone), DeviceReport(signal=-50), START + timedelta(hours=9))
    assert not back.state.missing
    assert not as_of(told((0, DeviceReport())).state, START + timedelta(days=900)).missing


def test_who_was_not_listening_calls_no_device_missing() -> None:
    state = told((0, DeviceReport(interval_seconds=3600))).state
    since = START + timedelta(days=2)
    assert not as_of(state, since + timedelta(minutes=119), since).missing
    gone = as_of(state, since + timedelta(hours=2), since)
    assert gone.missing
    assert as_of(gone, since + timedelta(hours=3), since + timedelta(hours=3)).missing


def test_the_past_is_bounded_and_follows_a_clock_that_was_set() -> None:
    kept = told(*((h / 4, DeviceReport(battery=90 - h / 200)) for h in range(4 * 500)))
    assert len(kept.samples) == MOST_SAMPLES
    earlier = heard(kept, DeviceReport(battery=50), START + timedelta(hours=200, minutes=30))
    assert earlier.samples[-1].at <= START + timedelta(hours=201)
    assert KeptDevice.model_validate_json(kept.model_dump_json()) == kept


@given(st.one_of(st.text(), st.binary(), st.integers(), st.floats(), st.none(), st.booleans()))
def test_whatever_a_device_says_is_taken_or_left(value: object) -> None:
    number = number_of(value, 0, 100)
    assert number is None or 0 <= number <= 100
    words = said_by_device(value)
    assert words is None or ("\n" not in words and 0 < len(words) <= 64)
    DeviceReport(battery=number, firmware=words)


def test_numbers_come_as_text_too() -> None:
    assert number_of("4.05", 0, 60) == 4.05
    assert number_of("nan", 0, 60) is None
    assert number_of(10**400, 0, 60) is None
    assert said_by_device("1.0\nforged line") == "1.0 forged line"
