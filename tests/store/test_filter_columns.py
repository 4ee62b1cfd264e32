"""Filters as arrays: they let in what the SQL lets in, whatever changes, and read only that."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from glance_agent.domain.artwork import Artwork, Filters
from glance_agent.domain.display import Reaction, Showing
from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.items import StoredWork
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.domain.values import HOUSEHOLD
from glance_agent.domain.vectors import Vector, unit
from glance_agent.domain.view import Gate, View, within
from glance_agent.store import folded, followed_columns, out_of_reach, turbo_codes
from glance_agent.store import index as index_room
from glance_agent.store.codes import PlaneCodes
from glance_agent.store.connection import open_database
from glance_agent.store.copying import copy_library
from glance_agent.store.database import Database
from glance_agent.store.folded import FoldedShowings
from glance_agent.store.history import History
from glance_agent.store.index_rows import PassingRows, RowsView
from glance_agent.store.library import Library
from glance_agent.store.opening import open_library
from glance_agent.store.transaction import transaction
from glance_agent.store.vectors import Vectors
from glance_agent.store.work_facts import WorkFact, WorkFacts
from glance_agent.wiring.catching_up import Follower, following

SPACE, DIMENSION, WORKS = "s", 64, 160
AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
ARTISTS = ("Claude Monet", "Monet, Claude", "Édouard Manet", "", "…", "Li, Wei", None)
YEARS = (None, None, -500, 1499, 1880, 1900, 1901, 1910, 2019)
SIZES = (None, 1, 100, 105, 106, 1000, 1050, 1051)
DATES = ("2019-07-04", "2019-12-31", "2020-01-01", "2019", "1880–90", "2019-7-4x", None)
MEDIA = ("Photograph", "photograph, by hand", "oil", None)
SOURCES = ("a", "b", "c")
COLUMNS: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("artist", ARTISTS),
    ("date", DATES),
    ("medium", MEDIA),
    ("source", SOURCES),
    ("year_from", YEARS),
    ("year_to", YEARS),
    ("width", SIZES),
    ("height", SIZES),
)


def vector(seed: int) -> Vector:
    return unit(np.random.default_rng(seed).standard_normal(DIMENSION))


def work(number: int, chance: Random) -> Artwork:
    """A work with anything on its label, also what makes no sense."""
    return Artwork(
        id=f"x:{number}",
        source=chance.choice(SOURCES),
        artist=chance.choice(ARTISTS),
        date=chance.choice(DATES),
        medium=chance.choice(MEDIA),
        year_from=chance.choice(YEARS),
        year_to=chance.choice(YEARS),
        width=chance.choice(SIZES),
        height=chance.choice(SIZES),
    )


def bring(db: Database, number: int, chance: Random, *, embedded: bool = True) -> None:
    made = work(number, chance)
    has = vector(chance.randrange(10**6)) if embedded else None
    stored = StoredWork(made, "-", f"{chance.random()}", f"{number}", SPACE, has)
    Library(db).add(made.source, str(number), stored)


def show(db: Database, number: int) -> None:
    with History(db).transaction():
        History(db).show(Showing("wall", f"x:{number}", AT, "next", "anna", ""))


def filters_of(chance: Random) -> Filters:
    """Some of the conditions, each with a value that some works have."""

    def maybe(*values: Any) -> Any:
        return chance.choice(values) if chance.random() < 0.3 else None

    return Filters(
        artist=maybe("monet", "Monet, Claude", "manet", "…", "", "li wei", "nobody"),
        source=maybe(*SOURCES, "nowhere"),
        year_from=maybe(-10_000, -500, 1500, 1900, 2019, 10**12),
        year_to=maybe(-10_000, 1499, 1900, 2019, 10**12),
        orientation=maybe("portrait", "landscape", "square"),
        unseen=bool(maybe(True)),
        liked_by=maybe("anna", HOUSEHOLD),
        hidden=bool(maybe(True)),
        taken_from=maybe("2019-01-01", "2019-12-31"),
        taken_to=maybe("2019-12-30", "2019-12-31"),
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of which some works have no vector, some were shown, liked or hidden; not to be
    changed."""
    chance = Random(1)
    path = tmp_path_factory.mktemp("filtered") / "glance.db"
    with closing(open_database(path, synchronous="NORMAL")) as db:
        for number in range(WORKS):
            bring(db, number, chance, embedded=number % 9 > 0)
        for number in range(0, WORKS, 4):
            show(db, number)
        with History(db).transaction():
            for number in range(0, WORKS, 5):
                History(db).react(Reaction("anna", f"x:{number}", "like", AT))
            for number in range(0, WORKS, 7):
                Library(db).hide(f"x:{number}")
    return path


