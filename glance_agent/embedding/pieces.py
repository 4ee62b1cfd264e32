"""Word pieces of plain letters, straight from a list of them.

The same numbers as a WordPiece model of the tokenizers library that strips accents, lowers the
case and drops all but a-z (a test compares them); read in a tenth of the time, since importing
that library and parsing its JSON takes longer than loading a small text tower.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Final

UNKNOWN: Final = "[UNK]"
_INSIDE: Final = "##"  # marks a piece that goes on with a word
_LONGEST_WORD: Final = 100  # letters; longer ones are unknown, as in the library
_LETTERS: Final = re.compile("[a-z]+")


class LetterPieces:
    """Cuts each word into the longest pieces there are, from its start on."""

    def __init__(self, numbers: Mapping[str, int]) -> None:
        self.numbers = numbers

    @classmethod
    def read(cls, path: Path) -> LetterPieces:
        """From a file with one piece a line, in the order of their numbers, `[UNK]` among them.

        Raises OSError, and ValueError where it is no such list.
        """
        pieces = path.read_text(encoding="utf-8").split()
        numbers = dict(zip(pieces, count()))
        if UNKNOWN not in numbers or len(numbers) != len(pieces):
            raise ValueError(f"it is no list of word pieces with {UNKNOWN}, each once")
        return cls(numbers)

    def ids(self, text: str) -> list[int]:
        """The numbers of the text's pieces."""
        return [number for word in letters_of(text) for number in self._word(word)]

    def _word(self, word: str) -> list[int]:
        whole = self.numbers.get(word)
        if whole is not None:
            return [whole]
        found: list[int] = []
        start = 0 if len(word) <= _LONGEST_WORD else len(word)
        while start < len(word):
            end, number = self._longest(word, start)
            if number is None:
                break
            found.append(number)
            start = end
        return found if found and start == len(word) else [self.numbers[UNKNOWN]]

    def _longest(self, word: str, start: int) -> tuple[int, int | None]:
        """Where the longest piece that begins here ends, and its number; None: there is none."""
        mark = _INSIDE if start else ""
        for end in range(len(word), start, -1):
            number = self.numbers.get(mark + word[start:end])
            if number is not None:
                return end, number
        return start, None


def letters_of(text: str) -> list[str]:
    """The words of a text in small letters a-z, without accents."""
    if not text.isascii():
        apart = unicodedata.normalize("NFD", text)
        text = "".join(c for c in apart if not unicodedata.category(c).startswith("M"))
    return _LETTERS.findall(text.lower())
