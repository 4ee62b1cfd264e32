"""The campaign of overload in short form; `python -m tools.campaigns.overload` is the long one."""

from __future__ import annotations

from pathlib import Path

from glance_agent.doors.mqtt.intake import HELD_COMMANDS
from tools.campaigns import overload


async def test_a_backlog_that_comes_at_once_is_answered_in_bounded_memory(tmp_path: Path) -> None:
    options = overload.parsed(["--commands", str(HELD_COMMANDS + 200)])
    row = await overload.backlog(tmp_path, options, "3.1.1")
    assert row.failures() == []
    assert row.links == 2
