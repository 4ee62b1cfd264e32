"""The tables, as small named migrations that are applied once, in order, each in a transaction.

What was applied is kept by sqlite-utils, which is loaded where there is something to apply.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from typing import TYPE_CHECKING

from glance_agent.store.database import Database
from glance_agent.store.migrations import m00x, m01x, m02x, m03x
from glance_agent.store.transaction import transaction

if TYPE_CHECKING:
    from sqlite_utils import Database as WithTables

_Migration = Callable[["WithTables"], None]
_SET = "glance_agent"
_log = logging.getLogger(__name__)
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
    seen = set(applied(db))
    return [name for name in NAMES if name not in seen]


def apply(db: Database) -> None:
    """Bring a library up to date, step by step, each whole or not at all: whoever is killed leaves
    the step before, and the next one goes on from there. One that is empty is made whole at once,
    or not at all. Raises StoreError."""
    from sqlite_utils import Database as WithTables
    from sqlite_utils import Migrations

    migrations, is_new, steps = Migrations(_SET), not applied(db), pending(db)
    for migration in _IN_ORDER:
        name = migration.__name__
        told = not is_new and name in steps
        migrations()(_telling(migration, steps.index(name) + 1, len(steps)) if told else migration)
    with transaction(db) if is_new else nullcontext():
        migrations.apply(WithTables(db.conn))


def _telling(migration: _Migration, number: int, steps: int) -> _Migration:
    """A migration that says in the log when its turn comes: a large library takes a while."""

    @wraps(migration)
    def telling(db: WithTables) -> None:
        _log.info("the library is brought up to date: step %d of %d", number, steps)
        migration(db)

    return telling
