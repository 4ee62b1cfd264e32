"""Which pieces the pupil reads, and how words are cut into them."""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

FRAGMENT_LETTERS = range(2, 7)
_LETTERS: Final = re.compile("[a-z]+")


def chosen_pieces(
    first: Iterable[str], frequent: Iterable[str], *, words: int, fragments: int
) -> list[str]:
    """Letters, every word of the texts `first`, the most frequent others up to `words`, and the
    fragments that the words left out hold most.
    """
    pieces = dict.fromkeys(string.ascii_lowercase)
    for text in first:
        pieces.update(dict.fromkeys(folded_words(text)))
    left_out: list[str] = []
    for text in frequent:
        parts = folded_words(text)
        if len(pieces) < words:
            pieces.update(dict.fromkeys(parts))
        else:
            left_out += [part for part in parts if part not in pieces]
    held: Counter[str] = Counter()
    for word in left_out:
        held.update(
            word[start : start + size]
            for size in FRAGMENT_LETTERS
            for start in range(len(word) - size + 1)
        )
    ranked = sorted(held, key=lambda part: -held[part] * (len(part) - 1))
    pieces.update(dict.fromkeys([part for part in ranked if part not in pieces][:fragments]))
    return list(pieces)


def reader(pieces: list[str]) -> FoldedPieces:
    """What cuts texts into the numbers of these pieces."""
    return FoldedPieces({piece: number for number, piece in enumerate(pieces)})


_FOLDED: Final = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_WRITTEN_OUT: Final = re.compile("(?<=[aou])e|(?<=a)a")  # ä as ae, å as aa
_LONGEST_CUT: Final = 48  # letters of a word that are read; no language has longer ones on a label


class FoldedPieces:
    """Cuts each word into the fewest pieces there are; a piece inside a word has the number of
    the same letters alone, plus the count of all pieces.

    Letters are folded: no case, no accents, ß as ss, ø as o, æ as ae. A word that is unknown with
    its ae, oe, ue is read as if somebody had no ä, ö, ü on the keyboard.
    """

    def __init__(self, numbers: Mapping[str, int]) -> None:
        self.numbers = numbers
        self._longest = max(map(len, numbers), default=1)

    def ids(self, text: str) -> list[int]:
        """The numbers of the text's pieces."""
        return [number for word in folded_words(text) for number in self._word(word)]

    def _word(self, word: str) -> list[int]:
        whole = self.numbers.get(word)
        if whole is not None:
            return [whole]
        short = _WRITTEN_OUT.sub("", word)
        ways = [self._cut(way) for way in dict.fromkeys((word, short)) if way]
        return min(ways, key=len)

    def _cut(self, word: str) -> list[int]:
        """The fewest pieces; of equally many those with the longest among them."""
        word = word[:_LONGEST_CUT]
        best: list[tuple[int, int, int]] = [(0, 0, 0)]  # pieces, minus squares, start of the last
        for end in range(1, len(word) + 1):
            starts = range(max(0, end - self._longest), end)
            best.append(
                min(
                    (best[start][0] + 1, best[start][1] - (end - start) ** 2, start)
                    for start in starts
                    if word[start:end] in self.numbers
                )
            )
        cut: list[int] = []
        end = len(word)
        while end:
            start = best[end][2]
            inside = len(self.numbers) if start else 0
            cut.append(self.numbers[word[start:end]] + inside)
            end = start
        return cut[::-1]


def folded_words(text: str) -> list[str]:
    """The words of a text in small letters a-z: no accents, letters of their own spelt out."""
    text = text.casefold()
    if not text.isascii():
        apart = unicodedata.normalize("NFD", text.translate(_FOLDED))
        text = "".join(c for c in apart if not unicodedata.category(c).startswith("M"))
    return _LETTERS.findall(text)
