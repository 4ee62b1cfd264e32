"""Live news for pages: everything at first, then what changes, and nothing missed in between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiohttp import ClientResponse, ClientSession

from glance_agent.agent.present import Present
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.device import DeviceState
from glance_agent.domain.display import Glance, TimedSettings, shown
from glance_agent.domain.event import Event
from glance_agent.domain.frame import Frame
from glance_agent.domain.news import DeviceHeard, Hung, Soon, Tuned
from glance_agent.doors.web.live import MOST_BEHIND, MOST_OF_ONE, Live
from tests.doors.web.served import access_of, door_of, serving
from tests.doors.web.served import until as eventually
from tests.spawned import PATIENCE_SECONDS

SEEN_AT = datetime(2026, 6, 1, tzinfo=UTC)

Said = tuple[str, str, dict[str, Any]]


def glance(title: str, display: str = "wall") -> Glance:
    work = Artwork(id=f"t:{title}", source="t", title=title)
    return Glance(
        display=display,
        artwork=shown(work, liked=None),
        shown_at=datetime(2026, 11, 28, tzinfo=UTC),
        why="It was its turn.",
        position=1,
    )


@asynccontextmanager
async def pages(
    *,
    beat_seconds: float = 60,
    came: Callable[[str], None] = lambda display: None,
    **access: Any,
) -> AsyncIterator[tuple[ClientSession, Live, Present]]:
    """A client, what it listens to, and what hears the news first."""
    present = Present()
    live = Live(present, access_of(**access), version="abc", beat_seconds=beat_seconds, came=came)
    present.pages = live
    async with serving(door_of(live.routes(), access_of(**access))) as session:
        yield session, live, present
        live.close()


@asynccontextmanager
async def listening(session: ClientSession, **headers: str) -> AsyncIterator[ClientResponse]:
    async with session.get("/api/events", headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        yield answer


async def said(answer: ClientResponse) -> Said:
    """The next event: id, name, data."""
    fields = {"id": "", "event": "", "data": "null"}
    async with asyncio.timeout(PATIENCE_SECONDS):
        while line := (await answer.content.readline()).decode().rstrip("\n"):
            name, _, value = line.partition(": ")
            fields[name] = value
    return fields["id"], fields["event"], json.loads(fields["data"])


async def until(answer: ClientResponse, name: str) -> Said:
    while True:
        event = await said(answer)
        if event[1] == name:
            return event


async def test_a_page_is_told_everything_and_then_what_changes() -> None:
    async with pages() as (session, _live, present):
        await present.announce(glance("Sea"))
        await present.announce(Hung("wall", Frame(b"jpeg", "image/jpeg", 80, 60)))
        await present.announce(Tuned("wall", TimedSettings(paused=True)))
        await present.announce(DeviceHeard("wall", DeviceState(seen_at=SEEN_AT, battery=81)))
        async with listening(session) as answer:
            assert (await until(answer, "beat"))[2]["version"] == "abc"
            assert (await until(answer, "shown"))[2]["title"] == "Sea"
            picture = (await until(answer, "picture"))[2]
            assert (picture["picture"], picture["width"]) == ("display/wall", 80)
            assert (await until(answer, "settings"))[2]["paused"] is True
            assert (await until(answer, "device"))[2]["battery"] == 81
            await until(answer, "all")
            await present.announce(glance("Moor", "hall"))
            assert (await until(answer, "shown"))[2]["display"] == "hall"


async def test_a_page_that_comes_back_is_told_what_it_missed_and_only_that() -> None:
    async with pages() as (session, _live, present):
        async with listening(session) as answer:
            await until(answer, "all")
            await present.announce(glance("One"))
            last = (await until(answer, "shown"))[0]
        for title in ("Two", "Three"):
            await present.announce(glance(title))
        async with listening(session, **{"Last-Event-ID": last}) as answer:
            titles = [(await until(answer, "shown"))[2]["title"] for _ in range(2)]
        assert titles == ["Two", "Three"]
        async with listening(session, **{"Last-Event-ID": "other-7"}) as answer:
            assert (await until(answer, "shown"))[2]["title"] == "Three", "all is told anew"


async def test_a_page_that_reads_too_slowly_is_told_how_it_is_now() -> None:
    async with pages() as (session, _live, present), listening(session) as answer:
        await until(answer, "all")
        for number in range(3 * MOST_BEHIND):
            await present.announce(glance(f"No.{number}"))
        titles = []
        while True:
            _, name, data = await said(answer)
            titles += [data["title"]] if name == "shown" else []
            if name == "all":
                break
        assert titles[-1] == f"No.{3 * MOST_BEHIND - 1}"
        assert len(titles) < 3 * MOST_BEHIND


async def test_odd_words_are_one_event_still() -> None:
    async with pages() as (session, _live, present), listening(session) as answer:
        await until(answer, "all")
        await present.announce(Event("reaction", {"title": "a\n\nevent: beat\ud800"}))
        _, name, data = await said(answer)
        assert (name, data["title"]) == ("reaction", "a\n\nevent: beat?")


async def test_there_is_a_beat_while_nothing_happens() -> None:
    async with pages(beat_seconds=0.05) as (session, _live, _present), listening(session) as answer:
        for _ in range(3):
            assert "now" in (await until(answer, "beat"))[2]


async def test_whoever_may_not_look_any_more_hears_no_more() -> None:
    async with pages(beat_seconds=0.05, secret="s3cret-token-of-the-house") as (session, live, _):
        head = {"Authorization": "Bearer s3cret-token-of-the-house"}
        async with session.get("/api/events") as answer:
            assert answer.status == 401
        async with listening(session, **head) as answer:
            await until(answer, "beat")
            live._access = access_of(secret="another-token")  # it was changed meanwhile
            async with asyncio.timeout(PATIENCE_SECONDS):
                await answer.content.read()


async def test_news_without_an_end_keep_no_beat_back_and_nobody_in() -> None:
    async with pages(beat_seconds=0.05, secret="s3cret-token-of-the-house") as (session, live, now):
        head = {"Authorization": "Bearer s3cret-token-of-the-house"}

        async def happening() -> None:
            while True:
                await now.announce(glance("Sea"))
                await asyncio.sleep(0.001)

        task = asyncio.create_task(happening())
        async with listening(session, **head) as answer, asyncio.timeout(PATIENCE_SECONDS):
            for _ in range(3):
                await until(answer, "beat")
            live._access = access_of(secret="another-token")
            await answer.content.read()
        task.cancel()


async def test_too_many_open_pages_of_one_machine_are_refused() -> None:
    async with pages() as (session, _live, _present):
        streams = [await session.get("/api/events") for _ in range(MOST_OF_ONE)]
        async with session.get("/api/events") as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (429, "60")
        for stream in streams:
            stream.close()

        async def has_room() -> bool:
            async with session.get("/api/events") as answer:
                return answer.status == 200

        await eventually(has_room)  # long before anything is written to those that have gone


async def test_who_asks_wrongly_takes_nobody_s_place() -> None:
    async with pages() as (session, _live, _present):
        for question in ["kiosk=" + "x" * 500, "kiosk=a&kiosk=b", "kiosks=wall"] * MOST_OF_ONE:
            async with session.get(f"/api/events?{question}") as answer:
                assert answer.status == 400
        async with listening(session) as answer:
            await until(answer, "all")


async def test_the_end_of_the_agent_ends_the_streams() -> None:
    async with pages() as (session, live, _present), listening(session) as answer:
        await until(answer, "all")
        live.close()
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert await answer.content.read() == b""


async def test_screens_are_known_while_they_listen_and_told_what_comes_next() -> None:
    came: list[str] = []
    async with pages(came=came.append) as (session, live, present):
        soon = Soon(glance("Later"), Frame(b"next", "image/jpeg", 80, 60))
        await present.announce(soon)
        async with session.get("/api/events?kiosk=wall") as answer:
            assert live.watched() == frozenset({"wall"})
            assert came == ["wall"]
            assert (await until(answer, "soon"))[2] == {
                "display": "wall",
                "picture": "display/wall",
                "tag": soon.frame.tag,
                "width": 80,
                "height": 60,
            }
