"""Migrations 10 to 19: word search, copies, folded showings and labels, keys, changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from glance_agent.store.label_folding import fold_labels
from glance_agent.store.sqlite_database import SqliteDatabase

if TYPE_CHECKING:
    from sqlite_utils import Database

    from glance_agent.store.sqlite import Connection

FOLDED_AT_ONCE = 2_000
"""The labels of a library of so many works are folded while it is opened."""


def m010_word_stems(db: Database) -> None:
    """Full-text search by word stems, so that “horses” finds a horse."""
    db.table("artworks").disable_fts()
    db.table("artworks").enable_fts(
        ["title", "artist", "medium", "tags", "description"],
        create_triggers=True,
        tokenize="porter unicode61 remove_diacritics 2",
    )


def m011_withheld_index(db: Database) -> None:
    """Every choice asks which works are withheld; few are."""
    db.execute(
        "CREATE INDEX artworks_withheld ON artworks (id) WHERE hidden = 1 OR unusable IS NOT NULL"
    )


def m012_twins(db: Database) -> None:
    """How pictures look, and which work represents several copies of one."""
    db.execute("ALTER TABLE artworks ADD COLUMN look BLOB")
    db.execute("ALTER TABLE artworks ADD COLUMN look_ratio REAL")
    db.execute("ALTER TABLE artworks ADD COLUMN twin_of TEXT")
    db.execute("CREATE INDEX artworks_twins ON artworks (twin_of) WHERE twin_of IS NOT NULL")


def m012_artist_index(db: Database) -> None:
    """Counting an artist's works must not read them."""
    db.execute("CREATE INDEX artworks_artist ON artworks (artist)")


def m013_on_request(db: Database) -> None:
    """Tell works that someone has hidden from those that are shown on request alone.

    The pictures that commands named by their address counted as hidden before.
    """
    db.execute("ALTER TABLE artworks ADD COLUMN on_request INTEGER NOT NULL DEFAULT 0")
    db.execute("CREATE INDEX artworks_on_request ON artworks (id) WHERE on_request = 1")
    db.execute("UPDATE artworks SET on_request = 1, hidden = 0 WHERE source = 'outside'")


def m014_vector_changes(db: Database) -> None:
    """Number every change of a vector, so that a running program reads only what is new."""
    db.execute(
        """CREATE TABLE vector_changes (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            space TEXT NOT NULL, artwork_id TEXT NOT NULL, UNIQUE (space, artwork_id)
        )"""
    )
    number_changes_of_vectors(db)


def m015_folded_showings(db: Database) -> None:
    """Showings that are too old to be kept whole: one row for a work on a display."""
    db.execute(
        """CREATE TABLE folded_showings (
            artwork_id TEXT NOT NULL, display TEXT NOT NULL, shown INTEGER NOT NULL,
            last_position INTEGER NOT NULL, last_at TEXT NOT NULL, user TEXT, outcome TEXT,
            PRIMARY KEY (artwork_id, display)
        ) WITHOUT ROWID"""
    )
    db.execute("CREATE INDEX folded_showings_display ON folded_showings (display, last_position)")


def m016_receipts_once(db: Database) -> None:
    """Each answer is kept once, however many receipts it has."""
    db.execute(
        "CREATE TABLE answers (id INTEGER PRIMARY KEY, at TEXT NOT NULL, reply TEXT NOT NULL)"
    )
    db.execute("CREATE INDEX answers_at ON answers (at)")
    db.execute("ALTER TABLE receipts RENAME TO receipts_before")
    db.execute(
        "CREATE TABLE receipts (key TEXT PRIMARY KEY, answer INTEGER NOT NULL) WITHOUT ROWID"
    )
    db.execute("CREATE INDEX receipts_answer ON receipts (answer)")
    # The receipts of one answer were written at the same microsecond.
    db.execute("INSERT INTO answers (at, reply) SELECT at, reply FROM receipts_before GROUP BY at")
    db.execute(
        "INSERT INTO receipts SELECT key, id FROM receipts_before "
        "JOIN answers ON answers.at = receipts_before.at"
    )
    db.execute("DROP TABLE receipts_before")


