"""Search, choice, taste and admission with another engine behind the store's doors."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from glance_agent.commands import show
from glance_agent.domain.items import StoredWork
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.picture_verbs import Next, Search, Similar
from glance_agent.domain.vectors import Vector
from glance_agent.domain.view import Moments, View
from glance_agent.search import picture_match, query_embedding
from glance_agent.sources.folders.folder import FolderSource
from glance_agent.store import index as index_room
from glance_agent.store.coded_view import CodedRows
from glance_agent.store.codes import PlaneCodes
from glance_agent.store.index import VectorIndex
from glance_agent.store.library import Library
from glance_agent.store.opening import open_library
from glance_agent.store.vectors import Vectors
from glance_agent.taste.profiles import Profiles
from glance_agent.taste.scope import Weighing
from glance_agent.wiring.catching_up import following
from tests.colour_encoder import ColourEncoder
from tests.commands.test_show import DIMENSION, Museum
from tests.home import Home, ingest_all, paint
from tests.in_process import header_of
from tests.plain_engine import PlainIndex
from tests.source_code import PACKAGE, nodes
from tests.vector_file import VectorsInMemory

COMMANDS: tuple[Search | Similar | Next, ...] = (
    Search(query="the sea at night", limit=9),
    Search(query="2:forest, 0.5:city", limit=9),
    Search(query="sea -night", limit=9),
    Search(query="-city", limit=9),
    Search(query="source:portrait flowers", limit=9),
    Search(query="qwxz brmbl", limit=9),
    Similar(artwork="city:3", limit=9),
    *(Next(user="anna"), Next(), Next(mood="night"), Next(mood="sea -night")) * 3,
)


@pytest.fixture(params=["as it is", "large"])
def _size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library as small as it is, or treated as too large to be looked through; what is usual
    in it is known from the first command on, however little of the processor there is."""
    monkeypatch.setattr(query_embedding, "REFERENCES_BUDGET_SECONDS", 1e9)
    if request.param == "large":
        # One turn each: engines take samples of other sizes elsewhere.
        limits = Weighing(whole=30, drawn=12, turns=1, best_of_each=10)
        monkeypatch.setattr(show, "Profiles", partial(Profiles, limits=limits))
        monkeypatch.setattr(picture_match, "LOOKED_THROUGH", 0)


def told(outcome: Outcome) -> list[tuple[str, float]]:
    """The works that were found, and how well they match; or the one that was put up."""
    if outcome.reply.results:
        return [(result.artwork.id, result.match) for result in outcome.reply.results]
    assert outcome.glance is not None
    return [(outcome.glance.artwork.id, 0.0)]


def coded_index(vectors: dict[str, Vector]) -> VectorIndex:
    """The index of large libraries, with codes from the first work on; `vectors` are its file."""

    def large(first: int, dimension: int) -> CodedRows:
        return CodedRows(
            first, dimension, PlaneCodes(dimension), VectorsInMemory(vectors, DIMENSION)
        )

    index_room.EXACT_UP_TO, before = -1, index_room.EXACT_UP_TO
    try:
        return VectorIndex("coded", DIMENSION, large)
    finally:
        index_room.EXACT_UP_TO = before


def served_index(place: PostgresPlace, museum: Museum, vectors: dict[str, Vector]) -> VectorIndex:
    """An index without vectors, which a server looks through; works and vectors are there too."""
    with closing(open_library(place)) as db:
        for work in museum.library.get_many(vectors):
            known = StoredWork(work, "-", work.id, work.id, museum.encoder.space, vectors[work.id])
            Library(db).add(work.source, work.id, known)
        return following(place, Vectors(db), museum.encoder.space, DIMENSION).index


