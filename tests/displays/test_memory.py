"""What displays keep over restarts: whole or as before, and for its owner alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from pydantic import BaseModel

from glance_agent.displays.memory import DisplayMemory


class Note(BaseModel):
    said: str = "nothing"


def test_it_is_recalled_by_the_next_who_looks(tmp_path: Path) -> None:
    path = tmp_path / "hall.json"
    assert DisplayMemory(path).recall(Note) == Note()
    before = os.umask(0)
    try:
        for said in ("one", "two"):
            DisplayMemory(path).keep(Note(said=said))
    finally:
        os.umask(before)
    assert DisplayMemory(path).recall(Note) == Note(said="two")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["hall.json"]


def test_without_a_file_it_lasts_as_long_as_the_program() -> None:
    memory = DisplayMemory()
    memory.keep(Note(said="one"))
    assert memory.recall(Note) == Note(said="one")
    assert DisplayMemory().recall(Note) == Note()


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[]", b'{"said": []}', b"[" * 100_000])
def test_what_is_damaged_is_as_new_and_can_be_kept_anew(
    tmp_path: Path, data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "hall.json"
    path.write_bytes(data)
    memory = DisplayMemory(path)
    assert memory.recall(Note) == Note()
    assert "cannot be read" in caplog.text
    memory.keep(Note(said="one"))
    assert memory.recall(Note) == Note(said="one")


def test_no_link_is_followed(tmp_path: Path) -> None:
    theirs, path = tmp_path / "theirs", tmp_path / "hall.json"
    theirs.write_text('{"said": "theirs"}')
    for name in ("hall.json", "hall.json.part"):
        (tmp_path / name).symlink_to(theirs)
    memory = DisplayMemory(path)
    assert memory.recall(Note) == Note()
    memory.keep(Note(said="ours"))
    assert theirs.read_text() == '{"said": "theirs"}'
    assert memory.recall(Note) == Note(said="ours")


def test_what_cannot_be_written_leaves_what_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "hall.json"
    memory = DisplayMemory(path)
    memory.keep(Note(said="one"))

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        memory.keep(Note(said="two"))
    assert memory.recall(Note) == Note(said="one")
    assert [one.name for one in tmp_path.iterdir()] == ["hall.json"]
