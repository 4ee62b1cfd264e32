"""Many works that do not come up by themselves: as arrays, by changes, always as the file is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from random import Random

import numpy as np
import pytest

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.items import StoredWork
from glance_agent.domain.library_place import LibraryPlace
from glance_agent.domain.of_sources import KeptBack, SomeWorks, together
from glance_agent.domain.vectors import Vector, unit
from glance_agent.domain.view import Gate, View
from glance_agent.domain.wall_rule import USUAL, WallRule
from glance_agent.domain.wording import SCREENSHOT
from glance_agent.store import index as index_room
from glance_agent.store import turbo_codes, wall, works
from glance_agent.store.codes import PlaneCodes
from glance_agent.store.database import Database
from glance_agent.store.kept_back import NeverChosen
from glance_agent.store.library import Library
from glance_agent.store.opening import open_library
from glance_agent.store.transaction import transaction
from glance_agent.store.vectors import Vectors
from glance_agent.store.work_facts import WorkFacts
from glance_agent.store.works import NOT_AGAIN
from glance_agent.wiring.catching_up import Follower, following

SPACE, DIMENSION, WORKS = "s", 64, 60
SIZES = (None, 1, 399, 399, 399, 400, 400, 401, 1000, 1600, 1601, 4001)
TARGETS = (*range(WORKS), *range(0, WORKS, 7), *range(0, WORKS, 7), *range(0, WORKS, 7))
"""Each work, and more often those that others are copies of."""
RULES = {"a": USUAL, "b": WallRule(max_aspect=2.5)}
COPIES = {7: (8, 10, 11, 13), 14: (16, 17, 19), 28: (29, 31, 32)}
Change = Callable[[Database, str, Random], object]


def vector(seed: int) -> Vector:
    return unit(np.random.default_rng(seed).standard_normal(DIMENSION))


def bring(db: Database, number: int, chance: Random) -> None:
    made = Artwork(
        id=f"x:{number}",
        source=chance.choice("abc"),
        medium=chance.choice((None, SCREENSHOT, "oil")),
        width=chance.choice(SIZES),
        height=chance.choice(SIZES),
    )
    has = vector(number) if number % 9 else None
    stored = StoredWork(made, "-", f"{chance.random()}", f"{number}", SPACE, has)
    Library(db).add(made.source, f"{number}", stored)


def sets(column: str, *values: object) -> Change:
    sql = f"UPDATE artworks SET {column} = ? WHERE id = ?"
    return lambda db, work, chance: db.execute(sql, [chance.choice(values), work])


CHANGES: tuple[Change, ...] = (
    lambda db, work, chance: Library(db).hide(work),
    lambda db, work, chance: Library(db).unhide(work),
    lambda db, work, chance: Library(db).keep_on_request(work),
    lambda db, work, chance: db.execute("DELETE FROM artworks WHERE id = ?", [work]),
    lambda db, work, chance: bring(db, int(work[2:]), chance),
    lambda db, work, chance: bring(db, chance.randrange(WORKS, 2 * WORKS), chance),
    sets("twin_of", None, *(f"x:{number}" for number in range(0, WORKS, 7))),
    sets("twin_of", None, *(f"x:{number}" for number in range(0, WORKS, 7))),
    sets("unusable", None, "gone"),
    sets("unusable", None, "gone"),
    sets("source", "a", "b", "c"),
    sets("medium", None, SCREENSHOT),
    sets("width", *SIZES),
    sets("height", *SIZES),
)


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (works, wall):
        monkeypatch.setattr(room, "FEW", 3)


@pytest.fixture
def db(place: LibraryPlace) -> Iterator[Database]:
    """A library that is kept by either engine, a third of whose works do not come up."""
    chance = Random(1)
    with closing(open_library(place)) as opened:
        with transaction(opened):
            for number in range(WORKS):
                bring(opened, number, chance)
            for number in range(0, WORKS, 3):
                Library(opened).hide(f"x:{number}")
            for original, copies in COPIES.items():
                for copy in copies:
                    sets("twin_of", f"x:{original}")(opened, f"x:{copy}", chance)
        yield opened


@pytest.fixture(params=["exact", "coded"])
def followed(
    request: pytest.FixtureRequest,
    place: LibraryPlace,
    db: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Follower:
    """Each index, over the same library."""
    monkeypatch.setattr(turbo_codes, "codes_of", PlaneCodes)
    monkeypatch.setattr(index_room, "EXACT_UP_TO", 10**9 if request.param == "exact" else -1)
    followed = following(place, Vectors(db), SPACE, DIMENSION, tmp_path / "beside.db")
    followed.prepare()
    return followed


def library_of(db: Database) -> Library:
    library = Library(db)
    library.rules = lambda: RULES
    return library


def off_wall(db: Database) -> set[str]:
    """What is kept off the wall, worked out by hand."""
    rows = db.execute("SELECT id, source, width, height, medium FROM artworks").fetchall()
    return {row[0] for row in rows if row[1] in RULES and unfit(RULES[row[1]], *row[2:])}


def unfit(rule: WallRule, width: int | None, height: int | None, medium: str | None) -> bool:
    sides = sorted((width, height)) if width is not None and height is not None else None
    small = sides is not None and (sides[0] < rule.min_px or sides[1] / sides[0] > rule.max_aspect)
    return small or (medium == SCREENSHOT and not rule.screenshots)


def check(library: Library, view: View) -> None:
    """That all ways to ask tell what the file says.

    No index is asked about works one by one: that is asked beside one of them.
    """
    alone = index_room.EXACT_UP_TO > 0
    every = frozenset(row[0] for row in library.db.execute("SELECT id FROM artworks"))
    never = frozenset(row[0] for row in library.db.execute(NOT_AGAIN))
    off = frozenset(off_wall(library.db))
    withheld, unfitting = library.withheld(), library.off_wall()
    for told, expected in ((withheld, never), (unfitting, off)):
        assert isinstance(told, KeptBack | frozenset)
        assert frozenset(told) == expected
        assert len(told) == len(expected)
        assert not alone or frozenset(i for i in every if i in told) == expected
        assert frozenset(every - told) == every - expected
    same(view, withheld, never, every)
    same(view, unfitting, off, every)
    same(view, together(withheld, unfitting, {"x:1"}), never | off | {"x:1"}, every)


def same(view: View, told: SomeWorks, expected: frozenset[str], every: frozenset[str]) -> None:
    """That a gate keeps these out, and no others, of those that are there still."""
    left = frozenset(view.ids_of(view.all_in(Gate(never=told))))
    rows = frozenset(view.ids_of(view.sample(10**6)))
    assert left & every == (rows & every) - expected
    assert every - told == every - expected


def test_arrays_keep_back_what_the_file_does_whatever_changes(
    place: LibraryPlace, db: Database, followed: Follower
) -> None:
    """Also within a transaction, which nobody else sees, and after one that was undone."""
    chance, library = Random(3), library_of(db)
    assert isinstance(library.withheld(), KeptBack)
    check(library, followed.index.now())
    with closing(open_library(place)) as elsewhere:
        for _ in range(60):
            undone, where = chance.random() < 0.3, chance.choice((db, elsewhere))
            with suppress(ZeroDivisionError), transaction(where):
                for change in chance.choices(CHANGES, k=chance.choice((1, 1, 4))):
                    change(where, f"x:{chance.choice(TARGETS)}", chance)
                if where is db:
                    library.forget_reach()
                    check(library, followed.index.now())
                if undone:
                    raise ZeroDivisionError
            library.forget_reach()
            if chance.random() < 0.7:
                followed.catch_up()
            check(library, followed.index.now())


def test_only_what_has_changed_is_read(
    db: Database, followed: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, view = library_of(db), followed.index.now()
    check(library, view)
    monkeypatch.setattr(WorkFacts, "block", None)
    monkeypatch.setattr(NeverChosen, "ids", property(None))
    for _ in range(3):
        never = frozenset(row[0] for row in db.execute(NOT_AGAIN))
        every = frozenset(row[0] for row in db.execute("SELECT id FROM artworks"))
        same(view, library.withheld(), never, every)
        with transaction(db):
            library.hide(f"x:{len(never) + 1}")


def test_it_is_asked_once_as_long_as_nothing_changes(
    db: Database, followed: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, view = library_of(db), followed.index.now()
    before = library.withheld()
    view.all_in(Gate(never=before))
    monkeypatch.setattr(type(followed.index.held().rows.names.columns), "kept_back", None)
    again = library.withheld()
    assert again is before
    assert view.all_in(Gate(never=again)).size


def test_works_are_kept_back_while_the_arrays_are_not_read_yet(
    place: LibraryPlace, db: Database, followed: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        type(followed.index.held().rows.names.columns), "kept_back", lambda *_: None
    )
    check(library_of(db), followed.index.now())


def test_what_cannot_be_read_is_kept_back_with_the_others(db: Database, followed: Follower) -> None:
    library, view = library_of(db), followed.index.now()
    library._cache.illegible.add("x:1")
    told = library.withheld()
    assert isinstance(told, KeptBack)
    assert "x:1" in told
    assert {*told} == {"x:1", *(row[0] for row in db.execute(NOT_AGAIN))}
    assert len({*told}) == len(told)
    assert frozenset({"x:1", "x:2"}) - told == {"x:2"}
    assert "x:1" not in view.ids_of(view.all_in(Gate(never=told)))