@pytest.mark.usefixtures("_size")
@pytest.mark.parametrize("engine", ["plain", "coded", "pgvector"])
def test_every_command_does_the_same_with_another_engine(
    tmp_path: Path, engine: str, request: pytest.FixtureRequest
) -> None:
    museums = []
    for name in ("numpy", engine):
        (tmp_path / name).mkdir()
        museums.append(Museum(tmp_path / name))
    view = museums[1].index.now()
    everything = view.sample(1_000)
    ids, rows = view.ids_of(everything), view.vectors_of(everything)
    vectors = dict(zip(ids, rows, strict=True))
    other: PlainIndex | VectorIndex
    if engine == "pgvector":
        place = request.getfixturevalue("searched_place")
        other = served_index(place, museums[1], vectors)
        assert len(other) == len(vectors)
    else:
        other = PlainIndex(DIMENSION) if engine == "plain" else coded_index(vectors)
    for artwork, vector in vectors.items():
        other.put(artwork, vector)
    museums[1].showing = museums[1].showing_of(other)
    for museum in museums:
        museum.react("like", "sea:0", "sea:2", "night:1", user="anna")
        museum.react("dislike", "city:1", "city:2", user="anna")
        museum.react("like", "forest:4", user="ben")
        for user in ("anna", "ben"):
            museum.learn(user)
    for command in COMMANDS:
        answers = [told(museum.does(command)) for museum in museums]
        assert [i for i, _ in answers[0]] == [i for i, _ in answers[1]], command
        for (_, one), (_, other) in zip(*answers, strict=True):
            assert one == pytest.approx(other, abs=0.01)
    for museum in museums:
        museum.db.close()


async def test_copies_are_told_from_works_with_another_engine(tmp_path: Path) -> None:
    paint(tmp_path / "pictures")
    kept: list[list[tuple[Any, ...]]] = []
    for index in (None, PlainIndex(ColourEncoder.dimension)):
        home = Home(tmp_path / str(len(kept)), tmp_path / "pictures")
        home.folder.mkdir()
        await ingest_all(
            home.database, FolderSource("paint", home.pictures, header_of), index=index
        )
        kept.append(home.rows("SELECT id, twin_of, unusable FROM artworks ORDER BY id"))
    assert kept[0] == kept[1]


# -- the doors ------------------------------------------------------------------------------------


def test_a_view_is_asked_in_verbs_alone() -> None:
    """Nothing that it answers is as long as the library, but for those that ask for as much."""
    verbs = {"best", "scores_of", "vectors_of", "moments", "sample", "changes_since"}
    names = {"last", "let_in", "all_in", "numbers_of", "number_of", "ids_of"}
    assert public(View) == verbs | names
    assert public(Moments) == {"mean", "mean_of", "deviation_of"}


def public(protocol: type) -> set[str]:
    return {name for name in vars(protocol) if not name.startswith("_")}


def outside_the_store() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if not name.startswith("store/"):
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def texts(tree: ast.AST) -> Iterator[str]:
    """The texts in some code, but for what describes it."""
    described = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and id(node) not in described:
            yield text


SYNTAX = re.compile(
    r"\bMATCH\b|\bNEAR\(|\"?\s+(?:AND|OR|NOT)\s+\"?$|^\"?\s*(?:AND|OR|NOT)\s+\""
    r"|\b(?:title|artist|medium|tags|description)\}?\s*:\s*[(\"]|(?:artworks|labels)_fts"
)
"""What expressions of FTS5 are put together from."""


@pytest.mark.parametrize(
    ("code", "faults"),
    [
        ("' AND '.join(words)", [" AND "]),
        ("f'artist : ({words})'", ["artist : ("]),
        ("f'title : \"{words}\"'", ['title : "']),
        ("'WHERE artworks_fts MATCH ?'", ["WHERE artworks_fts MATCH ?"]),
        ("'A title: the sea, and an artist'", []),
        ("'this is AND that'", []),
    ],
)
def test_the_check_finds_what_it_looks_for(code: str, faults: list[str]) -> None:
    assert [text for text in texts(ast.parse(f"x = {code}")) if SYNTAX.search(text)] == faults


def test_no_syntax_of_the_full_text_index_is_built_outside_the_store() -> None:
    faults = {
        name: found
        for name, tree in outside_the_store()
        # Museums are asked in syntaxes of their own.
        if not name.startswith("sources/museums/")
        and (found := [text for text in texts(tree) if SYNTAX.search(text)])
    }
    assert faults == {}


def test_the_index_itself_is_known_to_the_wiring_alone() -> None:
    users = {
        path.relative_to(PACKAGE).parts[0]
        for path, node in nodes("glance_agent.store.index")
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("glance_agent.store.index")
    }
    assert users == {"store", "wiring"}
