"""A display that is a file in a folder: replaced whole, with copies, and nobody else's touched."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from glance_agent.displays.kinds import folder as kind
from glance_agent.displays.kinds.folder import FolderDisplay, FolderDisplaySettings
from glance_agent.domain.errors import DisplayError
from glance_agent.domain.frame import Frame

RECORD = ".glance-agent-hall.sha256"


def display(path: Path, **settings: Any) -> FolderDisplay:
    table = {"kind": "folder", "name": "hall", "path": path, **settings}
    return FolderDisplay(FolderDisplaySettings.model_validate(table))


def hang(hall: FolderDisplay, data: bytes) -> None:
    asyncio.run(hall.hang(Frame(data, "image/jpeg", 4, 3)))


def pictures(folder: Path) -> dict[str, bytes]:
    """What people see of a folder."""
    return {p.name: p.read_bytes() for p in folder.iterdir() if not p.name.startswith(".")}


def refuses(errno_: int) -> Callable[..., Any]:
    def fails(*arguments: object, **options: object) -> None:
        raise OSError(errno_, os.strerror(errno_))

    return fails


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    (tmp_path / "shelf").mkdir()
    return tmp_path / "shelf"


def test_the_picture_is_replaced_whole_and_can_be_read_by_others(shelf: Path) -> None:
    hall = display(shelf)
    hang(hall, b"one")
    reader = (shelf / "hall.jpg").open("rb")
    hang(hall, b"two, which is longer")
    with reader:
        assert reader.read() == b"one"  # whoever is reading gets to the end of what it began
    assert pictures(shelf) == {"hall.jpg": b"two, which is longer"}
    assert (shelf / "hall.jpg").stat().st_mode & 0o777 == 0o644
    assert {p.name for p in shelf.iterdir()} == {"hall.jpg", RECORD}


def test_the_record_is_what_sha256sum_reads(shelf: Path) -> None:
    hang(display(shelf, keep=2), b"one")
    checked = ["sha256sum", "--check", "--strict", "--quiet", RECORD]
    assert subprocess.run(checked, cwd=shelf, check=False).returncode == 0


def test_the_newest_copies_stay(shelf: Path) -> None:
    hall = display(shelf, keep=3)
    for number in range(12):  # all within a second, or not
        hang(hall, b"%d" % number)
    kept = pictures(shelf)
    assert kept.pop("hall.jpg") == b"11"
    assert sorted(kept.values()) == [b"10", b"11", b"9"]
    hang(display(shelf, keep=1), b"11")
    assert sorted(pictures(shelf).values()) == [b"11", b"11"]
    hang(display(shelf), b"12")
    assert pictures(shelf) == {"hall.jpg": b"12"}


def test_a_picture_rendered_again_takes_the_place_of_its_copy(shelf: Path) -> None:
    hall = display(shelf, keep=2)
    hang(hall, b"one, labelled")
    hang(hall, b"two, labelled")
    named = set(pictures(shelf))
    for bare in (b"two", b"two at night"):
        asyncio.run(hall.renew(Frame(bare, "image/jpeg", 4, 3)))
        assert set(pictures(shelf)) == named
        assert sorted(set(pictures(shelf).values())) == sorted({b"one, labelled", bare})
    hang(hall, b"three")
    assert sorted(set(pictures(shelf).values())) == [b"three", b"two at night"]


def test_a_copy_that_was_changed_is_not_replaced(shelf: Path) -> None:
    hall = display(shelf, keep=2)
    hang(hall, b"one")
    [copy] = shelf.glob("hall-*.jpg")
    copy.write_bytes(b"painted over")
    asyncio.run(hall.renew(Frame(b"bare", "image/jpeg", 4, 3)))
    assert sorted(pictures(shelf).values()) == [b"bare", b"bare", b"painted over"]


def test_a_clock_that_went_back_takes_no_newer_copy(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall = display(shelf, keep=1)
    hang(hall, b"before")
    then = kind._utc_now().replace(year=1970)
    monkeypatch.setattr(kind._Files.__init__, "__defaults__", (lambda: then,))
    hang(hall, b"after")
    assert set(pictures(shelf).values()) == {b"after"}


def test_the_same_picture_again_writes_nothing(shelf: Path) -> None:
    hall = display(shelf, keep=5)
    hang(hall, b"one")
    before = {p.name: p.stat().st_mtime_ns for p in shelf.iterdir()}
    hang(display(shelf, keep=5), b"one")
    assert {p.name: p.stat().st_mtime_ns for p in shelf.iterdir()} == before


# -- what is not ours ----------------------------------------------------------------------------


def test_somebody_elses_file_of_that_name_stays_and_is_told(shelf: Path) -> None:
    (shelf / "hall.jpg").write_bytes(b"a photo of grandmother")
    hall = display(shelf, keep=2)
    with pytest.raises(DisplayError, match=r"another file hall\.jpg"):
        hang(hall, b"one")
    examined = asyncio.run(hall.examine())
    assert examined is not None
    assert not examined.ok
    assert "Move that file away" in examined.said
    assert pictures(shelf) == {"hall.jpg": b"a photo of grandmother"}
    (shelf / "hall.jpg").rename(shelf / "grandmother.jpg")
    hang(hall, b"one")
    assert (shelf / "hall.jpg").read_bytes() == b"one"
    assert (shelf / "grandmother.jpg").exists()


def test_a_copy_that_was_changed_or_is_like_ours_stays(shelf: Path) -> None:
    hall = display(shelf, keep=1)
    hang(hall, b"one")
    [copy] = shelf.glob("hall-*.jpg")
    copy.write_bytes(b"painted over")
    (shelf / "hall-20200101T000000Z.jpg").write_bytes(b"by hand")
    for number in range(3):
        hang(hall, b"%d" % number)
    kept = pictures(shelf)
    assert kept[copy.name] == b"painted over"
    assert kept["hall-20200101T000000Z.jpg"] == b"by hand"
    assert len(kept) == 4


def test_a_record_that_somebody_wrote_deletes_nothing(shelf: Path) -> None:
    outside, inside = shelf.parent / "outside.jpg", shelf / "other.jpg"
    digest = hashlib.sha256(b"x").hexdigest()
    for path in (outside, inside):
        path.write_bytes(b"x")
    names = ("../outside.jpg", str(outside), "other.jpg", "hall-1.jpg", ".", "")
    (shelf / RECORD).write_bytes(
        "".join(f"{digest}  {name}\n" for name in names).encode() + b"\xff\x00 nonsense"
    )
    hang(display(shelf), b"one")
    assert (outside.read_bytes(), inside.read_bytes()) == (b"x", b"x")
    assert (shelf / "hall.jpg").read_bytes() == b"one"


@pytest.mark.parametrize("name", ["hall.jpg", RECORD, ".glance-agent-hall.part"])
def test_no_link_leads_out(shelf: Path, name: str) -> None:
    outside = shelf.parent / "outside"
    outside.write_bytes(b"x")
    (shelf / name).symlink_to(outside)
    if name == "hall.jpg":
        with pytest.raises(DisplayError, match="another file"):
            hang(display(shelf, keep=1), b"one")
        assert (shelf / name).is_symlink()
    else:
        hang(display(shelf, keep=1), b"one")
    assert outside.read_bytes() == b"x"


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_what_is_no_file_is_somebody_elses(shelf: Path, make: Callable[[Path], None]) -> None:
    make(shelf / "hall.jpg")
    with pytest.raises(DisplayError, match="another file"):
        hang(display(shelf), b"one")


# -- faults ----------------------------------------------------------------------------------


def test_a_folder_that_is_away_is_never_made(shelf: Path) -> None:
    shelf.rmdir()
    hall = display(shelf)
    with pytest.raises(DisplayError, match="not there"):
        hang(hall, b"one")
    examined = asyncio.run(hall.examine())
    assert examined is not None
    assert "there is no folder" in examined.said
    assert not shelf.exists()


@pytest.mark.parametrize(
    ("call", "number", "said"),
    [
        ("fsync", errno.ENOSPC, "full"),
        ("open", errno.EROFS, "only be read"),
        ("open", errno.EACCES, "may not write"),
        ("replace", errno.EIO, "cannot be written"),
    ],
)
def test_what_fails_leaves_the_picture_before_and_no_rest(
    shelf: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int, said: str
) -> None:
    hall = display(shelf, keep=2)
    hang(hall, b"one")
    before = pictures(shelf)
    with monkeypatch.context() as patch:
        patch.setattr(os, call, refuses(number))
        with pytest.raises(DisplayError, match=said) as refused:
            hang(hall, b"two")
    assert str(shelf) not in refused.value.why + refused.value.hint
    assert pictures(shelf) == before
    assert not list(shelf.glob("*.part"))
    hang(hall, b"two")
    assert (shelf / "hall.jpg").read_bytes() == b"two"


def test_a_full_disk_takes_the_place_of_the_oldest_copy(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall, fsync = display(shelf, keep=2), os.fsync

    def limited(file: int) -> None:
        if sum(p.stat().st_size for p in shelf.iterdir()) > 3_800:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(file)

    monkeypatch.setattr(os, "fsync", limited)
    for number in range(5):
        hang(hall, b"%d" % number * 1_000)
    assert [d[:1] for d in sorted(pictures(shelf).values())] == [b"3", b"4", b"4"]


def test_what_never_came_there_is_not_on_record(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall, replace = display(shelf, keep=2), os.replace

    def full(part: str, name: str, **options: Any) -> None:
        if name != RECORD:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replace(part, name, **options)

    monkeypatch.setattr(os, "replace", full)
    for number in range(9):
        with pytest.raises(DisplayError, match="full"):
            hang(hall, b"%d" % number)
    assert len((shelf / RECORD).read_text().splitlines()) == 2


@pytest.mark.parametrize("writes", range(4))
def test_an_end_at_any_step_is_made_good_by_the_next(
    shelf: Path, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    hall = display(shelf, keep=2)
    hang(hall, b"one")
    done = 0
    replace = os.replace

    def dies(*arguments: Any, **options: Any) -> None:
        nonlocal done
        if done == writes:
            raise KeyboardInterrupt
        done += 1
        replace(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", dies)
        with pytest.raises(KeyboardInterrupt):
            hall._hang(b"two")
    assert (shelf / "hall.jpg").read_bytes() in (b"one", b"two")
    hang(hall, b"two")
    hang(hall, b"three")
    assert sorted(pictures(shelf).values()) == [b"three", b"three", b"two"]
    assert not list(shelf.glob(".*.part"))


def test_a_folder_without_rights_is_examined(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may always write
    examined = asyncio.run(display(shelf).examine())
    assert examined is not None
    assert "ReadWritePaths=" in examined.said


def test_a_sound_folder_is_examined_and_left_as_it_is(shelf: Path) -> None:
    examined = asyncio.run(display(shelf).examine())
    assert examined == (True, f"{shelf}/hall.jpg can be written")
    assert list(shelf.iterdir()) == []
