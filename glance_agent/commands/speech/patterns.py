"""Patterns of sentences: `[the] (next|other) <work> [please]`, `set the mood to {mood}`.

`[…]` may be left out, `(a|b)` is a choice, `<name>` is a list of the table, `*` is one word or
more. `{slot}` is words that are kept by that name; `{slot:name}` such as the list allows. Lists are
read once and shared: hundreds of patterns are ready in no time, and what one has found out about
the words of a sentence, no other finds out again.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Generic, NamedTuple, TypeVar

from glance_agent.commands.speech.sentence import Sentence

Spans = tuple[tuple[str, int, int], ...]
"""Names of slots, each with the word that it begins with and the word that follows it."""
_PIECE = re.compile(
    r"[\[\]()|*]|<(?P<list>\w+)>|\{(?P<slot>\w+)(?::(?P<of>\w+))?\}|[^\s\[\]()|*<{]+"
)


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """A pattern, or a part of one: `parts` in a row, or one of them where it is a `choice`.

    Without parts it is the `word`, or any words where there is none; what it matches is kept by
    the name of the `slot`.
    """

    word: str | None = None
    parts: tuple[Pattern, ...] | None = None
    choice: bool = False
    slot: str = ""

    def words(self) -> Iterator[str]:
        """All words that it names."""
        if self.word is not None:
            yield self.word
        for part in self.parts or ():
            yield from part.words()

    def has_slots(self) -> bool:
        """Whether it keeps any words."""
        return bool(self.slot) or any(part.has_slots() for part in self.parts or ())


@cache
def _first_words(pattern: Pattern) -> tuple[frozenset[str | None], bool]:
    """The words that it may begin with, None for any; and whether it may be of no word at all."""
    if pattern.parts is None:
        return frozenset({pattern.word}), False
    found: frozenset[str | None] = frozenset()
    for part in pattern.parts:
        words, of_none = _first_words(part)
        found |= words
        if not (of_none or pattern.choice):
            return found, False
    return found, not pattern.choice or any(_first_words(part)[1] for part in pattern.parts)


_Kept = TypeVar("_Kept")


class ByFirstWord(Generic[_Kept]):
    """Patterns, each with what belongs to it, found by the words that they may begin with.

    Of many hundreds of patterns hardly any begin as a sentence does: no other is looked at.
    """

    def __init__(self, pairs: Iterable[tuple[Pattern, _Kept]]) -> None:
        found: dict[str | None, list[tuple[int, Pattern, _Kept]]] = defaultdict(list)
        for place, (pattern, kept) in enumerate(pairs):
            words, of_none = _first_words(pattern)
            for word in (None,) if of_none or None in words else words:
                found[word].append((place, pattern, kept))
        anything = found.pop(None, [])
        self._any = tuple((pattern, kept) for _, pattern, kept in anything)
        self._found = {
            word: tuple(
                (pattern, kept)
                for _, pattern, kept in sorted([*some, *anything], key=lambda one: one[0])
            )
            for word, some in found.items()
        }

    def beginning(self, word: str | None) -> tuple[tuple[Pattern, _Kept], ...]:
        """The patterns that may begin with a word, in their order; None where no word is left."""
        return self._found.get(word, self._any)


@cache
def _choices(choice: Pattern) -> ByFirstWord[None]:
    """What there is to choose from, by first words."""
    return ByFirstWord((part, None) for part in choice.parts or ())


_NOTHING = Pattern(parts=())
_SOME_WORDS = Pattern()


@lru_cache(maxsize=4096)
def _said(text: str) -> tuple[str, ...]:
    """The words of a piece of a pattern; most pieces stand in many patterns."""
    return Sentence(text).said


class Match(NamedTuple):
    """Where a match ends, and the slots within it."""

    end: int
    spans: Spans = ()


class Patterns:
    """Reads patterns, with the lists that they name."""

    def __init__(self, lists: Mapping[str, str]) -> None:
        self._texts = lists
        self._lists: dict[str, Pattern] = {}
        self._words: dict[str, Pattern] = {}

    def read(self, text: str) -> Pattern:
        """The pattern of a text; KeyError for a list that is not there."""
        pieces = list(_PIECE.finditer(text))
        pattern, _ = self._choice(pieces, 0)
        return pattern

    def _choice(self, pieces: Sequence[re.Match[str]], at: int) -> tuple[Pattern, int]:
        """What stands between bars, up to the bracket that closes; and where that is."""
        rows: list[list[Pattern]] = [[]]
        while at < len(pieces) and pieces[at].group() not in ("]", ")"):
            piece = pieces[at].group()
            at += 1
            if piece == "|":
                rows.append([])
            elif piece in ("[", "("):
                inner, at = self._choice(pieces, at)
                at += 1
                optional = Pattern(parts=(inner, _NOTHING), choice=True)
                rows[-1].append(optional if piece == "[" else inner)
            else:
                rows[-1] += self._one(pieces[at - 1])
        choices = tuple(row[0] if len(row) == 1 else Pattern(parts=tuple(row)) for row in rows)
        return (choices[0] if len(choices) == 1 else Pattern(parts=choices, choice=True)), at

    def _one(self, piece: re.Match[str]) -> list[Pattern]:
        if name := piece["list"]:
            return [self._list(name)]
        if slot := piece["slot"]:
            inner = self._list(piece["of"]) if piece["of"] else _SOME_WORDS
            return [Pattern(parts=(inner,), slot=slot)]
        if piece.group() == "*":
            return [_SOME_WORDS]
        return [self._word(word) for word in _said(piece.group())]

    def _word(self, word: str) -> Pattern:
        known = self._words.get(word)
        if known is None:
            known = self._words[word] = Pattern(word)
        return known

    def words(self) -> frozenset[str]:
        """The words of all patterns that have been read."""
        return frozenset(self._words)

    def _list(self, name: str) -> Pattern:
        if name not in self._lists:
            self._lists[name] = self.read(self._texts[name])
        return self._lists[name]


class Reading:
    """The words of one sentence, as patterns match them."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = tuple(words)
        self._known: dict[tuple[int, int], tuple[Match, ...]] = {}

    def whole(self, pattern: Pattern) -> dict[str, tuple[int, int]] | None:
        """The slots of a pattern that matches all words, as words in a row; None for no match."""
        if not self._may_begin(pattern, 0):
            return None
        for match in self._matches(pattern, 0):
            if match.end == len(self.words):
                return {slot: (first, last) for slot, first, last in match.spans}
        return None

    def begins(self, pattern: Pattern) -> int:
        """With how many words the pattern is met in front, at most; 0 where it is not."""
        if not self._may_begin(pattern, 0):
            return 0
        return max((match.end for match in self._matches(pattern, 0)), default=0)

    def ends(self, pattern: Pattern) -> int:
        """From which word on the pattern is met, at the earliest; how many there are for none."""
        last = len(self.words)
        for at in range(1, last):
            if self._may_begin(pattern, at) and any(
                match.end == last for match in self._matches(pattern, at)
            ):
                return at
        return last

    def _may_begin(self, pattern: Pattern, at: int) -> bool:
        first, _ = _first_words(pattern)
        return None in first or self._word(at) in first

    def _word(self, at: int) -> str | None:
        return self.words[at] if at < len(self.words) else None

    def _matches(self, pattern: Pattern, at: int) -> tuple[Match, ...]:
        """Every way in which the pattern is met from a word on, the preferred one first."""
        if pattern.word is not None:
            return (Match(at + 1),) if self._word(at) == pattern.word else ()
        key = id(pattern), at
        if key not in self._known:
            self._known[key] = tuple(dict.fromkeys(self._found(pattern, at)))
        return self._known[key]

    def _found(self, pattern: Pattern, at: int) -> Iterator[Match]:
        if pattern.parts is None:
            yield from (Match(end) for end in range(at + 1, len(self.words) + 1))
        elif pattern.choice:
            for part, _ in _choices(pattern).beginning(self._word(at)):
                yield from self._matches(part, at)
        else:
            for match in self._in_a_row(pattern.parts, at):
                here = ((pattern.slot, at, match.end),) if pattern.slot else ()
                yield Match(match.end, here + match.spans)

    def _in_a_row(self, parts: tuple[Pattern, ...], at: int) -> Iterator[Match]:
        ways = [Match(at)]
        for part in parts:
            ways = list(
                dict.fromkeys(
                    Match(after.end, way.spans + after.spans)
                    for way in ways
                    for after in self._matches(part, way.end)
                )
            )
            if not ways:
                return
        yield from ways


@lru_cache(maxsize=64)
def reading(words: tuple[str, ...]) -> Reading:
    """These words; those of the sentence that is being understood are not read twice."""
    return Reading(words)
