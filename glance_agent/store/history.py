"""What people did and what displays showed: reactions, showings, settings, answered deliveries."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from glance_agent.domain.display import DisplaySettings, Reaction
from glance_agent.domain.identity import Identity
from glance_agent.domain.strict_json import as_json
from glance_agent.store.changes import ChangesOfDisplays
from glance_agent.store.database import Database
from glance_agent.store.degrade import or_nothing
from glance_agent.store.folded import FoldedShowings
from glance_agent.store.legible import legible
from glance_agent.store.receipts import Receipts
from glance_agent.store.showings import Showings

_LIKES = "what people like"
_MARK = "reactions of "
_DELIVERED = "delivered of "
_LAST_REACTIONS = 5_000
"""Among so many it is looked for who has reacted last."""


class History(Showings, FoldedShowings, Receipts, ChangesOfDisplays):
    """The past of one database; one thread at a time. Commits are durable when they return."""

    def __init__(self, db: Database) -> None:
        Showings.__init__(self, db)
        FoldedShowings.__init__(self, db)
        Receipts.__init__(self, db)
        ChangesOfDisplays.__init__(self, db)
        self._told = "homeassistant"

    def speak_as(self, identity: Identity, *, shared: bool = False) -> None:
        """Keep apart from now on what is this agent's alone, or that of those who stand in for each
        other where the library is `shared`."""
        from glance_agent.store.identity import receipts_prefix

        instance = self.instance_id
        self.keep_apart(receipts_prefix(identity.session(shared=shared), instance))
        if identity.house != instance:
            self._told = f"homeassistant of {identity.house}"

    @property
    def instance_id(self) -> str:
        """Twelve hexadecimal digits that tell this library from every other but its copies."""
        sql = "SELECT value FROM facts WHERE name = 'instance_id'"
        with legible():
            return str(self.db.execute(sql).fetchone()[0])

    def published(self) -> dict[str, dict[str, str]]:
        """What Home Assistant was told last: its components by discovery topic."""
        sql = "SELECT value FROM facts WHERE name = ?"
        row = self.db.execute(sql, [self._told]).fetchone()
        with legible():
            return dict(json.loads(row[0])) if row else {}

    def keep_published(self, published: Mapping[str, Mapping[str, str]]) -> None:
        """Remember what Home Assistant is told."""
        with self.transaction():
            self.db.execute(
                "INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)",
                [self._told, as_json(published)],
            )

    def stays(self, display: str) -> None:
        """What was taken back there was no change, which could be undone. Raises StoreError."""
        with self.transaction():
            self.forget_replaced(display, self.position(display))

    # -- what waited on a machine while the server was away ---------------------------------

    def delivered(self, run: str) -> int:
        """Up to which number what was kept in this run of an outbox is in here."""
        sql = "SELECT value FROM facts WHERE name = ?"
        row = self.db.execute(sql, [f"{_DELIVERED}{run}"]).fetchone()
        return int(row[0]) if row else 0

    def note_delivered(self, run: str, number: int) -> None:
        """Remember that it is."""
        sql = "INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)"
        self.db.execute(sql, [f"{_DELIVERED}{run}", str(number)])

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
        return bool(cursor.rowcount > 0)

    @or_nothing(list, _LIKES)
    def reactions(self, user: str) -> list[Reaction]:
        """Everything a user has reacted to, oldest first."""
        rows = self.db.execute(
            "SELECT user, artwork_id, kind, at FROM reactions WHERE user = ? ORDER BY at", [user]
        )
        return [_reaction(row) for row in rows]

    def forget_user(self, user: str) -> int:
        """Take back all that a user has said, and how pictures came up for them, so that nothing
        can be read from it; returns how many reactions there were. What was shown stays known.
        """
        with self.transaction():
            rows = self.db.execute("DELETE FROM reactions WHERE user = ?", [user])
            gone = int(rows.rowcount)
            self.db.execute(
                "UPDATE showings SET verb = 'forgotten' "
                "WHERE user = ? AND verb IN ('next', 'similar')",
                [user],
            )
            self.db.execute(
                "UPDATE folded_showings SET user = NULL, outcome = NULL WHERE user = ?", [user]
            )
            self.db.execute("DELETE FROM changes WHERE user = ?", [user])
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

    def reactions_marks(self, users: Iterable[str]) -> dict[str, str]:
        """By user, a text that changes whenever their reactions change, whoever changed them."""
        named = {f"{_MARK}{user}": user for user in users}
        return {**dict.fromkeys(named.values(), ""), **self._marks(named)}

    @or_nothing(dict, _LIKES)
    def _marks(self, named: Mapping[str, str]) -> dict[str, str]:
        sql = "SELECT name, value FROM facts WHERE name IN (SELECT value FROM json_each(?))"
        rows = self.db.execute(sql, [json.dumps(list(named))])
        return {named[name]: str(value) for name, value in rows}

    def _reacted(self, user: str) -> None:
        """Count one more change, so that whoever knows the taste sees that it is out of date."""
        self.db.execute(
            "INSERT INTO facts (name, value) VALUES (?, '1') "
            "ON CONFLICT (name) DO UPDATE "
            "SET value = CAST(CAST(facts.value AS INTEGER) + 1 AS TEXT)",
            [f"{_MARK}{user}"],
        )

    @or_nothing(list, _LIKES)
    def users(self) -> list[str]:
        """Everyone who has reacted to something."""
        return [r[0] for r in self.db.execute("SELECT DISTINCT user FROM reactions ORDER BY user")]

    @or_nothing(list, _LIKES)
    def last_users(self, most: int) -> list[str]:
        """Who has reacted last, so many of them, the latest first."""
        sql = "SELECT user FROM reactions ORDER BY rowid DESC LIMIT ?"
        users = dict.fromkeys(row[0] for row in self.db.execute(sql, [_LAST_REACTIONS]))
        return [*users][:most]

    @or_nothing(lambda: None, _LIKES)
    def liked(self, user: str, artwork_id: str) -> bool | None:
        """Whether the user likes (True) or dislikes (False) the work; None without a reaction."""
        row = self.db.execute(
            "SELECT kind FROM reactions WHERE user = ? AND artwork_id = ?", [user, artwork_id]
        ).fetchone()
        return None if row is None else row[0] == "like"

    def reaction(self, user: str, artwork_id: str) -> Reaction | None:
        """What a user said of a work last, and when."""
        row = self.db.execute(
            "SELECT user, artwork_id, kind, at FROM reactions WHERE user = ? AND artwork_id = ?",
            [user, artwork_id],
        ).fetchone()
        return _reaction(row) if row else None

    @or_nothing(dict, _LIKES)
    def likings(self, user: str, artwork_ids: Iterable[str]) -> dict[str, bool]:
        """The same for many works at once; those without a reaction are left out."""
        rows = self.db.execute(
            "SELECT artwork_id, kind FROM reactions WHERE user = ? "
            "AND artwork_id IN (SELECT value FROM json_each(?))",
            [user, json.dumps(list(artwork_ids))],
        )
        return {artwork_id: kind == "like" for artwork_id, kind in rows}

    # -- settings -------------------------------------------------------------------------

    @or_nothing(lambda: None, "what was set for displays")
    def settings(self, display: str) -> DisplaySettings | None:
        """What was set for a display at run time."""
        row = self.db.execute(
            "SELECT settings FROM display_settings WHERE display = ?", [display]
        ).fetchone()
        with legible():
            return DisplaySettings.model_validate_json(row[0]) if row else None

    def set(self, display: str, settings: DisplaySettings) -> None:
        """Keep the settings of a display."""
        self.db.execute(
            "INSERT OR REPLACE INTO display_settings VALUES (?, ?)",
            [display, settings.model_dump_json()],
        )


def _reaction(row: tuple[Any, ...]) -> Reaction:
    with legible():
        return Reaction(row[0], row[1], row[2], datetime.fromisoformat(row[3]))


def _merged(known: Reaction | None, told: Reaction) -> str:
    """What becomes of a reaction from elsewhere, beside the one that is known."""
    if known is None:
        return "added"
    if (known.kind, known.at) == (told.kind, told.at):
        return "unchanged"
    return "changed" if told.at > known.at else "older"
