"""What people did and what displays showed: reactions, showings, settings, answered deliveries."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from glance_agent.domain.display import DisplaySettings, Reaction, Showing
from glance_agent.domain.strict_json import as_json
from glance_agent.store.transaction import transaction

RECEIPTS_KEPT = timedelta(days=7)


class History:
    """The past of one database; one thread at a time. Commits are durable when they return."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing: on disk when the block ends, undone when it raises. Raises StoreError."""
        return transaction(self.db)

    @property
    def instance_id(self) -> str:
        """Twelve hexadecimal digits that tell this installation from every other."""
        sql = "SELECT value FROM facts WHERE name = 'instance_id'"
        return str(self.db.execute(sql).fetchone()[0])

    def published(self) -> dict[str, dict[str, str]]:
        """What Home Assistant was told last: its components by discovery topic."""
        sql = "SELECT value FROM facts WHERE name = 'homeassistant'"
        row = self.db.execute(sql).fetchone()
        return dict(json.loads(row[0])) if row else {}

    def keep_published(self, published: Mapping[str, Mapping[str, str]]) -> None:
        """Remember what Home Assistant is told."""
        with self.transaction():
            self.db.execute(
                "INSERT OR REPLACE INTO facts (name, value) VALUES ('homeassistant', ?)",
                [as_json(published)],
            )

    # -- reactions ------------------------------------------------------------------------

    def react(self, reaction: Reaction) -> None:
        """Keep what a user thinks of a work; the newest reaction replaces the one before."""
        self.db.execute(
            "INSERT OR REPLACE INTO reactions (user, artwork_id, kind, at) VALUES (?, ?, ?, ?)",
            [reaction.user, reaction.artwork_id, reaction.kind, reaction.at.isoformat()],
        )
        self._reacted(reaction.user)

    def forget(self, user: str, artwork_id: str) -> bool:
        """Take a reaction back; False where there was none."""
        cursor = self.db.execute(
            "DELETE FROM reactions WHERE user = ? AND artwork_id = ?", [user, artwork_id]
        )
        self._reacted(user)
        return cursor.rowcount > 0

    def reactions(self, user: str) -> list[Reaction]:
        """Everything a user has reacted to, oldest first."""
        rows = self.db.execute(
            "SELECT user, artwork_id, kind, at FROM reactions WHERE user = ? ORDER BY at", [user]
        )
        return [Reaction(r[0], r[1], r[2], datetime.fromisoformat(r[3])) for r in rows]

    def forget_user(self, user: str) -> int:
        """Take back all that a user has said, and how pictures came up for them, so that nothing
        can be read from it; returns how many reactions there were. What was shown stays known.
        """
        with self.transaction():
            gone = self.db.execute("DELETE FROM reactions WHERE user = ?", [user]).rowcount
            self.db.execute(
                "UPDATE showings SET verb = 'forgotten' "
                "WHERE user = ? AND verb IN ('next', 'similar')",
                [user],
            )
            self._reacted(user)
        return gone

    def merge(self, reactions: Iterable[Reaction]) -> Counter[str]:
        """Keep reactions from elsewhere, all or none; where two differ, the newer one holds.

        Counts which were `added`, `changed`, `unchanged`, or `older` than what is known.
        """
        done = Counter[str]()
        with self.transaction():
            known = {(r.user, r.artwork_id): r for u in self.users() for r in self.reactions(u)}
            for reaction in reactions:
                key = (reaction.user, reaction.artwork_id)
                what = _merged(known.get(key), reaction)
                if what in ("added", "changed"):
                    self.react(reaction)
                    known[key] = reaction
                done[what] += 1
        return done

    def reactions_mark(self, user: str) -> str:
        """A text that changes whenever the reactions of a user change, whoever changed them."""
        sql = "SELECT value FROM facts WHERE name = ?"
        row = self.db.execute(sql, [f"reactions of {user}"]).fetchone()
        return str(row[0]) if row else ""

    def _reacted(self, user: str) -> None:
        """Count one more change, so that whoever knows the taste sees that it is out of date."""
        self.db.execute(
            "INSERT INTO facts (name, value) VALUES (?, '1') "
            "ON CONFLICT (name) DO UPDATE SET value = CAST(value AS INTEGER) + 1",
            [f"reactions of {user}"],
        )

    def users(self) -> list[str]:
        """Everyone who has reacted to something."""
        return [r[0] for r in self.db.execute("SELECT DISTINCT user FROM reactions ORDER BY user")]

    def liked(self, user: str, artwork_id: str) -> bool | None:
        """Whether the user likes (True) or dislikes (False) the work; None without a reaction."""
        row = self.db.execute(
            "SELECT kind FROM reactions WHERE user = ? AND artwork_id = ?", [user, artwork_id]
        ).fetchone()
        return None if row is None else row[0] == "like"

    def likings(self, user: str, artwork_ids: Iterable[str]) -> dict[str, bool]:
        """The same for many works at once; those without a reaction are left out."""
        rows = self.db.execute(
            "SELECT artwork_id, kind FROM reactions WHERE user = ? "
            "AND artwork_id IN (SELECT value FROM json_each(?))",
            [user, json.dumps(list(artwork_ids))],
        )
        return {artwork_id: kind == "like" for artwork_id, kind in rows}

    # -- showings -------------------------------------------------------------------------

    def show(self, showing: Showing) -> int:
        """Keep that a display shows a work from now on; returns its position, counted from 1."""
        kept = self.db.execute(
            "INSERT INTO showings (display, position, artwork_id, shown_at, verb, user, why, "
            "match, parts) VALUES (?1, (SELECT coalesce(max(position), 0) + 1 FROM showings "
            "WHERE display = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING position",
            [
                showing.display,
                showing.artwork_id,
                showing.shown_at.isoformat(),
                showing.verb,
                showing.user,
                showing.why,
                showing.match,
                as_json(showing.parts),
            ],
        ).fetchall()
        return int(kept[0][0])

    def position(self, display: str) -> int:
        """How many showings a display has had."""
        sql = "SELECT coalesce(max(position), 0) FROM showings WHERE display = ?"
        return int(self.db.execute(sql, [display]).fetchone()[0])

    def showings(self, display: str | None, limit: int) -> list[Showing]:
        """The last showings of a display, or of all displays, newest first."""
        rows = self.db.execute(
            "SELECT display, artwork_id, shown_at, verb, user, why, match, parts FROM showings "
            "WHERE :display IS NULL OR display = :display ORDER BY id DESC LIMIT :limit",
            {"display": display, "limit": limit},
        )
        return [_showing(row) for row in rows]

    def recent_ids(self, display: str, limit: int) -> list[str]:
        """The works of the last showings of a display, newest first."""
        rows = self.db.execute(
            "SELECT artwork_id FROM showings WHERE display = ? ORDER BY position DESC LIMIT ?",
            [display, limit],
        )
        return [row[0] for row in rows]

    def ever_shown(self, artwork_id: str) -> bool:
        """Whether any display has shown the work."""
        sql = "SELECT 1 FROM showings WHERE artwork_id = ? LIMIT 1"
        return self.db.execute(sql, [artwork_id]).fetchone() is not None

    # -- settings -------------------------------------------------------------------------

    def settings(self, display: str) -> DisplaySettings | None:
        """What was set for a display at run time."""
        row = self.db.execute(
            "SELECT settings FROM display_settings WHERE display = ?", [display]
        ).fetchone()
        return DisplaySettings.model_validate_json(row[0]) if row else None

    def set(self, display: str, settings: DisplaySettings) -> None:
        """Keep the settings of a display."""
        self.db.execute(
            "INSERT OR REPLACE INTO display_settings VALUES (?, ?)",
            [display, settings.model_dump_json()],
        )

    # -- answered deliveries --------------------------------------------------------------

    def receipt(self, key: str, since: datetime) -> str | None:
        """What was answered to this delivery, where it was carried out after `since` (UTC)."""
        row = self.db.execute(
            "SELECT reply FROM receipts WHERE key = ? AND at >= ?", [key, since.isoformat()]
        ).fetchone()
        return str(row[0]) if row else None

    def keep_receipts(self, keys: Iterable[str], reply: str, at: datetime) -> None:
        """Remember an answer, so that a redelivery gets it again and changes nothing."""
        for key in keys:
            self.db.execute(
                "INSERT OR REPLACE INTO receipts VALUES (?, ?, ?)", [key, reply, at.isoformat()]
            )
        self.db.execute("DELETE FROM receipts WHERE at < ?", [(at - RECEIPTS_KEPT).isoformat()])

    def forget_deliveries(self) -> None:
        """Drop the receipts of a session that the broker no longer has."""
        self.db.execute("DELETE FROM receipts WHERE key LIKE 'delivery:%'")


def _merged(known: Reaction | None, told: Reaction) -> str:
    """What becomes of a reaction from elsewhere, beside the one that is known."""
    if known is None:
        return "added"
    if (known.kind, known.at) == (told.kind, told.at):
        return "unchanged"
    return "changed" if told.at > known.at else "older"


def _showing(row: Any) -> Showing:
    display, artwork_id, shown_at, verb, user, why, match, parts = row
    at = datetime.fromisoformat(shown_at)
    return Showing(display, artwork_id, at, verb, user, why, match, json.loads(parts))
