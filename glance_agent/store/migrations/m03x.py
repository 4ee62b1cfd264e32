"""Migrations 30 to 39: leases of works and of displays."""

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


def m031_display_leases(db: Database) -> None:
    """Whose displays are, where several agents share a library, and which agents there are."""
    db.execute(
        """CREATE TABLE display_leases (
            name TEXT PRIMARY KEY, agent TEXT NOT NULL, place TEXT NOT NULL, run TEXT NOT NULL,
            title TEXT NOT NULL, until REAL NOT NULL
        )"""
    )
    db.execute(
        """CREATE TABLE agents (
            run TEXT PRIMARY KEY, agent TEXT NOT NULL, title TEXT NOT NULL, wants TEXT NOT NULL,
            until REAL NOT NULL
        )"""
    )


IN_ORDER = (m030_work_leases, m031_display_leases)
