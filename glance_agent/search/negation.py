"""What people say that they do not want: which words turn what follows into it, and how far.

How each language says it is in `negations.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from glance_agent.search.in_english import in_english
from glance_agent.search.query_tokens import QUOTES, Token

_FULL_STOPS = ".!?"
MOST_IN_A_ROW = 3
"""So many words may be one that ends what is avoided, or says nothing behind it."""
_AT_HOME_IN_PORTUGUESE = "no"
"""“Barcos no mar” are on the sea."""


@dataclass(frozen=True, slots=True)
class _Phrases:
    """Words, and some in a row, by the first of them."""

    by_first: Mapping[str, tuple[tuple[str, ...], ...]]

    @classmethod
    def of(cls, phrases: Iterable[str]) -> _Phrases:
        found: dict[str, tuple[tuple[str, ...], ...]] = {}
        for phrase in phrases:
            words = tuple(phrase.replace("’", "'").split())
            found[words[0]] = (*found.get(words[0], ()), words)
        return cls(found)

    def met(self, words: Sequence[str]) -> int:
        """How many of these words they begin with, at most; what is elided counts as one."""
        first, elided, _ = words[0].partition("'")
        known = (*self.by_first.get(words[0], ()), *self.by_first.get(f"{first}{elided}", ()))
        return max((len(row) for row in known if _begins(words, row)), default=0)


def _begins(words: Sequence[str], row: Sequence[str]) -> bool:
    return len(words) >= len(row) and all(
        word == said or (said.endswith("'") and word.startswith(said))
        for word, said in zip(words, row, strict=False)
    )


@dataclass(frozen=True, slots=True)
class Negation:
    """What the languages that have a word for “not” have beside it."""

    words: frozenset[str]
    joins: frozenset[str]
    before: frozenset[str]
    skipped: frozenset[str]
    stops: _Phrases
    inside: _Phrases
    none: str
    pictures: str

    def ends(self, words: Sequence[str]) -> bool:
        """Whether these words, folded, are not avoided any more."""
        return words[0] in self.words or self.stops.met(words) > 0

    def telling(self, word: str) -> str:
        """What of a word in front says something: nothing of “the”, “arbres” of “d’arbres”."""
        compared = _compared(word)
        article, elided, rest = compared.partition("'")
        if compared in self.skipped:
            return ""
        return word[-len(rest) :] if rest and article + elided in self.skipped else word


def as_said(text: str) -> str:
    """The words with other ways to say what is not wanted as the usual one: “I don't like
    portraits” as “not portraits”, “nobody” as “without people”.

    Words in quotation marks are as they were said.
    """
    if any(mark in text for mark in QUOTES):
        return text
    words = {word.strip(",.!?") for word in text.casefold().replace("’", "'").split()}
    for language in _languages():
        if not words.isdisjoint(language["signs"].split()):
            for said, meant in language["said"]:
                text = re.sub(said, meant, text, flags=re.IGNORECASE)
    return " ".join(text.split())


def negation_at(tokens: Sequence[Token], at: int) -> Negation | None:
    """What goes with a word that turns what follows into an exclusion: “no people”, never “No. 5”;
    None for any other word."""
    word = folded(tokens[at])
    negation = _negations().get(word)
    if negation is None or at + 1 >= len(tokens):
        return None
    after, before = tokens[at + 1], tokens[at - 1] if at else None
    if after.kind not in {"word", "quoted"} or after.text[0].isdigit():
        return None
    near = [folded(token) for token in tokens[at : at + 3] if token.kind == "word"]
    first = "" if before is None else "," if before.kind == "comma" else folded(before)
    if re.search(negation.none, f"{first} {' '.join(near)} "):
        return None
    if word == _AT_HOME_IN_PORTUGUESE and first not in negation.before and in_english(first):
        return None
    return negation


def folded(token: Token) -> str:
    """A token's text as it is compared."""
    return _compared(token.text)


def _compared(word: str) -> str:
    return word.casefold().replace("’", "'").rstrip(_FULL_STOPS)


@cache
def _negations() -> Mapping[str, Negation]:
    """By word; a word of several languages has what all of them have."""
    by_word: dict[str, list[Mapping[str, Any]]] = {}
    for language in _languages():
        for word in language["words"].replace("’", "'").split():
            by_word.setdefault(word, []).append(language)
    known: dict[tuple[int, ...], Negation] = {}
    found = {}
    for word, languages in by_word.items():
        key = tuple(map(id, languages))
        found[word] = known.setdefault(key, _negation_of(languages))
    return found


def _negation_of(languages: Sequence[Mapping[str, Any]]) -> Negation:
    def words(name: str) -> frozenset[str]:
        return frozenset(word for each in languages for word in _row(each[name]))

    return Negation(
        words("words"),
        words("joins"),
        words("before"),
        frozenset(word.replace("’", "'") for word in words("skipped")),
        _Phrases.of(words("stops")),
        _Phrases.of(phrase for each in languages for phrase in each["inside"]),
        _any_of(none for each in languages for none in each["no_negations"]),
        rf"^(?:{'|'.join(each['pictures'] for each in languages)})\s*",
    )


def _row(words: str) -> list[str]:
    """The words of a list; those that are joined belong together."""
    return [word.replace("-", " ") for word in words.split()]


def _any_of(patterns: Iterable[str]) -> str:
    return "|".join(f"(?:{p if p[0] in '^ ' else f' {p}'})" for p in patterns)


@cache
def _languages() -> tuple[Mapping[str, Any], ...]:
    path = files(__package__) / "negations.toml"
    return tuple(tomllib.loads(path.read_text(encoding="utf-8")).values())
