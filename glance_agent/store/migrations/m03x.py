"""Migrations 30 to 39: leases of works and of displays, changes of what is kept back."""

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


def m032_kept_back_changes(db: Database) -> None:
    """Number the changes of what keeps works from being chosen, too, those of copies with them."""
    asked = ["source", "artist", "date", "year_from", "year_to", "medium", "width", "height"]
    keeps = ["id", "hidden", "unusable", "twin_of", "on_request"]
    originals = "SELECT id FROM artworks WHERE twin_of"
    of_copies = " OR ".join(f"new.{column} IS NOT old.{column}" for column in keeps[:3])
    differs = " OR ".join(f"new.{column} IS NOT old.{column}" for column in [*asked, *keeps])
    for name in ("artworks_added", "artworks_changed"):
        db.execute(f"DROP TRIGGER {name}")
    for name, event, works in (
        ("artworks_added", "INSERT ON artworks", "SELECT new.id"),
        ("artworks_changed", f"UPDATE ON artworks WHEN {differs}", "SELECT new.id"),
        ("originals_added", "INSERT ON artworks", f"{originals} = new.id"),
        (
            "originals_changed",
            f"UPDATE ON artworks WHEN {of_copies}",
            f"{originals} IN (new.id, old.id)",
        ),
        ("originals_gone", "DELETE ON artworks", f"{originals} = old.id"),
    ):
        db.execute(
            f"CREATE TRIGGER {name} AFTER {event} BEGIN "
            f"DELETE FROM work_changes WHERE artwork_id IN ({works}); "
            f"INSERT INTO work_changes (artwork_id) {works}; END"
        )


IN_ORDER = (m030_work_leases, m031_display_leases, m032_kept_back_changes)