@pytest.fixture
def path(made: Path, tmp_path: Path) -> Path:
    path = tmp_path / "glance.db"
    shutil.copy(made, path)
    return path


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    with closing(open_database(path, synchronous="NORMAL")) as opened:
        yield opened


@pytest.fixture(params=["exact", "coded"])
def followed(
    request: pytest.FixtureRequest, path: Path, db: Database, monkeypatch: pytest.MonkeyPatch
) -> Follower:
    """Each engine, over the same library."""
    monkeypatch.setattr(turbo_codes, "codes_of", PlaneCodes)
    monkeypatch.setattr(followed_columns, "AT_ONCE", 50)
    monkeypatch.setattr(index_room, "EXACT_UP_TO", 10**9 if request.param == "exact" else -1)
    followed = following(path, Vectors(db), SPACE, DIMENSION)
    followed.catch_up()
    return followed


def check(db: Database, view: View, filters: Filters) -> None:
    """That all ways to ask let in what the SQL lets in."""
    library, everything = Library(db), view.sample(10**6)
    expected = library.matching(filters)
    passing = library.passing(filters, view)
    assert isinstance(passing, frozenset if filters.listed else PassingRows), filters
    works = [row[0] for row in db.execute("SELECT id FROM artworks")]
    assert {i for i in works if i in passing} == expected, filters
    never = frozenset({"x:1", "x:8"})
    gate = Gate(only=passing, never=never)
    rows = {i for i in view.ids_of(everything) if i in expected} - never
    assert {*view.ids_of(everything[view.let_in(everything, gate)])} == rows, filters
    assert {*view.ids_of(view.best(vector(1)[None], 10**6, gate))} == rows, filters
    assert [*view.ids_of(view.best(vector(1)[None], 3, gate))] == [
        i for i in view.ids_of(view.best(vector(1)[None], 10**6)) if i in rows
    ][:3]


def test_arrays_let_in_what_the_sql_lets_in(db: Database, followed: Follower) -> None:
    view, chance = followed.index.now(), Random(2)
    let_in = 0
    for _ in range(400):
        filters = filters_of(chance)
        check(db, view, filters)
        let_in += 0 < len(Library(db).matching(filters)) < WORKS
    assert let_in > 150


def test_a_server_looks_through_what_the_sql_lets_in(
    made: Path, searched_place: PostgresPlace
) -> None:
    """Where it has the vectors, and this program none."""
    copy_library(made, searched_place, lambda table, rows: None)
    with closing(open_library(searched_place)) as db:
        followed = following(searched_place, Vectors(db), SPACE, DIMENSION)
        followed.prepare()
        view, chance = followed.index.now(), Random(2)
        for _ in range(60):
            check(db, view, filters_of(chance))


