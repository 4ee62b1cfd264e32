"""A page of noise anywhere in the library: it is said, the rest is read, and it is mended."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from glance_agent.domain.artwork import Filters
from glance_agent.domain.display import Reaction, Showing
from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.label import Tokens
from glance_agent.domain.languages import in_language
from glance_agent.store.connection import open_database
from glance_agent.store.history import History
from glance_agent.store.labels import Labels
from glance_agent.store.library import Library
from glance_agent.store.mending import fault_of, mend
from glance_agent.store.query_vectors import QueryVectorCache
from glance_agent.store.spaces import Spaces
from glance_agent.store.vectors import Vectors
from glance_agent.store.work_leases import WorkLeases
from tests.databases.make import AT, SPACE, fill
from tests.views import kept_in

PAGE_BYTES = 1024
INSTANCE = "0123456789ab"
HORSES = Tokens(("horses",))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of small pages, so that each table and index has some of its own."""
    path = tmp_path_factory.mktemp("sound") / "glance.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA page_size={PAGE_BYTES}")
        db.execute("VACUUM")
    with closing(open_database(path)) as opened:
        fill(Library(opened), History(opened))
        for number in range(40):
            liked = Reaction(f"user {number}", "kept:1", "like", AT + timedelta(hours=number))
            with History(opened).transaction():
                History(opened).react(liked)
                History(opened).show(shown(number))
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def shown(number: int) -> Showing:
    return Showing("wall", "kept:1", AT + timedelta(hours=number), "next", "ann", "Why not")


def roots(path: Path) -> dict[str, int]:
    """The first page of every table and index, by name."""
    with closing(sqlite3.connect(path)) as db:
        return dict(db.execute("SELECT name, rootpage FROM sqlite_schema WHERE rootpage > 0"))


def with_noise(sound: Path, folder: Path, page: int) -> Path:
    """A copy of the library in which one page is noise."""
    content = bytearray(sound.read_bytes())
    noise = random.Random(page).randbytes(PAGE_BYTES)
    content[(page - 1) * PAGE_BYTES : page * PAGE_BYTES] = noise
    path = folder / f"page{page}" / "glance.db"
    path.parent.mkdir()
    path.write_bytes(content)
    return path


