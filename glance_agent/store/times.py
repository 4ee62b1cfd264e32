"""Times that were kept by a clock that was off: moved with the clock, and never after now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from glance_agent.domain.clock_steps import Step
from glance_agent.domain.display import DisplaySettings
from glance_agent.store.database import Database
from glance_agent.store.display_leases import agents_running
from glance_agent.store.transaction import transaction

_A_WHILE = timedelta(minutes=1)
"""Long enough that nothing which follows seems to have come at once."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KEPT = {"showings": "shown_at", "reactions": "at", "answers": "at"}


class Times:
    """The kept times of one database; one thread at a time."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def follow(self, step: Step) -> None:
        """The clock was set: what it told since then is set with it, so that durations stay true.

        Moods last as long as they were set for. Where other agents share the library nothing is
        moved, since nobody knows whose clock told what.
        """
        if agents_running(self.db) > 1:
            return
        with transaction(self.db):
            for table in _KEPT:
                self._move(table, step.since, step.by)
            for display, settings in self._settings():
                if settings.mood_until is not None:
                    self._end_mood(display, settings, settings.mood_until + step.by)

    def bound(self, now: datetime) -> None:
        """Nothing was done after now: what seems so was done while the clock was ahead.

        The last of it counts as done a minute ago, what came before it as long before as it did.
        """
        with transaction(self.db):
            for table, column in _KEPT.items():
                latest = self.db.execute(f"SELECT max({column}) FROM {table}").fetchone()[0]
                if latest is not None and (last := datetime.fromisoformat(latest)) > now:
                    self._move(table, now, now - _A_WHILE - last)
            for display, settings in self._settings():
                if settings.mood_until is not None and settings.mood_minutes is not None:
                    latest_end = now + timedelta(minutes=settings.mood_minutes)
                    if settings.mood_until > latest_end:
                        self._end_mood(display, settings, latest_end)

    def of_database(self) -> datetime:
        """What the clock of the database says, which may be that of a server. Raises StoreError."""
        days = self.db.execute("SELECT julianday('now') - 2440587.5").fetchone()[0]
        return _EPOCH + timedelta(days=float(days))

    def _move(self, table: str, since: datetime, by: timedelta) -> None:
        column = _KEPT[table]
        self.db.execute(
            f"UPDATE {table} SET {column} = strftime('%Y-%m-%dT%H:%M:%f+00:00', {column}, ?) "
            f"WHERE {column} >= ?",
            [f"{by.total_seconds():+.3f} seconds", since.isoformat()],
        )

    def _settings(self) -> list[tuple[str, DisplaySettings]]:
        rows = self.db.execute("SELECT display, settings FROM display_settings").fetchall()
        return [(display, DisplaySettings.model_validate_json(text)) for display, text in rows]

    def _end_mood(self, display: str, settings: DisplaySettings, until: datetime) -> None:
        moved = settings.model_copy(update={"mood_until": until})
        self.db.execute(
            "UPDATE display_settings SET settings = ? WHERE display = ?",
            [moved.model_dump_json(), display],
        )
