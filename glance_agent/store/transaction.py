"""All or nothing: changes that belong together, in one transaction of SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlite_utils import Database


@contextmanager
def transaction(db: Database) -> Iterator[None]:
    """Everything within is on disk when the block ends, and undone when it raises.

    The write lock is taken at once: SQLite refuses a reader that turns into a writer after
    someone else has written, without waiting for its busy timeout. Inside another transaction
    this is a savepoint of it. Raises StoreError where the file stands in the way.
    """
    if db.conn.in_transaction:
        with db.atomic():
            yield
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.commit()
    except BaseException:
        db.rollback()
        raise
