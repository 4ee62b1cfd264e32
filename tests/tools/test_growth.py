"""The campaign of growth in short form; `python -m tools.campaigns.growth` is the long one."""

from __future__ import annotations

import pytest

from glance_agent.store import folded
from tools.campaigns import growth


def test_what_is_old_is_folded_and_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folded, "WHOLE_SHOWINGS", 50)
    options = [
        "--days",
        "12",
        "--works",
        "40",
        "--next",
        "10",
        "--like",
        "6",
        "--search",
        "4",
        "--measured",
        "3",
    ]
    found = growth.campaign(growth.parsed(options))
    assert found.failures() == []
    assert found.whole == 50
    assert found.folded > 100
    assert found.answers < 12 * 20
