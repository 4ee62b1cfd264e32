"""A sentence as it is compared: its words without case and punctuation, umlauts spelled out.

Each word knows where it stands in what was said, so that a wish keeps its own spelling.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

_INSIDE = frozenset("'’.,-/")
"""What may stand between two letters or digits of one word."""
_EDGES = " \t\n,;:!?…"
_BETWEEN_CLAUSES = re.compile(r"(?<=[,;:!?.…])\s+")
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
"""As they are typed where a keyboard lacks them."""
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
        inner = self.text[start:end]
        kept = inner.strip(_EDGES)
        return kept.rstrip(".") if kept.count(".") == 1 and last == len(self.words) else kept

    def without(self, first: int, last: int) -> Sentence:
        """The sentence without these words."""
        before, after = self.between(0, first), self.between(last, len(self.words))
        return Sentence(f"{before} {after}".strip())

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
    """A word as it is compared: without case, umlauts spelled out, nothing inside it."""
    plain = unicodedata.normalize("NFKC", word).casefold().translate(_SPELLED_OUT)
    if plain and plain[0].isdigit():
        return plain.rstrip(".,-/'’")
    return "".join(c for c in plain if c not in _INSIDE)


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
            yield Word(compared(text[at:end]), at, end)
            at = end
        else:
            if _is_picture(char):
                yield Word(char, at, at + 1)
            at += 1


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
