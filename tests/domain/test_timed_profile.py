"""What a panel shows by the hour: labels that leave, nights that dim, on the days of the leap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from glance_agent.domain.panel import PanelProfile, Tone
from glance_agent.domain.quiet import QuietHours, quiet_window
from glance_agent.domain.timed_profile import Night, TimedProfile
from glance_agent.domain.wall_label import Label

BERLIN = ZoneInfo("Europe/Berlin")
DAY = PanelProfile((160, 100), 20_000, tone=Tone(0.9, 0.0), label=Label())
NIGHT = Night(QuietHours((quiet_window("21:00-07:00"),), BERLIN), 0.3, 0.8)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def test_a_display_without_hours_is_always_the_same() -> None:
    timed = TimedProfile(DAY)
    assert timed.at(NOON, NOON) == timed.at(NOON + timedelta(days=1), NOON, NOON) == DAY
    assert timed.changes_at(NOON, NOON, NOON) is None


@pytest.mark.parametrize(
    ("local", "dimmed"),
    [("20:59", False), ("21:00", True), ("23:30", True), ("06:59", True), ("07:00", False)],
)
def test_night_is_by_local_time(local: str, dimmed: bool) -> None:
    at = datetime.fromisoformat(f"2026-06-02T{local}").replace(tzinfo=BERLIN)
    tone = TimedProfile(DAY, NIGHT).at(at, NOON).tone
    assert (tone.brightness, tone.warmth) == ((0.3, 0.8) if dimmed else (0.9, 0.0))
    page = TimedProfile(DAY, NIGHT).on_a_screen(at, (50, 50), 1_000)
    assert (page.tone.brightness, page.label) == (0.3 if dimmed else 0.9, None)


@pytest.mark.parametrize(
    ("evening", "hours"), [("2026-03-28", 9), ("2026-06-01", 10), ("2026-10-24", 11)]
)
def test_a_night_ends_by_the_clock_on_the_wall(evening: str, hours: int) -> None:
    """In March it has an hour less, in October one more."""
    begins = datetime.fromisoformat(f"{evening}T21:00").replace(tzinfo=BERLIN)
    timed, shown = TimedProfile(DAY, NIGHT), begins - timedelta(hours=5)
    assert timed.changes_at(begins - seconds(60), shown, shown) == begins
    ends = timed.changes_at(begins + seconds(1), shown, shown)
    assert ends is not None
    assert ends - begins.astimezone(UTC) == timedelta(hours=hours)
    assert timed.at(ends - seconds(1), shown).tone.brightness == 0.3
    assert timed.at(ends, shown).tone.brightness == 0.9


def test_a_label_leaves_after_its_picture_came_up() -> None:
    timed = TimedProfile(DAY, label_stays=seconds(20))
    up = NOON + seconds(8)
    assert timed.at(NOON + seconds(5), NOON).label is not None
    assert timed.changes_at(up, NOON, up) == up + seconds(20)
    assert timed.at(up + seconds(19), NOON, up).label is not None
    assert timed.at(up + seconds(20), NOON, up) == PanelProfile(
        (160, 100), 20_000, tone=Tone(0.9, 0.0)
    )
    assert timed.changes_at(up + seconds(20), NOON, up) is None


def test_a_picture_that_comes_up_again_after_a_restart_has_none() -> None:
    timed = TimedProfile(DAY, label_stays=seconds(20))
    assert timed.at(NOON + timedelta(hours=1), NOON).label is None
    assert timed.at(NOON + seconds(90), NOON).label is not None, "it may have been on its way"


def test_a_panel_that_may_not_change_yet_keeps_its_label_and_its_light() -> None:
    timed = TimedProfile(DAY, NIGHT, seconds(20), min_interval=seconds(300))
    assert timed.changes_at(NOON, NOON, NOON) == NOON + seconds(300)
    assert timed.at(NOON + seconds(299), NOON, NOON).label is not None
    evening = datetime(2026, 6, 1, 20, 58, tzinfo=BERLIN)
    label_gone = TimedProfile(DAY, NIGHT, min_interval=seconds(300))
    assert label_gone.changes_at(evening, evening, evening) == evening + seconds(300)


def test_the_first_of_both_comes_first() -> None:
    timed = TimedProfile(DAY, NIGHT, seconds(20))
    evening = datetime(2026, 6, 1, 20, 59, 50, tzinfo=BERLIN)
    night, label = evening + seconds(10), evening + seconds(20)
    assert timed.changes_at(evening, evening, evening) == night
    assert timed.changes_at(night, evening, evening) == label
