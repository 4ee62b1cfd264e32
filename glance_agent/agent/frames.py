"""One work and a display in, the frame out; the last few are kept for a while."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace

from glance_agent.agent.fitting import Fitting
from glance_agent.domain.display import Glance
from glance_agent.domain.frame import Beside, Frame
from glance_agent.domain.panel import SMALLEST_BYTES, PanelProfile

FRAMES_KEPT = 12


class FrameRenderer:
    """Prepares pictures for displays; the last few stay ready."""

    def __init__(
        self,
        profiles: Mapping[str, PanelProfile],
        fitting: Fitting,
        *,
        room: Callable[[str], int | None] = lambda display: None,
    ) -> None:
        """`room` tells how many bytes come through to a display at the moment, where less than its
        profile takes."""
        self._profiles = profiles
        self._fitting = fitting
        self._room = room
        self._ready: OrderedDict[tuple[str, ...], Frame] = OrderedDict()

    async def frame(self, glance: Glance) -> Frame:
        """The picture for the glance's display.

        Raises BadPicture where the picture cannot be shown, SourceError where its source cannot
        be reached, SecondLacking where either is so of the one beside it.
        """
        key = (glance.display, *(work.id for work in glance.works))
        if key in self._ready and self.fits(glance.display, self._ready[key]):
            self._ready.move_to_end(key)
            return self._ready[key]
        data = await self._fitting.original(glance.artwork)
        beside = await self._fitting.beside(glance.pair, self._profile(glance.display))
        frame = await self._fitted(data, glance, beside)
        if not self.fits(glance.display, frame):
            # The broker was found to take less meanwhile.
            frame = await self._fitted(data, glance, beside)
        self._ready[key] = frame
        while len(self._ready) > FRAMES_KEPT:
            self._ready.popitem(last=False)
        return frame

    async def _fitted(self, data: bytes, glance: Glance, beside: Beside | None) -> Frame:
        profile = self._profile(glance.display)
        return await self._fitting.fitted(data, profile, glance.artwork, beside)

    def fits(self, display: str, frame: Frame) -> bool:
        """Whether this picture still comes through to the display."""
        return len(frame.data) <= self._profile(display).max_bytes

    def _profile(self, display: str) -> PanelProfile:
        """What the display takes, with what comes through to it."""
        profile, room = self._profiles[display], self._room(display)
        if room is None or room >= profile.max_bytes:
            return profile
        return replace(profile, max_bytes=max(room, SMALLEST_BYTES))
