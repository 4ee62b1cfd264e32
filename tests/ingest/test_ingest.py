"""Ingesting: whatever interrupts, nothing is lost and nothing is done twice."""

from __future__ import annotations

import asyncio
import os
import signal
import struct
import threading
import zlib
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any

import pytest
from PIL.Image import Image

from glance_agent.decoding.work import preparation
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.errors import ModelError, SourceError
from glance_agent.domain.items import Fetched, Listed, Page
from glance_agent.domain.library_place import LibraryPlace
from glance_agent.domain.picture_verbs import Next
from glance_agent.domain.vectors import Matrix
from glance_agent.embedding.pairing import AbsentEncoder
from glance_agent.ingest.progress import Progress
from glance_agent.pictures.fitting import SquareFit
from glance_agent.pictures.metadata import RawMetadata
from glance_agent.pictures.prepare import Preparation
from glance_agent.pictures.streamed import PictureBytes, whole
from glance_agent.sources.folders import folder as folder_module
from glance_agent.sources.folders.folder import FolderSource
from glance_agent.store.database import Database
from glance_agent.store.index import VectorIndex
from glance_agent.store.opening import open_library
from glance_agent.wiring import run_threads
from glance_agent.wiring.ingestion import Ingestion
from glance_agent.wiring.rooms import open_rooms
from tests.colour_encoder import COLOURS, ColourEncoder
from tests.home import SOURCE, Home, ingest_all, ingesting, paint, picture
from tests.in_process import header_of
from tests.spawned import PATIENCE_SECONDS, Spawned

ALL = len(COLOURS)


@pytest.fixture
def fresh(tmp_path: Path) -> Home:
    """A household with pictures of its own and no library yet."""
    (tmp_path / "home").mkdir()
    paint(tmp_path / "pictures")
    return Home(tmp_path / "home", tmp_path / "pictures")


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "PAGE_ITEMS", 5)


def folder(home: Home) -> FolderSource:
    return FolderSource(SOURCE, home.pictures, header_of)


def new_index() -> VectorIndex:
    return VectorIndex(ColourEncoder.space, ColourEncoder.dimension)


class CountingEncoder(ColourEncoder):
    """Knows how many pictures it has seen, and tells someone of each."""

    def __init__(self) -> None:
        self.seen = 0
        self.told: dict[int, threading.Event] = {}

    def embed_images(self, images: Sequence[Image]) -> Matrix:
        self.seen += len(images)
        for number, heard in self.told.items():
            if number <= self.seen:
                heard.set()
        return super().embed_images(images)


def kept(home: Home) -> tuple[int, int, int]:
    """How many works, vectors and items the library has."""
    counts = [home.rows(f"SELECT count(*) FROM {t}") for t in ("artworks", "embeddings", "items")]
    return (counts[0][0][0], counts[1][0][0], counts[2][0][0])


# -- what is embedded -----------------------------------------------------------------------------


class Looking(ColourEncoder):
    """Takes squares of this fitting, and notes the sizes of what it is given."""

    def __init__(self, fitting: SquareFit | None) -> None:
        self.fitting = fitting
        self.sizes: set[tuple[int, int]] = set()

    def embed_images(self, images: Sequence[Image]) -> Matrix:
        self.sizes |= {image.size for image in images}
        return super().embed_images(images)


@pytest.mark.parametrize("wanted", [None, SquareFit(48, "squash", (0, 0, 0), "bicubic")])
async def test_what_was_seen_for_another_model_is_decoded_for_this_one(
    fresh: Home, wanted: SquareFit | None
) -> None:
    other, encoder = SquareFit(32, "squash", (0, 0, 0), "bicubic"), Looking(wanted)

    def see(data: PictureBytes) -> tuple[Preparation, RawMetadata]:
        return preparation(whole(data), fitting=other)

    source = FolderSource(SOURCE, fresh.pictures, header_of, see=see)
    assert (await ingest_all(fresh.database, source, encoder=encoder)).added == ALL
    assert (32, 32) not in encoder.sizes
    assert wanted is None or encoder.sizes == {(48, 48)}


# -- interruptions --------------------------------------------------------------------------------


