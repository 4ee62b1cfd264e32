"""What was told last of displays and sources, for pages that come later."""

from __future__ import annotations

from typing import Any

from glance_agent.agent.outlets import Outlet
from glance_agent.domain.device import DeviceState
from glance_agent.domain.display import Glance, TimedSettings
from glance_agent.domain.event import Event
from glance_agent.domain.frame import Frame
from glance_agent.domain.news import About, DeviceHeard, Hung, News, Soon, Tuned


class Present:
    """An outlet that remembers the newest of each."""

    def __init__(self) -> None:
        self.glances: dict[str, Glance] = {}
        """What hangs on each display."""
        self.frames: dict[str, Frame] = {}
        """The picture on each display."""
        self.pictured: dict[str, Glance] = {}
        """What that is a picture of: on a display that is off, not what hangs there since."""
        self.soon: dict[str, Soon] = {}
        """The picture that comes next, on displays that are watched on a screen."""
        self.settings: dict[str, TimedSettings] = {}
        """How each display is set."""
        self.devices: dict[str, DeviceState] = {}
        """What the device of each display says of itself, where it has one that does."""
        self.progress: dict[str, dict[str, Any]] = {}
        """How far the run over each source is."""
        self.facts: dict[str, Any] = {}
        """What everyone may know of the agent."""
        self.pages: Outlet | None = None
        """Who is told at once what is remembered here, once there is somebody."""

    async def announce(self, news: News) -> None:
        """Remember the news, where it is of these."""
        match news:
            case Glance():
                self.glances[news.display] = news
            case Hung():
                self.frames[news.display] = news.frame
                if news.display in self.glances:
                    self.pictured[news.display] = self.glances[news.display]
            case Soon():
                self.soon[news.glance.display] = news
            case About():
                self.facts = news.facts
            case Tuned():
                self.settings[news.display] = news.settings
            case DeviceHeard():
                self.devices[news.display] = news.state
            case Event(name="ingest"):
                self.progress[str(news.payload["source"])] = news.payload
            case _:
                pass
        if self.pages is not None:
            await self.pages.announce(news)
