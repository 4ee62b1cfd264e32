"""The first tables: works, items, vectors, reactions, showings, settings."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def m001_artworks(db: Database) -> None:
    """Works, the items they came from, and full-text search over what is printed on labels."""
    db.execute(
        """CREATE TABLE artworks (
            id TEXT PRIMARY KEY, source TEXT NOT NULL, title TEXT NOT NULL, artist TEXT,
            date TEXT, year_from INTEGER, year_to INTEGER, medium TEXT, credit TEXT, licence TEXT,
            page_url TEXT, width INTEGER, height INTEGER, colours TEXT NOT NULL, tags TEXT NOT NULL,
            description TEXT, location TEXT NOT NULL, content_hash TEXT, added_at TEXT NOT NULL,
            hidden INTEGER NOT NULL DEFAULT 0, unusable TEXT
        )"""
    )
    db.execute("CREATE INDEX artworks_source ON artworks (source)")
    db.execute("CREATE INDEX artworks_content_hash ON artworks (content_hash)")
    db.execute(
        """CREATE TABLE items (
            source TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL,
            artwork_id TEXT, location TEXT, reason TEXT, detail TEXT,
            checked_at TEXT NOT NULL,
            PRIMARY KEY (source, key)
        ) WITHOUT ROWID"""
    )
    db.execute("CREATE INDEX items_artwork ON items (artwork_id)")
    db.execute("CREATE TABLE cursors (source TEXT PRIMARY KEY, cursor TEXT, updated_at TEXT)")
    db.table("artworks").enable_fts(
        ["title", "artist", "medium", "tags", "description"],
        create_triggers=True,
        tokenize="unicode61 remove_diacritics 2",
    )


def m002_vectors(db: Database) -> None:
    """Embeddings by artwork and space, and cached query vectors; float16 little-endian."""
    db.execute(
        """CREATE TABLE embeddings (
            artwork_id TEXT NOT NULL, space TEXT NOT NULL, vector BLOB NOT NULL,
            PRIMARY KEY (space, artwork_id)
        ) WITHOUT ROWID"""
    )
    db.execute(
        """CREATE TABLE query_vectors (
            space TEXT NOT NULL, query TEXT NOT NULL, vector BLOB NOT NULL, used_at TEXT NOT NULL,
            PRIMARY KEY (space, query)
        )"""
    )


def m003_history(db: Database) -> None:
    """Reactions by user, showings by display, run-time settings and answered deliveries."""
    db.execute(
        """CREATE TABLE reactions (
            user TEXT NOT NULL, artwork_id TEXT NOT NULL, kind TEXT NOT NULL, at TEXT NOT NULL,
            PRIMARY KEY (user, artwork_id)
        )"""
    )
    db.execute(
        """CREATE TABLE showings (
            id INTEGER PRIMARY KEY AUTOINCREMENT, display TEXT NOT NULL,
            position INTEGER NOT NULL, artwork_id TEXT NOT NULL,
            shown_at TEXT NOT NULL, verb TEXT NOT NULL, user TEXT NOT NULL, why TEXT NOT NULL,
            match REAL, parts TEXT NOT NULL
        )"""
    )
    db.execute("CREATE INDEX showings_display ON showings (display, position)")
    db.execute("CREATE INDEX showings_artwork ON showings (artwork_id)")
    db.execute("CREATE TABLE display_settings (display TEXT PRIMARY KEY, settings TEXT NOT NULL)")
    db.execute(
        "CREATE TABLE receipts (key TEXT PRIMARY KEY, reply TEXT NOT NULL, at TEXT NOT NULL)"
    )
    db.execute("CREATE INDEX receipts_at ON receipts (at)")


def m004_instance(db: Database) -> None:
    """Facts about this installation: the id that tells two agents on one broker apart."""
    db.execute("CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
    db.execute("INSERT INTO facts VALUES ('instance_id', ?)", [secrets.token_hex(6)])


def m005_folders(db: Database) -> None:
    """Folders that were ingested by hand, so that their pictures can be read again."""
    db.execute("CREATE TABLE folders (name TEXT PRIMARY KEY, path TEXT NOT NULL)")


IN_ORDER = (
    m001_artworks,
    m002_vectors,
    m003_history,
    m004_instance,
    m005_folders,
)