def pages(sound: Path) -> range:
    """All pages but the first: without it, it is no library."""
    return range(2, sound.stat().st_size // PAGE_BYTES + 1)


def uses(db: Any) -> Iterator[Callable[[], object]]:
    """Everything that is asked of a library while it is used."""
    library, history, spaces = Library(db), History(db), Spaces(db)
    yield lambda: library.get_many(["kept:1", "kept:2", "kept:3"])
    yield from (library.count, library.uncounted, library.barred, library.withheld)
    yield from (library.liked_locations, library.counts_by_source, library.folders)
    yield lambda: library.matching(Filters(artist="marc", unseen=True))
    yield lambda: library.location("kept:1")
    yield lambda: kept_in(db, SPACE, 4)
    yield lambda: Vectors(db).numbers_of(SPACE, ["kept:1"])
    yield lambda: Vectors(db).numbered(SPACE, 4, [1])
    yield lambda: library.left_out("kept")
    yield lambda: library.fingerprints("kept", ["1.jpg"], SPACE)
    yield lambda: library.mark_unusable("kept:2", "gone")
    yield lambda: library.drop_vanished("kept", frozenset({"1.jpg"}))
    yield lambda: history.showings("wall", 50)
    yield lambda: history.showings(None, 50)
    yield lambda: history.recent_ids("wall", 50)
    yield lambda: history.position("wall")
    yield lambda: history.ever_shown("kept:2")
    yield from (history.users, history.reach, history.published, history.forget_deliveries)
    yield lambda: history.reactions("user 3")
    yield lambda: history.liked("user 3", "kept:1")
    yield lambda: history.settings("wall")
    yield lambda: history.receipt("transaction:abc", AT)
    yield lambda: history.keep_receipts(["delivery:5"], "{}", AT)
    yield lambda: history.react(Reaction("ann", "kept:1", "like", AT))
    yield lambda: history.show(shown(99))
    yield lambda: history.instance_id
    yield lambda: Labels(db).labelled_with(HORSES)
    yield lambda: Labels(db).count_labelled_with(HORSES)
    yield lambda: QueryVectorCache(db).vectors(SPACE, ["blue"])
    yield spaces.answering
    yield lambda: spaces.lacking(SPACE)
    yield lambda: WorkLeases(db, "one").lease(SPACE, 9)


def troubled(use: Callable[[], object]) -> Trouble | None:
    """What stood in the way of a use of the library; whatever else is raised fails the test."""
    try:
        use()
    except StoreError as error:
        return error.trouble
    return None


def test_whatever_page_is_damaged_only_a_store_error_is_raised(sound: Path, tmp_path: Path) -> None:
    met = 0
    for page in pages(sound):
        try:
            db = open_database(with_noise(sound, tmp_path, page))
        except StoreError:
            met += 1
            continue
        with closing(db):
            met += sum(troubled(use) is Trouble.DAMAGED for use in uses(db))
    assert met > 10


@pytest.mark.parametrize("table", ["showings", "reactions", "display_settings", "labels_fts_data"])
def test_what_cannot_be_read_is_nothing_and_the_rest_is_shown(
    sound: Path, tmp_path: Path, table: str, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(open_database(with_noise(sound, tmp_path, roots(sound)[table]))) as db:
        library, history = Library(db), History(db)
        for _ in range(2):
            history.showings("wall", 5), history.recent_ids("wall", 5), history.reactions("user 3")
            history.settings("wall"), Labels(db).labelled_with(HORSES)
        assert library.get("kept:1") is not None
        assert {*library.withheld()} == {"kept:3"}
        assert vars(db.conn)["damage"]
    assert len([r for r in caplog.records if "cannot be read" in r.message]) == 1


def test_a_work_that_cannot_be_read_is_never_chosen(sound: Path, tmp_path: Path) -> None:
    with closing(open_database(with_noise(sound, tmp_path, roots(sound)["artworks"]))) as db:
        library = Library(db)
        assert library.get("kept:1") is None
        assert "kept:1" in library.withheld()


def test_whatever_page_is_damaged_a_sound_library_takes_its_place(
    sound: Path, tmp_path: Path
) -> None:
    kept = {"works": 0, "likes": 0, "vectors": 0, "libraries": 0, "lists of tables": 0}
    for page in pages(sound)[::4]:
        path = with_noise(sound, tmp_path, page)
        try:
            mended = mend(path, "a page of noise", instance=INSTANCE, now=AT)
        except StoreError:
            # The list of tables itself: nobody knows any more what is where.
            kept["lists of tables"] += 1
            assert not [*path.parent.glob("*.mended*")]
            continue
        assert mended.aside.read_bytes()[:16] == b"SQLite format 3\0"
        with closing(open_database(path)) as db:
            assert fault_of(db) is None
            library, history = Library(db), History(db)
            assert history.instance_id
            assert set(Labels(db).labelled_with(HORSES)) <= {"kept:1"}
            works = library.get_many(["kept:1", "kept:2", "kept:3"])
            kept["libraries"] += 1
            kept["works"] += len(works) == 3
            kept["likes"] += len(history.users()) >= 40
            kept["vectors"] += len(kept_in(db, SPACE, 4)) == 3
            assert mended.lost or (works and len(history.users()) >= 40)
    for what in ("works", "likes", "vectors"):
        assert kept[what] >= kept["libraries"] - 4, kept
    assert kept["libraries"] >= 3 * kept["lists of tables"], kept


def test_word_search_is_made_anew_and_nothing_is_lost(sound: Path, tmp_path: Path) -> None:
    path = with_noise(sound, tmp_path, roots(sound)["labels_fts_data"])
    with closing(open_database(path)) as db:
        assert Labels(db).labelled_with(HORSES) == []
        mended = mend(path, "a page of noise", instance=INSTANCE, now=AT)
        assert Labels(db).labelled_with(HORSES) == ["kept:1"]
    assert mended.lost == {}
    assert "Nothing is lost" in str(mended)
    assert "Verloren ist nichts." in in_language(mended.said, "de")


def test_what_is_lost_is_named(sound: Path, tmp_path: Path) -> None:
    path = with_noise(sound, tmp_path, roots(sound)["display_settings"])
    mended = mend(path, "a page of noise", instance=INSTANCE, now=AT)
    assert "settings of displays" in str(mended)
    assert str(mended.aside) in str(mended)


def test_an_index_of_noise_loses_nothing(sound: Path, tmp_path: Path) -> None:
    path = with_noise(sound, tmp_path, roots(sound)["sqlite_autoindex_reactions_1"])
    with closing(open_database(path)) as db:
        assert fault_of(db)
    assert mend(path, "noise", instance=INSTANCE, now=AT).lost == {}
    with closing(open_database(path)) as db:
        assert len(History(db).users()) == 42
