"""Quiet hours: as people write them, and right in every zone, also on the days of the leap."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glance_agent.domain.quiet import QuietHours, QuietWindow, never_ends, quiet_window

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


def hours(*texts: str, zone: str = BERLIN) -> QuietHours:
    return QuietHours(tuple(map(quiet_window, texts)), ZoneInfo(zone))


def local(text: str, zone: str = BERLIN, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


# -- as people write them ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "days", "begins", "ends"),
    [
        ("22:00-07:00", "0123456", 1320, 420),
        (" 7:00 – 9:30 ", "0123456", 420, 570),
        ("sat,sun 22:00-09:00", "56", 1320, 540),
        ("Sat, Sunday 22:00-09:00", "56", 1320, 540),
        ("mon-fri 23:00-06:00", "01234", 1380, 360),
        ("fri-mon 23:00-06:00", "0456", 1380, 360),
        ("mon - wed, sun 01:00-02:00", "0126", 60, 120),
        ("tue 00:00-24:00", "1", 0, 1440),
        ("12:00-00:00", "0123456", 720, 0),
    ],
)
def test_what_people_write_is_read(text: str, days: str, begins: int, ends: int) -> None:
    assert quiet_window(text) == QuietWindow(frozenset(map(int, days)), begins, ends)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no part of the day"),
        ("at night", "no part of the day"),
        ("22-7", "write for example “22:00-07:00”"),
        ("22:00", "no part of the day"),
        ("22:00-07:00 sat", "no part of the day"),
        ("25:00-07:00", "“25:00” is no time of the day"),
        ("22:60-07:00", "“22:60” is no time of the day"),
        ("22:00-22:00", "begins when it ends: write 00:00-24:00"),
        ("24:00-07:00", "begins when it ends"),
        ("so 22:00-07:00", "“so” is no day: write mon"),
        ("sats 22:00-07:00", "“sats” is no day"),
        ("sat- 22:00-07:00", "no day"),
    ],
)
def test_what_means_nothing_is_a_sentence(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        quiet_window(text)


@pytest.mark.parametrize(
    ("texts", "is_so"),
    [
        (["00:00-24:00"], True),
        (["22:00-07:00", "07:00-22:00"], True),
        (["mon-sat 00:00-24:00", "sun 00:00-23:59"], False),
        (["22:00-07:00"], False),
        ([], False),
    ],
)
def test_hours_that_never_end_are_known(texts: list[str], is_so: bool) -> None:
    assert never_ends(map(quiet_window, texts)) is is_so


# -- ordinary days ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "until", "next_change"),
    [
        ("2026-06-03 21:59", None, "2026-06-03 22:00"),
        ("2026-06-03 22:00", "2026-06-04 07:00", "2026-06-04 07:00"),
        ("2026-06-04 06:59", "2026-06-04 07:00", "2026-06-04 07:00"),
        ("2026-06-04 07:00", None, "2026-06-04 22:00"),
        ("2026-06-06 08:00", None, "2026-06-06 22:00"),  # Saturday morning
        ("2026-06-07 08:00", "2026-06-07 09:00", "2026-06-07 09:00"),  # Saturday's night
        ("2026-06-08 08:59", "2026-06-08 09:00", "2026-06-08 09:00"),  # Sunday's night
        ("2026-06-09 08:00", None, "2026-06-09 22:00"),
        ("2026-06-10 12:00", "2026-06-10 15:00", "2026-06-10 15:00"),  # one window into the next
    ],
)
def test_windows_of_a_week(now: str, until: str | None, next_change: str) -> None:
    quiet = hours("22:00-07:00", "sat,sun 22:00-09:00", "wed 11:00-13:00", "wed 13:00-15:00")
    found = quiet.until(local(now))
    assert found == (local(until) if until else None)
    if not now.startswith("2026-06-09"):
        assert quiet.changes_at(local(now)) == local(next_change)


def test_without_windows_nothing_is_quiet() -> None:
    assert QuietHours().until(local("2026-06-03 23:00")) is None
    assert QuietHours().changes_at(local("2026-06-03 23:00")) is None


def test_a_window_of_one_day_is_found_a_week_ahead() -> None:
    quiet = hours("wed 12:00-13:00")
    assert quiet.changes_at(local("2026-06-03 13:00")) == local("2026-06-10 12:00")


# -- the days of the leap ------------------------------------------------------------------------

SPRING = {BERLIN: "2026-03-29", NEW_YORK: "2026-03-08"}
AUTUMN = {BERLIN: "2026-10-25", NEW_YORK: "2026-11-01"}
LEAP = {BERLIN: "02:00", NEW_YORK: "02:00"}


def before(day: str) -> str:
    return (datetime.fromisoformat(day) - timedelta(days=1)).date().isoformat()


@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK])
@pytest.mark.parametrize(("days", "lasts"), [(SPRING, 8), (AUTUMN, 10)])
def test_a_night_of_a_leap_ends_by_the_clock_on_the_wall(
    zone: str, days: dict[str, str], lasts: int
) -> None:
    begins = local(f"{before(days[zone])} 22:00", zone)
    until = hours("22:00-07:00", zone=zone).until(begins)
    assert until == local(f"{days[zone]} 07:00", zone) == begins + timedelta(hours=lasts)


@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK])
def test_a_time_that_is_left_out_is_the_moment_of_the_leap(zone: str) -> None:
    day = SPRING[zone]
    leap = local(f"{day} 01:59", zone) + timedelta(minutes=1)
    assert leap == local(f"{day} 03:00", zone)
    ends, begins = hours("22:00-02:30", zone=zone), hours("02:30-06:00", zone=zone)
    assert ends.until(local(f"{day} 01:00", zone)) == leap
    assert ends.until(leap) is None
    assert begins.until(leap - timedelta(seconds=1)) is None
    assert begins.changes_at(leap - timedelta(hours=1)) == leap
    assert begins.until(leap) == local(f"{day} 06:00", zone)
    assert hours("02:15-02:45", zone=zone).until(leap) is None


@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK])
def test_a_time_that_comes_twice_makes_quiet_hours_longer(zone: str) -> None:
    day = AUTUMN[zone]
    at = "02:30" if zone == BERLIN else "01:30"
    first, second = local(f"{day} {at}", zone), local(f"{day} {at}", zone, fold=1)
    assert second - first == timedelta(hours=1)
    ends, begins = hours(f"22:00-{at}", zone=zone), hours(f"{at}-06:00", zone=zone)
    assert ends.until(first - timedelta(minutes=20)) == second
    assert begins.until(first - timedelta(seconds=1)) is None
    assert begins.until(first) == local(f"{day} 06:00", zone)


ZONES = (
    BERLIN,
    NEW_YORK,
    "Australia/Lord_Howe",  # half an hour
    "Asia/Kathmandu",  # +5:45
    "Pacific/Chatham",  # +12:45, leaps at 02:45
    "Antarctica/Troll",  # two hours
    "Africa/Casablanca",  # other days each year, backwards
    "America/St_Johns",  # -3:30
    "Pacific/Apia",  # without 30 December 2011
    "America/Havana",  # leaps at midnight
    "UTC",
)
ODD_MOMENTS = [
    datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC), datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
    datetime(2011, 12, 30, 10, tzinfo=UTC), datetime(2026, 2, 15, 2, tzinfo=UTC),
    datetime(2026, 3, 8, 5, tzinfo=UTC), datetime(2028, 2, 29, 0, tzinfo=UTC),
]  # fmt: skip
MINUTES = st.integers(0, 1439)
WINDOWS = st.builds(
    lambda days, begins, ends: QuietWindow(days, begins, (begins + ends) % 1440),
    st.frozensets(st.integers(0, 6), min_size=1),
    MINUTES,
    st.integers(1, 1200),
)


def by_the_wall(window: QuietWindow, wall: datetime) -> bool:
    """Whether a clock on the wall shows a time within the window."""
    for shift in (0, 1, 2):
        day = (wall - timedelta(days=shift)).replace(hour=0, minute=0, second=0, microsecond=0)
        begins = day + timedelta(minutes=window.begins)
        if day.weekday() in window.days and begins <= wall < begins + timedelta(
            minutes=window.minutes
        ):
            return True
    return False


@given(
    st.lists(WINDOWS, min_size=1, max_size=3).filter(lambda windows: not never_ends(windows)),
    st.sampled_from(ZONES),
    st.sampled_from(ODD_MOMENTS),
    st.integers(-3 * 1440, 3 * 1440),
)
def test_quiet_is_what_the_clock_on_the_wall_says(
    windows: list[QuietWindow], zone: str, around: datetime, minutes: int
) -> None:
    now = around + timedelta(minutes=minutes)
    quiet = QuietHours(tuple(windows), ZoneInfo(zone))
    wall = now.astimezone(quiet.zone)
    expected = any(by_the_wall(window, wall.replace(tzinfo=None)) for window in windows)
    comes_twice = wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()
    until = quiet.until(now)
    if comes_twice:
        assert until is not None or not expected  # never ends early
    else:
        assert (until is not None) == expected
    change = quiet.changes_at(now)
    assert change is not None
    assert now < change
    assert (quiet.until(change) is None) == (until is not None)
    assert (quiet.until(change - timedelta(seconds=1)) is None) == (until is None)
