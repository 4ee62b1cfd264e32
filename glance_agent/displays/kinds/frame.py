"""A Samsung TV “The Frame”, which shows a picture among its own in art mode.

It is left alone while it is off or shows television: the picture waits until art mode is back. Of
its pictures none is touched but those that we have brought.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from glance_agent.displays.appearance import HeightPx, MostBytes, Progressive, WidthPx
from glance_agent.displays.delivery import until
from glance_agent.displays.display import Diagnosis, PushedDisplay
from glance_agent.displays.frame_tv.book import TvBook
from glance_agent.displays.frame_tv.facts import facts_of
from glance_agent.displays.frame_tv.pictures import NO_ART, TvPictures
from glance_agent.displays.frame_tv.record import of_tv
from glance_agent.displays.frame_tv.troubles import (
    TvAnswersError,
    TvAway,
    TvRefuses,
    TvSilent,
    TvTrouble,
)
from glance_agent.displays.settings import MinInterval, PanelSettings
from glance_agent.domain.device import DeviceReport
from glance_agent.domain.errors import DisplayError, DisplayRests
from glance_agent.domain.frame import Frame
from glance_agent.domain.said import in_a_row, say
from glance_agent.domain.spelling import Host

if TYPE_CHECKING:
    from glance_agent.displays.frame_tv.art import ArtChannel

NAME: Final = "glance-agent"
"""By which the TV knows us, and asks its people whether we may come in."""
LOOK_SECONDS: Final = 60.0
"""So often a TV that shows no art is asked whether it does, besides what it says by itself."""
LOOK_IN_ART_SECONDS: Final = 600.0
AWAY_SECONDS: Final = 30.0
LONGEST_SILENT_SECONDS: Final = 240.0
REFUSED_SECONDS: Final = 3_600.0
"""Each attempt asks the people in front of the TV."""
_ART: Final = "glance_agent.displays.frame_tv.art"
_ENTRANCE: Final = "glance_agent.displays.frame_tv.entrance"
_INSTALL: Final = say('Install it: pip install "glance-agent[frame]".')
_ALLOW: Final = say(
    "Press Allow on the TV when it asks for glance-agent, or allow it in its settings under "
    "General, External Device Manager, Device Connection Manager. It is asked again in an hour, or "
    "when the agent starts."
)


class FrameDisplaySettings(PanelSettings):
    """A Samsung TV “The Frame” of 2019 or later, in art mode."""

    kind: Literal["frame"] = Field(description="Which kind of display.")
    width_px: WidthPx = 3840
    height_px: HeightPx = 2160
    progressive: Progressive = False
    max_image_bytes: MostBytes = 1_500_000
    min_interval_seconds: MinInterval = 300
    host: Host = Field(description="The TV's name or address at home.")
    port: Literal[8001, 8002] = Field(
        8002, description="8002 for TVs that ask whether the agent may come in, 8001 for old ones."
    )
    keep: int = Field(
        10, ge=1, le=50, description="So many pictures of ours stay on the TV; older ones go."
    )

    full_colour: ClassVar[bool] = False

    @model_validator(mode="after")
    def _is_what_it_shows(self) -> Self:
        if self.panel != "lcd" or self.format != "jpeg" or self.progressive:
            raise ValueError(
                say(
                    "the TV shows nothing but a grey area for other pictures than plain JPEGs "
                    "in colours: leave panel, encoding and progressive out"
                )
            )
        return self


class FrameDisplay(PushedDisplay[FrameDisplaySettings]):
    """Keeps one TV showing the picture that should be seen, whenever it shows art."""

    settings_class = FrameDisplaySettings
    says: ClassVar[tuple[str, ...]] = ("art_mode", "model")

    def __init__(self, settings: FrameDisplaySettings) -> None:
        super().__init__(settings)
        self.wait = until
        """Waits so many seconds, or until something is to be seen to."""
        self._book: TvBook | None = None
        self._channel: ArtChannel | None = None
        self._shows_art = False
        self._told: bool | None = None
        self._why: DisplayError | DisplayRests = DisplayRests(say("the TV is not reached yet"))
        self._silences = 0
        self._tried, self._look = asyncio.Event(), asyncio.Event()

    async def hang(self, frame: Frame) -> None:
        """Have the TV show this picture. Raises DisplayError and DisplayRests."""
        self._check(frame)
        await self._tried.wait()
        channel, book = self._channel, self._book
        if channel is None or book is None:
            raise self._why.with_traceback(None)
        if not self._shows_art:
            raise DisplayRests(NO_ART)
        try:
            await TvPictures(channel, book, self.settings.keep).show(frame.data)
        except DisplayRests:
            self._shows_art = False
            self._look.set()
            raise
        except TvTrouble as trouble:
            if isinstance(trouble, TvSilent):
                await channel.close()
            raise await self._reason(trouble) from trouble

    async def live(self) -> None:
        """Stay connected, and hear when the TV shows art; its picture is brought then."""
        while True:
            seconds = AWAY_SECONDS
            try:
                async with self._connected() as channel:
                    await self._follow(channel)
            except (TvTrouble, DisplayError, ImportError) as trouble:
                seconds = self._rest_seconds(trouble)
                self._why = await self._reason(trouble)
            if self._known:
                self._see(shows_art=False)
            self._tried.set()
            self.again()
            await self.wait(seconds, asyncio.Event())

    async def examine(self) -> Diagnosis | None:
        """Whether a TV that shows art answers; its art app is left to the agent that runs."""
        try:
            await asyncio.to_thread(import_module, _ENTRANCE)
        except ImportError:
            said = say("the library samsungtvws is not installed.")
            return Diagnosis(False, in_a_row(said, _INSTALL))
        book, to = TvBook(self.memory), self.settings
        await book.open()
        facts = await facts_of(to.host, to.port)
        if facts is None:
            return _unanswered(to.host, to.port, known=book.record.known)
        if not facts.has_art:
            said = say("the TV at {host} has no art mode: it is no Frame", host=to.host)
            return Diagnosis(False, said)
        if facts.size_px is not None and sorted(facts.size_px) != sorted(self.settings.sent_px):
            size = "width_px = {}, height_px = {}".format(*facts.size_px)
            return Diagnosis(False, say("the TV's panel has another size: write {size}", size=size))
        tv = facts.model or say("a TV")
        if not book.record.known:
            return Diagnosis(True, say("{tv} answers, and will ask you: press Allow", tv=tv))
        return Diagnosis(True, say("{tv} answers, and has let the agent in", tv=tv))

    def _check(self, frame: Frame) -> None:
        if (frame.width_px, frame.height_px) != self.settings.sent_px:
            raise DisplayError(
                say(
                    "it has {width_px} x {height_px} pixels, and the TV shows none but of its own "
                    "size",
                    width_px=frame.width_px,
                    height_px=frame.height_px,
                ),
                say("Raise max_image_bytes, or what the broker takes."),
            )

    # -- its life -----------------------------------------------------------------------------

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[ArtChannel]:
        """The channel of the TV's art app, for as long as the block lasts."""
        art: Any = await asyncio.to_thread(import_module, _ART)
        entrance: Any = await asyncio.to_thread(import_module, _ENTRANCE)
        if self._book is None:
            book = TvBook(self.memory)
            await book.open()
            self._book = book
        book, to = self._book, self.settings
        facts = await facts_of(to.host, to.port)
        if facts is not None:
            await book.change(partial(of_tv, tv=facts.tv))
        address = entrance.TvAddress(to.host, to.port, NAME)
        wire, record = await entrance.let_in(address, book.record)
        channel: ArtChannel = art.ArtChannel(wire, self._heard)
        try:
            await book.change(lambda _: record)
            if facts is not None:
                self.report(DeviceReport(model=facts.model))
            self._channel = channel
            yield channel
        finally:
            self._channel = None
            await channel.close()

    async def _follow(self, channel: ArtChannel) -> None:
        """See what the TV shows, whenever it says that this changes, and now and then."""
        self._why = DisplayRests(say("the TV is not there any more"))
        while channel.is_open:
            self._look.clear()
            self._see(shows_art=await channel.shows_art())
            self._silences = 0
            self._tried.set()
            wait = LOOK_IN_ART_SECONDS if self._shows_art else LOOK_SECONDS
            await self.wait(wait, self._look)

    def _heard(self, event: str, _said: dict[str, Any]) -> None:
        if event in ("art_mode_changed", "go_to_standby", "wakeup", "closed"):
            self._look.set()

    def _see(self, *, shows_art: bool) -> None:
        """The TV shows art, or does not; what waits is brought where it does."""
        if self._told != shows_art:
            self._told = shows_art
            self.report(DeviceReport(art_mode=shows_art))
        if shows_art and not self._shows_art:
            self.again()
        self._shows_art = shows_art

    def _rest_seconds(self, trouble: Exception) -> float:
        if isinstance(trouble, TvAway):
            return AWAY_SECONDS
        if isinstance(trouble, (TvRefuses, ImportError)):
            return REFUSED_SECONDS
        self._silences += 1
        return min(LONGEST_SILENT_SECONDS, AWAY_SECONDS * 2.0 ** min(self._silences - 1, 5))

    @property
    def _known(self) -> bool:
        """Whether the TV has ever let us in."""
        return self._book is not None and self._book.record.known

    # -- why a picture is not there -----------------------------------------------------------

    async def _reason(self, trouble: Exception) -> DisplayError | DisplayRests:
        """What this means for whoever waits for a picture."""
        known = self._known
        match trouble:
            case DisplayError():
                return trouble
            case TvAway() if known:
                return DisplayRests(say("the TV is off, or away"))
            case TvAway():
                hint = say("Switch the TV on, and see that its “host” is right.")
                return DisplayError(say("no TV answers at its address"), hint)
            case TvRefuses():
                return DisplayError(say("the TV does not let the agent in"), _ALLOW)
            case TvAnswersError() if trouble.is_full:
                return DisplayError(
                    say("the TV has no room for it"), say("Delete pictures on the TV.")
                )
            case TvAnswersError():
                return DisplayError(say("the TV refuses it"), detail=str(trouble))
            case ImportError():
                return DisplayError(say("the library samsungtvws is not installed"), _INSTALL)
        facts = await facts_of(self.settings.host, self.settings.port)
        if known and (facts is None or facts.stands_by):
            return DisplayRests(say("the TV is off, or away"))
        if facts is not None and not facts.has_art:
            return DisplayError(say("the TV has no art mode"), say("Only The Frame has one."))
        return DisplayError(
            say("the TV does not answer as a Frame does"), say("Cut it from power once.")
        )


DISPLAY = FrameDisplay


def _unanswered(host: str, port: int, *, known: bool) -> Diagnosis:
    """What a TV means that does not answer: one that has let the agent in may be off."""
    said = say("no TV answers at {host}, port {port}", host=host, port=str(port))
    if known:
        told = say("{said}: it is off, and shows its picture once it is back", said=said)
        return Diagnosis(True, told)
    told = say("{said}: switch it on, and see that “host” is right", said=said)
    return Diagnosis(False, told)
