"""From a museum into the library: resumed after any kill, copies grouped, failures recorded."""

from __future__ import annotations

import asyncio
import io
import itertools
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiohttp import web
from PIL import Image, ImageEnhance

from glance_agent.domain.vectors import Matrix, unit_rows
from glance_agent.ingest import admit
from glance_agent.ingest.admit import TOGETHER_SECONDS
from glance_agent.ingest.ingest import SourceIngest
from glance_agent.ingest.progress import Progress
from glance_agent.sources.museums.cleveland import Cleveland, ClevelandSettings
from glance_agent.sources.web.manners import Manners
from glance_agent.sources.web.web import Web
from glance_agent.store.connection import open_database
from glance_agent.store.index import VectorIndex
from glance_agent.store.library import Library
from glance_agent.store.vectors import Vectors
from tests.in_process import InProcess
from tests.sources.fake_museum import Clock, FakeMuseum, visit_of
from tests.sources.museums.test_cleveland import API, page, record


class Killed(BaseException):
    """The end of the process, at a moment of the test's choice."""


class ByColour:
    """Embeds a picture as its mean colours in a 3 x 3 grid."""

    space = "test"

    def embed_images(self, images: Sequence[Image.Image]) -> Matrix:
        grids = [np.asarray(i.resize((3, 3)), dtype=np.float32).ravel() + 1 for i in images]
        return unit_rows(np.stack(grids))


class DyingLibrary(Library):
    """Dies at its n-th change: just before it is kept, or just after."""

    def dies_at(self, change: int, *, kept: bool) -> DyingLibrary:
        self.changes_left, self.kept = change, kept
        return self

    @contextmanager
    def together(self) -> Iterator[None]:
        self.changes_left -= 1
        with super().together():
            yield
            if self.changes_left == 0 and not self.kept:
                raise Killed
        if self.changes_left == 0:
            raise Killed


