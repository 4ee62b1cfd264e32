"""Room that is laid by for a full disk: where there is plenty, once, and given back at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from glance_agent.store import reserve
from glance_agent.store.reserve import RESERVE_BYTES, lay_by, spend


def test_room_is_laid_by_once_and_given_back(tmp_path: Path) -> None:
    library = tmp_path / "glance.db"
    assert not spend(library)
    lay_by(library)
    lay_by(library)
    [kept] = tmp_path.iterdir()
    assert kept.stat().st_size == RESERVE_BYTES
    assert spend(library)
    assert not [*tmp_path.iterdir()]


def test_where_room_is_scarce_none_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reserve, "PLENTY_BYTES", 2**62)
    lay_by(tmp_path / "glance.db")
    assert not [*tmp_path.iterdir()]
