"""The zone that quiet hours are in: that of the configuration, else the system's."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo

import pytest

from glance_agent.config.load import load
from glance_agent.wiring import clockwork
from glance_agent.wiring.clockwork import timings_of, zone_of

SUMMER = datetime(2026, 7, 1)


def offset_hours(zone: object) -> float:
    assert isinstance(zone, ZoneInfo) or zone is not None
    told = SUMMER.replace(tzinfo=zone).utcoffset()  # type: ignore[arg-type]
    assert told is not None
    return told / timedelta(hours=1)


@pytest.fixture
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A system that says nothing of its zone; where it would say it."""
    monkeypatch.delenv("TZ", raising=False)
    monkeypatch.setattr(clockwork, "LOCALTIME", tmp_path / "localtime")
    return tmp_path / "localtime"


def test_the_configuration_is_asked_first(
    nothing_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert offset_hours(zone_of(load(None, {"GLANCE_TIMEZONE": "Asia/Kathmandu"}))) == 5.75
    assert offset_hours(zone_of(load(None, {}))) == 9


@pytest.mark.skipif(not TZPATH, reason="no time zones are installed")
def test_the_system_is_asked_then(nothing_set: Path) -> None:
    assert offset_hours(zone_of(load(None, {}))) == 0
    found = next(p for p in map(Path, TZPATH) if (p / "Europe/Berlin").exists())
    nothing_set.symlink_to(found / "Europe/Berlin")
    assert offset_hours(zone_of(load(None, {}))) == 2


def test_a_system_that_says_nonsense_is_said(
    nothing_set: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TZ", ":CET-1CEST,M3.5.0")
    nothing_set.write_bytes(b"no zone")
    assert offset_hours(zone_of(load(None, {}))) == 0
    assert "names no time zone" in caplog.text


def test_each_display_has_its_own_times() -> None:
    displays = '[{"name": "a", "quiet": ["22:00-07:00"]}, {"name": "b", "min_interval_seconds": 9}]'
    timings = timings_of(load(None, {"GLANCE_DISPLAYS": displays, "GLANCE_TIMEZONE": "Asia/Tokyo"}))
    assert [len(timing.quiet.windows) for timing in timings.values()] == [1, 0]
    assert timings["b"].min_interval == timedelta(seconds=9)
    assert timings["a"].quiet.zone == ZoneInfo("Asia/Tokyo")
