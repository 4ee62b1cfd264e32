"""Which of a word's English words is meant: what dictionaries say, weighed by how near a teacher
sees the two words, and by how much people use the English one, how often it stands in titles of
paintings, and whether it names what can be seen.

"Munk" is a monk and a doughnut, "wagon" a carriage and a railway car: by way of third languages
both meanings come along, and no dictionary knows that pictures are spoken of. The teacher reads
neither Swedish nor Norwegian nor Danish; there, the English words decide alone.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from glance_agent.embedding.folded_pieces import words_of
from tools.embedded_model.languages.bridge import centred
from tools.embedded_model.languages.choosing import RAREST as UNUSED
from tools.embedded_model.languages.choosing import in_titles, seen_nouns
from tools.embedded_model.languages.dictionaries import DICTIONARIES, WORDNET
from tools.embedded_model.languages.teacher import (
    CENTRED_BY,
    NOT_READ,
    TeacherCache,
    ask,
    cache_of,
    frequent_words,
    sentence_encoder,
)
from tools.embedded_model.languages.translations import (
    SENSES,
    TRANSLATIONS,
    Meanings,
    open_translations,
    shares,
)
from tools.embedded_model.prepare import open_records
from tools.embedded_model.workplace import arguments

Floats = NDArray[np.float32]
NEAR = 8.0  # e to the power of so many cosines: how much it counts what the teacher sees
USED, ON_TITLES = 0.2, 0.5  # powers of an English word's frequency, of its logarithm in titles
SEEN = 2.0  # what a noun of something that can be seen counts, where another word counts 1
RAREST = 3e-8  # share of all words that are used: rarer ones stay as the dictionaries have them


def likely(english: str, titles: Mapping[str, int], seen: Container[str]) -> float:
    """How likely somebody who speaks of pictures means an English word."""
    import wordfreq

    frequency = max(wordfreq.word_frequency(english, "en"), UNUSED)
    on_titles = max((titles.get(part, 0) for part in words_of(english)), default=0)
    weight: float = frequency**USED * (1 + np.log1p(on_titles)) ** ON_TITLES
    return weight * (SEEN if english in seen else 1.0)


def weighed(
    meanings: Meanings, expected: Callable[[str], float], cosines: Sequence[float] | None = None
) -> Meanings:
    """Shares of English words, the likeliest first, where each is expected so much and where the
    teacher sees it so near; None where it does not know the language.
    """
    near = np.exp(NEAR * np.asarray(cosines)) if cosines is not None else np.ones(len(meanings))
    found = {
        english: share * expected(english) * float(factor)
        for (english, share), factor in zip(meanings.items(), near, strict=True)
    }
    best = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    return shares(dict(best))


class Senses:
    """Weighs all words of a language."""

    def __init__(self, cache: TeacherCache, expected: Callable[[str], float]) -> None:
        self._cache, self._expected = cache, expected
        self._english_middle = self._middle("en")

    def of(self, code: str, words: Mapping[str, Meanings]) -> Iterator[tuple[str, Meanings]]:
        """Each word with its English words weighed."""
        middle = None if code in NOT_READ else self._middle(code)
        for word, meanings in words.items():
            near = None if middle is None else self._cosines(word, list(meanings), middle)
            yield word, weighed(meanings, self._expected, near)

    def _middle(self, code: str) -> Floats:
        frequent = frequent_words(code)[:CENTRED_BY]
        mean: Floats = self._cache.vectors(frequent).mean(0)
        return mean

    def _cosines(self, word: str, english: list[str], middle: Floats) -> list[float]:
        own = centred(self._cache.vectors([word]), middle)[0]
        cosines: list[float] = (
            centred(self._cache.vectors(english), self._english_middle) @ own
        ).tolist()
        return cosines


def ambiguous(code: str, known: Mapping[str, Meanings]) -> dict[str, Meanings]:
    """Words that are used at all, with more than one English word."""
    import wordfreq

    return {
        word: meanings
        for word, meanings in known.items()
        if len(meanings) > 1 and wordfreq.word_frequency(word, code) > RAREST
    }


def _texts(code: str, words: Mapping[str, Meanings]) -> Iterable[str]:
    if code not in NOT_READ:
        yield from frequent_words(code)[:CENTRED_BY]
        yield from words
        for meanings in words.values():
            yield from meanings


def main(options: argparse.Namespace) -> None:
    """Weigh what `translations` found, by the teacher and by the titles of the paintings."""
    told = open_translations(options.work / TRANSLATIONS)
    asked = {code: ambiguous(code, known) for code, known in told.known.items()}
    cache = cache_of(options.work)
    ask(cache, frequent_words("en")[:CENTRED_BY], sentence_encoder)
    for code, words in asked.items():
        ask(cache, _texts(code, words), sentence_encoder)
    records = open_records(options.work)
    titles = in_titles(r.title for r in records if r.split == "train" and r.title)
    seen = seen_nouns(options.dictionaries / WORDNET)
    senses = Senses(cache, lambda english: likely(english, titles, seen))
    known = {code: told.known[code] | dict(senses.of(code, words)) for code, words in asked.items()}
    written = json.dumps({"known": known, "kinds": told.kinds}, ensure_ascii=False)
    Path(options.work / SENSES).write_text(written, encoding="utf-8")
    print(", ".join(f"{code} {len(words)}" for code, words in asked.items()))


if __name__ == "__main__":
    parser = arguments("which English words are meant")
    parser.add_argument("--dictionaries", type=Path, default=DICTIONARIES)
    main(parser.parse_args())
