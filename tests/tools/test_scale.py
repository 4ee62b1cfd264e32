"""The benchmark of large libraries, with a small one."""

from __future__ import annotations

from pathlib import Path

import pytest

from glance_agent.wiring import rooms as wiring
from glance_agent.wiring.rooms import open_rooms
from tools.bench.scale.__main__ import QUERIES, Measured
from tools.bench.scale.libraries import WordEncoder, large_library

WORKS = 300


def test_everything_is_measured_on_a_library_that_was_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = WordEncoder(320)
    config = large_library(tmp_path, WORKS, encoder)
    monkeypatch.setattr(wiring, "encoder_of", lambda config: encoder)
    with open_rooms(config) as rooms:
        assert rooms.facts()["embedded"] == WORKS
        Measured(rooms, times=1).all()
        assert len(rooms.index) == WORKS + 2 * 100  # each batch of the other program was taken up
    measured = capsys.readouterr().out
    assert all(name in measured for name in QUERIES)
    assert "taking up 100 works" in measured