def m017_web_keys(db: Database) -> None:
    """What opens the pages: the hashes of invitations, sessions and tokens."""
    db.execute(
        """CREATE TABLE web_keys (
            id INTEGER PRIMARY KEY AUTOINCREMENT, hash TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
            name TEXT NOT NULL, role TEXT NOT NULL, made_at TEXT NOT NULL, until TEXT
        )"""
    )


def m018_hidden_in_order(db: Database) -> None:
    """Number what is hidden, so that the last one can be found again."""
    db.execute("ALTER TABLE artworks ADD COLUMN hidden_nth INTEGER")
    db.execute("CREATE INDEX artworks_hidden ON artworks (hidden_nth) WHERE hidden = 1")


def m018_folded_labels(db: Database) -> None:
    """Labels as they are looked for, in every script, beside those that are printed.

    The index of the printed ones answers until all labels of a large library have been folded.
    """
    db.execute(
        "CREATE VIRTUAL TABLE labels_fts USING fts5(title, artist, medium, tags, description, "
        "tokenize=\"porter unicode61 remove_diacritics 0 categories 'L* N* C* M*'\")"
    )
    db.execute("CREATE TABLE label_words (word TEXT PRIMARY KEY) WITHOUT ROWID")
    db.execute("CREATE TABLE unfolded (work INTEGER PRIMARY KEY)")
    db.execute("INSERT INTO unfolded SELECT rowid FROM artworks")
    columns = ("title", "artist", "medium", "tags", "description")
    changed = " OR ".join(f"new.{column} IS NOT old.{column}" for column in columns)
    for name, when in (
        ("added", "INSERT ON artworks"),
        ("changed", f"UPDATE ON artworks WHEN {changed}"),
    ):
        db.execute(
            f"CREATE TRIGGER labels_{name} AFTER {when} BEGIN "
            "INSERT OR IGNORE INTO unfolded VALUES (new.rowid); END"
        )
    db.execute(
        "CREATE TRIGGER labels_gone AFTER DELETE ON artworks BEGIN "
        "DELETE FROM labels_fts WHERE rowid = old.rowid; "
        "DELETE FROM unfolded WHERE work = old.rowid; END"
    )
    if db.execute("SELECT count(*) FROM unfolded").fetchone()[0] <= FOLDED_AT_ONCE:
        connection = cast("Connection", db.conn)
        while not fold_labels(SqliteDatabase(connection)):
            pass


def m019_changes(db: Database) -> None:
    """The last changes of each display, and how it was before, so that they can be taken back."""
    db.execute(
        """CREATE TABLE changes (
            id INTEGER PRIMARY KEY AUTOINCREMENT, display TEXT NOT NULL, user TEXT NOT NULL,
            at TEXT NOT NULL, change TEXT NOT NULL
        )"""
    )
    db.execute("CREATE INDEX changes_display ON changes (display, id)")


def number_changes_of_vectors(db: Database) -> None:
    """Note each change of a vector under a new number (m014, and again with the table of m021)."""
    for name, event, row in (
        ("put", "INSERT", "new"),
        ("changed", "UPDATE", "new"),
        ("taken", "DELETE", "old"),
    ):
        db.execute(
            f"CREATE TRIGGER embeddings_{name} AFTER {event} ON embeddings BEGIN "
            "INSERT OR REPLACE INTO vector_changes (space, artwork_id) "
            f"VALUES ({row}.space, {row}.artwork_id); END"
        )


IN_ORDER = (
    m010_word_stems,
    m011_withheld_index,
    m012_twins,
    m012_artist_index,
    m013_on_request,
    m014_vector_changes,
    m015_folded_showings,
    m016_receipts_once,
    m017_web_keys,
    m018_hidden_in_order,
    m018_folded_labels,
    m019_changes,
)
