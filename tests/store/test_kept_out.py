"""Works that are kept out: the same set as long as nothing changes, and never an old one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import pytest

from glance_agent.domain import of_sources
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.items import StoredWork
from glance_agent.domain.of_sources import OfSources, SeveralSets, together
from glance_agent.domain.view import Gate
from glance_agent.store.connection import open_database
from glance_agent.store.library import Library
from glance_agent.store.transaction import transaction
from glance_agent.store.works import NOT_AGAIN
from tests.views import view_of

WORKS = 8


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with closing(open_database(tmp_path / "glance.db")) as db:
        for number in range(WORKS):
            work = Artwork(id=f"a:{number}", source="a")
            Library(db).add("a", str(number), StoredWork(work, "-", f"{number}", "-", "-", None))
    return tmp_path / "glance.db"


@pytest.fixture
def library(path: Path) -> Iterator[Library]:
    with closing(open_database(path)) as db:
        yield Library(db)


def checked(library: Library) -> frozenset[str]:
    """What is withheld, which is what the file says."""
    withheld = library.withheld()
    assert isinstance(withheld, frozenset)
    assert withheld == {row[0] for row in library.db.execute(NOT_AGAIN)}
    return withheld


def sql(statement: str) -> Callable[[Library], object]:
    return lambda library: library.db.execute(statement)


CHANGES: dict[str, Callable[[Library], object]] = {
    "hidden": lambda library: library.hide("a:1"),
    "shown again": lambda library: library.unhide("a:0"),
    "on request": lambda library: library.keep_on_request("a:2"),
    "a copy": sql("UPDATE artworks SET twin_of = 'a:4' WHERE id = 'a:3'"),
    "no copy any more": sql("UPDATE artworks SET twin_of = NULL WHERE id = 'a:7'"),
    "unusable": sql("UPDATE artworks SET unusable = 'gone' WHERE id = 'a:5'"),
    "its original is unusable": sql("UPDATE artworks SET unusable = 'gone' WHERE id = 'a:6'"),
    "its original is gone": sql("DELETE FROM artworks WHERE id = 'a:6'"),
    "gone": sql("DELETE FROM artworks WHERE id = 'a:0'"),
    "another one": sql("UPDATE artworks SET id = 'b:0' WHERE id = 'a:0'"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_it_is_told_at_once(change: str, library: Library, path: Path) -> None:
    with transaction(library.db):
        library.hide("a:0")
        library.db.execute("UPDATE artworks SET twin_of = 'a:6' WHERE id = 'a:7'")
    before = checked(library)
    assert before == {"a:0", "a:7"}
    library.db.execute("UPDATE artworks SET title = 'Another' WHERE id = 'a:0'")
    assert library.withheld() is before
    for undone in (True, False):
        with suppress(ZeroDivisionError), transaction(library.db):
            CHANGES[change](library)
            assert checked(library) != before
            if undone:
                raise ZeroDivisionError
        assert (checked(library) == before) is undone
    with closing(open_database(path)) as db, transaction(db):
        Library(db).hide("a:4")
    assert "a:4" in checked(library)


def test_what_was_undone_is_not_taken_for_what_is_done_then(library: Library) -> None:
    for work in ("a:1", "a:2", "a:3"):
        with suppress(ZeroDivisionError), transaction(library.db):
            library.hide(work)
            assert checked(library) == {work}
            raise ZeroDivisionError
    with transaction(library.db):
        library.hide("a:4")
    assert checked(library) == {"a:4"}


def test_many_works_are_never_copied(monkeypatch: pytest.MonkeyPatch, library: Library) -> None:
    monkeypatch.setattr(of_sources, "FEW", 3)
    many, others = frozenset(map(str, range(5))), frozenset(map(str, range(4, 10)))
    assert together({"a"}, ["b"], frozenset()) == frozenset("ab")
    assert together(many) is many
    assert together(many, frozenset(), many) is many
    both = together(many, {"x"}, others, ["y"])
    assert isinstance(both, SeveralSets)
    assert any(some is many for some in both.sets)
    assert [i in both for i in ("0", "9", "x", "y", "z")] == [True, True, True, True, False]
    assert both
    assert not SeveralSets((frozenset(),))
    assert frozenset({"0", "x", "z"}) - both == {"z"}
    away = together(many, OfSources(library, frozenset({"a"})))
    assert isinstance(away, SeveralSets)
    assert "a:1" in away
    assert away.by_source is not None
    assert together(away, {"q"}, both).sets[:2] == away.sets  # type: ignore[union-attr]
    view = view_of(np.eye(12, dtype=np.float32))
    left = view.ids_of(view.all_in(Gate(never=both)))
    assert left == ["10", "11"]
    assert not Gate(never=both).open
    assert Gate(never=both).lets_in("11")
