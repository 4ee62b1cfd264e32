"""What is asked of pgvector: exact scores of vectors, by the table that `pgvector` makes.

Of the nearest a graph would find three quarters to nineteen twentieths where words are asked; so
none is built, and each question goes over all vectors that may answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from psycopg import errors

from glance_agent.domain.errors import StoreError
from glance_agent.domain.said import say
from glance_agent.domain.vectors import Matrix, Vector
from glance_agent.store.database import Database
from glance_agent.store.postgres.pgvector import extension_of

SHARE_LISTED: Final = 8
"""Of an eighth of the works each is looked up; of more, all are gone through."""
_MORE: Final = 50
"""So many more are scored again by directions that were not rounded to 16 bits, as vectors are."""
_HEAD: Final = 20
_LISTED: Final = "number = ANY(?2::bigint[])"
_AMONG: Final = (
    "CASE WHEN number BETWEEN ?2 AND ?3 THEN get_bit(?4::bytea, number - ?2::bigint) = 1 "
    "ELSE false END"
)
_NEAREST: Final = (
    "SELECT number FROM (SELECT number, vector FROM search_vectors WHERE {among} "
    "ORDER BY vector OPERATOR({x}.<=>) ?1::{x}.vector::{x}.halfvec LIMIT {more}) near "
    "ORDER BY vector::{x}.vector OPERATOR({x}.<=>) ?1::{x}.vector, number LIMIT {count}"
)
_SCORED: Final = (
    "SELECT array_send(array_agg(number)), {scores} FROM (SELECT number, vector::{x}.vector AS v "
    "FROM search_vectors WHERE number = ANY(?1::bigint[]) AND vector IS NOT NULL OFFSET 0) found"
)
_SCORE: Final = "array_send(array_agg((1 - (v OPERATOR({x}.<=>) ?{n}::{x}.vector))::real))"
_MEAN: Final = (
    "SELECT {x}.vector_send({x}.avg({x}.l2_normalize(vector::{x}.vector))) FROM search_vectors "
    "WHERE number = ANY(?1::bigint[])"
)
_DEVIATION: Final = (
    "SELECT stddev_pop(1 - (vector OPERATOR({x}.<=>) ?2::{x}.vector::{x}.halfvec)) "
    "FROM search_vectors WHERE number = ANY(?1::bigint[])"
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
        listed = among.size * SHARE_LISTED <= int(among.max())
        values = [_numbers(among)] if listed else _mask(among)
        more = count + count // 8 + _MORE
        with self._asked():
            sql = _NEAREST.format(
                x=self._vector, among=_LISTED if listed else _AMONG, more=more, count=count
            )
            rows = self._db.execute(sql, [_text(direction), *values]).fetchall()
        return [row[0] for row in rows]

    def scored(
        self, directions: Matrix, numbers: Sequence[int]
    ) -> tuple[list[int], NDArray[np.float32]]:
        """How they score in the directions (k, d): (m, k), and which they are of."""
        lengths = np.linalg.norm(directions, axis=1)
        with self._asked():
            scores = (_SCORE.format(x=self._vector, n=n + 2) for n in range(len(directions)))
            sql = _SCORED.format(x=self._vector, scores=", ".join(scores))
            values = [_numbers(numbers), *map(_text, directions)]
            row = self._db.execute(sql, values).fetchone()
        if row[0] is None:
            return [], np.empty((0, len(directions)), np.float32)
        cosines = np.stack([_elements(sent, ">f4") for sent in row[1:]], axis=1)
        scores = np.nan_to_num(cosines * lengths.astype(np.float32))
        return _elements(row[0], ">i8").tolist(), scores

    def mean(self, numbers: Sequence[int]) -> Vector:
        """The mean of their vectors (d,)."""
        with self._asked():
            row = self._db.execute(_MEAN.format(x=self._vector), [_numbers(numbers)]).fetchone()
        return np.frombuffer(row[0], ">f4", offset=4).astype(np.float32)

    def deviation(self, direction: Vector, numbers: Sequence[int]) -> float:
        """The standard deviation of their scores in a direction (d,)."""
        with self._asked():
            values = [_numbers(numbers), _text(direction)]
            row = self._db.execute(_DEVIATION.format(x=self._vector), values).fetchone()
        return float(np.nan_to_num(row[0] or 0.0) * np.linalg.norm(direction))

    @cached_property
    def _vector(self) -> str:
        """The schema of the extension."""
        if (here := extension_of(self._db)) is None:
            raise _not_there()
        return here[0]

    @contextmanager
    def _asked(self) -> Iterator[None]:
        try:
            yield
        except (
            errors.UndefinedTable,
            errors.UndefinedColumn,
            errors.UndefinedFunction,
            errors.UndefinedObject,
            errors.InvalidSchemaName,
        ) as error:
            raise _not_there() from error


def _not_there() -> StoreError:
    return StoreError(
        say(
            "What pgvector is to look through is not in the library; glance-agent run makes it. "
            'Or set library.search to "replica".'
        )
    )


def _text(direction: Vector) -> str:
    """A direction as pgvector reads it, of length 1, so that 16 bits are enough for it."""
    length = float(np.linalg.norm(direction)) or 1.0
    return f"[{','.join(f'{value / length:.9g}' for value in direction.tolist())}]"


def _numbers(numbers: Sequence[int] | NDArray[np.int32]) -> str:
    some = numbers.tolist() if isinstance(numbers, np.ndarray) else numbers
    return f"{{{','.join(map(str, some))}}}"


def _mask(numbers: NDArray[np.int32]) -> list[int | bytes]:
    """The least and the greatest of the numbers, and a bit for each between them."""
    first, last = int(numbers.min()), int(numbers.max())
    bits = np.zeros(last - first + 1, np.bool_)
    bits[numbers - first] = True
    return [first, last, np.packbits(bits, bitorder="little").tobytes()]


def _elements(sent: bytes, kind: str) -> NDArray[Any]:
    """The elements of an array of one dimension, as PostgreSQL sends it."""
    each = np.dtype([("bytes", ">i4"), ("value", kind)])
    return np.frombuffer(sent, each, offset=_HEAD)["value"].astype(np.dtype(kind[1:]))
