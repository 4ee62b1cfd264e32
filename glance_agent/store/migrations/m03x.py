"""Migrations 30 to 39: leases of works."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def m030_work_leases(db: Database) -> None:
    """Who is embedding which work, and until when nobody else does: as a Julian day."""
    db.execute(
        """CREATE TABLE work_leases (
            space TEXT NOT NULL, artwork_id TEXT NOT NULL, holder TEXT NOT NULL,
            until REAL NOT NULL, PRIMARY KEY (space, artwork_id)
        )"""
    )


IN_ORDER = (m030_work_leases,)
