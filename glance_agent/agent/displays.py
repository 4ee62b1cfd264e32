"""One Glance in, its picture on the display: put up, and replaced where it cannot be had.

A display that is off is brought nothing: what is put up meanwhile gets its picture when it is on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

from glance_agent.agent.beside import beside
from glance_agent.agent.common import Tell
from glance_agent.agent.frames import FrameRenderer
from glance_agent.domain.display import DisplaySettings, Glance
from glance_agent.domain.errors import BadPicture, SecondLacking, SourceError
from glance_agent.domain.frame import Frame
from glance_agent.domain.news import Hung, Tuned
from glance_agent.domain.panel import PanelProfile

_log = logging.getLogger(__name__)
REPLACEMENTS = 5
"""How many pictures in a row may turn out to be unreadable before a display is left alone."""
ON = DisplaySettings()
"""How a display is taken to be set of which nothing is known."""


class Another(Protocol):
    """Finds another work where the picture of a glance cannot be had; None where none comes."""

    async def __call__(
        self, glance: Glance, error: BadPicture | SourceError, *, choose: bool
    ) -> Glance | None: ...


class Alone(Protocol):
    """Lets a work hang alone where the picture of the one beside it cannot be had."""

    async def __call__(self, glance: Glance, error: BadPicture | SourceError) -> Glance: ...


class DisplayUpdater:
    """The pictures on the displays, and those that are on their way there."""

    def __init__(
        self,
        renderer: FrameRenderer,
        *,
        tell: Tell,
        another: Another,
        alone: Alone,
        hung: Callable[[Glance], Awaitable[None]],
    ) -> None:
        """`hung` is told of every picture that is on its display."""
        self._renderer = renderer
        self._tell = tell
        self._another = another
        self._alone = alone
        self._hung = hung
        self._shown: dict[str, Glance] = {}
        self._up: dict[str, Glance] = {}
        self._up_at: dict[str, datetime] = {}
        self._drawn_at: dict[str, datetime] = {}
        self._frames: dict[str, Frame] = {}
        self._rendered_by: dict[str, PanelProfile] = {}
        self._settings: dict[str, DisplaySettings] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def tuned(self, tuned: Tuned) -> None:
        """A display is set so; where it is on again, what it shows is brought to it."""
        was_off = not self._set(tuned.display).power
        self._settings[tuned.display] = tuned.settings
        if was_off and tuned.settings.power and tuned.display in self._shown:
            self.begin(self._shown[tuned.display])

    def shown(self) -> list[Glance]:
        """What the displays show, as it was told last."""
        return [*self._shown.values()]

    async def put_up(self, glance: Glance) -> None:
        """Tell what a display shows; its picture is prepared where it is another showing."""
        before = self._shown.get(glance.display)
        self._shown[glance.display] = glance
        await self._tell(glance)
        if before is None or not _same(before, glance):
            self.begin(glance)

    async def follow(self, glance: Glance | None) -> None:
        """The same where a display does not show this yet, or somebody likes it since."""
        if glance is not None and glance != self._shown.get(glance.display):
            await self.put_up(glance)

    async def stay(self, glance: Glance) -> None:
        """Tell that a display goes on with what it showed before."""
        self._shown[glance.display] = glance
        await self._tell(glance)

    def begin(self, glance: Glance) -> None:
        """Prepare the picture beside everything else; a newer one for the display wins."""
        self._shown[glance.display] = glance
        if (before := self._tasks.get(glance.display)) is not None:
            before.cancel()
        if self._set(glance.display).keeps_back(glance.shown_at):
            return
        self._tasks[glance.display] = beside(
            self._hang(glance), f"preparing the picture for {glance.display}"
        )

    def waits(self, glance: Glance) -> bool:
        """Whether the picture of what a display shows is neither up nor being prepared."""
        up, task = self._up.get(glance.display), self._tasks.get(glance.display)
        return (up is None or not _same(up, glance)) and (task is None or task.done())

    def renewed_at(self, display: str) -> datetime | None:
        """When the picture that is up is to be rendered again, by itself; None for never."""
        up = self._up.get(display)
        if up is None:
            return None
        change = self._renderer.changes_at(up, self._up_at[display], self._rendered_by[display])
        if change is None:
            return None
        return max(change, self._renderer.may_draw_at(display, self._drawn_at[display]))

    def renew(self, display: str) -> None:
        """Render what is up again, where it would be another picture now; no showing begins."""
        up, task = self._up.get(display), self._tasks.get(display)
        if up is None or not _same(up, self._shown[display]) or (task and not task.done()):
            return
        if not self._set(display).power:
            return
        if self._renderer.profile(up, self._up_at[display]) != self._rendered_by[display]:
            self._tasks[display] = beside(self._renew(up), f"rendering {display} again")

    async def _renew(self, up: Glance) -> None:
        """The picture that is up as it is to look now; where it cannot be had, it stays."""
        display = up.display
        profile = self._renderer.profile(up, self._up_at[display])
        try:
            frame = await self._renderer.frame(up, profile)
        except (BadPicture, SourceError, SecondLacking) as error:
            _log.warning("the picture on %s stays as it is: %s", display, error)
        else:
            self._drawn(display, frame, profile)
            await self._tell(Hung(display, frame, renewed=True))

    def done(self) -> list[Hung]:
        """Every picture that is on its display; one that does not come through any more is made
        anew, and told when it is ready."""
        for display, frame in list(self._frames.items()):
            if not self._renderer.fits(display, frame):
                del self._frames[display]
                self.begin(self._shown[display])
        return [Hung(display, frame) for display, frame in self._frames.items()]

    def up(self) -> list[Glance]:
        """What is on the displays."""
        return [*self._up.values()]

    def under_way(self) -> list[asyncio.Task[None]]:
        """What prepares pictures; a display whose task is cancelled stays as it is."""
        return list(self._tasks.values())

    async def _hang(self, glance: Glance) -> None:
        for left in reversed(range(REPLACEMENTS)):
            try:
                profile = self._renderer.profile(glance, self._since(glance))
                frame, glance = await self._frame(glance, profile)
            except (BadPicture, SourceError) as error:
                replaced = await self._another(glance, error, choose=left > 0)
                if replaced is None:
                    return
                glance = self._shown[glance.display] = replaced
            else:
                self._up_at[glance.display] = self._since(glance) or self._renderer.now()
                self._up[glance.display] = glance
                self._drawn(glance.display, frame, profile)
                await self._tell(Hung(glance.display, frame))
                await self._hung(glance)
                return

    def _drawn(self, display: str, frame: Frame, profile: PanelProfile) -> None:
        """Note what a display is drawn with now, and when."""
        self._frames[display], self._rendered_by[display] = frame, profile
        self._drawn_at[display] = self._renderer.now()

    def _set(self, display: str) -> DisplaySettings:
        """How a display is set, as far as is known."""
        return self._settings.get(display, ON)

    def _since(self, glance: Glance) -> datetime | None:
        """Since when the picture of a glance is up; None where it is not."""
        up = self._up.get(glance.display)
        return self._up_at[glance.display] if up and _same(up, glance) else None

    async def _frame(self, glance: Glance, profile: PanelProfile) -> tuple[Frame, Glance]:
        """The picture of what a display shows, without the second of two where it cannot be had."""
        try:
            return await self._renderer.frame(glance, profile), glance
        except SecondLacking as lacking:
            glance = self._shown[glance.display] = await self._alone(glance, lacking.why)
            return await self._renderer.frame(glance, profile), glance


def _same(one: Glance, other: Glance) -> bool:
    """Whether two glances are at one showing; the position of one taken back is given again."""
    return (one.position, one.artwork.id) == (other.position, other.artwork.id)
