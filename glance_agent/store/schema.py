"""The tables, as small named migrations that are applied once, in order, each in a transaction.

What was applied is kept by sqlite-utils, which is loaded where there is something to apply.
"""

from __future__ import annotations

from contextlib import nullcontext

from glance_agent.store.database import Database
from glance_agent.store.migrations import m00x, m01x, m02x, m03x
from glance_agent.store.transaction import transaction

_SET = "glance_agent"
_IN_ORDER = (*m00x.IN_ORDER, *m01x.IN_ORDER, *m02x.IN_ORDER, *m03x.IN_ORDER)
NAMES = tuple(migration.__name__ for migration in _IN_ORDER)
"""All migrations that this version knows."""


def applied(db: Database) -> list[str]:
    """The migrations that a library has seen, in order; none for an empty file. Raises
    StoreError."""
    known = "SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'"
    if db.execute(known).fetchone() is None:
        return []
    sql = "SELECT name FROM _sqlite_migrations WHERE migration_set = ? ORDER BY rowid"
    return [str(name) for (name,) in db.execute(sql, [_SET]).fetchall()]


def pending(db: Database) -> list[str]:
    """Those that it has still to see. Raises StoreError."""
    return [name for name in NAMES if name not in set(applied(db))]


def apply(db: Database) -> None:
    """Bring a library up to date; one that is empty is made whole at once, or not at all. Raises
    StoreError."""
    from sqlite_utils import Database as WithTables
    from sqlite_utils import Migrations

    migrations = Migrations(_SET)
    for migration in _IN_ORDER:
        migrations()(migration)
    with nullcontext() if applied(db) else transaction(db):
        migrations.apply(WithTables(db.conn))
