"""What sources bring: works with their vectors, and what became of every item that was listed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from glance_agent.domain.items import Listed, Look, Skipped, StoredWork
from glance_agent.store.database import Database
from glance_agent.store.degrade import or_nothing
from glance_agent.store.label_folding import fold_label
from glance_agent.store.looks import likely_alike, look_of
from glance_agent.store.transaction import transaction
from glance_agent.store.vectors import Vectors
from glance_agent.store.works import Works

_MOVED = "moved"
"""In place of a fingerprint: whatever the file is like, it is to be read."""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Library(Works):
    """The works of one database, and what brings them in; one thread at a time."""

    # -- works that are the same picture, works that cannot be read ---------------------------

    def has_copies(self, artwork_id: str) -> bool:
        """Whether this work represents others that are the same picture."""
        sql = "SELECT 1 FROM artworks WHERE twin_of = ? LIMIT 1"
        return self.db.execute(sql, [artwork_id]).fetchone() is not None

    def original_of(self, artwork_id: str) -> str | None:
        """The work that represents this one, where it is one more copy."""
        row = self.db.execute("SELECT twin_of FROM artworks WHERE id = ?", [artwork_id]).fetchone()
        return row[0] if row else None

    def stand_for(self, original: str, copy: str) -> None:
        """Let one work represent another and all that are copies of that one.

        Where those are hidden, it is as well.
        """
        both = {"original": original, "copy": copy}
        with transaction(self.db):
            self.db.execute(
                "UPDATE artworks SET twin_of = nullif(:original, id) "
                "WHERE id IN (:original, :copy) OR twin_of = :copy",
                both,
            )
            self.db.execute(
                "UPDATE artworks SET hidden = 1, hidden_nth = coalesce(hidden_nth, "
                "(SELECT hidden_nth FROM artworks WHERE id = :copy)) WHERE id = :original "
                "AND EXISTS (SELECT 1 FROM artworks WHERE id = :copy AND hidden = 1)",
                both,
            )
        self.forget_read()

    def likely_alike(self, look: Look, stretch: float, *, nearly: bool) -> dict[str, Look]:
        """How the usable works look that may look like this and are no copies of another one.

        Their proportions differ about so many times at most; `nearly` looks a little further.
        """
        return likely_alike(self.db, look, stretch, nearly=nearly)

    def look_of(self, artwork_id: str) -> Look | None:
        """How a work looks; None where that says nothing, or there is no such work."""
        return look_of(self.db, artwork_id)

    def mark_unusable(self, artwork_id: str, reason: str) -> None:
        """Keep a work out of choices because its picture cannot be read.

        The next listing of its source fetches it again, which makes it usable again.
        """
        with transaction(self.db):
            self.db.execute("UPDATE artworks SET unusable = ? WHERE id = ?", [reason, artwork_id])
            self.db.execute(
                "UPDATE items SET fingerprint = 'unusable' WHERE artwork_id = ?", [artwork_id]
            )

    # -- what sources brought -----------------------------------------------------------------

    def fingerprints(
        self, source: str, keys: Iterable[str], space: str | None = None
    ) -> dict[str, str]:
        """The fingerprints under which these items of a source were last dealt with.

        With `space`, a work that has no vector in it counts as not dealt with: the model is
        another one now, or there was none.
        """
        rows = self.db.execute(
            "SELECT key, fingerprint FROM items WHERE source = :source "
            "AND key IN (SELECT value FROM json_each(:keys)) AND (:space IS NULL "
            "OR artwork_id IS NULL OR EXISTS (SELECT 1 FROM embeddings "
            "WHERE artwork_id = items.artwork_id AND space = :space))",
            {"source": source, "keys": json.dumps(list(keys)), "space": space},
        )
        return {row[0]: row[1] for row in rows}

    def add(self, source: str, key: str, stored: StoredWork) -> None:
        """Keep a work, its vector and the item it came from, all or nothing."""
        work = stored.artwork
        row = work.model_dump()
        row |= {"colours": json.dumps(work.colours), "tags": json.dumps(work.tags)}
        row |= {"location": stored.location, "content_hash": stored.content_hash}
        row |= {"added_at": _now(), "unusable": None, "twin_of": stored.twin_of}
        row |= {"look": stored.look.bits if stored.look else None}
        row |= {"look_ratio": stored.look.ratio if stored.look else None}
        with transaction(self.db):
            _upsert(self.db, "artworks", "id", row, keep=("added_at", "hidden"))
            fold_label(self.db, work.id)
            if stored.vector is not None:
                Vectors(self.db).put(work.id, stored.space, stored.vector)
            self._item(
                source, key, stored.fingerprint, artwork_id=work.id, location=stored.location
            )
            if stored.liked_by is not None:
                self._like(stored.liked_by, work.id)
        self.forget_read()

    def _like(self, user: str, artwork_id: str) -> None:
        """Note a like, unless the user has said anything of the work."""
        self.db.execute(
            "INSERT OR IGNORE INTO reactions (user, artwork_id, kind, at) VALUES (?, ?, 'like', ?)",
            [user, artwork_id, _now()],
        )

    def same(
        self,
        source: str,
        item: Listed,
        owner: str,
        location: str,
        *,
        liked_by: str | None = None,
    ) -> None:
        """Remember that an item is the picture of a work that is read from another one.

        `liked_by` is the user whose favourite the item is.
        """
        with transaction(self.db):
            self._item(source, item.key, item.fingerprint, artwork_id=owner, location=location)
            if liked_by is not None:
                self._like(liked_by, owner)

    def skip(self, source: str, skipped: Skipped) -> None:
        """Remember that an item was not taken, and why."""
        self._item(
            source,
            skipped.key,
            skipped.fingerprint,
            reason=skipped.reason,
            detail=skipped.detail[:500],
        )

    def left_out(self, source: str, keys: Iterable[str] | None = None) -> list[Skipped]:
        """The items of a source (of these, where given) that are no work of their own, and why."""
        some = {} if keys is None else {"keys": json.dumps(list(keys))}
        among = "AND key IN (SELECT value FROM json_each(:keys)) " if some else ""
        rows = self.db.execute(
            "SELECT key, coalesce(reason, 'duplicate'), "
            "coalesce(detail, 'of ' || artwork_id), fingerprint "
            "FROM items LEFT JOIN artworks ON id = artwork_id WHERE items.source = :source "
            f"AND (reason IS NOT NULL OR items.location <> artworks.location) {among}"
            # Copies need nobody's attention: the rest comes first.
            "ORDER BY reason IS NULL, key",
            {"source": source, **some},
        )
        return [Skipped(*row) for row in rows]

    def owner_of(self, content_hash: str) -> str | None:
        """The id of the work of the collection that already has exactly these bytes."""
        row = self.db.execute(
            "SELECT id FROM artworks WHERE content_hash = ? AND on_request = 0 LIMIT 1",
            [content_hash],
        ).fetchone()
        return row[0] if row else None

    @contextmanager
    def together(self) -> Iterator[None]:
        """Within it everything is kept, or nothing; what was read there may be undone with it."""
        try:
            with transaction(self.db):
                yield
        finally:
            self.forget_read()

    def has_elsewhere(self, artwork_id: str, source: str, key: str) -> bool:
        """Whether the work's picture is read from another item than this one."""
        row = self.db.execute(
            "SELECT 1 FROM items JOIN artworks ON id = artwork_id "
            "AND artworks.location = items.location "
            "WHERE id = ? AND (items.source, items.key) <> (?, ?) LIMIT 1",
            [artwork_id, source, key],
        ).fetchone()
        return row is not None

    def cursor(self, source: str) -> str | None:
        """Where the last, unfinished listing of a source stopped."""
        row = self.db.execute("SELECT cursor FROM cursors WHERE source = ?", [source]).fetchone()
        return row[0] if row else None

    def set_cursor(self, source: str, cursor: str | None) -> None:
        """Remember where to go on; None when the listing is complete."""
        self.db.execute(
            "INSERT OR REPLACE INTO cursors (source, cursor, updated_at) VALUES (?, ?, ?)",
            [source, cursor, _now()],
        )

    def work_of(self, source: str, key: str) -> str | None:
        """The id of the work that an item of a source is."""
        row = self.db.execute(
            "SELECT artwork_id FROM items WHERE source = ? AND key = ?", [source, key]
        ).fetchone()
        return row[0] if row else None

    @or_nothing(dict, "the folders that were brought in by hand")
    def folders(self) -> dict[str, str]:
        """The folders that were ingested by hand: path by source name."""
        return dict(self.db.execute("SELECT name, path FROM folders ORDER BY name").fetchall())

    def remember_folder(self, name: str, path: str) -> None:
        """Look through this folder too from now on."""
        self.db.execute("INSERT OR REPLACE INTO folders VALUES (?, ?)", [name, path])

    def drop_vanished(
        self, source: str, seen: frozenset[str], unread: tuple[str, ...] = ()
    ) -> list[str]:
        """Forget items that a complete listing no longer has; returns the works left without one.

        Not those below `unread`. Reactions and showings stay: a file that comes back is the same
        work again. A work that still has another copy is read from there; those are `moved`.
        """
        keys = {r[0] for r in self.db.execute("SELECT key FROM items WHERE source = ?", [source])}
        gone = sorted(key for key in keys - seen if not key.startswith(unread))
        with transaction(self.db):
            self.db.execute(
                "DELETE FROM items WHERE source = ? AND key IN (SELECT value FROM json_each(?))",
                [source, json.dumps(gone)],
            )
            moved = self.db.execute(
                "UPDATE artworks SET (source, location) = (SELECT source, location FROM items "
                "WHERE artwork_id = artworks.id ORDER BY source <> :source, key LIMIT 1) "
                "WHERE source = :source AND NOT EXISTS "
                "(SELECT 1 FROM items WHERE artwork_id = artworks.id "
                "AND location = artworks.location) AND EXISTS "
                "(SELECT 1 FROM items WHERE artwork_id = artworks.id) RETURNING id",
                {"source": source},
            ).fetchall()
            self.db.execute(
                f"UPDATE items SET fingerprint = '{_MOVED}' "
                "WHERE artwork_id IN (SELECT value FROM json_each(?)) "
                "AND location = (SELECT location FROM artworks WHERE id = artwork_id)",
                [json.dumps([row[0] for row in moved])],
            )
            rows = self.db.execute(
                "UPDATE artworks SET unusable = 'gone' WHERE source = ? "
                "AND coalesce(unusable, '') <> 'gone' AND NOT EXISTS "
                "(SELECT 1 FROM items WHERE artwork_id = artworks.id) RETURNING id",
                [source],
            ).fetchall()
        return [row[0] for row in rows]

    def moved(self, source: str) -> frozenset[str]:
        """The keys of the items that have become their works' pictures, and are to be read."""
        sql = f"SELECT key FROM items WHERE source = ? AND fingerprint = '{_MOVED}'"
        return frozenset(row[0] for row in self.db.execute(sql, [source]))

    def _item(
        self,
        source: str,
        key: str,
        fingerprint: str,
        *,
        artwork_id: str | None = None,
        location: str | None = None,
        reason: str | None = None,
        detail: str | None = None,
    ) -> None:
        self.db.execute(
            "INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [source, key, fingerprint, artwork_id, location, reason, detail, _now()],
        )


def _upsert(
    db: Database, table: str, key: str, row: dict[str, Any], *, keep: tuple[str, ...]
) -> None:
    """Insert a row, or update all of it but the columns to keep (triggers fire as for updates)."""
    names = list(row)
    values = ", ".join(f":{name}" for name in names)
    changes = ", ".join(f"{n} = excluded.{n}" for n in names if n not in (*keep, key))
    db.execute(
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values}) "
        f"ON CONFLICT ({key}) DO UPDATE SET {changes}",
        row,
    )