def picture(number: int, size: tuple[int, int] = (90, 60)) -> Image.Image:
    """A picture that looks like no other number's."""
    noise = np.random.default_rng(number).integers(0, 256, (6, 9, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)


def encoded(image: Image.Image, quality: int = 90) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def tasks_of(coroutine: str) -> list[asyncio.Task[Any]]:
    """The unfinished tasks that run a coroutine of this name."""
    return [
        t for t in asyncio.all_tasks() if getattr(t.get_coro(), "__qualname__", "") == coroutine
    ]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    database = open_database(tmp_path / "glance.db", synchronous="NORMAL")
    yield Library(database)
    database.close()


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as made:
        yield made


class Setting:
    """A museum with numbered works, and what brings them in."""

    def __init__(self, museum: FakeMuseum, client: Web, executor: ThreadPoolExecutor) -> None:
        self.museum, self.client, self.executor = museum, client, executor
        self.index = VectorIndex("test", 27)
        self.works: list[dict[str, Any]] = []
        self.one_by_one = True
        """Whether time passes, and every work is kept by itself; else as many as are ready."""
        museum.on(API, self._page)

    async def _page(self, request: web.Request) -> web.Response:
        first, count = int(request.query["skip"]), int(request.query["limit"])
        return web.json_response(page(self.works[first : first + count], len(self.works)))

    def add(self, number: int, image: Image.Image | None = None, quality: int = 90) -> None:
        self.works.append(record(self.museum, number))
        self.museum.picture(f"/{number}_web.jpg", encoded(image or picture(number), quality))

    def source(self, name: str = "test") -> Cleveland:
        chosen = ClevelandSettings(name=name, kind="cleveland")
        return Cleveland(chosen, visit_of(self.client), api=self.museum.base + API)

    def run(self, library: Library, source: Cleveland | None = None) -> AsyncIterator[Progress]:
        ticks = itertools.count(step=TOGETHER_SECONDS)
        clock = (lambda: next(ticks)) if self.one_by_one else (lambda: 0.0)
        ingest = SourceIngest(
            library,
            ByColour(),
            self.index,
            executor=self.executor,
            decoder=InProcess(),
            clock=clock,
        )
        return ingest.run(source or self.source())

    async def finish(self, library: Library, source: Cleveland | None = None) -> Progress:
        return [progress async for progress in self.run(library, source)][-1]


@pytest.fixture
def setting(museum: FakeMuseum, client: Web, executor: ThreadPoolExecutor) -> Setting:
    return Setting(museum, client, executor)


@pytest.mark.parametrize("target", ["http://evil.example/x.jpg", "http://[::1", "file:///etc/x"])
async def test_a_picture_that_leads_astray_costs_no_other(
    setting: Setting, library: Library, target: str
) -> None:
    for number in range(3):
        setting.add(number)
    setting.museum.body("/1_web.jpg", b"", "text/plain", 302, Location=target)
    done = await setting.finish(library)
    assert (done.added, done.stopped_by) == (2, None)
    assert done.left_out == {"address refused": 1}
    setting.museum.picture("/1_web.jpg", encoded(picture(1), 90))
    assert (await setting.finish(library)).added == 1


@pytest.mark.parametrize(
    ("body", "kind"), [(b"<html>at work</html>", "text/html"), (b"", "image/jpeg")]
)
async def test_what_a_broken_server_says_of_a_picture_holds_for_this_run_alone(
    setting: Setting, library: Library, body: bytes, kind: str
) -> None:
    setting.add(0)
    setting.museum.body("/0_web.jpg", body, kind)
    assert (await setting.finish(library)).left_out == {"not a picture": 1}
    setting.museum.picture("/0_web.jpg", encoded(picture(0), 90))
    assert (await setting.finish(library)).added == 1


async def test_works_come_in_and_what_was_left_out_is_counted(
    setting: Setting, library: Library
) -> None:
    for number in range(5):
        setting.add(number)
    setting.works[1]["share_license_status"] = "Copyrighted"
    setting.museum.handlers.pop("/2_web.jpg")
    setting.museum.body("/3_web.jpg", b"<html>no</html>", "text/html")
    done = await setting.finish(library)
    assert (done.done, done.total, done.added, done.stopped_by) == (5, 5, 2, None)
    assert done.left_out == {"licence not open": 1, "not found": 1, "not a picture": 1}
    work = library.get("test:0")
    assert work is not None
    assert work.licence == "CC0-1.0"
    assert library.location("test:0") == " ".join(
        f"{setting.museum.base}/0_{size}.jpg" for size in ("print", "web")
    )


@pytest.mark.parametrize("moment", [1, 2, 7, 8, 12])
@pytest.mark.parametrize("kept", [True, False])
async def test_killed_at_any_moment_it_neither_repeats_nor_skips(
    setting: Setting,
    library: Library,
    monkeypatch: pytest.MonkeyPatch,
    moment: int,
    kept: bool,
) -> None:
    monkeypatch.setattr("glance_agent.sources.web.museum.PAGE_ITEMS", 8)
    for number in range(14):
        setting.add(number)
    with pytest.raises(Killed):
        await setting.finish(DyingLibrary(library.db).dies_at(moment, kept=kept))
    assert library.count() == moment if kept else library.count() == moment - 1
    before = {f"/{n}_web.jpg" for n in range(14) if library.get(f"test:{n}")}
    setting.museum.asked.clear()
    done = await setting.finish(library)
    assert (done.stopped_by, library.count(), library.cursor("test")) == (None, 14, None)
    assert not before & set(setting.museum.paths)


@pytest.mark.parametrize("moment", [1, 2, 3])
@pytest.mark.parametrize("kept", [True, False])
async def test_killed_while_several_are_kept_together_it_neither_repeats_nor_skips(
    setting: Setting,
    library: Library,
    monkeypatch: pytest.MonkeyPatch,
    moment: int,
    kept: bool,
) -> None:
    setting.one_by_one = False
    monkeypatch.setattr("glance_agent.sources.web.museum.PAGE_ITEMS", 8)
    for number in range(30):
        setting.add(number)
    with pytest.raises(Killed):
        await setting.finish(DyingLibrary(library.db).dies_at(moment, kept=kept))
    before = [n for n in range(30) if library.get(f"test:{n}")]
    assert before == list(range(len(before)))
    assert len(before) >= moment - (not kept)
    setting.index.fill(0, Vectors(library.db).blocks("test", 27))
    setting.museum.asked.clear()
    done = await setting.finish(library)
    assert (done.stopped_by, library.count(), library.cursor("test")) == (None, 30, None)
    assert not {f"/{n}_web.jpg" for n in before} & set(setting.museum.paths)
    assert len(setting.index) == 30


async def test_copies_that_are_kept_together_are_one_group(
    setting: Setting, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting.client.manners["127.0.0.1"] = Manners(at_once=4)
    setting.one_by_one = False
    original = picture(1, (300, 200))
    setting.add(1, original)
    setting.add(2, original, 50)
    setting.add(3, original)
    setting.add(4)
    served = setting.museum.handlers["/1_web.jpg"]

    async def last(request: web.Request) -> web.StreamResponse:
        """Serve the first picture when all others are ready."""
        while len(preparing := tasks_of("SourceIngest._prepared")) > 1:
            await asyncio.wait(preparing, return_when=asyncio.FIRST_COMPLETED)
        return await served(request)

    setting.museum.on("/1_web.jpg", last)
    counting = DyingLibrary(library.db).dies_at(0, kept=True)
    monkeypatch.setattr(admit, "FIRST_TOGETHER", 8)
    done = await setting.finish(counting)
    assert counting.changes_left == -1
    assert (done.added, done.left_out) == (3, {"duplicate": 1})
    groups = [library.kin(f"test:{n}").group for n in (1, 2, 4)]
    assert groups == ["test:1", "test:1", "test:4"]


async def test_the_cursor_moves_with_the_last_work_of_a_page(
    setting: Setting, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glance_agent.sources.web.museum.PAGE_ITEMS", 8)
    for number in range(14):
        setting.add(number)
    with pytest.raises(Killed):
        await setting.finish(DyingLibrary(library.db).dies_at(8, kept=True))
    assert (library.count(), library.cursor("test")) == (8, "8 7")


async def test_a_second_run_asks_for_nothing_that_is_known(
    setting: Setting, library: Library
) -> None:
    for number in range(6):
        setting.add(number)
    await setting.finish(library)
    setting.museum.asked.clear()
    done = await setting.finish(library)
    assert (done.unchanged, done.added, len(setting.museum.asked)) == (6, 0, 0)


async def test_a_host_that_refuses_ends_the_run_and_the_next_goes_on(
    setting: Setting, library: Library, clock: Clock
) -> None:
    for number in range(4):
        setting.add(number)
    setting.museum.body("/1_web.jpg", b"<html>Just a moment</html>", "text/html", 403)
    done = await setting.finish(library)
    assert done.stopped_by is not None
    assert "refuses programs" in done.stopped_by
    setting.museum.picture("/1_web.jpg", encoded(picture(1)))
    assert (await setting.finish(library)).stopped_by == done.stopped_by
    clock.now += 61
    assert (await setting.finish(library)).stopped_by is None
    assert library.count() == 4


async def test_a_picture_that_failed_in_passing_is_tried_again(
    setting: Setting, library: Library
) -> None:
    for number in range(3):
        setting.add(number)
    setting.museum.body("/1_web.jpg", b"busy", "text/plain", 503)
    assert (await setting.finish(library)).left_out == {"not served": 1}
    setting.museum.picture("/1_web.jpg", encoded(picture(1)))
    assert (await setting.finish(library)).added == 1


async def test_the_same_work_from_two_museums_shows_once(
    setting: Setting, library: Library
) -> None:
    original = picture(1, (900, 600))
    setting.add(1, original)
    setting.add(2)
    await setting.finish(library)
    setting.works.clear()
    setting.add(11, ImageEnhance.Brightness(original.resize((640, 427))).enhance(1.15), 60)
    setting.add(12, ImageEnhance.Contrast(original).enhance(0.85), 80)
    setting.add(13)
    setting.add(14, original.resize((600, 600)))
    other = setting.source("other")
    for cached in setting.client.around.directory.glob("answers/*/*"):  # type: ignore[union-attr]
        cached.unlink()
    done = await setting.finish(library, other)
    assert done.added == 4
    groups = [library.kin(f"other:{n}").group for n in (11, 12, 13, 14)]
    assert groups == ["test:1", "test:1", "other:13", "other:14"]
    assert {*library.withheld()} == {"other:11", "other:12"}
    library.mark_unusable("test:1", "gone")
    assert {*library.withheld()} == {"test:1"}


async def test_a_representative_never_joins_another_group(
    setting: Setting, library: Library
) -> None:
    original = picture(1, (300, 200))
    setting.add(1, original)
    setting.add(2, original, 50)
    await setting.finish(library)
    setting.works[0]["title"] = "Renamed"
    setting.client.answers.get = lambda url: None  # type: ignore[method-assign]
    await setting.finish(library)
    work = library.get("test:1")
    assert work is not None
    assert work.title == "Renamed"
    assert [library.kin(i).group for i in ("test:1", "test:2")] == ["test:1", "test:1"]
