"""Words of a wish that no label has, read as those that are meant: `sunflwers`, `van goh`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Protocol

from glance_agent.domain.folding import folded
from glance_agent.domain.said import listed, say
from glance_agent.search.query import Phrase, Query
from glance_agent.search.reference_queries import COMMON_WORDS
from glance_agent.search.typing_errors import nearest_on_label
from glance_agent.search.well_known import artists_known

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_MOST_WORDS = 12
"""Of a longer wish each word says little."""


class SpelledLabels(Protocol):
    """Knows the words that are printed on labels."""

    def is_on_labels(self, word: str) -> bool:
        """Whether any label has this word, or another one of its stem."""
        ...

    def words_like(self, word: str) -> Sequence[str]:
        """Words of labels, folded, that begin as this one and are about as long; of artists, the
        last two words as well."""
        ...


@dataclass(frozen=True, slots=True)
class Respelled:
    """A query, and the words of it that were read as others."""

    query: Query
    read_as: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """What was read as what, in English; nothing where nothing was."""
        return str(self.told)

    @property
    def told(self) -> str:
        """The same, as it can be said in any language."""
        read = listed(
            say("“{word}” as “{meant}”", word=word, meant=meant)
            for word, meant in self.read_as.items()
        )
        return say("I read {read}.", read=read) if read else ""


class Speller:
    """Mends queries; one thread at a time."""

    def __init__(
        self, labels: SpelledLabels, is_word: Callable[[str], bool] = lambda word: False
    ) -> None:
        """`is_word` tells the words of the language, which nobody has misspelt."""
        self._labels = labels
        self._is_word = is_word

    def mended(self, query: Query) -> Respelled:
        """The query with words that are surely misspelt in their right spelling."""
        read_as: dict[str, str] = {}
        phrases = tuple(self._phrase(phrase, read_as) for phrase in query.phrases)
        return Respelled(replace(query, phrases=phrases), read_as) if read_as else Respelled(query)

    def _phrase(self, phrase: Phrase, read_as: dict[str, str]) -> Phrase:
        text = phrase.text
        for written in _readings(text):
            meant = self._meant(folded(written))
            if meant is not None and written in text:
                read_as[written] = meant
                text = text.replace(written, meant, 1)
        return replace(phrase, text=text)

    def _meant(self, word: str) -> str | None:
        """What a word is read as; for two words, the name of an artist that ends in two."""
        first, _, last = word.partition(" ")
        unknown = last or first
        if not last and (unknown in COMMON_WORDS or self._is_word(unknown)):
            return None
        if not unknown or self._labels.is_on_labels(unknown) or word in artists_known():
            return None
        near = [other for other in self._labels.words_like(word) if (" " in other) == bool(last)]
        common = () if last else (other for other in COMMON_WORDS if other[0] == word[0])
        # Artists who are not here are known as well, so that this can be said.
        known = () if all(map(self._is_word, word.split())) else artists_known()
        names = (n for n in known if n[0] == word[0] and (" " in n) == bool(last))
        return nearest_on_label(word, {*near, *common, *names})


def _readings(text: str) -> Iterator[str]:
    """Two words at a time, then each alone."""
    found = [*_WORD.finditer(text)]
    if len(found) > _MOST_WORDS:
        return
    for first, second in pairwise(found):
        if text[first.end() : second.start()] == " ":
            yield text[first.start() : second.end()]
    yield from (word.group() for word in found)
