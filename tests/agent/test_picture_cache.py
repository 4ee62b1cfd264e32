"""Display-size pictures are fetched once, and kept while there is room."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

from glance_agent.agent.picture_cache import CachedPictures
from glance_agent.domain.errors import SourceError
from glance_agent.store.picture_cache import PictureCache


class Origin:
    """Pictures of 100 bytes each, until it goes away."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.away = False

    async def read(self, location: str) -> bytes:
        self.asked.append(location)
        if self.away:
            raise SourceError("The museum is away.")
        return location.encode().ljust(100)


class Household:
    """Who likes what."""

    def __init__(self) -> None:
        self.liked: set[str] = set()

    async def __call__(self) -> Collection[str]:
        return frozenset(self.liked)


async def test_a_picture_is_fetched_once_and_outlives_its_museum(tmp_path: Path) -> None:
    origin = Origin()
    keeper = CachedPictures(origin, PictureCache(tmp_path / "p", max_bytes=1000), Household())
    assert await keeper.read("a") == await keeper.read("a")
    origin.away = True
    assert (await keeper.read("a")).startswith(b"a")
    assert origin.asked == ["a"]
    with pytest.raises(SourceError):
        await keeper.read("b")


async def test_the_least_recently_shown_leaves_first_and_the_liked_stay(tmp_path: Path) -> None:
    origin, household = Origin(), Household()
    cache = PictureCache(tmp_path, max_bytes=450)
    keeper = CachedPictures(origin, cache, household)
    for name in "abcd":
        await keeper.read(name)
    await keeper.read("b")
    household.liked = {"a"}
    await keeper.read("e")
    assert [name for name in "abcde" if cache.get(name)] == ["a", "b", "d", "e"]
    household.liked = set("abcdef")
    await keeper.read("f")
    assert [name for name in "abdef" if cache.get(name)] == list("abdef")


def test_a_lost_directory_only_loses_the_pictures(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path / "gone", max_bytes=450)
    assert cache.get("a") is None
    cache.put("a", b"x", liked=())
    assert PictureCache(tmp_path / "gone", max_bytes=450).get("a") == b"x"
