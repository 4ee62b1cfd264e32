"""When a display may change: by itself, and because somebody asked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from glance_agent.domain.display import DisplaySettings, TimedSettings
from glance_agent.domain.quiet import QuietHours
from glance_agent.domain.said import many, say


@dataclass(frozen=True, slots=True)
class Timing:
    """What a panel allows and a household wants: pure decisions, with now as an argument."""

    min_interval: timedelta = timedelta()
    quiet: QuietHours = field(default_factory=QuietHours)

    def wish_at(self, now: datetime, shown_at: datetime | None) -> datetime | None:
        """When a work that is asked for now may hang; None for at once.

        A picture that seems to come from later, as the clock was set, counts as a new one.
        """
        if shown_at is None or now - shown_at >= self.min_interval:
            return None
        return min(shown_at, now) + self.min_interval

    def by_itself_at(self, now: datetime, shown_at: datetime, interval: timedelta) -> datetime:
        """When the next picture of a slideshow is due, in quiet hours after them.

        A clock that was set in between neither hurries nor holds it up.
        """
        stays = max(interval, self.min_interval)
        shown_for = min(max(now - shown_at, timedelta()), stays)
        due = now + stays - shown_for
        return self.quiet.until(due) or due

    def spoken(self, at: datetime, now: datetime) -> str:
        """A time as one says it: “14:32”, or “Sunday at 07:00”, which is “7 Uhr am Sonntag”."""
        local, today = at.astimezone(self.quiet.zone), now.astimezone(self.quiet.zone)
        if local.second or local.microsecond:
            local += timedelta(minutes=1)
        time = clock_time(local)
        if local.date() == today.date():
            return time
        return say("{day} at {time}", day=_WEEKDAYS[local.weekday()], time=time)


def clock_time(at: datetime) -> str:
    """A time of the day as a voice reads it well: nobody says “one zero zero”."""
    hour = at.hour
    if at.minute:
        return f"{at:%H:%M}"
    if not hour:
        return say("midnight")
    if hour < 10:
        return many("01:00", "0{n}:00", n=hour)
    return many("1:00", "{n}:00", n=hour)


def hour_of(spoken: str) -> int:
    """The hour of a time as `Timing.spoken` says it: Spanish and Italian say one o'clock as a
    singular.
    """
    found = re.search(r"(\d\d):\d\d$", str(spoken))
    return int(found[1]) if found else 0


_WEEKDAYS = (
    say("Monday"),
    say("Tuesday"),
    say("Wednesday"),
    say("Thursday"),
    say("Friday"),
    say("Saturday"),
    say("Sunday"),
)
ANYTIME = Timing()


def timed(
    settings: DisplaySettings,
    timing: Timing,
    now: datetime,
    *,
    shown_at: datetime | None,
    waiting: str | None,
) -> TimedSettings:
    """The settings of a display with what the time makes of them; `waiting` is a work's id."""
    next_change: datetime | None = None
    if waiting is not None:
        next_change = timing.wish_at(now, shown_at) or now
    elif settings.changes_by_itself and shown_at is not None:
        interval = timedelta(seconds=settings.interval_seconds)
        next_change = timing.by_itself_at(now, settings.seen_since(shown_at), interval)
    return TimedSettings(
        **settings.model_dump(),
        quiet_until=timing.quiet.until(now),
        next_change_at=next_change and _whole_second(next_change),
        waiting=waiting,
    )


def _whole_second(at: datetime) -> datetime:
    """The next whole second: what is done then is never too early."""
    return (at.astimezone(UTC) + timedelta(microseconds=999_999)).replace(microsecond=0)
