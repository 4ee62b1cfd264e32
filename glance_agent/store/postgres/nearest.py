"""What is asked of pgvector: exact scores of vectors, by the table that `pgvector` makes.

Of the nearest a graph would find three quarters to nineteen twentieths where words are asked; so
none is built, and each question goes over all vectors that may answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Final

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import errors

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.said import say
from glance_agent.domain.vectors import Matrix, Vector
from glance_agent.store.database import Database
from glance_agent.store.postgres.pgvector import extension_of

SHARE_LISTED: Final = 8
"""Of an eighth of the works each is looked up; of more, all are gone through."""
_MORE: Final = 50
"""So many more are scored again by directions that were not rounded to 16 bits, as vectors are."""
_HEAD: Final = 20
_LISTED: Final = "number = ANY(:numbers::bigint[])"
_AMONG: Final = (
    "CASE WHEN number BETWEEN :first AND :last "
    "THEN get_bit(:bits::bytea, number - :first::bigint) = 1 ELSE false END"
)
_NEAREST: Final = (
    "SELECT number FROM (SELECT number, vector FROM search_vectors WHERE {among} "
    "ORDER BY vector OPERATOR({x}.<=>) :direction::{x}.vector::{x}.halfvec LIMIT {more}) near "
    "ORDER BY vector::{x}.vector OPERATOR({x}.<=>) :direction::{x}.vector, number LIMIT {count}"
)
_NEAR_EACH: Final = (
    "WITH scored AS MATERIALIZED (SELECT number, {scores} FROM search_vectors WHERE {among}) {each}"
)
_NEAR_SCORE: Final = (
    "(vector OPERATOR({x}.<=>) :direction_{n}::{x}.vector::{x}.halfvec)::real AS score_{n}"
)
_NEAR: Final = "(SELECT {n}, number FROM scored ORDER BY score_{n} LIMIT {count})"
_SCORED: Final = (
    "SELECT array_send(array_agg(number)), {scores} FROM (SELECT number, vector::{x}.vector AS v "
    "FROM search_vectors WHERE {among} AND vector IS NOT NULL OFFSET 0) found"
)
_SCORE: Final = "array_send(array_agg((1 - (v OPERATOR({x}.<=>) :{name}::{x}.vector))::real))"
_MEAN: Final = (
    "SELECT {x}.vector_send({x}.avg({x}.l2_normalize(vector::{x}.vector))) FROM search_vectors "
    "WHERE {among}"
)
_DEVIATION: Final = (
    "SELECT stddev_pop(1 - (vector OPERATOR({x}.<=>) :direction::{x}.vector::{x}.halfvec)) "
    "FROM search_vectors WHERE {among}"
)
_GONE: Final = (
    errors.UndefinedTable,
    errors.UndefinedColumn,
    errors.UndefinedFunction,
    errors.UndefinedObject,
    errors.InvalidSchemaName,
)


class PgvectorReader:
    """Looks through the vectors of one database; one thread at a time.

    All of them count as if their length were 1, which rounding to 16 bits leaves them near to.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def nearest(self, direction: Vector, count: int, among: NDArray[np.int32]) -> list[int]:
        """Those of some numbers whose vectors score best in a direction (d,), best first."""
        if not among.size:
            return []
        more = count + count // 8 + _MORE
        rows = self._told(_NEAREST, among, {"direction": direction}, more=more, count=count)
        return [row[0] for row in rows]

    def near_each(
        self, directions: Matrix, count: int, among: NDArray[np.int32]
    ) -> list[list[int]]:
        """The same for each of several directions (k, d), of which 16 bits count."""
        found: list[list[int]] = [[] for _ in directions]
        if not among.size:
            return found
        ways = range(len(directions))
        scores = ", ".join(_NEAR_SCORE.format(x=self._vector, n=n) for n in ways)
        each = " UNION ALL ".join(_NEAR.format(n=n, count=count) for n in ways)
        for way, number in self._told(
            _NEAR_EACH, among, _named(directions), scores=scores, each=each
        ):
            found[way].append(number)
        return found

    def scored(
        self, directions: Matrix, numbers: Sequence[int]
    ) -> tuple[list[int], NDArray[np.float32]]:
        """How they score in the directions (k, d): (m, k), and which they are of."""
        if not numbers:
            return [], np.empty((0, len(directions)), np.float32)
        named = _named(directions)
        scores = ", ".join(_SCORE.format(x=self._vector, name=name) for name in named)
        sent = self._told(_SCORED, np.array(numbers, np.int32), named, scores=scores)[0]
        if sent[0] is None:
            return [], np.empty((0, len(directions)), np.float32)
        cosines = np.stack([_elements(one, ">f4") for one in sent[1:]], axis=1)
        lengths = np.linalg.norm(directions, axis=1).astype(np.float32)
        return _elements(sent[0], ">i8").tolist(), np.nan_to_num(cosines * lengths)

    def mean(self, numbers: Sequence[int]) -> Vector:
        """The mean of their vectors (d,)."""
        sent = self._told(_MEAN, np.array(numbers, np.int32), {})[0][0]
        return np.frombuffer(sent, ">f4", offset=4).astype(np.float32)

    def deviation(self, direction: Vector, numbers: Sequence[int]) -> float:
        """The standard deviation of their scores in a direction (d,)."""
        some = np.array(numbers, np.int32)
        found = self._told(_DEVIATION, some, {"direction": direction})[0][0]
        return float(np.nan_to_num(found or 0.0) * np.linalg.norm(direction))

    def _told(
        self, sql: str, among: NDArray[np.int32], directions: Mapping[str, Vector], **more: object
    ) -> list[Any]:
        """The rows of a statement about the vectors of these numbers (m,), m > 0."""
        listed = among.size * SHARE_LISTED <= int(among.max())
        values = {"numbers": _list(among)} if listed else _mask(among)
        values |= {name: _text(direction) for name, direction in directions.items()}
        with self._asked():
            statement = sql.format(x=self._vector, among=_LISTED if listed else _AMONG, **more)
            rows: list[Any] = self._db.execute(statement, values).fetchall()
        return rows

    @cached_property
    def _vector(self) -> str:
        """The schema of the extension."""
        if (here := extension_of(self._db)) is None:
            raise not_there()
        return here[0]

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Within it a statement is asked. Where what it needs is gone, so is the connection: what
        was prepared by it means types of before, also once there are others in their place."""
        try:
            yield
        except psycopg.Error as error:
            if not _tells_of_what_is_gone(error):
                raise
            self._db.close()
            raise not_there() from error


def _tells_of_what_is_gone(error: psycopg.Error) -> bool:
    """Whether the extension or the table is not there, or not any more. Of a type that a statement
    was prepared with the server says so in no code, but in these words in any language."""
    return isinstance(error, _GONE) or (
        isinstance(error, errors.InternalError_) and "cache lookup failed" in str(error)
    )


def not_there() -> StoreError:
    """That nothing is there which pgvector looks through, and what makes it."""
    return StoreError(
        say(
            "What pgvector is to look through is not in the library; glance-agent run makes it. "
            'Or set library.search to "replica".'
        ),
        trouble=Trouble.UNSEARCHED,
    )


def _text(direction: Vector) -> str:
    """A direction as pgvector reads it, of length 1, so that 16 bits are enough for it."""
    length = float(np.linalg.norm(direction)) or 1.0
    return f"[{','.join(f'{value / length:.9g}' for value in direction.tolist())}]"


def _named(directions: Matrix) -> dict[str, Vector]:
    return {f"direction_{n}": direction for n, direction in enumerate(directions)}


def _list(numbers: NDArray[np.int32]) -> str:
    return f"{{{','.join(map(str, numbers.tolist()))}}}"


def _mask(numbers: NDArray[np.int32]) -> dict[str, Any]:
    """The least and the greatest of the numbers, and a bit for each between them."""
    first, last = int(numbers.min()), int(numbers.max())
    bits = np.zeros(last - first + 1, np.bool_)
    bits[numbers - first] = True
    packed = np.packbits(bits, bitorder="little").tobytes()
    return {"first": first, "last": last, "bits": packed}


def _elements(sent: bytes, kind: str) -> NDArray[Any]:
    """The elements of an array of one dimension, as PostgreSQL sends it."""
    each = np.dtype([("bytes", ">i4"), ("value", kind)])
    return np.frombuffer(sent, each, offset=_HEAD)["value"].astype(np.dtype(kind[1:]))