@pytest.mark.parametrize("items", range(0, ALL + 1, 2))
async def test_a_run_that_stops_after_any_item_is_continued(fresh: Home, items: int) -> None:
    encoder, index, told = CountingEncoder(), new_index(), 0
    steps = ingesting(fresh.database, folder(fresh), encoder=encoder, index=index)
    async with aclosing(steps):
        async for _ in steps:
            told += 1
            if told > items:
                break
    rest = await ingest_all(fresh.database, folder(fresh), encoder=encoder, index=index)
    assert kept(fresh) == (ALL, ALL, ALL)
    assert encoder.seen == ALL
    assert len(index) == ALL
    assert rest.finished
    assert rest.stopped_by is None


@pytest.mark.parametrize("pictures", [1, 4, 5, 9, ALL])
async def test_a_run_that_is_cancelled_at_any_picture_is_continued(
    fresh: Home, pictures: int
) -> None:
    encoder, index = CountingEncoder(), new_index()
    encoder.told[pictures] = threading.Event()
    run = asyncio.create_task(
        ingest_all(fresh.database, folder(fresh), encoder=encoder, index=index)
    )
    await asyncio.to_thread(encoder.told[pictures].wait, 30)
    run.cancel()
    with suppress(asyncio.CancelledError):
        await run
    await ingest_all(fresh.database, folder(fresh), encoder=encoder, index=index)
    assert kept(fresh) == (ALL, ALL, ALL)
    assert encoder.seen == ALL
    assert len(index) == ALL


@pytest.mark.parametrize(
    ("doom", "fewest", "most"),
    [("before-work:6", 0, 6), ("in-work:6", 0, 6), ("after-work:6", 7, ALL)],
)
async def test_a_process_that_is_killed_is_continued(
    fresh: Home, doom: str, fewest: int, most: int
) -> None:
    config = str(fresh.toml(1))
    killed = await Spawned.loaded("-m", "tests.doomed_agent", doom, "ingest", "-c", config)
    assert await killed.ended() == -signal.SIGKILL
    before = kept(fresh)
    assert before == (before[0],) * 3
    assert fewest <= before[0] <= most
    encoder = CountingEncoder()
    again = await ingest_all(fresh.database, folder(fresh), encoder=encoder)
    assert (again.added, again.added + again.unchanged) == (ALL - before[0], again.done)
    assert encoder.seen == ALL - before[0]
    assert kept(fresh) == (ALL, ALL, ALL)


async def test_a_second_run_does_nothing(fresh: Home) -> None:
    encoder = CountingEncoder()
    first = await ingest_all(fresh.database, folder(fresh), encoder=encoder)
    second = await ingest_all(fresh.database, folder(fresh), encoder=encoder)
    assert (first.added, first.unchanged, first.done, first.total) == (ALL, 0, ALL, ALL)
    assert (second.added, second.unchanged, second.done) == (0, ALL, ALL)
    assert encoder.seen == ALL


async def test_a_limit_is_kept_and_the_next_run_goes_on(fresh: Home) -> None:
    added = []
    for _ in range(4):
        progress = await ingest_all(fresh.database, folder(fresh), limit=5)
        added.append(progress.added)
    assert added == [5, 5, 2, 0]
    assert kept(fresh) == (ALL, ALL, ALL)


# -- pictures that are none -----------------------------------------------------------------------


