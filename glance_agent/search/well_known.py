"""Artists and works that people ask for by name, and whether the library has them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from glance_agent.domain.folding import folded, folded_words
from glance_agent.domain.said import say
from glance_agent.search.label_words import tokens_of
from glance_agent.search.reference_queries import COMMON_WORDS

_SAYS_NOTHING = frozenset({
    "the", "a", "an", "le", "la", "les", "der", "die", "das", "of", "in", "on", "at", "by", "with",
    "and", "or", "to", "for", "from", "is", "are", "it", "its", "his", "her", "some", "any", "this",
    "that", "me", "you", "de", "du", "des", "von", "den", "und", "oder", "im", "am", "mit",
    "please", "bitte",
})  # fmt: skip
_BY = re.compile(r"(?:^| )(?:by|von) ((?!the |an? |der |die |das |my |me\b)[^\d]+)$")
_LONGEST_NAME = 3


@dataclass(frozen=True, slots=True)
class Named:
    """An artist or a work that a wish names: as one says it back, and the words that tell it."""

    said: str
    telling: tuple[str, ...]


def says_nothing(words: str) -> bool:
    """Whether there are only words that stand between others."""
    return _SAYS_NOTHING.issuperset(folded_words(words))


def named(words: str) -> Named | None:
    """The artist or the work that a wish names, if it does."""
    said = f" {folded(words)} "
    known = (name for way, name in _known().items() if f" {way} " in said)
    if (name := max(known, key=lambda name: len(name.said), default=None)) is not None:
        return name
    # “by” somebody whom nobody here has heard of.
    after = _BY.search(folded(words))
    tokens = tokens_of(after[1]) if after else ()
    if not 0 < len(tokens) <= _LONGEST_NAME or any(token in COMMON_WORDS for token in tokens):
        return None
    return Named(say("by {artist}", artist=after[1].title()) if after else "", tokens)


@cache
def artists_known() -> frozenset[str]:
    """Every way to ask for an artist, folded."""
    return frozenset(way for way, name in _known().items() if name.said.startswith("by "))


def absent(words: str, count: Callable[[tuple[str, ...]], int]) -> str:
    """What is named and not here, as one says it (“by Van Gogh”), or nothing.

    `count` tells how many labels carry all of some words.
    """
    name = named(words)
    return "" if name is None or count(name.telling) else name.said


@cache
def _known() -> dict[str, Named]:
    """Every way to ask for somebody or something, folded."""
    data = tomllib.loads((files(__package__) / "well_known.toml").read_text(encoding="utf-8"))
    artists = dict(_ways(data["artists"], lambda name: say("by {artist}", artist=name)))
    called = dict(_ways(data["titles"], lambda name: say("called “{title}”", title=name)))
    return called | artists


def _ways(entries: list[str], said: Callable[[str], str]) -> Iterator[tuple[str, Named]]:
    for entry in entries:
        name, *others = entry.split("|")
        for way in (name, *others):
            yield folded(way), Named(said(name), tokens_of(way))
