"""How long a device sleeps until it looks again: so that it misses little and its battery lasts."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from glance_agent.domain.display import TimedSettings

SLACK_SECONDS: Final = 45
"""A new picture takes a while to be made, and clocks of devices drift."""
LOW_PERCENT: Final = 15
LOW_TIMES: Final = 4
"""So many times longer a device sleeps whose battery is low."""
LONGEST_SECONDS: Final = 7 * 86_400


def sleep_seconds(
    settings: TimedSettings | None,
    now: datetime,
    *,
    usual: int,
    least: int = 60,
    battery: float | None = None,
) -> int:
    """Seconds until a device is to look again.

    That is `usual`, or less where the picture changes before, but not less than `least`; in quiet
    hours it is what is left of them, unless something waits that somebody asked for. Nearly empty
    batteries (percent) look seldom.
    """
    low = battery is not None and battery <= LOW_PERCENT
    wait: float = usual * (LOW_TIMES if low else 1)
    if settings is not None:
        change = _seconds(settings.next_change_at, now)
        if (quiet := _seconds(settings.quiet_until, now)) is not None:
            wait = quiet if settings.waiting is None or change is None else min(quiet, change)
        elif change is not None and not low:
            wait = min(wait, change)
    return round(min(max(wait, least), LONGEST_SECONDS))


def _seconds(at: datetime | None, now: datetime) -> float | None:
    """Seconds until shortly after a time."""
    return None if at is None else max((at - now).total_seconds(), 0) + SLACK_SECONDS
