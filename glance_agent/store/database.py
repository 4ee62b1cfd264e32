"""What the ports of the store ask of the engine that keeps a library.

Statements are written as SQLite takes them, with `?`, `?1` or `:name` for values. An engine whose
own language differs reads them as these are meant (see `postgres.statements`). Each engine has the
function `glance_fold`, which is `findable`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.label import Tokens


class WordIndex(Protocol):
    """The words of labels, folded and by their stems; works are told by their number."""

    def put(self, labels: Mapping[int, Sequence[str]]) -> None:
        """Index the folded texts of works, in the place of those before: of each its title, artist,
        medium, tags and description."""

    def complete(self) -> bool:
        """Whether all labels have been folded once."""

    def retire_former(self) -> None:
        """Drop the index that answered until then."""

    def best(self, tokens: Tokens, most: int) -> list[str]:
        """The ids of the works with these words, by BM25, best first."""

    def all_with(self, tokens: Tokens, most: int) -> list[str]:
        """The ids of them, in no order, and of no more than so many."""

    def places(self, tokens: Tokens) -> NDArray[np.int64]:
        """Where in the table of works all of them are: `rowid` (m,)."""

    def count(self, tokens: Tokens, most: int) -> int:
        """How many they are; of more than `most`, so many."""

    def titles(self, words: str, longest: int) -> list[tuple[str, str]]:
        """Id and title of those with these words in a row in a title of so many characters."""

    def has(self, word: str) -> bool:
        """Whether any label has this word."""


class Database(Protocol):
    """An open library; one thread at a time. Its calls raise StoreError."""

    conn: Any
    """The connection: whether it is `in_transaction`, and which `damage` it has met."""

    @property
    def words(self) -> WordIndex:
        """The index of the words of labels."""

    def execute(self, sql: str, parameters: Any = None) -> Any:
        """A cursor over what a statement gives; a write is kept at once, unless a transaction is
        open."""

    def unfollowed(self, sql: str, parameters: Any = None) -> list[Any]:
        """The rows of a statement that changes only what nobody follows; kept at once, without a
        turn among those who write where there are turns."""

    def stream(self, sql: str, parameters: Any) -> Iterator[Any]:
        """The rows of a statement, some at a time however many they are."""

    def begin(self) -> None:
        """Open a transaction in which nobody else may write."""

    def commit(self) -> None:
        """Keep what was written in it."""

    def rollback(self) -> None:
        """Undo it."""

    def atomic(self) -> AbstractContextManager[Any]:
        """A part of a transaction that can be undone alone."""

    def fill(self, table: str, columns: Sequence[str], rows: Sequence[Any]) -> None:
        """Add many new rows to a table at once."""

    def renumber(self) -> None:
        """Number what is added from now on behind what is there."""

    def mark_of_kept_out(self) -> int | None:
        """Another number each time that this connection changes which works are kept out, also
        where that is undone; None where nobody knows."""

    def data_version(self) -> int:
        """A number that changes when another connection commits."""

    def end_silent_writers(self, seconds: float) -> None:
        """End what a program is writing that has said nothing for so long, since it hangs, where
        the engine lets others wait for it."""

    def fault(self) -> str | None:
        """What the engine finds wrong with the library, or None."""

    def close(self) -> None:
        """End the connection."""
