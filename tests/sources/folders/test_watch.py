"""Watched folders: what changes in one is told of, once it is quiet, whatever becomes of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import watchfiles

from glance_agent.cli.doctor import sources as doctor
from glance_agent.cli.doctor.finding import Finding
from glance_agent.sources.folders import watch
from glance_agent.sources.folders.watch import WatchedFolder, filesystem, network_of, quiet
from tests import leap
from tests.spawned import PATIENCE_SECONDS


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "QUIET_SECONDS", 0.05)
    monkeypatch.setattr(watch, "ABSENT_SECONDS", 0.05)
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.05)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "pictures"
    (made / "deeper").mkdir(parents=True)
    return made


class Told:
    """Whether a folder has told of changes."""

    def __init__(self) -> None:
        self.news = asyncio.Event()

    async def follow(self, folder: WatchedFolder) -> None:
        async with aclosing(folder.changes()) as changes:
            async for _ in changes:
                self.news.set()

    async def after(self, act: Callable[[], object]) -> None:
        """Wait until a change is told; the act is repeated, as watching may not have begun."""
        self.news.clear()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not self.news.is_set():
                act()
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.5):
                        await self.news.wait()


@asynccontextmanager
async def following(path: Path, *, recursive: bool = True) -> AsyncIterator[Told]:
    told = Told()
    task = asyncio.create_task(told.follow(WatchedFolder(path, recursive)))
    yield told
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()


async def test_new_changed_and_removed_files_are_told_of(folder: Path) -> None:
    numbers = iter(range(100))
    async with following(folder) as told:
        await told.after(lambda: (folder / f"{next(numbers)}.jpg").write_bytes(b"picture"))
        await told.after(lambda: (folder / "0.json").write_text(f'{{"title": "{next(numbers)}"}}'))
        await told.after(lambda: (folder / "deeper" / f"{next(numbers)}.PNG").write_bytes(b"new"))
        await told.after(lambda: next(iter(folder.glob("*.jpg"))).unlink(missing_ok=True))


async def test_a_folder_that_was_not_there_is_told_of_when_it_comes(folder: Path) -> None:
    missing = folder / "disk"
    async with following(missing) as told:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                await told.news.wait()
        assert not told.news.is_set()
        await told.after(lambda: missing.rmdir() if missing.exists() else missing.mkdir())


async def test_a_folder_that_was_replaced_is_watched_again(folder: Path) -> None:
    numbers = iter(range(100))

    def replace() -> None:
        if folder.exists():
            folder.rename(folder.with_name(f"old-{next(numbers)}"))
        folder.mkdir()

    async with following(folder) as told:
        await told.after(lambda: (folder / f"{next(numbers)}.jpg").write_bytes(b"picture"))
        await told.after(replace)
        await told.after(lambda: (folder / f"{next(numbers)}.jpg").write_bytes(b"picture"))


async def test_on_a_network_share_it_is_told_from_time_to_time(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("a network share is not watched")

    monkeypatch.setattr(watchfiles, "awatch", refuse)
    monkeypatch.setattr(watch, "network_of", lambda path: "nfs4")
    async with following(folder) as told:
        await told.after(lambda: None)
        await told.after(lambda: None)


async def test_a_kernel_that_watches_no_more_is_named_and_the_folder_looked_through(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise OSError("OS file watch limit reached")

    monkeypatch.setattr(watchfiles, "awatch", refuse)
    with caplog.at_level(logging.WARNING):
        async with following(folder) as told:
            await told.after(lambda: None)
    assert "fs.inotify.max_user_watches" in caplog.text


async def test_names_that_cannot_be_told_of_do_not_stir_without_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """To begin watching may be what had the kernel tell of them."""
    asked = asyncio.Event()

    def undecodable(*_: Any, **__: Any) -> Any:
        asked.set()
        raise ExceptionGroup("unhandled", [RuntimeError("Unable to decode path")])

    monkeypatch.setattr(watchfiles, "awatch", undecodable)
    monkeypatch.setattr(watch, "LOOK_SECONDS", 3_600)
    monkeypatch.setattr(watch, "ABSENT_SECONDS", 0)
    async with following(folder) as told:  # it was watched for a while before
        await told.after(lambda: None)
    monkeypatch.setattr(watch, "ABSENT_SECONDS", 3_600)
    asked.clear()
    async with following(folder) as told:
        await asked.wait()
        with suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                await told.news.wait()
        assert not told.news.is_set()
    assert "not UTF-8" in caplog.text


def test_what_changes_behind_a_link_that_is_not_followed_is_no_change(folder: Path) -> None:
    """The kernel is asked for what is behind all of them."""
    (folder.parent / "other").mkdir()
    (folder / "out").symlink_to("../other")
    (folder / "again").symlink_to("deeper")
    own, linked = WatchedFolder(folder), WatchedFolder(folder, linked=(folder.parent / "other",))
    told = watchfiles.Change.added
    assert own.concerns(told, str(folder / "again/a.jpg"))
    assert own.concerns(told, str(folder / "out"))
    assert not own.concerns(told, str(folder / "out/a.jpg"))
    assert not own.concerns(told, str(folder / "out/gone"))
    assert linked.concerns(told, str(folder / "out/a.jpg"))


@pytest.mark.parametrize(
    ("below", "wanted"),
    [
        ("a.jpg", True), ("deeper/a.TIFF", True), ("a.jpg.json", True), ("gallery.json", True),
        ("deeper", True), ("gone", True), ("notes.txt", False), (".a.jpg.Xk2", False),
        (".thumbnails/a.jpg", False),
    ],
)  # fmt: skip
def test_only_what_a_listing_sees_is_a_change(folder: Path, below: str, wanted: bool) -> None:
    (folder / "notes.txt").write_text("milk")
    (folder / ".a.jpg.Xk2").write_bytes(b"half")
    concerns = WatchedFolder(folder).concerns
    assert concerns(watchfiles.Change.modified, str(folder / below)) is wanted


def test_while_a_file_is_copied_nothing_is_told() -> None:
    async def copy() -> None:
        loop, stirred = asyncio.get_running_loop(), asyncio.Event()
        for tenths in range(0, 50, 7):
            loop.call_later(tenths / 10, stirred.set)
        await quiet(stirred, 1.0)
        assert loop.time() == pytest.approx(4.9 + 1.0, abs=0.01)

    leap.run(copy)


def test_a_folder_that_is_never_quiet_is_told_of_all_the_same() -> None:
    async def stir_for_ever() -> None:
        loop, stirred = asyncio.get_running_loop(), asyncio.Event()

        def stir() -> None:
            stirred.set()
            loop.call_later(0.5, stir)

        stir()
        await quiet(stirred, 1.0)
        assert 10 < loop.time() < watch.MOST_PAUSES

    leap.run(stir_for_ever)


def test_the_file_system_is_that_of_the_deepest_mount() -> None:
    mounts = [("/", "ext4"), ("/mnt", "tmpfs"), ("/mnt/nas box", "cifs"), ("/mnt/nas", "nfs4")]
    assert filesystem(Path("/mnt/nas box/art"), iter(mounts)) == "cifs"
    assert filesystem(Path("/mnt/nasty"), iter(mounts)) == "tmpfs"
    assert filesystem(Path("/home"), iter(mounts)) == "ext4"
    assert filesystem(Path("/home"), iter([])) == ""


def test_mounts_are_read_as_the_kernel_writes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = tmp_path / "mountinfo"
    escaped = str(tmp_path).replace("_", r"\137")
    listed.write_text(
        "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
        f"40 27 0:50 / {escaped} rw shared:9 - nfs4 nas:/art rw\n"
    )
    monkeypatch.setattr(watch, "_MOUNTS", listed)
    assert network_of(tmp_path) == "nfs4"
    assert network_of(Path("/")) is None
    monkeypatch.setattr(watch, "_MOUNTS", tmp_path / "none")
    assert network_of(tmp_path) is None


@pytest.mark.parametrize(
    ("share", "allowed", "ok", "said"),
    [
        (None, 8192, True, "3 items; watched for changes"),
        (None, None, True, "3 items; watched for changes"),
        ("nfs4", 1, True, "on a network share (nfs4)"),
        (None, 1, False, "raise fs.inotify.max_user_watches"),
    ],
)
def test_the_doctor_says_how_changes_are_noticed(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    share: str | None,
    allowed: int | None,
    ok: bool,
    said: str,
) -> None:
    monkeypatch.setattr(doctor, "network_of", lambda path: share)
    monkeypatch.setattr(doctor, "most_watches", lambda: allowed)
    found = doctor.watched(Finding("source art", True, "3 items"), WatchedFolder(folder))
    assert (found.ok, said in found.said) == (ok, True), found.said
