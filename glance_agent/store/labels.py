"""Full-text search over what is printed on labels."""

from __future__ import annotations

from collections.abc import Container

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.label import ALL_LABELS, Tokens
from glance_agent.domain.view import View
from glance_agent.store.database import Database
from glance_agent.store.degrade import or_nothing
from glance_agent.store.index_rows import RowsView

MOST_HITS = 200
_WORDS = "the words of labels"


class Labels:
    """The labels of one database; one thread at a time. Withheld works are found as well."""

    def __init__(self, db: Database) -> None:
        self.db = db

    @or_nothing(list, _WORDS)
    def labelled_with(self, tokens: Tokens, most: int = MOST_HITS) -> list[str]:
        """The works whose labels carry these words, best first.

        Ranking costs a few microseconds for each that does, however few are wanted.
        """
        return self.db.words.best(tokens, most)

    @or_nothing(list, _WORDS)
    def all_labelled_with(self, tokens: Tokens, most: int = ALL_LABELS) -> list[str]:
        """The same, however many they are, in no order that means anything; or the first ones."""
        return self.db.words.all_with(tokens, most)

    def works_with(self, tokens: Tokens, view: View) -> Container[str]:
        """The same as whoever looks at this view knows them quickest: of many, by its rows."""
        if isinstance(view, RowsView):
            places = self._places(tokens)
            rows = view.placed(places, lambda artwork: self._is_at(artwork, places))
            if rows is not None:
                return rows
        return frozenset(self.all_labelled_with(tokens))

    @or_nothing(lambda: np.empty(0, np.int64), _WORDS)
    def _places(self, tokens: Tokens) -> NDArray[np.int64]:
        return self.db.words.places(tokens)

    @or_nothing(bool, _WORDS)
    def _is_at(self, artwork_id: str, places: NDArray[np.int64]) -> bool:
        row = self.db.execute("SELECT rowid FROM artworks WHERE id = ?", [artwork_id]).fetchone()
        return row is not None and bool((places == row[0]).any())

    @or_nothing(int, _WORDS)
    def count_labelled_with(self, tokens: Tokens, most: int = ALL_LABELS) -> int:
        """How many they are; where there are more than `most`, so many, and the others are not
        looked for.
        """
        return self.db.words.count(tokens, most)

    @or_nothing(list, _WORDS)
    def titles_with(self, words: str, longest: int) -> list[tuple[str, str]]:
        """Id and title of the works with these words in a row in a title of at most so many
        characters.
        """
        return self.db.words.titles(words, longest)

    @or_nothing(bool, _WORDS)
    def is_on_labels(self, word: str) -> bool:
        """Whether any label has this word, or another one of its stem."""
        return self.db.words.has(word)

    @or_nothing(list, _WORDS)
    def words_like(self, word: str) -> list[str]:
        """Words of labels, folded, that begin as this one and are about as long; of artists, the
        last two words as well."""
        rows = self.db.execute(
            "SELECT word FROM label_words WHERE word >= :first AND word < :beyond "
            "AND length(word) BETWEEN :length - 2 AND :length + 2",
            {"first": word[0], "beyond": chr(ord(word[0]) + 1), "length": len(word)},
        )
        return [row[0] for row in rows]
