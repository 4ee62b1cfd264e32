"""What was answered to which delivery, so that one that comes again changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from glance_agent.domain.errors import StoreError
from glance_agent.store.database import Database
from glance_agent.store.transaction import transaction

RECEIPTS_KEPT = timedelta(days=7)
DROPPED_AT_ONCE = 200
"""How many answers are dropped in one transaction: nobody waits long for it."""
_DELIVERY = "delivery:"


class Receipts:
    """The receipts of one database; one thread at a time."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._another_session = False
        self._whose = ""

    def keep_apart(self, whose: str) -> None:
        """Know deliveries by this prefix: what brokers deliver to one agent is not what they
        deliver to another one of the same library."""
        self._whose = whose

    def receipt(self, key: str, since: datetime) -> str | None:
        """What was answered to this delivery, where it was carried out after `since` (UTC)."""
        if self._another_session and key.startswith(_DELIVERY):
            return None
        row = self.db.execute(
            "SELECT reply FROM receipts JOIN answers ON answers.id = answer "
            "WHERE key = ? AND at >= ?",
            [self._apart(key), since.isoformat()],
        ).fetchone()
        return str(row[0]) if row else None

    def keep_receipts(self, keys: Iterable[str], reply: str, at: datetime) -> None:
        """Remember one answer under all of these keys: who asks again gets it again."""
        if self._another_session:
            self.forget_deliveries()
        kept = self.db.execute(
            "INSERT INTO answers (at, reply) VALUES (?, ?) RETURNING id", [at.isoformat(), reply]
        ).fetchall()
        for key in keys:
            self.db.execute(
                "INSERT OR REPLACE INTO receipts VALUES (?, ?)", [self._apart(key), kept[0][0]]
            )

    def drop_receipts(self, now: datetime) -> int:
        """Drop some of the answers that nobody will ask for again; how many, 0 for none left."""
        with transaction(self.db):
            old = self.db.execute(
                "DELETE FROM answers WHERE id IN (SELECT id FROM answers WHERE at < ? "
                "ORDER BY at LIMIT ?) RETURNING id",
                [(now - RECEIPTS_KEPT).isoformat(), DROPPED_AT_ONCE],
            ).fetchall()
            for row in old:
                self.db.execute("DELETE FROM receipts WHERE answer = ?", row)
        return len(old)

    def forget_deliveries(self) -> None:
        """Forget the receipts of a session that the broker no longer has.

        Where they cannot be dropped now, they count no longer, and are dropped with the next
        receipt that is kept.
        """
        try:
            self.db.execute(f"DELETE FROM receipts WHERE key LIKE '{_DELIVERY}%' AND {self._mine}")
            self._another_session = False
        except StoreError:
            self._another_session = True

    @property
    def _mine(self) -> str:
        start = f"{_DELIVERY}{self._whose}"
        if self._whose:
            return f"substr(key, 1, {len(start)}) = '{start}'"
        return f"instr(substr(key, {len(start) + 1}), ':') = 0"

    def _apart(self, key: str) -> str:
        if not key.startswith(_DELIVERY):
            return key
        return f"{_DELIVERY}{self._whose}{key.removeprefix(_DELIVERY)}"
