"""One work and a display in, the frame out; the last few are kept for a while."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from glance_agent.agent.fitting import Fitting
from glance_agent.domain.display import Glance
from glance_agent.domain.frame import Beside, Frame
from glance_agent.domain.panel import SMALLEST_BYTES, PanelProfile
from glance_agent.domain.timed_profile import TimedProfile

FRAMES_KEPT = 12


class FrameRenderer:
    """Prepares pictures for displays; the last few stay ready."""

    def __init__(
        self,
        profiles: Mapping[str, TimedProfile],
        fitting: Fitting,
        *,
        clock: Callable[[], datetime],
        room: Callable[[str], int | None] = lambda display: None,
    ) -> None:
        """`room` tells how many bytes come through to a display at the moment, where less than its
        profile takes."""
        self._profiles = profiles
        self._clock = clock
        self._fitting = fitting
        self._room = room
        self._ready: OrderedDict[tuple[object, ...], Frame] = OrderedDict()

    def profile(self, glance: Glance, up_at: datetime | None) -> PanelProfile:
        """What the picture of a glance is rendered by now, which may have been up for a while."""
        return self._profiles[glance.display].at(self._clock(), glance.shown_at, up_at)

    def changes_at(
        self, glance: Glance, up_at: datetime, rendered_by: PanelProfile
    ) -> datetime | None:
        """When what is up is to be rendered again: its label leaves, or night begins or ends."""
        profiles = self._profiles[glance.display]
        if self.profile(glance, up_at) != rendered_by:
            return profiles.may_change_at(glance.shown_at)
        return profiles.changes_at(self._clock(), glance.shown_at, up_at)

    def may_draw_at(self, display: str, drawn_at: datetime) -> datetime:
        """From when on a panel may be drawn again that was drawn then."""
        return self._profiles[display].may_change_at(drawn_at)

    def now(self) -> datetime:
        """The time of day."""
        return self._clock()

    async def frame(self, glance: Glance, profile: PanelProfile) -> Frame:
        """The picture for the glance's display, by this profile of it.

        Raises BadPicture where the picture cannot be shown, SourceError where its source cannot
        be reached, SecondLacking where either is so of the one beside it.
        """
        key = (profile, glance.display, *(work.id for work in glance.works))
        if key in self._ready and self.fits(glance.display, self._ready[key]):
            self._ready.move_to_end(key)
            return self._ready[key]
        data = await self._fitting.original(glance.artwork)
        beside = await self._fitting.beside(glance.pair, profile)
        frame = await self._fitted(data, glance, profile, beside)
        if not self.fits(glance.display, frame):
            # The broker was found to take less meanwhile.
            frame = await self._fitted(data, glance, profile, beside)
        self._ready[key] = frame
        while len(self._ready) > FRAMES_KEPT:
            self._ready.popitem(last=False)
        return frame

    async def _fitted(
        self, data: bytes, glance: Glance, profile: PanelProfile, beside: Beside | None
    ) -> Frame:
        """The picture with what comes through to its display."""
        profile = self._narrowed(glance.display, profile)
        return await self._fitting.fitted(data, profile, glance.artwork, beside)

    def fits(self, display: str, frame: Frame) -> bool:
        """Whether this picture still comes through to the display."""
        profile = self._narrowed(display, self._profiles[display].profile)
        return len(frame.data) <= profile.max_bytes

    def _narrowed(self, display: str, profile: PanelProfile) -> PanelProfile:
        """A profile of a display with what comes through to it."""
        room = self._room(display)
        if room is None or room >= profile.max_bytes:
            return profile
        return replace(profile, max_bytes=max(room, SMALLEST_BYTES))
