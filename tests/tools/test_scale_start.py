"""How long an agent takes until it is there, with a small library in the place of a large one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.bench.scale import start


def test_the_start_is_told_with_the_load_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "sys.argv", ["start", "--works", "300", "--times", "1", "--library", str(tmp_path / "l")]
    )
    start.main()
    told = capsys.readouterr().out
    assert re.search(r"online: [\d.]+ s by the clock .* [\d.]+ s of the processor; load", told)
