"""What is asked for on a panel that may not change yet: the newest wish waits and hangs then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from glance_agent.domain.display import Showing
from glance_agent.domain.timing import ANYTIME, Timing


class WishPast(Protocol):
    """What hangs on displays, and what waits for them."""

    def showings(self, display: str | None, limit: int) -> list[Showing]: ...
    def wish(self, display: str) -> Showing | None: ...
    def keep_wish(self, wish: Showing) -> None: ...
    def drop_wish(self, display: str) -> None: ...


class Wishes:
    """The newest wish of each display, while its panel may not change."""

    def __init__(
        self, past: WishPast, timings: Mapping[str, Timing], *, clock: Callable[[], datetime]
    ) -> None:
        self._past = past
        self._timings = timings
        self._clock = clock

    def timing(self, display: str) -> Timing:
        """When a display may change."""
        return self._timings.get(display, ANYTIME)

    def shown_at(self, display: str) -> datetime | None:
        """Since when the display shows what it shows."""
        last = self._past.showings(display, 1)
        return last[0].shown_at if last else None

    def waits_until(self, display: str) -> datetime | None:
        """When what is asked for now may hang; None for at once."""
        timing = self.timing(display)
        if not timing.min_interval:
            return None
        return timing.wish_at(self._clock(), self.shown_at(display))

    def waiting(self, display: str) -> str | None:
        """The id of the work that waits."""
        wish = self._past.wish(display)
        return wish.artwork_id if wish else None

    def take(self, display: str) -> Showing | None:
        """The wish that may hang now, as shown now; none waits from then on."""
        wish = self._past.wish(display)
        if wish is None or self.waits_until(display) is not None:
            return None
        self._past.drop_wish(display)
        return replace(wish, shown_at=self._clock())

    def spoken(self, at: datetime, display: str) -> str:
        """A time as one says it where the display is."""
        return self.timing(display).spoken(at, self._clock())
