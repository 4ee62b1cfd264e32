"""A library moves from a file into PostgreSQL and back, whole, and after an interruption too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from glance_agent.domain.artwork import Artwork, Filters
from glance_agent.domain.display import Reaction
from glance_agent.domain.errors import StoreError
from glance_agent.domain.items import Look, StoredWork
from glance_agent.domain.label import Tokens
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.domain.listing import WantedList
from glance_agent.domain.vectors import unit
from glance_agent.store import copying
from glance_agent.store.copying import TABLES, copy_library
from glance_agent.store.database import Database
from glance_agent.store.history import History
from glance_agent.store.label_folding import fold_labels
from glance_agent.store.labels import Labels
from glance_agent.store.library import Library
from glance_agent.store.listing import Listing
from glance_agent.store.opening import claimed, open_library
from glance_agent.store.query_vectors import QueryVectorCache
from glance_agent.store.side_files import Seals
from glance_agent.store.vectors import Vectors
from tests.databases.make import AT, SPACE, fill

WORKS = 30


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A library with something in every table that can be written by hand."""
    with closing(open_library(tmp_path / "glance.db", durable=False)) as db:
        library, history = Library(db), History(db)
        fill(library, history)
        for number in range(WORKS):
            title = f"Straße {number}\0"
            work = Artwork(id=f"b:{number}", source="b", title=title, width=3, height=2)
            vector = unit(np.random.default_rng(number).standard_normal(4))
            look = Look(np.random.default_rng(number).bytes(16), 1.5)
            stored = StoredWork(work, f"/{number}", "f", f"b{number}", SPACE, vector, look=look)
            library.add("b", str(number), stored)
        with history.transaction():
            for number in range(5):
                at = AT + timedelta(hours=number)
                history.react(Reaction("ben", f"b:{number}", "like", at))
            history.react(Reaction("ben", "b:0", "dislike", AT + timedelta(days=1)))
        QueryVectorCache(db).keep(SPACE, {"calm sea": unit(np.ones(4))})
    return tmp_path / "glance.db"


def held(db: Database) -> Iterator[object]:
    """What is asked of a library, in any order of its answers' making."""
    library, history, words = Library(db), History(db), Labels(db)
    yield library.count(), Vectors(db).at_most(), sorted(library.withheld())
    yield history.instance_id, history.users(), history.last_users(9), history.reactions("ben")
    yield history.showings(None, 9), history.settings("wall"), library.folders()
    yield history.receipt("transaction:abc", AT - timedelta(days=1)), library.cursor("kept")
    yield words.labelled_with(Tokens(("strasse",)), 500), words.labelled_with(Tokens(("horses",)))
    lists = Listing(db)
    yield [[*lists.numbers(WantedList(name, user="ben"))] for name in ("all", "liked", "hidden")]
    yield library.left_out("kept"), library.matching(Filters(artist="marc"))
    blocks = Vectors(db).blocks(SPACE, 4)
    yield {i: v.tobytes() for ids, rows, _ in blocks for i, v in zip(ids, rows, strict=True)}
    yield QueryVectorCache(db).vectors(SPACE, ["calm sea"])["calm sea"].tolist()
    look = Look(np.random.default_rng(3).bytes(16), 1.5)
    yield library.likely_alike(look, 1.1, nearly=True)


def all_of(place: Path | PostgresPlace) -> list[object]:
    with closing(open_library(place)) as db:
        return [*held(db)]


def nobody(table: str, rows: int) -> None:
    pass


def test_there_and_back_nothing_is_lost(
    file: Path, postgres_place: PostgresPlace, tmp_path: Path
) -> None:
    back = tmp_path / "back.db"
    with closing(open_library(file)) as db:
        Seals(db).new(None)
    copied = copy_library(file, postgres_place, nobody)
    assert copied.rows["artworks"] == WORKS + 3
    with closing(open_library(postgres_place)) as db:
        assert Seals(db).known() == [], "changes are numbered anew"
    assert all_of(postgres_place) == all_of(file)
    again = copy_library(postgres_place, back, nobody)
    assert again.rows == copied.rows
    assert all_of(back) == all_of(file)
    for place in (postgres_place, back):
        with closing(open_library(place)) as db:
            work = Artwork(id="b:new", source="b", title="New")
            Library(db).add("b", "new", StoredWork(work, "/new", "f", "new", SPACE, None))
            newest = Listing(db).by_number(Listing(db).numbers(WantedList("all"))[:1], "ben")
            assert [listed.artwork.id for listed in newest] == ["b:new"]


def test_an_interrupted_copy_goes_on_where_it_was(
    file: Path, postgres_place: PostgresPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "AT_ONCE", 7)

    class Unplugged(Exception):
        pass

    def interrupted(table: str, rows: int) -> None:
        if table == "embeddings" and rows >= 14:
            raise Unplugged

    for source, target in ((file, postgres_place), (postgres_place, tmp_path / "back.db")):
        with pytest.raises(Unplugged):
            copy_library(source, target, interrupted)
        with pytest.raises(StoreError, match="is a copy that was interrupted"):
            open_library(target)
        copied = copy_library(source, target, nobody)
        assert copied.rows["embeddings"] == WORKS + 3 == copied.now - _later(copied.rows) + 14
        assert all_of(target) == all_of(file)


def _later(rows: dict[str, int]) -> int:
    names = [table.name for table in TABLES]
    return sum(rows[name] for name in names[names.index("embeddings") + 1 :])


def test_nothing_is_copied_over_another_library_or_beside_an_agent(
    file: Path, postgres_place: PostgresPlace
) -> None:
    with closing(open_library(postgres_place)) as db:
        History(db).react(Reaction("ann", "x", "like", AT))
    with pytest.raises(StoreError, match="There is a library in postgresql://"):
        copy_library(file, postgres_place, nobody)
    for place in (file, postgres_place):
        with claimed(place), pytest.raises(StoreError, match="systemctl stop") as refused:
            copy_library(file, postgres_place, nobody)
        assert f"An agent runs with the library {place}" in str(refused.value)
        assert "library.url" not in str(refused.value)
    with pytest.raises(StoreError, match="There is no library"):
        copy_library(file.with_name("none.db"), postgres_place, nobody)


def test_a_copy_that_differs_does_not_count(
    file: Path, postgres_place: PostgresPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meddled(db: Database, most: int) -> bool:
        db.execute("UPDATE artworks SET title = 'Another' WHERE id = 'b:3'")
        return fold_labels(db, most)

    monkeypatch.setattr(copying, "fold_labels", meddled)
    with pytest.raises(StoreError, match="The copy differs from the library in artworks"):
        copy_library(file, postgres_place, nobody)
