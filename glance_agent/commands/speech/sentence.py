"""A sentence as it is compared: words without case, accents, punctuation.

Each word knows where it stands in what was said, so that a wish keeps its own spelling.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from glance_agent.domain.folding import folded_letters

_INSIDE = frozenset("'’.,-/")
"""What may stand between two letters or digits of one word."""
_JOINED_TO_BEFORE = re.compile(r"^(?:['’](?=\s)|-(?=\w))")
"""What a cut word ends in, or is joined by to the next: “un po' più”, “mets-le”."""
_EDGES = " \t\n,;:!?…"
_BETWEEN_CLAUSES = re.compile(r"(?<=[,;:!?.…])\s+")
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
"""As they are typed where a keyboard lacks them."""
_ELIDED = re.compile(
    r"(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quelqu|un|all|coll|dall|dell|nell|sull|bell|quell"
    r"|quest|tutt|com|cos|dov|mezz|quant|anch)['’]",
    re.IGNORECASE,
)
"""What stands before an apostrophe as a word of its own: “l’océan”, “un’altra”."""
_PRONOUN = re.compile(
    r"-(?=(?:moi|toi|nous|vous|lui|leur|les?|la|ce|ci|là|tu|je|ils?|elles?|on|t|y|en)(?:-|\b))",
    re.IGNORECASE,
)
"""The hyphen before a French pronoun, which is a word of its own: “montre-moi”, “y a-t-il”."""
_SELECTORS = frozenset("\ufe0e\ufe0f\u200d")
_SKINS = range(0x1F3FB, 0x1F400)


@dataclass(frozen=True, slots=True)
class Word:
    """One word as it is compared, and where it begins and ends in the text."""

    said: str
    start: int
    end: int


@dataclass(frozen=True)
class Sentence:
    """What somebody said."""

    text: str

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """Its words and pictures (emoji), in order."""
        return tuple(_words(self.text))

    @cached_property
    def said(self) -> tuple[str, ...]:
        """The words as they are compared."""
        return tuple(word.said for word in self.words)

    def between(self, first: int, last: int) -> str:
        """What stands from one word to before another, as it was written."""
        if first >= last:
            return ""
        start = self.words[first - 1].end if first else 0
        end = self.words[last].start if last < len(self.words) else len(self.text)
        inner = _JOINED_TO_BEFORE.sub("", self.text[start:end]) if first else self.text[:end]
        kept = inner.strip(_EDGES)
        return kept.rstrip(".") if kept.count(".") == 1 and last == len(self.words) else kept

    def without(self, first: int, last: int) -> Sentence:
        """The sentence without these words."""
        before, after = self.between(0, first), self.between(last, len(self.words))
        return Sentence(f"{before} {after}".strip())

    def written(self, said: str) -> str:
        """Words of it, given as they are compared, as they were written."""
        words = tuple(said.split())
        for at in range(len(self.words) - len(words) + 1):
            if self.said[at : at + len(words)] == words:
                return self.between(at, at + len(words))
        return said

    def gap(self, at: int) -> str:
        """What stands between a word and the one before it."""
        return self.text[self.words[at - 1].end : self.words[at].start]

    @cached_property
    def once(self) -> Sentence:
        """The same said once, where it is one thing again and again: “next next”, “👍👍👍”."""
        count = len(self.words)
        for size in range(1, count // 2 + 1):
            if count % size == 0 and self.said == self.said[:size] * (count // size):
                return self.without(size, count)
        return self

    def parted(self, joining: Collection[str]) -> tuple[Sentence, ...]:
        """Its parts between such words, and between commas and stops."""
        if self.said and self.said[0] in joining:
            return self.without(0, 1).parted(joining)
        for at, word in enumerate(self.said):
            if word in joining:
                count = len(self.words)
                return self.without(at, count).clauses + self.without(0, at).parted(joining)
        return self.clauses

    @cached_property
    def clauses(self) -> tuple[Sentence, ...]:
        """Its parts, as commas and stops divide it."""
        parts = (Sentence(part) for part in _BETWEEN_CLAUSES.split(self.text))
        return tuple(part for part in parts if part.words)

    @property
    def without_pictures(self) -> Sentence:
        """The same without emoji."""
        return Sentence("".join(c for c in self.text if not _is_picture(c)).strip())

    @cached_property
    def drawn(self) -> bool:
        """Whether it has no letter at all, only pictures."""
        return bool(self.words) and not any(c.isalnum() for c in "".join(self.said))


def compared(word: str) -> str:
    """A word as it is compared: no case, no accents, umlauts spelled out, nothing inside it."""
    spelled = unicodedata.normalize("NFKC", word).casefold().translate(_SPELLED_OUT)
    plain = folded_letters(spelled)
    if plain and plain[0].isdigit():
        return plain.rstrip(".,-/'’")
    return "".join(c for c in plain if c not in _INSIDE) or spelled


def names_of_pictures(text: str) -> str:
    """What the emoji of a text show, as Unicode names it: “sunflower”."""
    names = (unicodedata.name(c, "") for c in text if _is_picture(c))
    return " ".join(name.lower().removesuffix(" face") for name in names if name)


def _words(text: str) -> Iterator[Word]:
    at = 0
    while at < len(text):
        char = text[at]
        if _is_letter(char):
            end = _end_of_word(text, at)
            for start, stop in _parts(text, at, end):
                yield Word(compared(text[start:stop]), start, stop)
            at = end
        else:
            if _is_picture(char):
                yield Word(char, at, at + 1)
            at += 1


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the words begin and end that are written as one, as in “l’image”, “montre-moi”."""
    while elided := _ELIDED.match(text, start, end):
        yield start, elided.end()
        start = elided.end()
    while pronoun := _PRONOUN.search(text, start, end):
        yield start, pronoun.start()
        start = pronoun.end()
    yield start, end


def _end_of_word(text: str, at: int) -> int:
    """Where the word ends that begins here; a hyphen between letters belongs to it."""
    while at < len(text):
        inside = text[at] in _INSIDE and at + 1 < len(text) and _is_letter(text[at + 1])
        if not inside and not _is_letter(text[at]):
            break
        at += 1
    return at


def _is_letter(char: str) -> bool:
    """Letters, digits and the marks that belong to them; emoji have marks of their own."""
    return unicodedata.category(char)[0] in "LNM" and char not in _SELECTORS


def _is_picture(char: str) -> bool:
    """A symbol that means something alone; the colour of a skin does not."""
    return unicodedata.category(char) in {"So", "Sm"} and ord(char) not in _SKINS
