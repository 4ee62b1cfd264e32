"""Copies of a process that has loaded the agent are programs like any other."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.spawned import Spawned

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="copies need what Linux has")


async def test_a_copy_says_and_ends_as_a_program_that_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    asked = ("never", "run", "--config", str(tmp_path / "none.toml"))
    copied = await Spawned.loaded("-m", "tests.doomed_agent", *asked)
    started = await Spawned.python("-m", "tests.doomed_agent", *asked)
    assert await copied.ended() == await started.ended() == 2
    assert copied.lines == started.lines
    assert "Konfiguration" in copied.text


async def test_copies_are_each_on_their_own() -> None:
    copies = [
        await Spawned.loaded("-m", "tests.doomed_agent", "never", option)
        for option in ("--version", "--nothing")
    ]
    assert [await one.ended() for one in copies] == [0, 2]
    assert "--nothing" in copies[1].text
    assert "--nothing" not in copies[0].text
