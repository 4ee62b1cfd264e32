"""Which pictures of a folder are wanted, and what is said of those that are not taken."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from glance_agent.config.load import load
from glance_agent.domain.errors import BadPicture, ConfigError
from glance_agent.domain.items import Listed, Skipped
from glance_agent.sources.folders.folder import FolderSource
from glance_agent.sources.folders.wanted import WantedFiles
from glance_agent.sources.folders.watch import WatchedFolder
from tests.cli.typed import typed
from tests.home import SOURCE, Home, ingest_all, paint
from tests.in_process import header_of
from tests.sources.folders.test_folder import listed, picture, put

NOT_THEIRS = (
    "@eaDir/holiday.jpg/SYNOPHOTO_THUMB_XL.jpg", "@Recycle/q.jpg", "@__thumb/s800holiday.jpg",
    "@Recently-Snapshot/daily/x.jpg", "#recycle/deleted.jpg", "#snapshot/GMT-2026/holiday.jpg",
    "$RECYCLE.BIN/S-1-5/$RAB12.jpg", "System Volume Information/x.jpg", "lost+found/x.jpg",
    ".Trash-1000/files/y.jpg", ".thumbnails/z.jpg", "sub/@EADIR/a.jpg",
)  # fmt: skip


def of(root: Path, **wanted: object) -> FolderSource:
    return FolderSource("wall", root, header_of, wanted=WantedFiles(**wanted))  # type: ignore[arg-type]


async def taken(source: FolderSource) -> list[str]:
    return [item.key for item in await listed(source) if isinstance(item, Listed)]


async def left_out(source: FolderSource) -> dict[str, str]:
    return {item.key: item.reason for item in await listed(source) if isinstance(item, Skipped)}


@pytest.mark.parametrize("key", NOT_THEIRS)
async def test_what_systems_keep_in_a_folder_is_left_alone(tmp_path: Path, key: str) -> None:
    put(tmp_path, key)
    put(tmp_path, "holiday.jpg")
    assert [item.key for item in await listed(of(tmp_path))] == ["holiday.jpg"]
    assert not WatchedFolder(tmp_path).concerns(1, str(tmp_path / key))  # type: ignore[arg-type]


@pytest.mark.parametrize("mark", [".nomedia", ".noimage"])
async def test_a_marked_folder_is_not_wanted_unless_it_was_named(tmp_path: Path, mark: str) -> None:
    for key in ("a.jpg", "private/p.jpg", "private/deep/q.jpg"):
        put(tmp_path, key)
    put(tmp_path, f"private/{mark}", b"")
    assert await taken(of(tmp_path)) == ["a.jpg"]
    assert await taken(of(tmp_path / "private")) == ["deep/q.jpg", "p.jpg"]
    assert WatchedFolder(tmp_path).concerns(1, str(tmp_path / "private" / mark))  # type: ignore[arg-type]


async def test_patterns_of_the_settings_choose_among_files(tmp_path: Path) -> None:
    for key in ("a.jpg", "b.png", "old/a.jpg", "new/c.jpg", "new/draft-1.jpg"):
        put(tmp_path, key)
    assert await taken(of(tmp_path, exclude=("old/", "draft-*"))) == ["a.jpg", "b.png", "new/c.jpg"]
    assert await taken(of(tmp_path, include=("/new/**",))) == ["new/c.jpg", "new/draft-1.jpg"]
    both = of(tmp_path, include=("*.jpg",), exclude=("*", "!/a.jpg"))
    assert await taken(both) == ["a.jpg"]
    assert await left_out(both) == {}


async def test_an_ignore_file_speaks_for_its_folder_and_the_deepest_first(tmp_path: Path) -> None:
    for key in ("a.jpg", "b.jpg", "deep/a.jpg", "deep/er/b.jpg", "deep/er/c.jpg", "off/a.jpg"):
        put(tmp_path, key)
    put(tmp_path, ".glanceignore", b"# not these\nb.jpg\n/off/\n\xff\n!\n" + b"*a" * 9)
    put(tmp_path, "deep/.glanceignore", b"!er/b.jpg\n/a.jpg")
    put(tmp_path, "deep/er/.plexignore", b"c.*")
    assert await taken(of(tmp_path)) == ["a.jpg", "deep/er/b.jpg"]


async def test_an_ignore_file_that_cannot_be_read_costs_no_work(tmp_path: Path) -> None:
    for key in ("a.jpg", "sub/b.jpg"):
        put(tmp_path, key)
    os.mkfifo(tmp_path / "sub/.glanceignore")
    source = of(tmp_path)
    assert await left_out(source) == {"sub/": "unreadable folder"}


async def test_whatever_looks_like_a_picture_is_counted_with_a_hint(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg")
    for key in ("IMG_1.CR2", "new.jxl", "raw/DSC_1.NEF", "safe.jpg.gpg", "notes.txt"):
        put(tmp_path, key, b"x")
    os.mkfifo(tmp_path / "pipe.jpg")
    found = [item for item in await listed(of(tmp_path)) if isinstance(item, Skipped)]
    assert {item.key: item.reason for item in found} == {
        "IMG_1.CR2": "unknown kind", "new.jxl": "unknown kind", "raw/DSC_1.NEF": "unknown kind",
        "safe.jpg.gpg": "encrypted", "pipe.jpg": "unreadable",
    }  # fmt: skip
    assert all(item.detail for item in found)


async def test_a_folder_of_nothing_that_is_read_takes_no_work_away(tmp_path: Path) -> None:
    put(tmp_path, "IMG_1.CR2")
    source = of(tmp_path)
    assert await left_out(source) == {"IMG_1.CR2": "unknown kind"}
    assert not source.lists_everything


async def test_a_file_without_content_is_a_placeholder(tmp_path: Path) -> None:
    hollow = tmp_path / "cloud.jpg"
    with hollow.open("wb") as file:
        file.truncate(100_000)
    if hollow.stat().st_blocks:
        pytest.skip("this file system has no hollow files")
    with pytest.raises(BadPicture, match="not downloaded"):
        await of(tmp_path).fetch(Listed("cloud.jpg"), wanted_px=100)


async def test_links_are_followed_to_where_they_may_lead_and_never_round(tmp_path: Path) -> None:
    root, real, other = tmp_path / "links", tmp_path / "real", tmp_path / "other"
    put(real, "2020/a.jpg")
    put(other, "x.jpg")
    put(root, "own/b.jpg")
    (root / "2020").symlink_to(real / "2020")
    (root / "all").symlink_to(real)
    (root / "loop").symlink_to(root)
    (real / "back").symlink_to(root)
    (root / "x").symlink_to(other)
    (root / "a.jpg").symlink_to(real / "2020/a.jpg")
    followed = of(root, linked=(real,))
    assert await taken(followed) == ["2020/a.jpg", "a.jpg", "own/b.jpg"]
    assert await left_out(followed) == {"x": "link not followed"}
    fetched = await followed.fetch(Listed("2020/a.jpg"), wanted_px=100)
    assert await followed.read(fetched.location) == fetched.data
    assert await taken(of(root, linked=())) == ["own/b.jpg"]
    with pytest.raises(BadPicture):
        await of(root).fetch(Listed("2020/a.jpg"), wanted_px=100)


def test_settings_name_what_is_wanted(tmp_path: Path) -> None:
    toml = tmp_path / "glance.toml"
    table = '[[sources]]\nname = "p"\nkind = "folder"\npath = "p"\n'
    toml.write_text(table + 'exclude = ["old/"]\nfollow_links = ["elsewhere"]\n')
    (source,) = load(toml, {}).sources
    assert source.wanted == WantedFiles((), ("old/",), (tmp_path / "elsewhere",))  # type: ignore[attr-defined]
    for fault in ('exclude = ["!"]', 'include = ["*a*b*c*d*e*"]', "follow_links = 3"):
        toml.write_text(table + fault)
        with pytest.raises(ConfigError, match=fault.split()[0]):
            load(toml, {})


async def test_what_becomes_unwanted_is_taken_off_the_wall_in_words(tmp_path: Path) -> None:
    home = Home(tmp_path / "home", tmp_path / "pictures")
    home.folder.mkdir()
    paint(home.pictures)
    await ingest_all(home.database, FolderSource(SOURCE, home.pictures, header_of))
    put(home.pictures, ".glanceignore", b"red-*")
    for gone in (1, 0):
        source = FolderSource(SOURCE, home.pictures, header_of)
        last = await ingest_all(home.database, source)
        assert (last.gone, last.event().payload["gone"]) == (gone, gone)
        assert ("1 taken off the wall" in last.summary()) == bool(gone)


def test_an_ingest_names_links_and_kinds_that_are_not_read(tmp_path: Path) -> None:
    home = Home(tmp_path / "home", tmp_path / "pictures")
    home.folder.mkdir()
    put(tmp_path, "outside/a.jpg", picture())
    put(home.pictures, "IMG_1.CR2", b"x")
    put(home.pictures, "good.jpg", picture("#805020"))
    (home.pictures / "2020").symlink_to(tmp_path / "outside")
    done = typed("ingest", "--json", "--config", home.toml(1), GLANCE_CONFIG="")
    (event,) = json.loads(done.stdout)
    assert event["left_out"] == {"unknown kind": 1, "link not followed": 1}
    assert all(item["detail"] for item in event["left_out_items"])