def bomb() -> bytes:
    """A PNG that says it has ten thousand million pixels, in a hundred bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 64))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


async def test_bad_pictures_are_recorded_with_their_reason(fresh: Home) -> None:
    bad = {
        "bomb.png": (bomb(), "too large"),
        "empty.jpg": (b"", "not a picture"),
        "letter.jpg": (b"Dear Vincent", "not a picture"),
        "half.png": (picture("red", number=99)[:120], "truncated"),
        "twin.png": (picture("red", number=0), "duplicate"),
    }
    for name, (data, _) in bad.items():
        (fresh.pictures / name).write_bytes(data)
    progress = await ingest_all(fresh.database, folder(fresh))
    reasons = dict(fresh.rows("SELECT key, reason FROM items WHERE reason NOT NULL"))
    assert reasons == {n: reason for n, (_, reason) in bad.items() if reason != "duplicate"}
    assert dict(progress.left_out) == {
        "too large": 1, "not a picture": 2, "truncated": 1, "duplicate": 1,
    }  # fmt: skip
    assert (progress.added, progress.failed, progress.done) == (ALL, 5, ALL + 5)
    assert kept(fresh) == (ALL, ALL, ALL + 5)
    again = await ingest_all(fresh.database, folder(fresh))
    assert (again.added, again.unchanged, again.left_out) == (0, ALL, progress.left_out)
    assert again.rate == 0, "nothing had to be done"
    (fresh.pictures / "half.png").write_bytes(picture("red", number=99))
    mended = await ingest_all(fresh.database, folder(fresh))
    assert (mended.added, mended.failed) == (1, 4)
    assert "left out: 2 not a picture, 1 too large, 1 duplicate" in mended.summary()


async def test_a_renamed_picture_is_the_same_work(fresh: Home) -> None:
    index = new_index()
    await ingest_all(fresh.database, folder(fresh), index=index)
    (red,) = fresh.rows("SELECT id FROM artworks WHERE title = 'Red Field'")[0]
    moved = fresh.pictures / "deeper" / "sunset.png"
    moved.parent.mkdir()
    (fresh.pictures / "red-field.png").rename(moved)
    progress = await ingest_all(fresh.database, folder(fresh), index=index)
    assert (progress.added, progress.unchanged, progress.done) == (0, ALL, ALL)
    assert not progress.left_out, "it is no copy of what lay there before"
    assert fresh.rows("SELECT location, unusable FROM artworks WHERE id = ?", red) == [
        (str(moved), None)
    ]
    assert kept(fresh) == (ALL, ALL, ALL)
    assert index.now().number_of(red) is not None
    # What the file is called now is read when the folder is listed again.
    await ingest_all(fresh.database, folder(fresh), index=index)
    assert fresh.rows("SELECT title FROM artworks WHERE id = ?", red) == [("Sunset",)]


async def test_a_vanished_picture_goes_and_comes_back_as_the_same_work(fresh: Home) -> None:
    index = new_index()
    await ingest_all(fresh.database, folder(fresh), index=index)
    (red,) = fresh.rows("SELECT id FROM artworks WHERE title = 'Red Field'")[0]
    file = fresh.pictures / "red-field.png"
    data = file.read_bytes()
    file.unlink()
    await ingest_all(fresh.database, folder(fresh), index=index)
    assert fresh.rows("SELECT unusable FROM artworks WHERE id = ?", red) == [("gone",)]
    assert index.now().number_of(red) is None
    file.write_bytes(data)
    await ingest_all(fresh.database, folder(fresh), index=index)
    assert fresh.rows("SELECT unusable FROM artworks WHERE id = ?", red) == [(None,)]
    assert index.now().number_of(red) is not None
    assert kept(fresh) == (ALL, ALL, ALL)


async def test_a_folder_that_cannot_be_read_keeps_its_works_and_no_others(
    fresh: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, *_ = sorted(fresh.pictures.glob("*.png"))
    locked = fresh.pictures / "locked"
    locked.mkdir()
    first.rename(locked / first.name)
    await ingest_all(fresh.database, folder(fresh), index=new_index())
    second.unlink()
    scandir = os.scandir  # permissions do not stop the superuser, so the call itself refuses

    def refusing(path: Path) -> Any:
        if Path(path) == locked:
            raise PermissionError(13, "no")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    await ingest_all(fresh.database, folder(fresh), index=new_index())
    found = fresh.rows("SELECT location FROM artworks WHERE unusable = 'gone'")
    assert [Path(location).name for (location,) in found] == [second.name]


async def test_an_empty_mount_point_takes_nothing_out_and_says_so(fresh: Home) -> None:
    index = new_index()
    assert (await ingest_all(fresh.database, folder(fresh), index=index)).stopped_by is None
    fresh.pictures.rename(fresh.folder / "unmounted")
    fresh.pictures.mkdir()
    stopped = (await ingest_all(fresh.database, folder(fresh), index=index)).stopped_by
    assert stopped is not None
    assert f"{ALL} works of it are known" in stopped
    assert fresh.rows("SELECT count(*) FROM artworks WHERE unusable NOT NULL") == [(0,)]
    assert kept(fresh) == (ALL, ALL, ALL)
    assert len(index) == ALL
    fresh.pictures.rmdir()
    (fresh.folder / "unmounted").rename(fresh.pictures)
    again = await ingest_all(fresh.database, folder(fresh), index=index)
    assert (again.stopped_by, again.unchanged) == (None, ALL)


async def test_a_folder_that_never_had_a_picture_may_be_empty(fresh: Home) -> None:
    empty = fresh.folder / "empty"
    empty.mkdir()
    assert (
        await ingest_all(fresh.database, FolderSource("new", empty, header_of))
    ).stopped_by is None


async def test_the_last_copy_that_is_left_is_shown(fresh: Home) -> None:
    twin = fresh.pictures / "twin.png"
    twin.write_bytes((fresh.pictures / "red-field.png").read_bytes())
    await ingest_all(fresh.database, folder(fresh))
    red = fresh.work("red")
    (fresh.pictures / "red-field.png").unlink()
    await ingest_all(fresh.database, folder(fresh))
    found = fresh.rows("SELECT location, title, unusable FROM artworks WHERE id = ?", red)
    assert found == [(str(twin), "Twin", None)], "which is called as its file"


@pytest.mark.parametrize(
    ("progress", "before", "limit", "told"),
    [
        (Progress("a", total=100, done=10, added=8), 0, None, (8, 98)),
        (Progress("a", total=100, done=10, added=8), 20, None, (28, 118)),
        (Progress("a", total=100, done=10, added=8), 0, 20, (8, 20)),
        (Progress("a", total=100, done=10, unchanged=10), 0, None, None),
        (Progress("a", total=100, done=98, added=8), 90, None, (98, 100)),
        (Progress("a", total=100, done=98, added=8), 92, None, None),
        (Progress("a", total=100, done=100, added=8), 0, None, None),
        (Progress("a", done=10, added=8), 0, None, None),
        (Progress("a", total=100, done=10, added=8, finished=True), 0, None, None),
    ],
)
def test_how_much_of_a_first_run_is_here(
    progress: Progress, before: int, limit: int | None, told: tuple[int, int] | None
) -> None:
    """Nothing is said of a run that brings nothing new, or adds to a larger library."""
    assert progress.so_far(before, limit) == told


async def test_answers_say_how_much_of_a_first_run_is_here(fresh: Home) -> None:
    with open_rooms(fresh.config(1)) as rooms:
        steps, told = Ingestion(rooms).run(SOURCE, None), list[str]()
        async with aclosing(steps):
            async for progress in steps:
                if progress.added == 3:
                    told.append(rooms.answers.answer(Next()).reply.message)
        assert told[0].endswith(f"3 of {ALL} pictures are here so far.")
        assert "so far" not in rooms.answers.answer(Next()).reply.message


async def test_a_run_that_ends_as_it_begins_leaves_no_library_open(
    fresh: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening, go_on, closed = threading.Event(), threading.Event(), threading.Event()

    def slowly(place: LibraryPlace, *, durable: bool) -> Database:
        opening.set()
        assert go_on.wait(PATIENCE_SECONDS)
        database = open_library(place, durable=durable)
        close = database.close

        def close_and_tell() -> None:
            close()
            closed.set()

        monkeypatch.setattr(database, "close", close_and_tell)
        return database

    monkeypatch.setattr(run_threads, "open_library", slowly)
    with open_rooms(fresh.config(1)) as rooms:
        run = Ingestion(rooms).run(SOURCE, None)
        starting = asyncio.create_task(anext(run))
        await asyncio.to_thread(opening.wait, PATIENCE_SECONDS)
        starting.cancel()
        go_on.set()  # what it gives comes behind the cancellation
        with pytest.raises(asyncio.CancelledError):
            await starting
        assert await asyncio.to_thread(closed.wait, PATIENCE_SECONDS)


# -- sources and models that fail -----------------------------------------------------------------


class Museum:
    """A source that lists three works a page and has an accident after some of them."""

    name = SOURCE
    lists_everything = True
    at_once = 4

    def __init__(self, works: int, *, accident_after: int | None = None) -> None:
        self._works = works
        self._accident_after = accident_after
        self.asked: list[str | None] = []

    async def pages(self, cursor: str | None) -> AsyncIterator[Page]:
        self.asked.append(cursor)
        first = int(cursor or 0)
        for start in range(first, self._works, 3):
            if self._accident_after is not None and start >= self._accident_after:
                raise SourceError("The museum is closed")
            end = min(start + 3, self._works)
            items = tuple(Listed(str(n), "f") for n in range(start, end))
            following = str(end) if end < self._works else None
            yield Page(items, next_cursor=following, total=self._works)

    async def fetch(self, item: Listed, *, wanted_px: int) -> Fetched:
        number = int(item.key)
        data = picture(list(COLOURS)[number % ALL], number=number)
        return Fetched(Artwork(id=f"{SOURCE}:{number}", source=SOURCE), data, item.key)


class Misled(Museum):
    """A museum whose records break the reading of one picture, or of a page."""

    def __init__(self, works: int, *, page: int | None = None, item: str = "") -> None:
        super().__init__(works)
        self._page = page
        self._item = item

    async def pages(self, cursor: str | None) -> AsyncIterator[Page]:
        async for page in super().pages(cursor):
            if self._page is not None and page.items[0].key == str(self._page):
                raise KeyError("what nobody thought of")
            yield page

    async def fetch(self, item: Listed, *, wanted_px: int) -> Fetched:
        if item.key == self._item:
            raise AttributeError("what nobody thought of")
        return await super().fetch(item, wanted_px=wanted_px)


async def test_what_breaks_the_reading_of_a_record_costs_no_other(fresh: Home) -> None:
    done = await ingest_all(fresh.database, Misled(6, item="4"))
    assert (done.added, done.stopped_by) == (5, None)
    assert done.left_out == {"record unusable": 1}
    assert (await ingest_all(fresh.database, Museum(6))).added == 1


async def test_what_breaks_the_reading_of_a_list_ends_its_run_alone(fresh: Home) -> None:
    done = await ingest_all(fresh.database, Misled(6, page=3))
    assert done.added == 3
    assert done.stopped_by == (
        f"The list of the source {SOURCE} cannot be read: an error of the agent itself; "
        "its log says more."
    )
    assert (await ingest_all(fresh.database, Museum(6))).added == 3


async def test_a_source_that_fails_ends_the_run_and_is_taken_up_again(fresh: Home) -> None:
    first = await ingest_all(fresh.database, Museum(8, accident_after=6))
    assert (first.stopped_by, first.finished, first.added) == ("The museum is closed", True, 6)
    assert first.event().payload["error"] == "The museum is closed"
    museum = Museum(8)
    second = await ingest_all(fresh.database, museum)
    assert museum.asked == ["6"]
    assert (second.stopped_by, second.added) == (None, 2)
    assert fresh.rows("SELECT count(*) FROM artworks WHERE unusable NOT NULL") == [(0,)]
    third = Museum(8)
    assert (await ingest_all(fresh.database, third)).unchanged == 8
    assert third.asked == [None]


class FailingEncoder(ColourEncoder):
    """Breaks at its third picture."""

    def __init__(self) -> None:
        self._left = 2

    def embed_images(self, images: Sequence[Image]) -> Matrix:
        if len(images) > self._left:
            raise ModelError("out of memory")
        self._left -= len(images)
        return super().embed_images(images)


async def test_works_are_kept_without_a_model_and_get_their_vectors_later(fresh: Home) -> None:
    index = new_index()
    without = await ingest_all(fresh.database, folder(fresh), encoder=AbsentEncoder("none here"))
    assert (without.added, without.failed) == (ALL, 0)
    assert kept(fresh) == (ALL, 0, ALL)
    again = await ingest_all(fresh.database, folder(fresh), encoder=AbsentEncoder("none here"))
    assert again.unchanged == ALL
    await ingest_all(fresh.database, folder(fresh), encoder=FailingEncoder(), index=index)
    assert kept(fresh) == (ALL, 2, ALL)
    await ingest_all(fresh.database, folder(fresh), index=index)
    assert kept(fresh) == (ALL, ALL, ALL)
    assert len(index) == ALL


# -- what is told ---------------------------------------------------------------------------------


async def test_progress_counts_up_to_the_end(fresh: Home) -> None:
    steps = ingesting(fresh.database, folder(fresh))
    told = [(p.done, p.total, p.finished) async for p in steps]
    assert told == [*((n, ALL, False) for n in range(1, ALL + 1)), (ALL, ALL, True)]


def test_rate_and_time_left_count_only_what_was_worked_on() -> None:
    progress = Progress("s", total=100, done=10, elapsed_seconds=5.0)
    progress.pass_over(40, ["not a picture"])
    assert (progress.rate, progress.eta_seconds) == (2.0, 25)
    assert Progress("s").eta_seconds is None
    assert Progress("s", total=3, done=3, finished=True).eta_seconds == 0
    assert set(progress.event().payload) >= {
        "source", "done", "total", "failed", "rate", "eta_seconds",
    }  # fmt: skip
