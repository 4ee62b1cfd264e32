"""Vectors that tests make up, as what thinks asks for them."""

from __future__ import annotations

from collections.abc import Sequence

from glance_agent.domain.vectors import Matrix, Vector
from glance_agent.domain.view import View
from glance_agent.store.database import Database
from glance_agent.store.index import VectorIndex
from glance_agent.store.vectors import Vectors


def view_of(rows: Matrix, ids: Sequence[str] | None = None) -> View:
    """Unit rows (n, d) as works with the numbers from 0 on, of these ids or of the numbers."""
    index = VectorIndex("test", rows.shape[1])
    index.load([str(row) for row in range(len(rows))] if ids is None else list(ids), rows)
    return index.now()


def kept_in(db: Database, space: str, dimension: int) -> dict[str, Vector]:
    """The vectors of a library, by id in their order."""
    blocks = Vectors(db).blocks(space, dimension)
    return {i: row for ids, rows, _ in blocks for i, row in zip(ids, rows, strict=True)}
