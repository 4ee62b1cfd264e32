"""A picture that was made while the display may have been another agent's."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from glance_agent.agent import replacing
from glance_agent.agent.common import Common
from glance_agent.agent.replacing import Replacing
from glance_agent.domain.display import Glance, Showing, ShownArtwork
from glance_agent.store.awaited import AwaitedPictures
from glance_agent.store.connection import open_database
from glance_agent.store.history import History
from tests.databases.make import AT


@pytest.fixture
def worker() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as one:
        yield one


async def test_a_picture_that_nobody_was_shown_does_not_hang(
    tmp_path: Path, worker: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replacing, "SETTLE_SECONDS", 0.0)
    ours = False
    with closing(open_database(tmp_path / "glance.db")) as db:
        history, awaited = History(db), AwaitedPictures(db)
        with history.transaction():
            position = history.show(Showing("wall", "a:1", AT, "next", "mia", "", None, {}))
        glance = Glance(
            display="wall",
            artwork=ShownArtwork(id="a:1", source="a", title="One"),
            shown_at=AT,
            why="",
            position=position,
        )
        parts: Any = SimpleNamespace(showings=history)
        common = Common(parts, ["wall"], worker, lambda: ours)
        keeping = Replacing(common, cast(Any, None), tune=_nobody, stay=_nobody)
        await keeping.hung(glance)
        assert awaited.since("wall") == position
        ours = True
        await keeping.hung(glance)
        assert awaited.since("wall") is None


async def _nobody(_: Any) -> None:
    """Nobody is told."""