def test_whatever_changes_is_known_at_once(
    path: Path, db: Database, followed: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Works that come, labels that change, showings that are kept, folded or taken back."""
    monkeypatch.setattr(folded, "WHOLE_SHOWINGS", 20)
    chance = Random(3)

    def folds(db: Database) -> None:
        while FoldedShowings(db).fold(lambda shown, after: None):
            pass

    def taken_back(db: Database) -> None:
        db.execute("DELETE FROM showings WHERE id = (SELECT max(id) FROM showings)")

    def relabelled(db: Database) -> None:
        column, values = chance.choice(COLUMNS)
        which = f"x:{chance.randrange(WORKS)}"
        db.execute(f"UPDATE artworks SET {column} = ? WHERE id = ?", [chance.choice(values), which])

    def shown_long_ago(db: Database) -> None:
        which = f"x:{chance.randrange(WORKS)}"
        db.execute(
            "INSERT OR IGNORE INTO folded_showings VALUES (?, 'hall', 1, 1, '', NULL, NULL)",
            [which],
        )

    def forgotten(db: Database) -> None:
        db.execute("DELETE FROM embeddings WHERE artwork_id = ?", [f"x:{chance.randrange(WORKS)}"])

    changes: tuple[Callable[[Database], object], ...] = (
        lambda db: bring(db, chance.randrange(WORKS + 60), chance),
        lambda db: bring(db, chance.randrange(WORKS + 60), chance, embedded=False),
        lambda db: show(db, chance.randrange(WORKS)),
        folds,
        taken_back,
        relabelled,
        relabelled,
        shown_long_ago,
        forgotten,
    )
    with closing(open_database(path, synchronous="NORMAL")) as elsewhere:
        for _ in range(80):
            where = chance.choice((db, elsewhere))
            with transaction(where):
                for change in chance.choices(changes, k=chance.choice((1, 1, 5, 60))):
                    change(where)
            if chance.random() < 0.7:
                followed.catch_up()
            for _ in range(3):
                check(db, followed.index.now(), replace(filters_of(chance), unseen=True))
                check(db, followed.index.now(), filters_of(chance))


def test_only_what_has_changed_is_read(
    db: Database, followed: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a library of any size; and nothing where nothing has."""
    view = followed.index.now()
    Library(db).passing(Filters(unseen=True), view)
    read: list[str] = []
    of = WorkFacts.of

    def noted(facts: WorkFacts, artwork_ids: Sequence[str]) -> list[WorkFact]:
        read.extend(artwork_ids)
        return of(facts, artwork_ids)

    monkeypatch.setattr(WorkFacts, "of", noted)
    monkeypatch.setattr(WorkFacts, "block", None)
    check(db, view, Filters(source="a"))
    assert read == []
    show(db, 1)
    bring(db, 3, Random(4))
    check(db, view, Filters(source="a", unseen=True))
    assert sorted(read) == ["x:1", "x:3"]
    check(db, view, Filters(source="b"))
    assert len(read) == 2


def test_what_is_undone_was_never_so(db: Database, followed: Follower) -> None:
    view = followed.index.now()
    check(db, view, Filters(unseen=True))
    with suppress(KeyError), transaction(db):
        db.execute("INSERT INTO folded_showings SELECT 'x:1', 'wall', 1, 1, '', NULL, NULL")
        Library(db).passing(Filters(unseen=True), view)
        raise KeyError
    db.execute("UPDATE artworks SET source = 'b' WHERE id = 'x:2'")
    db.conn.commit()
    check(db, view, Filters(unseen=True))
    check(db, view, Filters(source="b"))


def test_a_view_goes_on_to_be_asked_of_its_moment(db: Database, followed: Follower) -> None:
    """Also when works came since, and others have another vector."""
    before = followed.index.now()
    for number in range(WORKS - 3, WORKS + 3):
        bring(db, number, Random(5))
    followed.catch_up()
    then = Library(db).matching(Filters(source="a"))
    everything = before.sample(10**6)
    gate = Gate(only=Library(db).passing(Filters(source="a"), before))
    passing = before.ids_of(everything[before.let_in(everything, gate)])
    assert {*passing} == {i for i in before.ids_of(everything) if i in then}
    other = Gate(only=Library(db).passing(Filters(source="a"), followed.index.now()))
    assert [*before.let_in(everything, other)] == [*before.let_in(everything, gate)]


def test_the_sql_answers_while_the_arrays_are_read_or_cannot_be(
    db: Database, followed: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, view = Library(db), followed.index.now()
    begun, goes_on = threading.Event(), threading.Event()
    block = WorkFacts.block

    def slow(facts: WorkFacts, after: int, most: int) -> tuple[int, list[WorkFact]]:
        begun.set()
        assert goes_on.wait(60)
        return block(facts, after, most)

    def damaged(facts: WorkFacts, after: int, most: int) -> tuple[int, list[WorkFact]]:
        raise StoreError("noise", trouble=Trouble.DAMAGED)

    wanted = Filters(source="a")
    monkeypatch.setattr(WorkFacts, "block", damaged)
    assert library.passing(wanted, view) == library.matching(wanted)
    monkeypatch.setattr(WorkFacts, "block", slow)
    assert isinstance(view, RowsView)
    reading = threading.Thread(target=view.passing, args=(wanted, bool))
    reading.start()
    assert begun.wait(60)
    assert library.passing(wanted, view) == library.matching(wanted)
    goes_on.set()
    reading.join()
    check(db, view, wanted)


def test_nothing_is_read_for_an_index_that_is_still_empty(
    path: Path, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A filter is asked while a large library is read; its works are none of the index yet."""
    monkeypatch.setattr(index_room, "EXACT_UP_TO", -1)
    monkeypatch.setattr(turbo_codes, "codes_of", PlaneCodes)
    followed, wanted = following(path, Vectors(db), SPACE, DIMENSION), Filters(source="a")
    with monkeypatch.context() as unread:
        unread.setattr(WorkFacts, "block", None)
        check(db, followed.index.now(), wanted)
        followed.index.prepare()
    followed.prepare()
    assert len(followed.index)
    check(db, followed.index.now(), wanted)


def test_a_library_of_before_is_read_like_any_other(path: Path, db: Database) -> None:
    """Changes are numbered from the day on which it is opened."""
    triggers = "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND sql LIKE ?"
    for (trigger,) in db.execute(triggers, ["%work_changes%"]).fetchall():
        db.execute(f"DROP TRIGGER {trigger}")
    db.execute("DROP TABLE work_changes")
    db.execute("DELETE FROM _sqlite_migrations WHERE name = 'm025_work_changes'")
    db.conn.commit()
    with closing(open_database(path)) as opened:
        followed = following(path, Vectors(opened), SPACE, DIMENSION)
        check(opened, followed.index.now(), Filters(source="a", unseen=True))
        show(opened, 1)
        check(opened, followed.index.now(), Filters(source="a", unseen=True))


def test_works_of_sources_are_let_in_without_their_ids(followed: Follower, db: Database) -> None:
    followed.prepare()
    library, view, first = Library(db), followed.index.now(), frozenset(SOURCES[:1])
    everything = {*view.ids_of(view.sample(10**6))}
    own = {*library.matching(Filters(source=SOURCES[0]))} & everything
    some, others = frozenset(sorted(own)[:3]), frozenset(sorted(everything - own)[:4])
    assert some
    assert others

    def let_in(gate: Gate) -> set[str]:
        found = view.all_in(gate)
        whole = view.sample(10**6)
        assert found.tolist() == whole[view.let_in(whole, gate)].tolist()
        return {*view.ids_of(found)}

    of_first = library.of_sources(first)
    for works, expected in (
        (of_first, own),
        (of_first - some, own - some),
        (of_first | others, own | others),
        ((of_first | others) - some - others, own - some),
        (others | (of_first - some), others | own - some),
        (library.of_sources(SOURCES), everything),
        (library.of_sources(()), set()),
        (library.of_sources({"nowhere"}), set()),
    ):
        assert let_in(Gate(only=works)) == expected
        assert let_in(Gate(never=works)) == everything - expected
        assert {i for i in everything if i in works} == expected
        assert bool(works) == bool(expected)
        assert everything - works == everything - expected
        passing = library.passing(Filters(orientation="portrait"), view)
        both = within(passing, works)
        assert let_in(Gate(only=both)) == {i for i in expected if i in passing}
        assert {i for i in everything if i in both} == let_in(Gate(only=both))
    assert not of_first - frozenset(library.matching(Filters(source=SOURCES[0])))


def test_no_id_is_looked_up_where_a_source_is_away(
    followed: Follower, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed.prepare()
    library, view = Library(db), followed.index.now()
    library.leave_alone(SOURCES[0])
    asked: list[str] = []
    monkeypatch.setattr(Library, "source_of", lambda library, artwork: asked.append(artwork))
    gate = Gate(never=library.out_of_reach())
    assert view.best(vector(1)[None], 5, gate).size == 5
    assert 0 < view.all_in(gate).size < len(view)
    assert asked == []


@pytest.mark.parametrize("most", [0, 10**6])
def test_pictures_that_are_kept_are_in_reach_where_they_were_shown(
    db: Database, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Of many works only those that were ever shown are looked through."""
    monkeypatch.setattr(out_of_reach, "FEW_TO_LOOK_THROUGH", most)
    db.execute("UPDATE artworks SET location = id")
    library = Library(db)
    own = sorted(library.matching(Filters(source=SOURCES[0])))
    shown = [i for i in own if int(i[2:]) % 4 == 0]
    kept = frozenset(own[:20])
    library.kept_pictures = lambda: kept
    library.leave_alone(SOURCES[0])
    beyond = library.out_of_reach()
    in_reach = {i for i in own if i not in beyond}
    assert in_reach == ({*own[:20]} if most else {*own[:20]} & {*shown})
    assert in_reach
