"""Word pieces of several languages: whole words and parts of words, in folded letters a-z.

Pieces lie in one sorted table of bytes, in which all parts of a text are looked up at once: a
hundred thousand of them take three megabytes so, a quarter of what a dict of them takes, and are
read in a tenth of the time.
"""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.folding import folded_letters

Table = NDArray[np.bytes_]
"""Shape (n,): the list from each piece on, so many letters of it that every piece has its line end.

A line end sorts before all letters, so the rows are sorted as the pieces are, and nothing has to
be wiped after them.
"""

LARGEST_BYTES: Final = 4_000_000
MOST_PIECES: Final = 200_000
LONGEST_PIECE: Final = 48
_LONGEST_CUT: Final = 48  # letters of a word that are read; on no label is one longer
_LETTERS: Final = re.compile("[a-z]+")
_ALLOWED: Final = f"{string.ascii_lowercase}\n".encode()
_WRITTEN_OUT: Final = re.compile("(?<=[aou])e|(?<=a)a")  # ä as ae, å as aa
_LINE_END: Final = ord("\n")
_NOWHERE: Final = -1


class FoldedPieces:
    """Cuts each word into the fewest pieces there are; of equally few, into those with the longest
    among them, and of equally long ones the longer first: what words have in common stands before
    their endings.

    A piece inside a word has the number of the same letters alone plus the count of all pieces, so
    that a model may learn “landschaft” once for Landschaft and Winterlandschaft. Letters are folded
    as everywhere: no case, no accents, ß as ss, ø as o. A word that is unknown with its ae, oe, ue
    is read as if somebody had no ä, ö, ü on the keyboard.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._longest = table.dtype.itemsize - 1

    @classmethod
    def read(cls, path: Path) -> FoldedPieces:
        """From a file with one piece a line, sorted, every letter a-z among them.

        Raises OSError, and ValueError where it is no such list.
        """
        if path.stat().st_size > LARGEST_BYTES:
            raise ValueError(f"it is larger than {LARGEST_BYTES // 1_000_000} MB")
        return cls(table_of(path.read_bytes()))

    @property
    def count(self) -> int:
        """How many pieces there are; numbers of those inside words begin here."""
        return len(self._table)

    def ids(self, text: str, most: int) -> list[int]:
        """The numbers of the text's first pieces, about `most` of them; no word is cut in vain."""
        words = words_of(text)[:most]
        numbers: list[int] = []
        for word, number in zip(words, self._numbers(words), strict=True):
            numbers += self._cut_anyhow(word) if number == _NOWHERE else [number]
            if len(numbers) >= most:
                break
        return numbers

    def number(self, piece: str) -> int | None:
        """The number of a piece that stands alone; None: there is none."""
        (number,) = self._numbers([piece])
        return None if number == _NOWHERE else number

    def _numbers(self, parts: Sequence[str]) -> list[int]:
        """The number of each part, or -1 where it is no piece."""
        if not parts:
            return []
        wanted = [f"{part}\n".encode() for part in parts]
        begun = np.array(wanted, self._table.dtype)  # as many letters as a row has
        places = np.searchsorted(self._table, begun).clip(max=self.count - 1)
        found = zip(places.tolist(), self._table[places].tolist(), wanted, strict=True)
        return [place if row.startswith(line) else _NOWHERE for place, row, line in found]

    def _cut_anyhow(self, word: str) -> list[int]:
        """The word, or the same without what stands for missing letters: whichever is plainer."""
        short = _WRITTEN_OUT.sub("", word)
        return min((self._cut(way[:_LONGEST_CUT]) for way in dict.fromkeys((word, short))), key=len)

    def _cut(self, word: str) -> list[int]:
        """The fewest pieces of a word; every letter is one, so there is always a way."""
        spans = [
            (start, end)
            for end in range(1, len(word) + 1)
            for start in range(max(0, end - self._longest), end)
        ]
        numbers = self._numbers([word[start:end] for start, end in spans])
        pieces = {span: n for span, n in zip(spans, numbers, strict=True) if n != _NOWHERE}
        ends = _best_ends(len(word), list(pieces))
        inside = [0] + [self.count] * len(ends)
        return [pieces[span] + more for span, more in zip(pairwise(ends), inside, strict=False)]


def _best_ends(length: int, spans: Sequence[tuple[int, int]]) -> list[int]:
    """Where a word of this length is best cut, its start and its end among it, by spans (start,
    end) that are sorted by their ends: a shortest way from 0 to `length`.
    """
    # Of each end: pieces, minus the squares of their lengths, minus where the last begins.
    best: list[tuple[int, int, int]] = [(0, 0, 0)]
    at = 0
    for end in range(1, length + 1):
        ways = []
        while at < len(spans) and spans[at][1] == end:
            start = spans[at][0]
            ways.append((best[start][0] + 1, best[start][1] - (end - start) ** 2, -start))
            at += 1
        best.append(min(ways))
    ends = [length]
    while ends[-1]:
        ends.append(-best[ends[-1]][2])
    return ends[::-1]


def words_of(text: str) -> list[str]:
    """The words of a text in folded letters a-z; what else there is parts them."""
    return _LETTERS.findall(folded_letters(text))


def table_of(content: bytes) -> Table:
    """The pieces of a list, one a line. Raises ValueError that says what is wrong with it."""
    if not content.endswith(b"\n") or content.count(b"\n") > MOST_PIECES:
        raise ValueError(f"it is no list of at most {MOST_PIECES} lines")
    if content.translate(None, _ALLOWED):
        raise ValueError("it holds more than small letters a-z")
    ends = np.flatnonzero(np.frombuffer(content, np.uint8) == _LINE_END).astype(np.int32)
    lengths = np.diff(ends, prepend=np.int32(-1)) - np.int32(1)
    if lengths.min() < 1 or lengths.max() > LONGEST_PIECE:
        raise ValueError(f"a piece is empty or has more than {LONGEST_PIECE} letters")
    return _sound(_rows(content, ends - lengths, int(lengths.max()) + 1))


def _rows(content: bytes, starts: NDArray[np.int32], width: int) -> Table:
    following = np.frombuffer(content + bytes(width), np.uint8)
    everywhere = np.ndarray((len(content),), f"V{width}", following, strides=(1,))
    table: Table = everywhere[starts].view(f"S{width}")
    return table


def _sound(table: Table) -> Table:
    if (table[1:] <= table[:-1]).any():
        raise ValueError("its pieces are not sorted")
    if _NOWHERE in FoldedPieces(table)._numbers(string.ascii_lowercase):
        raise ValueError("a letter is missing, so that not every word can be cut")
    return table
