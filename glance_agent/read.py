"""Words against labels: which works are meant by name, and which carry the words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from glance_agent.keywords import (
    LabelAnswer,
    every,
    is_descriptive,
    is_of_kind,
    may_be_artist,
    names_artist,
    same_title,
    some,
    titled,
    tokens_of,
)
from glance_agent.query import Phrase, Query

FEW_FULL_HITS = 10
"""With so many labels that carry every word, those with only some of them are not asked."""


class Labels(Protocol):
    """Full-text search over labels, by expressions of FTS5."""

    def hits(self, expression: str, limit: int = ...) -> list[tuple[str, str, str | None]]: ...
    def count(self, expression: str) -> int: ...
    def artists(self, artwork_ids: Iterable[str]) -> dict[str, str]: ...


class Reader:
    """Reads the labels of the library for a query; one thread at a time."""

    def __init__(self, labels: Labels) -> None:
        self._labels = labels

    def answer(self, query: Query, allowed: Callable[[str], bool]) -> LabelAnswer:
        """What the labels answer to the words of a query, among the allowed works."""
        tokens = tokens_of(query.words)
        if not tokens:
            return LabelAnswer()
        called = self._called(query.words)
        by_artist = self._by_artist(tokens)
        full = self._ids(every(tokens))
        few = len(full) < FEW_FULL_HITS and len(tokens) > 1
        partly = self._ids(some(tokens)) if few else []
        avoided = self.carrying(query.avoid)

        def kept(ids: Iterable[str]) -> tuple[str, ...]:
            return tuple(i for i in dict.fromkeys(ids) if i not in avoided and allowed(i))

        return LabelAnswer(
            titled=kept(called),
            by_artist=kept(by_artist),
            full=kept(full),
            some=kept(i for i in partly if i not in set(full)),
            descriptive=is_descriptive(tokens),
            of_kind=is_of_kind(tokens),
        )

    def carrying(self, phrases: Sequence[Phrase]) -> frozenset[str]:
        """The works whose labels carry all words of one of these phrases."""
        tokens = (tokens_of(phrase.text) for phrase in phrases)
        return frozenset(i for found in tokens if found for i in self._ids(every(found)))

    def artists(self, artwork_ids: Iterable[str]) -> dict[str, str]:
        """The artists of these works, by id."""
        return self._labels.artists(artwork_ids)

    def _called(self, words: str) -> list[str]:
        """The works with exactly this title."""
        expression = titled(words)
        hits = self._labels.hits(expression) if expression else []
        return [artwork for artwork, title, _ in hits if same_title(words, title)]

    def _by_artist(self, tokens: Sequence[str]) -> list[str]:
        """The works of the artists whom these words name: of all of them, or of any."""
        names = [token for token in tokens if may_be_artist(token) and self._is_name(token)]
        if not names:
            return []
        return self._ids(every(names, "artist")) or self._ids(f"artist : ({some(names)})")

    def _is_name(self, token: str) -> bool:
        by_artist = self._labels.count(every([token], "artist"))
        if not by_artist:
            return False
        return names_artist(by_artist, self._labels.count(every([token], "{title tags}")))

    def _ids(self, expression: str) -> list[str]:
        return [hit[0] for hit in self._labels.hits(expression)]
