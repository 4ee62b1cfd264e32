"""The time that leases go by: the database's own, the same for all who ask it."""

from __future__ import annotations

from typing import Final

NOW: Final = "julianday('now')"
"""This moment in SQL, as a day and its fraction, which leases are kept in."""
DAY_SECONDS: Final = 86_400.0
