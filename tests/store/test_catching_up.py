"""Vectors that another program writes: noticed, read alone, and never in a command's way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glance_agent.agent import source_runs
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.display import Reaction
from glance_agent.domain.items import StoredWork
from glance_agent.domain.library_place import LibraryPlace
from glance_agent.domain.vectors import Matrix, Vector, as_kept, unit
from glance_agent.store import schema
from glance_agent.store.database import Database
from glance_agent.store.history import History
from glance_agent.store.index import VectorIndex
from glance_agent.store.kept_index import KeptIndex
from glance_agent.store.library import Library
from glance_agent.store.opening import open_library
from glance_agent.store.spaces import Spaces
from glance_agent.store.sqlite import connect_nowhere
from glance_agent.store.sqlite_database import SqliteDatabase
from glance_agent.store.vectors import Vectors
from glance_agent.wiring.catching_up import Follower
from tests.broker import Broker
from tests.home import Home, agent
from tests.phone import Phone
from tests.spawned import PATIENCE_SECONDS
from tests.views import kept_in

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SPACE, DIMENSION = "s", 16


def vector(seed: int) -> Vector:
    return unit(np.random.default_rng(seed).standard_normal(DIMENSION))


def bring(db: Database, number: int, seed: int, space: str = SPACE) -> None:
    """A work whose vector is that of the seed."""
    work = Artwork(id=f"a:{number}", source="a")
    stored = StoredWork(work, "-", "-", f"{number}", space, vector(seed))
    Library(db).add("a", str(number), stored)


class Reading(VectorIndex):
    """An index that notes what it is told to take up."""

    def __init__(self) -> None:
        super().__init__(SPACE, DIMENSION)
        self.told: list[str] = []

    def take_up(self, ids: Sequence[str], vectors: Matrix, gone: Iterable[str]) -> None:
        self.told += [*ids, *gone]
        super().take_up(ids, vectors, gone)

    def content(self) -> dict[str, bytes]:
        view = self.now()
        numbers = view.sample(100)
        vectors = view.vectors_of(numbers)
        return {i: v.tobytes() for i, v in zip(view.ids_of(numbers), vectors, strict=True)}


@pytest.fixture
def filled(place: LibraryPlace) -> LibraryPlace:
    """A library of five works."""
    with closing(open_library(place, durable=False)) as db:
        for n in range(5):
            bring(db, n, n)
    return place


@pytest.fixture
def elsewhere(filled: LibraryPlace) -> Iterator[Database]:
    """Another program's connection."""
    with closing(open_library(filled, durable=False)) as db:
        yield db


@pytest.fixture
def follower(filled: LibraryPlace) -> tuple[Follower, Reading]:
    index = Reading()
    # Nothing is kept of so few.
    follower = Follower(filled, index, cast(KeptIndex, None))
    with closing(open_library(filled, durable=False)) as db:
        follower.read(db)
    return follower, index


def test_only_what_has_changed_is_read(
    follower: tuple[Follower, Reading], elsewhere: Database
) -> None:
    following, index = follower
    bring(elsewhere, 7, 70)
    bring(elsewhere, 2, 20)
    bring(elsewhere, 2, 21)
    bring(elsewhere, 8, 80, space="another")
    elsewhere.execute("DELETE FROM embeddings WHERE artwork_id = 'a:4'")
    elsewhere.commit()
    following.catch_up()
    assert sorted(index.told) == ["a:2", "a:4", "a:7"]
    held = {"a:0": 0, "a:1": 1, "a:2": 21, "a:3": 3, "a:7": 70}
    assert index.content() == {i: as_kept(vector(seed)).tobytes() for i, seed in held.items()}
    index.told.clear()
    following.catch_up()
    assert index.told == []


def test_what_this_program_wrote_itself_changes_nothing(
    follower: tuple[Follower, Reading], elsewhere: Database
) -> None:
    following, index = follower
    bring(elsewhere, 9, 90)
    index.put("a:9", as_kept(vector(90)))
    before = index.now()
    following.catch_up()
    assert index.now() is before


def test_many_changes_are_read_in_parts(filled: LibraryPlace) -> None:
    with closing(open_library(filled, durable=False)) as db:
        first = Vectors(db).changes_since(0, SPACE, DIMENSION, most=3)
        assert (first.ids, first.more) == (["a:0", "a:1", "a:2"], True)
        rest = Vectors(db).changes_since(first.number, SPACE, DIMENSION, most=3)
        assert (rest.ids, rest.more) == (["a:3", "a:4"], False)
        assert rest.number == Vectors(db).latest()


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_what_cannot_be_read_is_read_the_next_time(
    follower: tuple[Follower, Reading], elsewhere: Database, place: Path
) -> None:
    following, index = follower
    bring(elsewhere, 7, 70)
    elsewhere.close()
    aside = place.rename(place.with_suffix(".aside"))
    place.write_text("no library at all, but long enough to be looked at as one" * 20)
    following.catch_up()
    assert [following.behind] == [True]
    aside.rename(place)
    following.catch_up()
    assert [following.behind] == [False]
    assert index.told == ["a:7"]


def test_a_pruned_space_leaves_no_changes_behind(elsewhere: Database) -> None:
    bring(elsewhere, 8, 80, space="another")
    assert Spaces(elsewhere).prune([SPACE]) == 1
    spaces = elsewhere.execute("SELECT DISTINCT space FROM vector_changes").fetchall()
    assert spaces == [(SPACE,)]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 9_999), min_size=1, max_size=4))
def test_a_vector_is_the_same_in_memory_as_when_it_is_read_again(seeds: list[int]) -> None:
    db = SqliteDatabase(connect_nowhere())
    schema.apply(db)
    for number, seed in enumerate(seeds):
        bring(db, number, seed)
    read = [row.tobytes() for row in kept_in(db, SPACE, DIMENSION).values()]
    assert b"".join(read) == b"".join(as_kept(vector(seed)).tobytes() for seed in seeds)


async def test_commands_go_on_while_changes_are_read(
    home: Home, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_runs, "CATCH_UP_SECONDS", 0.05)
    reading, go_on = threading.Event(), threading.Event()
    catch_up = Follower.catch_up

    def slowly(follower: Follower) -> None:
        reading.set()
        assert go_on.wait(PATIENCE_SECONDS)
        catch_up(follower)

    monkeypatch.setattr(Follower, "catch_up", slowly)
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await phone.expect("display/wall/image")
        try:
            with closing(open_library(home.database)) as elsewhere:
                History(elsewhere).merge([Reaction("mia", home.work("red"), "like", NOW)])
            assert await asyncio.to_thread(reading.wait, PATIENCE_SECONDS)
            assert (await phone.ask("command/next"))["ok"]
            assert (await phone.ask("command/like", home.work("blue")))["ok"]
        finally:
            go_on.set()
