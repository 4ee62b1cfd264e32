"""What is up is rendered again where its label leaves or night begins, without a showing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from PIL import Image

from glance_agent.agent.displays import DisplayUpdater
from glance_agent.agent.fitting import Fitting
from glance_agent.agent.frames import FrameRenderer
from glance_agent.domain.display import Glance, ShownArtwork
from glance_agent.domain.errors import BadPicture, SourceError
from glance_agent.domain.news import Hung, News
from glance_agent.domain.panel import PanelProfile
from glance_agent.domain.quiet import QuietHours, quiet_window
from glance_agent.domain.timed_profile import Night, TimedProfile
from glance_agent.domain.wall_label import Label
from tests.home import picture
from tests.in_process import InProcess

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
TWENTY = timedelta(seconds=20)
PROFILE = PanelProfile((160, 100), 60_000, label=Label(height=0.1))
TIMED = TimedProfile(PROFILE, Night(QuietHours((quiet_window("21:00-07:00"),)), 0.2, 0.0), TWENTY)


class Wall:
    """A display, its pictures' source and its clock."""

    def __init__(self, timed: TimedProfile = TIMED) -> None:
        self.now = NOON
        self.away = False
        self.told: list[News] = []

        async def locate(artwork_id: str) -> str:
            return artwork_id

        fitting = Fitting({"paint": self}, locate, decoder=InProcess())
        renderer = FrameRenderer({"wall": timed}, fitting, clock=lambda: self.now)
        self.updater = DisplayUpdater(
            renderer, tell=self.tell, another=self.another, alone=self.alone, hung=self.hung
        )

    async def read(self, location: str) -> bytes:
        if self.away:
            raise SourceError("It is away.")
        return picture("green", number=len(location))

    async def tell(self, news: News) -> None:
        self.told.append(news)

    async def another(
        self, glance: Glance, error: BadPicture | SourceError, *, choose: bool
    ) -> Glance | None:
        raise AssertionError("another work was chosen")

    async def alone(self, glance: Glance, error: BadPicture | SourceError) -> Glance:
        raise AssertionError("no pair hangs here")

    async def hung(self, glance: Glance) -> None:
        """Nothing is kept."""

    async def show(self, key: str, position: int = 1) -> None:
        work = ShownArtwork(id=f"paint:{key}", title="Green Field", source="paint")
        glance = Glance(display="wall", artwork=work, shown_at=self.now, why="", position=position)
        await self.updater.put_up(glance)
        await self.settled()

    async def settled(self) -> None:
        await asyncio.gather(*self.updater.under_way())

    async def renew(self) -> None:
        self.updater.renew("wall")
        await self.settled()

    def pictures(self) -> list[bytes]:
        return [news.frame.data for news in self.told if isinstance(news, Hung)]

    def light(self) -> float:
        with Image.open(BytesIO(self.pictures()[-1])) as image:
            return float(sum(image.convert("L").resize((1, 1)).tobytes()))


@pytest.fixture
def wall() -> Wall:
    return Wall()


async def test_a_label_leaves_and_nothing_new_is_shown(wall: Wall) -> None:
    await wall.show("a")
    assert wall.updater.renewed_at("wall") == NOON + TWENTY
    await wall.renew()
    assert len(wall.pictures()) == 1, "it is not time yet"
    wall.now += TWENTY
    await wall.renew()
    labelled, bare = wall.pictures()
    assert labelled != bare
    assert sum(isinstance(news, Glance) for news in wall.told) == 1
    assert wall.updater.renewed_at("wall") == NOON.replace(hour=21)
    assert [hung.frame.data for hung in wall.updater.done()] == [bare]


async def test_night_dims_what_is_up_and_morning_brings_it_back(wall: Wall) -> None:
    await wall.show("a")
    lights = []
    for hours in (1, 9, 19):
        wall.now = NOON + timedelta(hours=hours)
        await wall.renew()
        lights.append(wall.light())
    day, night, morning = lights
    assert night < 0.7 * day
    assert abs(morning - day) < 2


async def test_a_panel_is_left_alone_for_a_while_after_each_time_it_was_drawn() -> None:
    quarter = timedelta(minutes=15)
    wall = Wall(replace(TIMED, min_interval=quarter))
    wall.now = NOON + timedelta(hours=8, minutes=43)
    await wall.show("a")
    wall.now += quarter
    assert wall.updater.renewed_at("wall") == wall.now, "its label leaves two minutes before night"
    await wall.renew()
    assert wall.updater.renewed_at("wall") == wall.now + quarter


async def test_what_comes_up_in_the_night_is_dim_at_once(wall: Wall) -> None:
    await wall.show("a")
    day = wall.light()
    wall.now = NOON + timedelta(hours=10)
    await wall.show("b", 2)
    assert wall.light() < 0.7 * day
    assert wall.updater.renewed_at("wall") == wall.now + TWENTY


async def test_what_cannot_be_had_again_stays_as_it_is(wall: Wall) -> None:
    await wall.show("a")
    wall.now += TWENTY
    wall.away = True
    await wall.renew()
    assert len(wall.pictures()) == 1
    due = wall.updater.renewed_at("wall")
    assert due is not None
    assert due <= wall.now
    wall.away = False
    await wall.renew()
    assert len(wall.pictures()) == 2


async def test_nothing_is_up_where_nothing_was_shown(wall: Wall) -> None:
    assert wall.updater.renewed_at("wall") is None
    await wall.renew()
    assert wall.told == []
