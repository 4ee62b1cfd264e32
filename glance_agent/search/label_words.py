"""Words -> those that are looked for on labels, and what it is worth to find them there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from glance_agent.domain.folding import folded, folded_words
from glance_agent.search.reference_queries import COMMON_WORDS, names_kind

_ARTICLES = frozenset({
    "the", "a", "an", "der", "die", "das", "den", "dem", "ein", "eine", "einen", "einem", "einer",
    "le", "la", "les", "un", "une", "el", "los", "las", "una", "unos", "unas", "il", "lo", "gli",
    "uno", "het", "een",
})  # fmt: skip
_SILENT = _ARTICLES | frozenset({
    "of", "in", "on", "at", "by", "with", "and", "or", "to", "for", "from", "is", "are", "its",
    "his", "her", "some", "any", "this", "that", "und", "im", "am", "mit", "bei", "et", "dans",
    "avec", "du", "des", "en", "con", "del", "della", "de", "van", "von", "met", "op", "painting",
    "paintings", "picture", "pictures", "image", "images", "art", "artwork", "artworks", "work",
    "works", "piece", "pieces", "um", "uma", "com", "em", "na", "ao", "ett", "med", "och", "og",
    "pa", "vid", "ved",
})  # fmt: skip
_ELIDED = re.compile(r"^(?:l|d|un|dell|nell|all|sull)'(?=..)")
MOST_TOKENS = 12


@dataclass(frozen=True, slots=True)
class LabelAnswer:
    """What the labels answer: works meant by name, with all of the words, with some of them.

    `descriptive` where all words are of style, genre, colour or mood, which labels seldom say;
    `of_kind` where some are, so that the others alone do not say what is meant. `unordered` where
    so many labels carry all words that none of them says it better than another.
    """

    titled: tuple[str, ...] = ()
    by_artist: tuple[str, ...] = ()
    full: tuple[str, ...] = ()
    some: tuple[str, ...] = ()
    descriptive: bool = False
    of_kind: bool = False
    unordered: bool = False

    @property
    def any(self) -> bool:
        return bool(self.titled or self.by_artist or self.full or self.some)


def tokens_of(words: str) -> tuple[str, ...]:
    """The words that say something, each once; all of them where none does."""
    found = [_ELIDED.sub("", word) for word in folded_words(words)]
    telling = [token for token in found if token not in _SILENT] or found
    return tuple(dict.fromkeys(telling))[:MOST_TOKENS]


def as_title(words: str) -> str:
    """The words as they stand in a title, but for an article in front; empty where none is left."""
    return _without_article(folded(words))


def may_be_artist(token: str) -> bool:
    """Whether a word could name an artist: not one that describes pictures, nor a short one."""
    return len(token) > 2 and token not in COMMON_WORDS and not token.isdigit()


def names_artist(by_artist: int, elsewhere: int) -> bool:
    """Whether a word that this many labels have as artist, and elsewhere, is meant as a name."""
    return by_artist > 0 and by_artist >= 2 * elsewhere


def is_descriptive(tokens: Sequence[str]) -> bool:
    """Whether all words say how a picture looks, feels or of which kind it is."""
    return all(names_kind(token) for token in tokens)


def is_of_kind(tokens: Sequence[str]) -> bool:
    """Whether some of the words say of which kind a picture is, which labels seldom say."""
    return any(names_kind(token) for token in tokens)


def same_title(words: str, title: str) -> bool:
    """Whether the words are exactly this title, but for an article in front."""
    return as_title(words) == as_title(title) != ""


def _without_article(text: str) -> str:
    first, space, rest = text.partition(" ")
    return rest if space and first in _ARTICLES else text
