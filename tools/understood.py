"""Words read here and now, where nobody waits: for measurements and tests."""

from __future__ import annotations

from collections.abc import Iterable

from glance_agent.search.query_embedding import Understanding


def understand(meaning: Understanding, texts: Iterable[str]) -> None:
    """Have the model read these words; know and keep what it read."""
    meaning.learn(meaning.read(meaning.unread(texts)))
    meaning.keep()
