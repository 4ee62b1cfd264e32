"""When a display may change, as tables: by itself, and because somebody asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from glance_agent.domain.display import DisplaySettings
from glance_agent.domain.languages import in_language
from glance_agent.domain.quiet import QuietHours, quiet_window
from glance_agent.domain.said import many
from glance_agent.domain.timing import ANYTIME, Timing, clock_time, hour_of, timed

QUIET = QuietHours((quiet_window("22:00-07:00"),), ZoneInfo("Europe/Berlin"))
SLOW = Timing(timedelta(minutes=15))
SLEEPY = Timing(quiet=QUIET)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-06-{text}").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("timing", "now", "shown_at", "hangs_at"),
    [
        (ANYTIME, "03 12:00", "03 12:00", None),
        (SLEEPY, "03 23:00", "03 22:59", None),
        (SLOW, "03 12:00", None, None),
        (SLOW, "03 12:00", "03 11:50", "03 12:05"),
        (SLOW, "03 12:05", "03 11:50", None),
        (SLOW, "03 12:00", "01 12:00", None),
        (SLOW, "03 12:00", "04 12:00", "03 12:15"),  # a clock that was set back
    ],
)
def test_when_a_wish_may_hang(
    timing: Timing, now: str, shown_at: str | None, hangs_at: str | None
) -> None:
    found = timing.wish_at(at(now), at(shown_at) if shown_at else None)
    assert found == (at(hangs_at) if hangs_at else None)


@pytest.mark.parametrize(
    ("timing", "now", "shown_at", "minutes", "due"),
    [
        (ANYTIME, "03 12:00", "03 11:55", 10, "03 12:05"),
        (ANYTIME, "03 12:00", "03 11:00", 10, "03 12:00"),
        (ANYTIME, "03 12:00", "05 11:00", 10, "03 12:10"),
        (SLOW, "03 12:00", "03 11:55", 10, "03 12:10"),
        (SLOW, "03 12:00", "03 11:55", 60, "03 12:55"),
        (SLEEPY, "03 19:55", "03 19:54", 5, "03 19:59"),  # 21:59 in Berlin
        (SLEEPY, "03 19:55", "03 19:55", 5, "04 05:00"),
        (SLEEPY, "04 04:59", "03 19:55", 5, "04 05:00"),
        (SLEEPY, "04 05:00", "03 19:55", 5, "04 05:00"),
    ],
)
def test_when_a_slideshow_goes_on(
    timing: Timing, now: str, shown_at: str, minutes: int, due: str
) -> None:
    assert timing.by_itself_at(at(now), at(shown_at), timedelta(minutes=minutes)) == at(due)


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("03 12:32:00", "14:32"),
        ("03 12:31:01", "14:32"),
        ("03 22:10:00", "Thursday at 00:10"),
        ("03 22:00:00", "Thursday at midnight"),
        ("04 04:59:30", "Thursday at 07:00"),
    ],
)
def test_a_time_is_said_as_people_say_it(when: str, said: str) -> None:
    assert SLEEPY.spoken(at(when), at("03 12:00")) == said


@pytest.mark.parametrize(
    ("settings", "waiting", "next_change", "quiet_until"),
    [
        ({}, None, None, "04 05:00"),
        ({"slideshow": True}, None, "04 05:00", "04 05:00"),
        ({"slideshow": True, "paused": True}, None, None, "04 05:00"),
        ({"slideshow": True, "power": False}, None, None, "04 05:00"),
        ({"paused": True}, "a:1", "03 20:10", "04 05:00"),
        ({"slideshow": True}, "a:1", "03 20:10", "04 05:00"),
    ],
)
def test_what_is_told_of_the_time(
    settings: dict[str, bool], waiting: str | None, next_change: str | None, quiet_until: str
) -> None:
    timing = Timing(timedelta(minutes=15), QUIET)
    kept = DisplaySettings(**settings)
    told = timed(kept, timing, at("03 20:00"), shown_at=at("03 19:55"), waiting=waiting)
    assert told.next_change_at == (at(next_change) if next_change else None)
    assert (told.quiet_until, told.waiting) == (at(quiet_until), waiting)
    assert told.paused is kept.paused


def test_a_picture_stays_its_time_after_its_display_is_on_again() -> None:
    kept = DisplaySettings(slideshow=True, interval_seconds=3600, power_since=at("03 12:30"))
    told = timed(kept, SLOW, at("03 12:31"), shown_at=at("03 09:00"), waiting=None)
    assert told.next_change_at == at("03 13:30")


def test_a_next_change_is_never_told_too_early() -> None:
    shown_at = at("03 12:00") + timedelta(microseconds=1)
    told = timed(DisplaySettings(), SLOW, shown_at, shown_at=shown_at, waiting="a:1")
    assert told.next_change_at == at("03 12:15:01")


@pytest.mark.parametrize(
    ("hour", "told"),
    [
        (0, "um Mitternacht | à minuit | a las cero horas | alle ore zero | om middernacht"),
        (1, "um ein Uhr | à une heure | a la una | all’una | om één uur"),
        (7, "um 7 Uhr | à 7 heures | a las 7 | alle 7 | om 7 uur"),
        (21, "um 21 Uhr | à 21 heures | a las 21 | alle 21 | om 21 uur"),
    ],
)
def test_a_full_hour_is_said_as_one_says_it(hour: int, told: str) -> None:
    time = clock_time(datetime(2026, 6, 3, hour, tzinfo=UTC))
    assert hour_of(time) == hour
    hangs = many("It hangs at {at}.", "It hangs at {at}.", n=hour, at=time)
    for language, expected in zip(("de", "fr", "es", "it", "nl"), told.split(" | "), strict=True):
        assert in_language(hangs, language).endswith(f" {expected}."), language
