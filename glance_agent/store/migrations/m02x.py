"""Migrations 20 to 29: users, vectors as rows, pairs, the wall's rule, numbered changes, counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glance_agent.domain.values import user_name
from glance_agent.domain.wall_rule import is_screenshot
from glance_agent.domain.wording import PHOTOGRAPH, SCREENSHOT
from glance_agent.store.looks import INDEXES
from glance_agent.store.migrations.m01x import number_changes_of_vectors

if TYPE_CHECKING:
    from sqlite_utils import Database


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
    number_changes_of_vectors(db)


def m022_pairs(db: Database) -> None:
    """Two works may have been put up at once; which one the second was."""
    db.execute("ALTER TABLE showings ADD COLUMN pair TEXT")
    db.execute("CREATE INDEX showings_pair ON showings (pair) WHERE pair IS NOT NULL")


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


def m026_cut(db: Database) -> None:
    """Pictures whose files end early are taken where little is missing, and say so."""
    db.execute("ALTER TABLE artworks ADD COLUMN cut INTEGER NOT NULL DEFAULT 0")


def m027_told(db: Database) -> None:
    """Reasons that can be said in any language, beside their English text."""
    db.execute("ALTER TABLE showings ADD COLUMN told TEXT")


def m028_looks_in_bands(db: Database) -> None:
    """Find works that look alike by bands of their looks, without a look at every work."""
    for index in INDEXES:
        db.execute(index)


def m029_counted(db: Database) -> None:
    """Count works as they come and go: whoever asks for the status looks at none."""
    db.execute("CREATE TABLE counted (name TEXT PRIMARY KEY, number INTEGER NOT NULL)")
    db.execute("INSERT INTO counted SELECT 'artworks', count(*) FROM artworks")
    for event, step in (("INSERT", 1), ("DELETE", -1)):
        db.execute(
            f"CREATE TRIGGER artworks_counted_{event.lower()} AFTER {event} ON artworks BEGIN "
            f"UPDATE counted SET number = number + {step} WHERE name = 'artworks'; END"
        )


IN_ORDER = (
    m020_one_spelling_of_users,
    m021_vectors_as_rows,
    m022_pairs,
    m023_off_the_wall,
    m024_unfolded_once,
    m025_work_changes,
    m026_cut,
    m027_told,
    m028_looks_in_bands,
    m029_counted,
)
