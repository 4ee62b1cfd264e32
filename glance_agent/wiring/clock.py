"""The time of day."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The time of day, with its zone."""
    return datetime.now(UTC)
