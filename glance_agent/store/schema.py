"""The tables, as small named migrations that are applied once, in order, each in a transaction."""

from __future__ import annotations

import secrets

from sqlite_utils import Database, Migrations

from glance_agent.domain.artwork import PHOTOGRAPH
from glance_agent.domain.values import user_name
from glance_agent.domain.wall_rule import SCREENSHOT, is_screenshot
from glance_agent.store.label_folding import fold_labels
from glance_agent.store.looks import INDEXES

FOLDED_AT_ONCE = 2_000
"""The labels of a library of so many works are folded while it is opened."""
migrations = Migrations("glance_agent")


@migrations()
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


@migrations()
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


@migrations()
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


@migrations()
def m004_instance(db: Database) -> None:
    """Facts about this installation: the id that tells two agents on one broker apart."""
    db.execute("CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
    db.execute("INSERT INTO facts VALUES ('instance_id', ?)", [secrets.token_hex(6)])


@migrations()
def m005_folders(db: Database) -> None:
    """Folders that were ingested by hand, so that their pictures can be read again."""
    db.execute("CREATE TABLE folders (name TEXT PRIMARY KEY, path TEXT NOT NULL)")


@migrations()
def m010_word_stems(db: Database) -> None:
    """Full-text search by word stems, so that “horses” finds a horse."""
    db.table("artworks").disable_fts()
    db.table("artworks").enable_fts(
        ["title", "artist", "medium", "tags", "description"],
        create_triggers=True,
        tokenize="porter unicode61 remove_diacritics 2",
    )


@migrations()
def m011_withheld_index(db: Database) -> None:
    """Every choice asks which works are withheld; few are."""
    db.execute(
        "CREATE INDEX artworks_withheld ON artworks (id) WHERE hidden = 1 OR unusable IS NOT NULL"
    )


@migrations()
def m012_twins(db: Database) -> None:
    """How pictures look, and which work represents several copies of one."""
    db.execute("ALTER TABLE artworks ADD COLUMN look BLOB")
    db.execute("ALTER TABLE artworks ADD COLUMN look_ratio REAL")
    db.execute("ALTER TABLE artworks ADD COLUMN twin_of TEXT")
    db.execute("CREATE INDEX artworks_twins ON artworks (twin_of) WHERE twin_of IS NOT NULL")


@migrations()
def m012_artist_index(db: Database) -> None:
    """Counting an artist's works must not read them."""
    db.execute("CREATE INDEX artworks_artist ON artworks (artist)")


@migrations()
def m013_on_request(db: Database) -> None:
    """Tell works that someone has hidden from those that are shown on request alone.

    The pictures that commands named by their address counted as hidden before.
    """
    db.execute("ALTER TABLE artworks ADD COLUMN on_request INTEGER NOT NULL DEFAULT 0")
    db.execute("CREATE INDEX artworks_on_request ON artworks (id) WHERE on_request = 1")
    db.execute("UPDATE artworks SET on_request = 1, hidden = 0 WHERE source = 'outside'")


@migrations()
def m014_vector_changes(db: Database) -> None:
    """Number every change of a vector, so that a running program reads only what is new."""
    db.execute(
        """CREATE TABLE vector_changes (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            space TEXT NOT NULL, artwork_id TEXT NOT NULL, UNIQUE (space, artwork_id)
        )"""
    )
    _number_changes_of_vectors(db)


@migrations()
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


@migrations()
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


@migrations()
def m017_web_keys(db: Database) -> None:
    """What opens the pages: the hashes of invitations, sessions and tokens."""
    db.execute(
        """CREATE TABLE web_keys (
            id INTEGER PRIMARY KEY AUTOINCREMENT, hash TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
            name TEXT NOT NULL, role TEXT NOT NULL, made_at TEXT NOT NULL, until TEXT
        )"""
    )


@migrations()
def m018_hidden_in_order(db: Database) -> None:
    """Number what is hidden, so that the last one can be found again."""
    db.execute("ALTER TABLE artworks ADD COLUMN hidden_nth INTEGER")
    db.execute("CREATE INDEX artworks_hidden ON artworks (hidden_nth) WHERE hidden = 1")


@migrations()
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
        while not fold_labels(db):
            pass


@migrations()
def m019_changes(db: Database) -> None:
    """The last changes of each display, and how it was before, so that they can be taken back."""
    db.execute(
        """CREATE TABLE changes (
            id INTEGER PRIMARY KEY AUTOINCREMENT, display TEXT NOT NULL, user TEXT NOT NULL,
            at TEXT NOT NULL, change TEXT NOT NULL
        )"""
    )
    db.execute("CREATE INDEX changes_display ON changes (display, id)")


@migrations()
def m020_one_spelling_of_users(db: Database) -> None:
    """“Mia” and “mia” are one: all that both said is kept, the newer where they differ."""
    db.register_function(user_name, name="glance_user", deterministic=True)
    db.execute(
        "INSERT INTO reactions (user, artwork_id, kind, at) "
        "SELECT glance_user(user), artwork_id, kind, at FROM reactions "
        "WHERE user <> glance_user(user) "
        "ON CONFLICT (user, artwork_id) DO UPDATE SET kind = excluded.kind, at = excluded.at "
        "WHERE excluded.at > at"
    )
    db.execute("DELETE FROM reactions WHERE user <> glance_user(user)")
    db.execute("DELETE FROM facts WHERE name LIKE 'reactions of %'")
    for table in ("showings", "folded_showings", "changes"):
        db.execute(f"UPDATE {table} SET user = glance_user(user) WHERE user <> glance_user(user)")


@migrations()
def m021_vectors_as_rows(db: Database) -> None:
    """Vectors in a table of numbered rows.

    They lay in an index, whose entries SQLite puts on a page of their own from some 980 bytes on
    (sqlite.org/fileformat2.html, “Cell Payload Overflow Pages”): one of 512 numbers took 4 kB.
    """
    db.execute("ALTER TABLE embeddings RENAME TO embeddings_before")
    db.execute(
        """CREATE TABLE embeddings (
            number INTEGER PRIMARY KEY AUTOINCREMENT, space TEXT NOT NULL,
            artwork_id TEXT NOT NULL, vector BLOB NOT NULL, UNIQUE (space, artwork_id)
        )"""
    )
    db.execute(
        "INSERT INTO embeddings (space, artwork_id, vector) "
        "SELECT space, artwork_id, vector FROM embeddings_before ORDER BY space, artwork_id"
    )
    db.execute("DROP TABLE embeddings_before")
    _number_changes_of_vectors(db)


def _number_changes_of_vectors(db: Database) -> None:
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


@migrations()
def m022_pairs(db: Database) -> None:
    """Two works may have been put up at once; which one the second was."""
    db.execute("ALTER TABLE showings ADD COLUMN pair TEXT")
    db.execute("CREATE INDEX showings_pair ON showings (pair) WHERE pair IS NOT NULL")


@migrations()
def m023_off_the_wall(db: Database) -> None:
    """What is too small or too narrow for a wall is found without looking at every work, and what
    was on a screen is called so."""
    db.register_function(is_screenshot, name="glance_screenshot", deterministic=True)
    db.execute("CREATE INDEX artworks_short ON artworks (source, min(width, height))")
    db.execute(
        "CREATE INDEX artworks_aspect ON artworks "
        "(source, max(width, height) * 1.0 / min(width, height))"
    )
    db.execute(
        "UPDATE artworks SET medium = :screenshot WHERE (medium IS NULL OR medium LIKE :photograph)"
        " AND artist IS NULL AND location NOT LIKE 'http%' AND glance_screenshot(location)",
        {"screenshot": SCREENSHOT, "photograph": f"{PHOTOGRAPH}%"},
    )
    db.execute("CREATE INDEX artworks_screenshots ON artworks (source) WHERE medium = 'Screenshot'")


@migrations()
def m024_unfolded_once(db: Database) -> None:
    """Note a label that is to be folded once, whatever changed it.

    “OR IGNORE” in a trigger does not hold where a work is written anew by an upsert: SQLite goes
    by the statement that fires it, and such a work could not be kept.
    """
    for name in ("labels_added", "labels_changed"):
        trigger = db.triggers_dict[name]
        once = (
            "INSERT INTO unfolded SELECT new.rowid "
            "WHERE NOT EXISTS (SELECT 1 FROM unfolded WHERE work = new.rowid);"
        )
        db.execute(f"DROP TRIGGER {name}")
        db.execute(trigger.replace("INSERT OR IGNORE INTO unfolded VALUES (new.rowid);", once))


@migrations()
def m025_work_changes(db: Database) -> None:
    """Number every change of what filters ask of a work, as those of vectors are."""
    db.execute(
        """CREATE TABLE work_changes (
            number INTEGER PRIMARY KEY AUTOINCREMENT, artwork_id TEXT NOT NULL UNIQUE
        )"""
    )
    asked = ["source", "artist", "date", "year_from", "year_to", "medium", "width", "height"]
    differs = " OR ".join(f"new.{column} IS NOT old.{column}" for column in asked)
    for name, event, work in (
        ("artworks_added", "INSERT ON artworks", "new.id"),
        ("artworks_changed", f"UPDATE ON artworks WHEN {differs}", "new.id"),
        ("showings_added", "INSERT ON showings", "new.artwork_id"),
        ("showings_gone", "DELETE ON showings", "old.artwork_id"),
        ("folded_showings_added", "INSERT ON folded_showings", "new.artwork_id"),
    ):
        # Not OR REPLACE: within a trigger the statement that fires it would say what is done then.
        db.execute(
            f"CREATE TRIGGER {name} AFTER {event} BEGIN "
            f"DELETE FROM work_changes WHERE artwork_id = {work}; "
            f"INSERT INTO work_changes (artwork_id) VALUES ({work}); END"
        )


@migrations()
def m026_cut(db: Database) -> None:
    """Pictures whose files end early are taken where little is missing, and say so."""
    db.execute("ALTER TABLE artworks ADD COLUMN cut INTEGER NOT NULL DEFAULT 0")


@migrations()
def m027_told(db: Database) -> None:
    """Reasons that can be said in any language, beside their English text."""
    db.execute("ALTER TABLE showings ADD COLUMN told TEXT")


@migrations()
def m028_looks_in_bands(db: Database) -> None:
    """Find works that look alike by bands of their looks, without a look at every work."""
    for index in INDEXES:
        db.execute(index)


@migrations()
def m029_counted(db: Database) -> None:
    """Count works as they come and go: whoever asks for the status looks at none."""
    db.execute("CREATE TABLE counted (name TEXT PRIMARY KEY, number INTEGER NOT NULL)")
    db.execute("INSERT INTO counted SELECT 'artworks', count(*) FROM artworks")
    for event, step in (("INSERT", 1), ("DELETE", -1)):
        db.execute(
            f"CREATE TRIGGER artworks_counted_{event.lower()} AFTER {event} ON artworks BEGIN "
            f"UPDATE counted SET number = number + {step} WHERE name = 'artworks'; END"
        )
