"""A copy never displaces its original, whichever is listed first and whatever interrupts."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from glance_agent.ingest.progress import Progress
from glance_agent.sources.folders.folder import FolderSource
from glance_agent.store.connection import open_database
from glance_agent.store.index import VectorIndex
from glance_agent.store.library import Library
from glance_agent.store.vectors import Vectors
from tests.colour_encoder import ColourEncoder
from tests.home import Home, ingest_all
from tests.in_process import header_of
from tests.sources.museums.test_museum_ingest import encoded, picture

LARGE, SMALL = (600, 400), (300, 200)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Two folders of one household, with nothing in them."""
    for name in ("home", "pictures", "takeout"):
        (tmp_path / name).mkdir()
    return Home(tmp_path / "home", tmp_path / "pictures")


def index_of(home: Home) -> VectorIndex:
    """The vectors that the library has, as an agent has them in memory."""
    index = VectorIndex(ColourEncoder.space, ColourEncoder.dimension)
    with closing(open_database(home.database)) as db:
        index.fill(0, Vectors(db).blocks(ColourEncoder.space, ColourEncoder.dimension))
    return index


async def bring(home: Home, folder: str = "pictures", index: VectorIndex | None = None) -> Progress:
    source = FolderSource(folder, home.pictures.parent / folder, header_of, favourites_as="mia")
    return await ingest_all(home.database, source, index=index or index_of(home))


def put(home: Home, name: str, size: tuple[int, int], number: int = 1) -> Path:
    path = home.pictures.parent / name
    path.write_bytes(encoded(picture(number, size)))
    return path


def say(home: Home, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(home.database)) as db, db:
        db.execute(sql, values)


def liked_and_shown(home: Home) -> str:
    """The only work of the library, which Mia likes and the wall has shown."""
    ((work,),) = home.rows("SELECT id FROM artworks")
    say(home, "INSERT INTO reactions VALUES ('mia', ?, 'like', '2026-01-01')", work)
    say(
        home,
        "INSERT INTO showings (display, position, artwork_id, shown_at, verb, user, why, parts) "
        "VALUES ('wall', 1, ?, '2026-01-01', 'next', 'mia', '', '{}')",
        work,
    )
    return str(work)


async def test_an_original_that_comes_later_takes_over_the_work(home: Home) -> None:
    put(home, "pictures/a.jpg", SMALL)
    await bring(home)
    work = liked_and_shown(home)
    original = put(home, "pictures/b.jpg", LARGE)
    index = index_of(home)
    done = await bring(home, index=index)
    assert (done.added, dict(done.left_out)) == (0, {"duplicate": 1})
    assert home.rows("SELECT id, location, width, title, twin_of FROM artworks") == [
        (work, str(original), LARGE[0], "B", None)
    ]
    assert (home.likes(), home.showings()) == ([work], [work])
    assert index.now().number_of(work) is not None
    assert home.rows("SELECT key, artwork_id FROM items") == [("a.jpg", work), ("b.jpg", work)]


async def test_the_copy_stays_one_until_its_original_is_gone(home: Home) -> None:
    copy = put(home, "pictures/a.jpg", SMALL)
    await bring(home)
    work = liked_and_shown(home)
    original = put(home, "pictures/b.jpg", LARGE)
    await bring(home)
    # Something new is told of the copy, which is read again.
    copy.with_suffix(".jpg.json").write_text(json.dumps({"title": "Small"}))
    await bring(home)
    where = "SELECT id, location, title FROM artworks"
    assert home.rows(where) == [(work, str(original), "B")]
    data = original.read_bytes()
    original.unlink()
    done = await bring(home)
    assert (done.gone, done.stopped_by) == (0, None)
    assert home.rows(where) == [(work, str(copy), "Small")]
    assert home.rows("SELECT width, height FROM artworks") == [SMALL]
    assert (await bring(home)).passed_over == 1
    original.write_bytes(data)
    await bring(home)
    assert home.rows(where) == [(work, str(original), "B")]
    assert home.likes() == [work]


async def test_a_copy_that_comes_later_changes_nothing(home: Home) -> None:
    original = put(home, "pictures/b.jpg", LARGE)
    await bring(home)
    work = liked_and_shown(home)
    put(home, "pictures/a.jpg", SMALL)
    await bring(home)
    assert home.rows("SELECT id, location FROM artworks WHERE twin_of IS NULL") == [
        (work, str(original))
    ]
    assert home.rows("SELECT twin_of FROM artworks WHERE id <> ?", work) == [(work,)]


async def test_of_equal_bytes_the_one_of_which_more_is_told_is_the_original(home: Home) -> None:
    """As between a folder and the same photograph in an export of Google's."""
    plain = put(home, "pictures/IMG_1.jpg", LARGE)
    await bring(home)
    work = liked_and_shown(home)
    told = put(home, "takeout/IMG_1.jpg", LARGE)
    facts = {"title": "IMG_1.jpg", "description": "At the sea", "favorited": True}
    told.with_suffix(".jpg.json").write_text(
        json.dumps({**facts, "photoTakenTime": {"timestamp": "1562234400"}})
    )
    await bring(home, "takeout")
    where = "SELECT id, source, location, description, unusable FROM artworks"
    assert home.rows(where) == [(work, "takeout", str(told), "At the sea", None)]
    assert home.likes() == [work]
    told.unlink()
    put(home, "takeout/other.jpg", LARGE, number=2)
    await bring(home, "takeout")
    await bring(home)
    assert home.rows(f"{where} WHERE id = ?", work) == [(work, "pictures", str(plain), None, None)]


