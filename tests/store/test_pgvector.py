"""Vectors that pgvector looks through: the same as in the library, whoever writes, and exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.errors import StoreError
from glance_agent.domain.items import StoredWork
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.domain.vectors import Matrix, Vector, unit_rows
from glance_agent.domain.view import Gate, View
from glance_agent.store import index as index_room
from glance_agent.store import served_view, turbo_codes
from glance_agent.store.codes import PlaneCodes
from glance_agent.store.database import Database
from glance_agent.store.library import Library
from glance_agent.store.opening import look_into, open_library, served_by
from glance_agent.store.vectors import Vectors
from glance_agent.wiring.catching_up import Follower, following
from tests.postgres import Server, with_pgvector

pytest.importorskip("psycopg")
pytestmark = pytest.mark.skipif(
    with_pgvector() is None, reason="there is no PostgreSQL server with pgvector here"
)
SPACE, DIMENSION = "s", 64
EVERYTHING = 1_000_000
NEAR = 1e-3
"""Vectors are kept as float16."""
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 11), st.integers(0, 999)),
        st.tuples(st.just("remove"), st.integers(0, 11), st.just(0)),
    ),
    max_size=20,
)


def vector(seed: int) -> Vector:
    row = np.random.default_rng(seed).standard_normal((1, DIMENSION), dtype=np.float32)
    return np.asarray(unit_rows(row)[0])


def bring(db: Database, number: int, seed: int, space: str = SPACE) -> None:
    work = Artwork(id=f"a:{number}", source="a")
    made = StoredWork(work, "-", f"{number}", f"{seed}", space, vector(seed))
    Library(db).add("a", str(number), made)


def plain(place: PostgresPlace) -> PostgresPlace:
    """The same library for an agent that keeps its own index."""
    return PostgresPlace(place.url)


def follower_of(place: PostgresPlace, db: Database) -> Follower:
    followed = following(place, Vectors(db), SPACE, DIMENSION)
    followed.prepare()
    assert not followed.behind
    return followed


def best(view: View, seed: int, count: int = 1, gate: Gate | None = None) -> list[str]:
    found = view.best(vector(seed)[None], count, gate or Gate())
    return view.ids_of(found)


@pytest.fixture
def db(searched_place: PostgresPlace) -> Iterator[Database]:
    with closing(open_library(searched_place)) as opened:
        yield opened


@pytest.fixture
def elsewhere(searched_place: PostgresPlace, db: Database) -> Iterator[Database]:
    """Another program, which knows nothing of pgvector."""
    with closing(open_library(plain(searched_place))) as opened:
        yield opened


@pytest.fixture
def database(server_with_pgvector: Server) -> PostgresPlace:
    """A database that nobody has made a library in, for a user who may do everything."""
    return PostgresPlace(
        server_with_pgvector.url(server_with_pgvector.created()), looks_through=True
    )


def columns(db: Database) -> tuple[list[int], list[int]]:
    """The numbers of the vectors in the library, and of those that pgvector has."""
    kept = db.execute("SELECT number FROM embeddings ORDER BY 1").fetchall()
    known = db.execute(
        "SELECT number FROM search_vectors WHERE vector IS NOT NULL ORDER BY 1"
    ).fetchall()
    return [row[0] for row in kept], [row[0] for row in known]


# -- what the table holds -------------------------------------------------------------------------


def test_whatever_another_program_writes_is_looked_through(
    searched_place: PostgresPlace, db: Database, elsewhere: Database
) -> None:
    for number in range(6):
        bring(elsewhere, number, number)
    followed = follower_of(searched_place, db)
    assert best(followed.index.now(), 3) == ["a:3"]
    bring(elsewhere, 3, 33)
    bring(elsewhere, 9, 99)
    bring(elsewhere, 4, 44, space="another")
    elsewhere.execute("DELETE FROM embeddings WHERE artwork_id = 'a:1'")
    followed.catch_up()
    view = followed.index.now()
    assert [best(view, seed) for seed in (33, 99)] == [["a:3"], ["a:9"]]
    assert "a:1" not in best(view, 1, 99)
    kept, known = columns(db)
    assert kept == known
    assert len(kept) == 7


def test_who_may_write_embeddings_needs_no_right_to_the_table(
    searched_place: PostgresPlace, db: Database, server_with_pgvector: Server
) -> None:
    database = searched_place.url.partition("@/")[2].partition("?")[0]
    user = f"writer_{database}"
    for statement in (
        f"CREATE USER {user}",
        f"GRANT USAGE ON SCHEMA glance_agent TO {user}",
        f"GRANT ALL ON ALL TABLES IN SCHEMA glance_agent TO {user}",
        f"GRANT ALL ON ALL SEQUENCES IN SCHEMA glance_agent TO {user}",
        f"REVOKE ALL ON glance_agent.search_vectors FROM {user}",
    ):
        server_with_pgvector.run(statement, database)
    there = PostgresPlace(server_with_pgvector.url(database, user))
    with closing(open_library(there)) as elsewhere:
        bring(elsewhere, 1, 1)
        bring(elsewhere, 1, 11)
    kept, known = columns(db)
    assert kept == known
    assert len(kept) == 1


def test_what_is_undone_was_never_there(db: Database, elsewhere: Database) -> None:
    bring(elsewhere, 1, 1)
    before = columns(db)
    elsewhere.begin()
    elsewhere.execute("DELETE FROM embeddings")
    assert columns(elsewhere) == ([], [])
    elsewhere.rollback()
    assert columns(db) == before


def test_every_number_of_16_bits_is_the_same_there(db: Database) -> None:
    every = np.arange(0x10000, dtype="<u2").view("<f2")
    finite = every[np.isfinite(every)]
    sql = "SELECT as_halfvec(?)::real[]"
    for some in np.array_split(finite, 8):
        there = np.array(db.execute(sql, [some.tobytes()]).fetchone()[0], np.float32)
        assert np.array_equal(there, some.astype(np.float32))


@pytest.mark.parametrize("kept", [b"", b"\0", b"\0\0\0", b"\0\x7c", b"\xff\xff"])
def test_what_is_no_vector_keeps_nobody_from_writing(
    searched_place: PostgresPlace, db: Database, elsewhere: Database, kept: bytes
) -> None:
    bring(elsewhere, 1, 1)
    bring(elsewhere, 2, 2)
    elsewhere.execute("UPDATE embeddings SET vector = ? WHERE artwork_id = 'a:1'", [kept])
    view = follower_of(searched_place, db).index.now()
    assert best(view, 1, 9) == ["a:2"]
    assert len(columns(db)[1]) == 1


# -- a library that was there before --------------------------------------------------------------


def test_a_library_is_filled_in_where_that_was_interrupted(
    database: PostgresPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from glance_agent.store.postgres import pgvector

    monkeypatch.setattr(pgvector, "FILLED_AT_ONCE", 4)
    with closing(open_library(plain(database))) as before:
        for number in range(10):
            bring(before, number, number)
    with closing(open_library(database)) as db:
        assert columns(db)[1] == []
        followed = following(database, Vectors(db), SPACE, DIMENSION)
        assert followed.unread  # labels answer meanwhile
        rounds = iter([None, None])

        def stopping() -> None:
            if next(rounds, "over") == "over":
                raise StoreError("the agent stops")

        with monkeypatch.context() as patch:
            patch.setattr(followed._leaving, "read_on", stopping)
            followed.prepare()
        assert (followed.unread, len(columns(db)[1])) == (True, 8)
        followed.prepare()
        assert columns(db)[0] == columns(db)[1]
        assert best(followed.index.now(), 9) == ["a:9"]
        # From now on it is read at once.
        assert not following(database, Vectors(db), SPACE, DIMENSION).unread


def test_the_setting_goes_back_and_forth(database: PostgresPlace) -> None:
    for place, number in ((plain(database), 0), (database, 1), (plain(database), 2), (database, 3)):
        with closing(open_library(place)) as db:
            bring(db, number, number)
            view = follower_of(place, db).index.now()
            assert type(view).__name__ == ("ServedView" if place.looks_through else "IndexView")
            for seed in range(number + 1):
                assert best(view, seed) == [f"a:{seed}"]


def test_an_index_that_was_kept_beside_the_library_goes(
    searched_place: PostgresPlace, db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = tmp_path / "glance.db"
    bring(db, 1, 1)
    with monkeypatch.context() as patch:
        patch.setattr(index_room, "EXACT_UP_TO", -1)
        patch.setattr(turbo_codes, "codes_of", PlaneCodes)
        former = following(plain(searched_place), Vectors(db), SPACE, DIMENSION, beside)
        former.prepare()
        former.keep(stopping=True)
    assert [path.name for path in tmp_path.iterdir()] == ["glance.db.index"]
    followed = following(searched_place, Vectors(db), SPACE, DIMENSION, beside)
    assert best(followed.index.now(), 1) == ["a:1"]
    followed.keep()
    assert not any(tmp_path.iterdir())


# -- where it cannot be ---------------------------------------------------------------------------


def test_a_server_without_pgvector_is_told_so(postgres_place: PostgresPlace) -> None:
    wanting = PostgresPlace(postgres_place.url, looks_through=True)
    with pytest.raises(StoreError, match=r"has no pgvector.*postgresql-.*-pgvector") as refused:
        open_library(wanting)
    assert refused.value.refused
    with closing(open_library(postgres_place)) as db:  # which is as it was
        bring(db, 1, 1)
        with pytest.raises(StoreError, match="has no pgvector"):
            served_by(db)


def test_who_may_not_bring_it_in_is_told_whom_to_ask(server_with_pgvector: Server) -> None:
    server, name = server_with_pgvector, server_with_pgvector.created()
    user = f"guest_{name}"
    server.run(f"CREATE USER {user}")
    server.run(f"GRANT CREATE ON DATABASE {name} TO {user}")
    wanting = PostgresPlace(server.url(name, user), looks_through=True)
    with pytest.raises(StoreError, match="CREATE EXTENSION vector SCHEMA public") as refused:
        open_library(wanting)
    assert refused.value.refused
    server.run("CREATE EXTENSION vector SCHEMA public", name)  # as it says
    with closing(open_library(wanting)) as db:
        bring(db, 1, 1)
        assert best(follower_of(wanting, db).index.now(), 1) == ["a:1"]


def test_the_extension_may_be_in_any_schema(server_with_pgvector: Server) -> None:
    name = server_with_pgvector.created()
    server_with_pgvector.run('CREATE SCHEMA "Their own"', name)
    server_with_pgvector.run('CREATE EXTENSION vector SCHEMA "Their own"', name)
    place = PostgresPlace(server_with_pgvector.url(name), looks_through=True)
    with closing(open_library(place)) as db:
        bring(db, 1, 1)
        bring(db, 2, 2)
        view = follower_of(place, db).index.now()
        assert best(view, 2) == ["a:2"]
        assert view.scores_of(vector(2)[None], view.numbers_of(["a:2"])) == pytest.approx(1)
        assert view.moments().deviation_of(vector(2)) > 0


def test_an_extension_that_is_dropped_keeps_nobody_from_writing(database: PostgresPlace) -> None:
    with closing(open_library(database)) as db:
        bring(db, 1, 1)
        view = follower_of(database, db).index.now()
        db.unfollowed("DROP EXTENSION vector CASCADE")
        bring(db, 2, 2)
        with pytest.raises(StoreError, match="glance-agent run makes it"):
            best(view, 1)
    with closing(open_library(database)) as db:  # whoever asks for it makes all of it again
        view = follower_of(database, db).index.now()
        assert [best(view, seed) for seed in (1, 2)] == [["a:1"], ["a:2"]]


@pytest.mark.parametrize("schema", ["public", "elsewhere"])
def test_who_has_searched_goes_on_when_a_dropped_extension_is_back(
    database: PostgresPlace, schema: str
) -> None:
    with closing(open_library(database)) as db:
        bring(db, 1, 1)
        bring(db, 2, 2)
        view = follower_of(database, db).index.now()
        for seed in range(10, 18):  # the driver prepares what was asked five times
            assert best(view, seed)
        db.unfollowed("DROP EXTENSION vector CASCADE")
        for seed in (20, 21):
            with pytest.raises(StoreError, match="glance-agent run makes it"):
                best(view, seed)
        db.unfollowed(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        db.unfollowed(f"CREATE EXTENSION vector SCHEMA {schema}")
        with closing(open_library(database)) as other:
            follower_of(database, other)
        assert best(view, 2) == ["a:2"]


def test_a_number_that_a_restored_library_gives_again_has_its_new_vector(
    searched_place: PostgresPlace, db: Database
) -> None:
    bring(db, 1, 1)
    # What pg_restore leaves of a later state, where the dump does not have the table.
    db.unfollowed(
        "INSERT INTO search_vectors SELECT e.number + n, s.vector FROM embeddings e "
        "JOIN search_vectors s USING (number), generate_series(1, 50) n"
    )
    bring(db, 2, 2)
    assert best(follower_of(searched_place, db).index.now(), 2) == ["a:2"]
    view = follower_of(searched_place, db).index.now()
    assert view.scores_of(vector(2)[None], view.numbers_of(["a:2"])) == pytest.approx(1, abs=NEAR)


def test_who_only_looks_makes_nothing(database: PostgresPlace) -> None:
    with closing(open_library(plain(database))) as db:
        bring(db, 1, 1)
    with look_into(database) as db:
        followed = follower_of(database, db)
        assert len(followed.index) == 1
        with pytest.raises(StoreError, match="glance-agent run makes it"):
            best(followed.index.now(), 1)
        assert served_by(db) == "pgvector"
    with closing(open_library(database)) as db:
        bring(db, 2, 2)
    with look_into(database) as db:
        assert best(follower_of(database, db).index.now(), 2) == ["a:2"]
        assert served_by(db).startswith("pgvector 0.")


# -- what is found --------------------------------------------------------------------------------


@settings(
    deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_it_holds_what_a_dictionary_would_hold(
    searched_place: PostgresPlace, db: Database, steps: list[tuple[str, int, int]]
) -> None:
    """Whether this program writes or another one, and however late it is told."""
    for number in range(12):
        bring(db, number, 0)
    db.execute("DELETE FROM embeddings")
    followed = follower_of(searched_place, db)
    held: dict[str, Vector] = {}
    for step, number, seed in steps:
        name = f"a:{number}"
        if step == "put":
            Vectors(db).put(name, SPACE, vector(seed))
            held[name] = vector(seed)
            if seed % 2:
                followed.index.put(name, vector(seed))
        else:
            db.execute("DELETE FROM embeddings WHERE artwork_id = ?", [name])
            held.pop(name, None)
        if seed % 3:
            followed.catch_up()
    followed.catch_up()
    view = followed.index.now()
    numbers = view.sample(EVERYTHING)
    ids, vectors = view.ids_of(numbers), view.vectors_of(numbers)
    assert set(ids) == held.keys()
    assert len(view) == len(held)
    assert all(np.allclose(row, held[i], atol=NEAR) for i, row in zip(ids, vectors, strict=True))
    scores = {i: float(row @ vector(5)) for i, row in held.items()}
    told = view.scores_of(vector(5)[None], numbers)[:, 0]
    assert dict(zip(ids, told.tolist(), strict=True)) == pytest.approx(scores, abs=NEAR)
    found = [scores[i] for i in best(view, 5, 3)]
    assert found == pytest.approx(sorted(scores.values(), reverse=True)[:3], abs=NEAR)


@pytest.fixture(scope="module")
def many(new_searched_database: Callable[[], PostgresPlace]) -> tuple[PostgresPlace, Matrix]:
    """A library of 600 works, x:0, x:1 …, and their vectors."""
    place = new_searched_database()
    chance = np.random.default_rng(3)
    rows = unit_rows(chance.standard_normal((600, DIMENSION), dtype=np.float32))
    with closing(open_library(place)) as db:
        for number, row in enumerate(rows):
            work = Artwork(id=f"x:{number}", source="x")
            made = StoredWork(work, "-", f"{number}", f"{number}", SPACE, row)
            Library(db).add("x", str(number), made)
    return place, rows


@pytest.mark.parametrize("left", [0, 3, 60, 400, 600])
def test_all_that_pass_a_gate_are_looked_through(
    many: tuple[PostgresPlace, Matrix], left: int
) -> None:
    place, rows = many
    with closing(open_library(place)) as db:
        view = follower_of(place, db).index.now()
    chance = np.random.default_rng(left)
    some = sorted(chance.choice(600, left, replace=False).tolist())
    ids = frozenset(f"x:{number}" for number in some)
    others = frozenset(f"x:{number}" for number in range(600)) - ids
    ranked = sorted(some, key=lambda number: -float(rows[number] @ vector(7)))
    for gate in (Gate(only=ids), Gate(never=others)):
        assert best(view, 7, 5, gate) == [f"x:{number}" for number in ranked[:5]]
        assert len(best(view, 7, EVERYTHING, gate)) == left
    both = view.best(np.stack([vector(7), -vector(7)]), 2, Gate(only=ids))
    assert set(view.ids_of(both)) == {f"x:{number}" for number in [*ranked[:2], *ranked[-2:]]}


@pytest.mark.parametrize("directions", [1, 5, served_view.FEW_DIRECTIONS + 1])
def test_scores_and_moments_are_those_of_the_vectors(
    many: tuple[PostgresPlace, Matrix], directions: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served_view, "READ_TOGETHER", 170)
    place, rows = many
    with closing(open_library(place)) as db:
        view = follower_of(place, db).index.now()
    asked = np.stack([3 * vector(seed) for seed in range(directions)])
    asked[0] = 0.0
    numbers = view.sample(EVERYTHING)[::-1]
    of = [int(name.removeprefix("x:")) for name in view.ids_of(numbers)]
    assert np.allclose(view.scores_of(asked, numbers), rows[of] @ asked.T, atol=3 * NEAR)
    assert view.scores_of(asked, numbers[:0]).shape == (0, directions)
    moments = view.moments()
    assert np.allclose(moments.mean, rows.mean(axis=0), atol=NEAR)
    for direction in asked:
        assert moments.mean_of(direction) == pytest.approx(
            float((rows @ direction).mean()), abs=NEAR
        )
        assert moments.deviation_of(direction) == pytest.approx(
            float((rows @ direction).std()), abs=NEAR
        )


def test_what_has_been_asked_is_not_asked_again(
    many: tuple[PostgresPlace, Matrix], monkeypatch: pytest.MonkeyPatch
) -> None:
    from glance_agent.wiring.vectors_read import VectorsServed

    asked: list[int] = []
    nearest = VectorsServed.nearest

    def noted(self: VectorsServed, direction: Vector, count: int, among: Matrix) -> object:
        asked.append(count)
        return nearest(self, direction, count, among)  # type: ignore[arg-type]

    monkeypatch.setattr(VectorsServed, "nearest", noted)
    place, _ = many
    with closing(open_library(place)) as db:
        view = follower_of(place, db).index.now()
    first = best(view, 7, 60)
    assert best(view, 7, 5) == first[:5]
    assert best(view, 7, 50, Gate(never=frozenset(first[:1]))) == first[1:51]
    assert len(asked) == 1
    most = Gate(never=frozenset(f"x:{number}" for number in range(0, 600, 2)))
    odd = [name for name in best(view, 7, EVERYTHING) if int(name.removeprefix("x:")) % 2]
    asked.clear()
    # Of those that most works are kept from, none is looked for apart.
    assert best(view, 7, 60, most) == odd[:60]
    assert asked == []


def test_several_directions_are_looked_at_together(
    many: tuple[PostgresPlace, Matrix], monkeypatch: pytest.MonkeyPatch
) -> None:
    from glance_agent.wiring.vectors_read import VectorsServed

    monkeypatch.setattr(served_view, "LEAST_FOUND", 40)
    place, rows = many
    with closing(open_library(place)) as db:
        view = follower_of(place, db).index.now()
    ways = np.stack([vector(seed) for seed in range(4)])
    asked: list[int] = []
    near_each = VectorsServed.near_each

    def noted(self: VectorsServed, directions: Matrix, count: int, among: Matrix) -> object:
        asked.append(len(directions))
        return near_each(self, directions, count, among)  # type: ignore[arg-type]

    monkeypatch.setattr(VectorsServed, "near_each", noted)
    monkeypatch.setattr(VectorsServed, "nearest", None)
    gate = Gate(never=frozenset(f"x:{number}" for number in range(100)))
    for gated, left in ((Gate(), 0), (gate, 100), (Gate(), 0)):
        ranked = [left + (rows[left:] @ way).argsort()[::-1][:3] for way in ways]
        expected = {f"x:{number}" for number in np.concatenate(ranked)}
        assert set(view.ids_of(view.best(ways, 3, gated))) == expected
    assert asked[0] == 4
    assert len(asked) <= 2
