"""What pages ask is answered whatever the model, the library or a command does meanwhile."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from threading import Event
from typing import Any

import pytest

from glance_agent.agent import looking as asked
from glance_agent.agent.looking import Looking
from glance_agent.domain.command import Like
from glance_agent.domain.errors import CommandError, ErrorCode, ModelError
from glance_agent.domain.values import HOUSEHOLD
from glance_agent.domain.vectors import Vector
from glance_agent.gallery.answers import ArtworkInFull, Displays
from glance_agent.gallery.questions import ArtworkQuestion, ArtworksQuestion
from glance_agent.store import reading as store
from glance_agent.store.reading import Readings
from glance_agent.wiring import rooms as wired
from glance_agent.wiring.gallery import looking_of
from glance_agent.wiring.reading import ReadingRoom, reading_room, stores_of
from glance_agent.wiring.rooms import Rooms, open_rooms
from tests.colour_encoder import COLOURS, ColourEncoder
from tests.home import Home


class Moody(ColourEncoder):
    """A model that is silent, or fails, when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.may_speak = Event()
        self.may_speak.set()
        self.fails = False

    def embed_text(self, text: str) -> Vector:
        self.may_speak.wait()
        if self.fails:
            raise ModelError("It is broken.")
        return super().embed_text(text)


@pytest.fixture
def moody(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Moody]:
    model = Moody()
    monkeypatch.setattr(wired, "encoder_of", lambda config: model)
    yield model
    model.may_speak.set()


@pytest.fixture
def rooms(home: Home, moody: Moody) -> Iterator[Rooms]:
    with open_rooms(home.config(1)) as rooms:
        yield rooms


@asynccontextmanager
async def looking(rooms: Rooms) -> AsyncIterator[tuple[Looking, ReadingRoom]]:
    with reading_room(rooms) as reading:
        pages = looking_of(reading)
        yield pages, reading
        pages.close()


def search(words: str, **more: Any) -> ArtworksQuestion:
    return ArtworksQuestion(q=words, **more)


async def displays_of(pages: Looking) -> Displays:
    return await pages.look(lambda gallery, stores: gallery.displays(HOUSEHOLD, {}, stores))


async def artwork(pages: Looking, work: str, user: str = HOUSEHOLD) -> ArtworkInFull:
    question = ArtworkQuestion(user=user)
    return await pages.look(lambda gallery, stores: gallery.artwork(work, question, stores))


async def test_a_silent_model_holds_no_page_up_and_counts_the_next_time(
    rooms: Rooms, moody: Moody, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked, "READ_SECONDS", 0.05)
    async with looking(rooms) as (pages, _):
        moody.may_speak.clear()
        page, displays = await asyncio.gather(pages.artworks(search("red")), displays_of(pages))
        assert (page.by_pictures, page.late) == (False, True)
        assert page.works[0].title == "Red Field"
        assert len(displays.displays) == 2
        moody.may_speak.set()
        while not (page := await pages.artworks(search("red"))).by_pictures:
            pass
        assert page.works[0].title == "Red Field"


async def test_without_a_model_labels_answer(rooms: Rooms, moody: Moody) -> None:
    moody.fails = True
    async with looking(rooms) as (pages, _):
        page = await pages.artworks(search("red"))
        assert (page.by_pictures, page.late) == (False, False)
        assert [work.title for work in page.works] == ["Red Field"]


async def test_a_list_that_is_kept_needs_no_model(rooms: Rooms, moody: Moody) -> None:
    async with looking(rooms) as (pages, _):
        first = await pages.artworks(search("red"))
        moody.may_speak.clear()
        again = await pages.artworks(search("red", result=first.result, offset=1))
        assert (again.result, again.works) == (first.result, first.works[1:])


async def test_what_takes_too_long_is_said(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_STEPS", 1)
    async with looking(rooms) as (_, reading):
        slow = Readings(rooms.config.library.path, stores_of, seconds=-1.0)
        with closing(slow), pytest.raises(CommandError) as refused:
            await looking_of(replace(reading, readings=slow)).artworks(search(""))
    assert refused.value.code is ErrorCode.BUSY
    assert "too long" in refused.value.message


async def test_a_library_that_was_replaced_is_said(rooms: Rooms, home: Home) -> None:
    async with looking(rooms) as (pages, _):
        assert (await pages.artworks(search(""))).total == len(COLOURS)
        shutil.move(shutil.copy(home.database, f"{home.database}.new"), home.database)
        with pytest.raises(CommandError) as refused:
            await artwork(pages, home.work("red"))
        assert refused.value.code is ErrorCode.LIBRARY_UNUSABLE
        assert "replaced" in refused.value.message


async def test_what_a_command_has_kept_is_seen_at_once(rooms: Rooms, home: Home) -> None:
    red = home.work("red")
    async with looking(rooms) as (pages, _):
        for user in ("mia", "tom"):
            assert (await artwork(pages, red, user)).liked is None
            assert rooms.answers.answer(Like(artwork=red, user=user)).reply.ok
            assert (await artwork(pages, red, user)).liked


async def test_another_model_answers_pages_as_soon_as_it_answers_commands(rooms: Rooms) -> None:
    async with looking(rooms) as (pages, reading):
        before = await pages.artworks(search("red"))
        reading.answering = rooms.succeeded()
        after = await pages.artworks(search("red"))
        assert after.works == before.works
        kept = await pages.artworks(search("red", result=before.result))
        assert kept.result == before.result