@pytest.mark.parametrize("size", [LARGE, (570, 380)])
async def test_a_file_that_is_written_anew_is_the_same_work(
    home: Home, size: tuple[int, int]
) -> None:
    path = put(home, "pictures/a.jpg", LARGE)
    await bring(home)
    work = liked_and_shown(home)
    twin = put(home, "takeout/a(1).jpg", SMALL)
    await bring(home, "takeout")
    path.write_bytes(encoded(picture(1, LARGE).resize(size), quality=70))
    index = index_of(home)
    done = await bring(home, index=index)
    assert (done.added, done.gone, dict(done.left_out)) == (0, 0, {})
    where = "SELECT id, location, width, unusable FROM artworks WHERE twin_of IS NULL"
    assert home.rows(where) == [(work, str(path), size[0], None)]
    assert home.rows("SELECT location FROM artworks WHERE twin_of = ?", work) == [(str(twin),)]
    assert (home.likes(), home.showings()) == ([work], [work])
    assert index.now().number_of(work) is not None
    assert (await bring(home)).passed_over == 1


@pytest.mark.parametrize("turn", [Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180])
async def test_a_file_that_is_turned_is_the_same_work(home: Home, turn: Image.Transpose) -> None:
    path = put(home, "pictures/a.jpg", LARGE)
    await bring(home)
    work = liked_and_shown(home)
    path.write_bytes(encoded(picture(1, LARGE).transpose(turn)))
    done = await bring(home)
    assert (done.added, done.gone, dict(done.left_out)) == (0, 0, {})
    assert home.rows("SELECT id, unusable FROM artworks") == [(work, None)]
    assert (home.likes(), home.showings()) == ([work], [work])
    assert (await bring(home)).passed_over == 1


async def test_another_picture_in_the_place_of_a_file_is_another_work(home: Home) -> None:
    path = put(home, "pictures/a.jpg", LARGE)
    await bring(home)
    work = liked_and_shown(home)
    path.write_bytes(encoded(picture(2, LARGE)))
    await bring(home)
    assert home.rows("SELECT unusable FROM artworks WHERE id = ?", work) == [("gone",)]
    assert home.rows("SELECT 1 FROM artworks WHERE id <> ? AND unusable IS NULL", work) == [(1,)]


async def test_a_copy_that_is_a_favourite_is_liked_in_its_original(home: Home) -> None:
    original = put(home, "pictures/sunset.jpg", LARGE)
    await bring(home)
    copy = put(home, "takeout/sunset(1).jpg", LARGE)
    copy.with_name("sunset.jpg(1).json").write_text(
        json.dumps({"title": "sunset.jpg", "favorited": True, "photoTakenTime": {}})
    )
    await bring(home, "takeout")
    ((work, location),) = home.rows("SELECT id, location FROM artworks")
    assert (location, home.likes()) == (str(original), [work])


async def test_a_picture_that_moves_to_another_source_is_the_same_work(home: Home) -> None:
    before = put(home, "pictures/a.jpg", LARGE)
    put(home, "pictures/other.jpg", LARGE, number=2)
    await bring(home)
    ((work,),) = home.rows("SELECT id FROM artworks WHERE title = 'A'")
    after = home.pictures.parent / "takeout" / "a.jpg"
    before.rename(after)
    await bring(home)
    await bring(home, "takeout")
    assert home.rows("SELECT source, location, unusable FROM artworks WHERE id = ?", work) == [
        ("takeout", str(after), None)
    ]


async def test_an_original_that_is_known_already_stands_for_its_copies(home: Home) -> None:
    """It was away while copies of it came; what is hidden stays hidden."""
    original = put(home, "pictures/z.jpg", LARGE)
    put(home, "pictures/other.jpg", LARGE, number=2)
    await bring(home)
    ((known,),) = home.rows("SELECT id FROM artworks WHERE title = 'Z'")
    data = original.read_bytes()
    original.unlink()
    await bring(home)
    put(home, "pictures/a.jpg", SMALL)
    await bring(home)
    ((copy,),) = home.rows("SELECT id FROM artworks WHERE title = 'A'")
    say(home, "UPDATE artworks SET hidden = 1, hidden_nth = 1 WHERE id = ?", copy)
    original.write_bytes(data)
    await bring(home)
    groups = "SELECT id, twin_of, hidden FROM artworks WHERE title <> 'Other' ORDER BY title"
    assert home.rows(groups) == [(copy, known, 1), (known, None, 1)]


class Killed(BaseException):
    """The process ends here."""


def doomed(db: Any, statements: int) -> Library:
    """A library whose process dies at its n-th change of the file."""
    library, execute, left = Library(db), db.execute, [statements]

    def counted(sql: str, *arguments: Any) -> Any:
        if not sql.startswith("SELECT"):
            left[0] -= 1
            if left[0] == 0:
                raise Killed
        return execute(sql, *arguments)

    db.execute = counted
    return library


@pytest.mark.parametrize("statement", range(1, 16, 2))
async def test_a_take_over_that_is_interrupted_is_done_by_the_next_run(
    home: Home, monkeypatch: pytest.MonkeyPatch, statement: int
) -> None:
    copy = put(home, "pictures/a.jpg", SMALL)
    await bring(home)
    work = liked_and_shown(home)
    original = put(home, "pictures/b.jpg", LARGE)
    with monkeypatch.context() as patch:
        patch.setattr("tests.home.Library", lambda db: doomed(db, statement))
        try:
            await bring(home)
        except Killed:
            ((location, width),) = home.rows("SELECT location, width FROM artworks")
            assert (location, width) in [(str(copy), SMALL[0]), (str(original), LARGE[0])]
    await bring(home)
    assert home.rows("SELECT id, location FROM artworks") == [(work, str(original))]
    assert (home.likes(), home.showings()) == ([work], [work])
    assert home.rows("SELECT count(*) FROM items") == [(2,)]
