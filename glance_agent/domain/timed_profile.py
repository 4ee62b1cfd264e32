"""What pictures are rendered by at a moment: dimmed at night, labelled for some seconds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from glance_agent.domain.panel import PanelProfile
from glance_agent.domain.quiet import QuietHours

ON_ITS_WAY: Final = timedelta(minutes=2)
"""So long a picture may take to come up, and is new all the same: a restart changes nothing."""


@dataclass(frozen=True, slots=True)
class Night:
    """The hours in which a screen shines with another share of its light, and more warmly."""

    hours: QuietHours
    brightness: float
    warmth: float


@dataclass(frozen=True, slots=True)
class TimedProfile:
    """The profile of a display, and what the time makes of it.

    Labels leave `label_stays` after their picture came up, where that is set; while a picture is
    younger than `min_interval`, it is not rendered again.
    """

    profile: PanelProfile
    night: Night | None = None
    label_stays: timedelta | None = None
    min_interval: timedelta = field(default_factory=timedelta)

    def at(self, now: datetime, shown_at: datetime, up_at: datetime | None = None) -> PanelProfile:
        """The profile for a picture that was put up at one time and has been up since another."""
        is_night = self.night is not None and self.night.hours.until(now) is not None
        profile = self.at_night() if is_night else self.profile
        leaves = self._label_leaves_at(shown_at, up_at)
        return profile if leaves is None or now < leaves else replace(profile, label=None)

    def at_night(self) -> PanelProfile:
        """The profile at night, with its label; by day as well where there is no night."""
        if self.night is None:
            return self.profile
        tone = self.profile.tone
        tone = replace(tone, brightness=self.night.brightness, warmth=self.night.warmth)
        return replace(self.profile, tone=tone)

    def on_a_screen(self, now: datetime, size_px: tuple[int, int], max_bytes: int) -> PanelProfile:
        """The profile for a page of another size, which has labels of its own."""
        return self.at(now, now, now).on_a_screen(size_px, max_bytes)

    def changes_at(self, now: datetime, shown_at: datetime, up_at: datetime) -> datetime | None:
        """When a picture that is up is to be rendered again, if nothing else comes first."""
        leaves = self._label_leaves_at(shown_at, up_at)
        times = [
            self.night.hours.changes_at(now) if self.night else None,
            leaves if leaves is not None and leaves > now else None,
        ]
        first = min((at for at in times if at is not None), default=None)
        return None if first is None else max(first, self.may_change_at(shown_at))

    def may_change_at(self, shown_at: datetime) -> datetime:
        """From when on a picture may be rendered again."""
        return shown_at + self.min_interval

    def _label_leaves_at(self, shown_at: datetime, up_at: datetime | None) -> datetime | None:
        if self.label_stays is None:
            return None
        stays = max(self.label_stays, self.min_interval)
        return (shown_at + ON_ITS_WAY if up_at is None else up_at) + stays
