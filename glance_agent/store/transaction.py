"""All or nothing: changes that belong together, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from glance_agent.store.database import Database


@contextmanager
def transaction(db: Database) -> Iterator[None]:
    """Everything within is on disk when the block ends, and undone when it raises.

    Nobody else writes meanwhile. Inside another transaction this is a part of it that can be
    undone alone. Raises StoreError where the library stands in the way.
    """
    if db.conn.in_transaction:
        with db.atomic():
            yield
        return
    db.begin()
    try:
        yield
        db.commit()
    except BaseException:
        db.rollback()
        raise
