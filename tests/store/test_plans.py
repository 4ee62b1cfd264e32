"""No command looks through all works, nor through all that was shown: SQLite's plans say so."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from glance_agent.domain.command import (
    COMMANDS as VERBS,
)
from glance_agent.domain.command import (
    Command,
    Describe,
    Discovery,
    Dislike,
    Forget,
    Help,
    Hide,
    Ingest,
    Like,
    Mood,
    Pause,
    Power,
    Resume,
    Say,
    Slideshow,
    Status,
)
from glance_agent.domain.picture_verbs import Next, Previous, Search, Show, Similar
from glance_agent.domain.taking_back import Undo, Unhide
from glance_agent.store import index, recent_vectors, works
from glance_agent.store.connection import open_database
from glance_agent.store.library import Library
from glance_agent.store.sqlite import Connection
from glance_agent.store.sqlite_database import SqliteDatabase
from glance_agent.store.vectors import Vectors
from glance_agent.wiring import rooms as wiring
from glance_agent.wiring.facts import facts_of
from glance_agent.wiring.rooms import open_rooms
from tools.bench.scale.libraries import WordEncoder, large_library

WORKS, DIMENSION = 300, 320
COMMANDS: tuple[Command, ...] = (
    Search(query="sea"),
    Search(query="landscape sea -people"),
    Search(query="year:1880-1910 sea"),
    Search(query="artist:lindqvist sea"),
    Search(query="source:bench orientation:portrait unseen sea"),
    Next(user="anna"),
    Next(user="ben", mood="night"),
    Next(),
    Like(user="ben"),
    Similar(artwork="bench:5"),
    Search(query="sea", unseen=True, show=False),
    Search(query="landscape", liked=True, user="anna"),
    Search(query="landscape", liked=True),
    Search(liked=True, user="anna"),
    Search(query="a stormy seascpae"),
    Dislike(user="anna", then="next"),
    Like(user="ben", then="similar"),
    Forget(user="ben"),
    Hide(user="ben"),
    Search(query="hidden"),
    Previous(unhide=True),
    Hide(artwork="bench:9"),
    Unhide(artwork="bench:9"),
    Undo(),
    Previous(),
    Show(artwork="bench:7"),
    Mood(mood="calm"),
    Next(user="anna"),
    Mood(mood=""),
    Slideshow(on=True, liked=True, user="anna"),
    Next(user="anna"),
    Next(),
    Slideshow(on=False, liked=False),
    Discovery(percent=100),
    Next(user="anna"),
    Pause(),
    Resume(),
    Describe(),
    Describe(artwork="bench:5"),
    Status(),
    Say(text="show me something with horses"),
    Help(),
)
ELSEWHERE = {Ingest, Power}
"""These are carried out by others, who ask the library nothing."""
FEW = {
    "json_each": "what a statement was given",
    "CONSTANT ROW": "no table at all",
    r"\(subquery-\d+\)": "what a part of the statement found",
    "known": "each source from the one before",
    r"labels_fts VIRTUAL TABLE INDEX \d+:M": "the labels that carry words",
    r"\w+ USING INDEX artworks_(withheld|on_request|twins|hidden)": "works that are kept out",
    r"temp\.kept_out": "one number",
    "kept_out": "works that are kept out, counted",
    "sqlite_master": "the tables",
    "_sqlite_migrations": "the migrations",
    "folders": "folders that were brought in by hand",
    "query_vectors": "the last words that were asked",
    "reactions USING COVERING INDEX": "who has reacted",
    "reactions$": "what all of a household like",
    "liked$": "what a part of the statement found",
}
"""What may be looked through whole, since there is little of it however large the library is."""
ENDS = ("FROM showings ORDER BY id DESC LIMIT", "FROM artworks WHERE source = ? LIMIT ?")
"""The last showings are read from the end on, the first works of a source from the beginning."""


def plan(connection: Connection, statement: str, values: Any) -> list[str]:
    """What SQLite is going to do for a statement."""
    if statement.split()[0].upper() not in {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}:
        return []
    rows = connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", values)
    return [row[3] for row in rows.fetchall()]


def looks_through(step: str) -> bool:
    """Whether a step of a plan is one through much: a table, or all that is of one space."""
    if re.search(r"\((space|source)=\?\)", step):
        return True
    return step.startswith("SCAN ") and not any(re.match(f"SCAN {few}", step) for few in FEW)


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """The plans of all that commands ask, as SQLite makes them where it takes tables for large."""
    encoder = WordEncoder(DIMENSION)
    config = large_library(tmp_path, WORKS, encoder)
    plans: dict[str, list[str]] = {}
    execute = Connection.execute

    def noted(connection: Connection, statement: str, values: Any = ()) -> Any:
        if statement not in plans:
            plans[statement] = []
            plans[statement] = plan(connection, statement, values)
        return execute(connection, statement, values)

    monkeypatch.setattr(wiring, "encoder_of", lambda config: encoder)
    monkeypatch.setattr(index, "EXACT_UP_TO", 100)  # vectors are read from the file
    monkeypatch.setattr(recent_vectors, "SAMPLE", 10)
    monkeypatch.setattr(recent_vectors, "LAST_READ", 10)
    monkeypatch.setattr(works, "FEW_TO_DRAW", 100)
    with open_rooms(config) as rooms:
        rooms.answers.answer(Search(query="rivers unseen"))  # reads what filters ask, once
        monkeypatch.setattr(Connection, "execute", noted)
        for command in COMMANDS:
            assert rooms.answers.answer(command).reply.ok
        facts_of(rooms)
        rooms.changed_elsewhere()
        rooms.follower.catch_up()
        rooms.library.leave_alone("bench")
        for command in (Next(user="anna"), Search(query="sea")):
            assert "“bench” is away" in rooms.answers.answer(command).reply.message
        monkeypatch.undo()
    return plans


def test_all_vectors_are_read_as_they_lie(tmp_path: Path) -> None:
    """Also where SQLite has counted how often spaces repeat: nothing is sorted."""
    config = large_library(tmp_path, WORKS, WordEncoder(DIMENSION))
    with closing(open_database(config.library.path)) as database:
        database.execute("ANALYZE")
        for index, counted in (
            ("sqlite_autoindex_embeddings_1", "1000000 1000000 1"),
            ("sqlite_autoindex_artworks_1", "1000000 1"),
        ):
            database.execute("UPDATE sqlite_stat1 SET stat = ? WHERE idx = ?", [counted, index])
        database.conn.commit()
        database.execute("ANALYZE sqlite_schema")  # takes that for true
        asked: list[tuple[str, Any]] = []
        stream = SqliteDatabase.stream

        def noted(db: SqliteDatabase, sql: str, values: Any = ()) -> Any:
            asked.append((sql, values))
            return stream(db, sql, values)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(SqliteDatabase, "stream", noted)
            assert [*Vectors(database).blocks(f"bench-{DIMENSION}", DIMENSION)]
        ((sql, values),) = asked
        steps = plan(database.conn, sql, values)
    assert steps[0] == "SCAN embeddings"
    assert not any("TEMP B-TREE" in step for step in steps)


def test_every_verb_is_asked() -> None:
    assert {*map(type, COMMANDS)} | ELSEWHERE == {*VERBS.values()}


def test_no_command_looks_through_a_large_table(asked: dict[str, list[str]]) -> None:
    found = {
        statement: through
        for statement, steps in asked.items()
        if (through := [step for step in steps if looks_through(step)])
        and not any(end in statement for end in ENDS)
    }
    assert found == {}
    assert sum(map(len, asked.values())) > 40
    by_number = [steps for sql, steps in asked.items() if "FROM embeddings WHERE number IN" in sql]
    assert by_number
    assert all("USING INTEGER PRIMARY KEY (rowid=?)" in steps[0] for steps in by_number)


@pytest.mark.parametrize("ask", ["fingerprints", "left_out"])
def test_what_is_known_of_a_page_costs_no_look_at_its_whole_source(
    tmp_path: Path, ask: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder of 50,000 files has 250 pages; each that looked at all would cost as many."""
    plans: list[list[str]] = []
    execute = Connection.execute

    def noted(connection: Connection, statement: str, values: Any = ()) -> Any:
        plans.append(plan(connection, statement, values))
        return execute(connection, statement, values)

    with closing(open_database(tmp_path / "glance.db")) as database:
        library = Library(database)
        monkeypatch.setattr(Connection, "execute", noted)
        getattr(library, ask)("photos", ["a.jpg", "b.jpg"])
        monkeypatch.undo()
    (steps,) = plans
    assert any(re.match(r"SEARCH items USING .*\(source=\? AND key=\?\)", step) for step in steps)
    assert not any(looks_through(step) for step in steps), steps
