"""The tastes of everyone, remembered between commands and learned while nobody waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import numpy as np

from glance_agent.find import Index, Rows
from glance_agent.glance import Reaction, Showing
from glance_agent.signals import Sign, signs_of
from glance_agent.taste import (
    Collection,
    Scores,
    Taste,
    collection_of,
    learned,
    scores_of,
    sketched,
)

SHOWINGS_READ = 1_000
"""From how many of the last showings implicit signs are taken."""


class Past(Protocol):
    """What was shown and what people thought of it."""

    def reactions(self, user: str) -> list[Reaction]: ...
    def reactions_mark(self, user: str) -> str: ...
    def users(self) -> list[str]: ...
    def showings(self, display: str | None, limit: int) -> list[Showing]: ...


@dataclass(slots=True)
class _Known:
    """A taste, the reactions it was made from, and its scores over one library."""

    taste: Taste
    mark: str
    learned: bool = False
    scored: Collection | None = None
    scores: Scores | None = None


class Tastes:
    """What every user likes; one thread at a time."""

    def __init__(
        self, past: Past, index: Index, *, clock: Callable[[], datetime], seed: int = 0
    ) -> None:
        self._past = past
        self._index = index
        self._clock = clock
        self._seed = seed
        self._known: dict[str, _Known] = {}
        self._rows: Rows | None = None
        self._collection: Collection | None = None

    def collection(self) -> Collection:
        """The library as it is now."""
        rows = self._index.snapshot()
        if self._collection is None or rows is not self._rows:
            self._rows = rows
            self._collection = collection_of(rows.matrix, rows.row_of)
        return self._collection

    def users(self) -> list[str]:
        """Everyone who has reacted to something."""
        return self._past.users()

    def taste(self, user: str) -> Taste:
        """What a user likes: as learned last, or a sketch where reactions came since."""
        return self._current(user).taste

    def scores(self, user: str) -> Scores:
        """How much each work (n,) should please a user."""
        known, collection = self._current(user), self.collection()
        if known.scores is None or known.scored is not collection:
            known.scores = scores_of(known.taste, collection)
            known.scored = collection
        return known.scores

    def unlearned(self) -> str | None:
        """Someone whose taste has not been learned since the program started, or None."""
        known = (user for user, found in self._known.items() if found.learned)
        return next(iter(set(self.users()) - set(known)), None)

    def refresh(self, user: str) -> Taste:
        """Learn a user's taste anew; takes tens of milliseconds, so never on a command's path."""
        mark = self._past.reactions_mark(user)
        taste = learned(
            user,
            self._signs(user),
            self.collection(),
            now=self._clock(),
            chance=np.random.default_rng(self._seed),
        )
        self._known[user] = _Known(taste, mark, learned=True)
        self.scores(user)
        return taste

    def _current(self, user: str) -> _Known:
        known, mark = self._known.get(user), self._past.reactions_mark(user)
        if known is None or known.mark != mark:
            taste = sketched(
                user,
                self._signs(user),
                self.collection(),
                now=self._clock(),
                chance=np.random.default_rng(self._seed),
            )
            if known is not None:
                taste = replace(taste, medoids=known.taste.medoids, direction=known.taste.direction)
            self._known[user] = known = _Known(
                taste, mark, learned=known is not None and known.learned
            )
        return known

    def _signs(self, user: str) -> tuple[Sign, ...]:
        showings = self._past.showings(None, SHOWINGS_READ)
        return signs_of(user, self._past.reactions(user), showings)
