"""The tables, as small named migrations that are applied once, in order, each in a transaction."""

from __future__ import annotations

from sqlite_utils import Migrations

from glance_agent.store.migrations import m00x, m01x, m02x

migrations = Migrations("glance_agent")
for migration in (*m00x.IN_ORDER, *m01x.IN_ORDER, *m02x.IN_ORDER):
    migrations()(migration)
