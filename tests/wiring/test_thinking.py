"""Pictures are brought in without what thinks; what they are compared with is read all the same."""

from __future__ import annotations

from pathlib import Path

from glance_agent.ingest.progress import Progress
from glance_agent.wiring.ingestion import Ingestion
from glance_agent.wiring.rooms import Rooms, open_rooms
from tests.home import SOURCE, Home
from tests.sources.museums.test_museum_ingest import encoded, picture

LARGE, SMALL = (600, 400), (300, 200)


async def brought(rooms: Rooms, name: str) -> Progress:
    """How a run over a source ended."""
    [*_, last] = [progress async for progress in Ingestion(rooms).run(name, None)]
    return last


def has_thought(rooms: Rooms) -> bool:
    return "mind" in vars(rooms.thinking)


async def test_copies_are_known_where_nobody_thinks(home: Home, tmp_path: Path) -> None:
    ended = []
    for name, size in (("first", SMALL), ("second", LARGE)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "one.jpg").write_bytes(encoded(picture(1, size)))
        with open_rooms(home.config(1), thinks=False) as rooms:
            assert rooms.follower.unread
            rooms.library.remember_folder(name, str(folder))
            rooms.learn_sources()
            ended.append(await brought(rooms, name))
            assert not has_thought(rooms)
    assert [(done.added, dict(done.left_out)) for done in ended] == [(1, {}), (0, {"duplicate": 1})]


async def test_what_is_known_is_looked_through_without_reading_any_vector(home: Home) -> None:
    with open_rooms(home.config(1), thinks=False) as rooms:
        progress = await brought(rooms, SOURCE)
        assert (progress.added, progress.unchanged) == (0, progress.total)
        assert rooms.follower.unread
        assert not has_thought(rooms)


async def test_who_asks_is_answered_all_the_same(home: Home) -> None:
    with open_rooms(home.config(1), thinks=False) as rooms:
        assert rooms.answers is rooms.thinking.mind.answers
        assert has_thought(rooms)
    with open_rooms(home.config(1)) as rooms:
        assert has_thought(rooms)
        assert not rooms.follower.unread
