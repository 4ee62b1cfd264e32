"""What opens the pages: invitations, sessions and tokens, by the hashes of their secrets."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from glance_agent.domain.web_key import KeyKind, WebKey, WebRole
from glance_agent.store.database import Database
from glance_agent.store.legible import legible
from glance_agent.store.transaction import transaction

MOST_SESSIONS: Final = 200
"""Beyond these the oldest one ends."""
_COLUMNS = "kind, name, role, made_at, until"


class WebKeys:
    """The keys of one database; one thread at a time."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def find(self, digest: str) -> WebKey | None:
        """The key whose secret has this hash; it may no longer hold."""
        sql = f"SELECT {_COLUMNS} FROM web_keys WHERE hash = ?"
        row = self.db.execute(sql, [digest]).fetchone()
        return _key(row) if row else None

    def add(self, digest: str, key: WebKey) -> None:
        """Keep a key. A token takes the place of one of its name; what no longer holds is left
        out, and so are the oldest of too many sessions."""
        with transaction(self.db):
            if key.kind is KeyKind.TOKEN:
                self._delete("kind = ? AND name = ?", key.kind, key.name)
            self._delete("until IS NOT NULL AND until <= ?", _stamp(key.made_at))
            self.db.execute(
                f"INSERT INTO web_keys (hash, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",
                [digest, key.kind, key.name, key.role, _stamp(key.made_at), _stamp(key.until)],
            )
            self._delete(
                "id IN (SELECT id FROM web_keys WHERE kind = ? ORDER BY id DESC LIMIT -1 OFFSET ?)",
                KeyKind.SESSION,
                MOST_SESSIONS,
            )

    def redeem(self, invitation: str, session: str, now: datetime) -> WebKey | None:
        """The session that an invitation opens, once; both by their hashes. None where it does
        not hold, or has been used."""
        with transaction(self.db):
            invited = self.find(invitation)
            if invited is None or invited.kind is not KeyKind.INVITATION:
                return None
            self._delete("hash = ?", invitation)
            if not invited.holds(now):
                return None
            opened = WebKey(KeyKind.SESSION, invited.name, invited.role, now)
            self.add(session, opened)
            return opened

    def end(self, digest: str) -> None:
        """Nothing is opened by this secret any more."""
        with transaction(self.db):
            self._delete("hash = ?", digest)

    def revoke(self, name: str) -> int:
        """Take away every key of this name; how many there were."""
        with transaction(self.db):
            return self._delete("name = ?", name)

    def all_that_hold(self, now: datetime) -> list[WebKey]:
        """The keys that open something now, oldest first."""
        rows = self.db.execute(f"SELECT {_COLUMNS} FROM web_keys ORDER BY id").fetchall()
        return [key for key in map(_key, rows) if key.holds(now)]

    def _delete(self, where: str, *values: object) -> int:
        return int(self.db.execute(f"DELETE FROM web_keys WHERE {where}", values).rowcount)


def _stamp(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at is not None else None


def _key(row: tuple[Any, ...]) -> WebKey:
    kind, name, role, made_at, until = row
    with legible():
        return WebKey(
            KeyKind(kind),
            name,
            WebRole(role),
            datetime.fromisoformat(made_at),
            datetime.fromisoformat(until) if until is not None else None,
        )
