"""Thumbnails are made once, a few at a time, and kept; what cannot be made is said."""

from __future__ import annotations

import asyncio
import threading
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from glance_agent.agent import thumbnails
from glance_agent.agent.thumbnails import AT_ONCE, Thumbnails
from glance_agent.commands.out_of_reach import source_is_away
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.errors import BadPicture, CommandError, ErrorCode, SourceError
from glance_agent.domain.listing import ListedWork
from glance_agent.gallery.thumbs import Thumb, ThumbKind, revision_of
from glance_agent.store.picture_cache import PictureCache


def listed(number: int = 1, *, content: str = "c", usable: bool = True) -> ListedWork:
    return ListedWork(Artwork(id=f"a:{number}"), None, False, usable, "/somewhere", content)


def thumb(work: ListedWork, size: int = 200) -> Thumb:
    return Thumb(work.artwork.id, revision_of(work), size, "webp")


class Library:
    """Works of any number, and their originals; `may` lets these be read."""

    def __init__(self) -> None:
        self.work: ListedWork | None = listed()
        self.read_from: list[str] = []
        self.at_once = self.most_at_once = 0
        self.may = asyncio.Event()
        self.may.set()
        self.fails: Exception | None = None
        self.found = asyncio.Semaphore(0)

    async def find(self, artwork_id: str) -> ListedWork | None:
        if self.work is None or not artwork_id.startswith("a:"):
            return None
        number = int(artwork_id[2:])
        self.found.release()
        return listed(number, content=self.work.content_hash or "", usable=self.work.usable)

    async def read(self, work: ListedWork, wanted_px: int) -> bytes:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await self.may.wait()
        self.at_once -= 1
        self.read_from.append(work.artwork.id)
        if self.fails is not None:
            raise self.fails
        return b"the original"


class Maker:
    """Makes a thumbnail of anything, in whichever thread."""

    def __init__(self) -> None:
        self.threads: set[int] = set()

    def thumbnail(self, data: bytes, size_px: int, kind: ThumbKind) -> bytes:
        assert data == b"the original"
        self.threads.add(threading.get_ident())
        out = BytesIO()
        Image.new("RGB", (size_px, size_px)).save(out, "WEBP")
        return out.getvalue()


@pytest.fixture
async def library() -> Library:
    return Library()


async def all_found(library: Library, works: int) -> None:
    """So many works were found, and whatever begins at once has begun."""
    for _ in range(works):
        await library.found.acquire()
    for _ in range(5):
        await asyncio.sleep(0)


def giver(library: Library, folder: Path, *, seconds: float = 60.0) -> Thumbnails:
    store = PictureCache(folder / "thumbs", max_bytes=100_000)
    return Thumbnails(library.find, library, store=store, maker=Maker(), seconds=seconds)


async def test_one_is_made_once_however_many_ask(library: Library, tmp_path: Path) -> None:
    gives, name = giver(library, tmp_path), thumb(listed())
    library.may.clear()
    asking = [asyncio.create_task(gives.get(name)) for _ in range(5)]
    await all_found(library, 5)
    library.may.set()
    given = [await one for one in asking]
    assert {one.data for one in given} == {given[0].data}
    assert all(one.lasting for one in given)
    assert await giver(library, tmp_path).get(name) == given[0]
    assert library.read_from == ["a:1"]


async def test_few_originals_are_in_memory_at_a_time(library: Library, tmp_path: Path) -> None:
    gives = giver(library, tmp_path)
    library.may.clear()
    names = [thumb(listed(number)) for number in range(10)]
    asking = [asyncio.create_task(gives.get(name)) for name in names]
    await all_found(library, 10)
    library.may.set()
    await asyncio.gather(*asking)
    assert library.most_at_once == AT_ONCE
    assert len(library.read_from) == 10


async def test_an_older_name_gives_the_picture_of_today_for_today(
    library: Library, tmp_path: Path
) -> None:
    before = thumb(listed())
    library.work = listed(content="another")
    assert not (await giver(library, tmp_path).get(before)).lasting


async def test_what_cannot_be_kept_is_given_all_the_same(library: Library, tmp_path: Path) -> None:
    (tmp_path / "thumbs").write_text("a file where a folder should be")
    assert (await giver(library, tmp_path).get(thumb(listed()))).data


@pytest.mark.parametrize(
    ("fails", "code", "said"),
    [
        (BadPicture("broken"), ErrorCode.PICTURE_UNREADABLE, "cannot be read"),
        (BadPicture("not decoded", passing=True), ErrorCode.BUSY, "cannot be decoded now"),
        (SourceError("away"), ErrorCode.BUSY, source_is_away(listed().artwork)),
    ],
)
async def test_what_fails_is_said_and_tried_again(
    library: Library, tmp_path: Path, fails: Exception, code: ErrorCode, said: str
) -> None:
    gives, name = giver(library, tmp_path), thumb(listed())
    library.fails = fails
    with pytest.raises(CommandError) as refused:
        await gives.get(name)
    assert refused.value.code is code
    assert said in str(refused.value)
    library.fails = None
    assert (await gives.get(name)).data


async def test_what_is_not_there_or_not_usable_is_said(library: Library, tmp_path: Path) -> None:
    gives, name = giver(library, tmp_path), thumb(listed())
    for work, code in (
        (listed(usable=False), ErrorCode.PICTURE_UNREADABLE),
        (None, ErrorCode.UNKNOWN_ARTWORK),
    ):
        library.work = work
        with pytest.raises(CommandError) as refused:
            await gives.get(name)
        assert refused.value.code is code


async def test_nobody_waits_for_ever_and_only_so_many_wait(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thumbnails, "MOST_WAITING", 3)
    gives = giver(library, tmp_path, seconds=0.01)
    library.may.clear()
    for number in range(5):
        with pytest.raises(CommandError) as refused:
            await gives.get(thumb(listed(number)))
        assert refused.value.code is ErrorCode.BUSY
    assert library.at_once == AT_ONCE
    gives.close()
