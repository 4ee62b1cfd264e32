"""Short phrases for a pupil that has learned words: two or three words of the dictionaries put
together as a wish puts them, and English titles said word by word, each beside its English twin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from tools.embedded_model.languages.lexicon import HERE, LANGUAGES, inflected, lines
from tools.embedded_model.languages.phrasing import AND, NOUN_FIRST

RUN_TOGETHER = ("de", "nl", "sv", "da")  # languages of compounds
FRAMES = ("show me", "something with", "i would like", "looking for", "a lot of", "a picture of")
KINDS = ("n", "adj", "v")
COMPOSED = 14_000  # phrases of dictionary words, in each language
SAID_AGAIN = 10_000  # English titles said word by word, in each language
OFTEN = 0.5  # power of a word's frequency: how often it is drawn
KNOWN_OF_A_TITLE = 0.6  # the share of its words
PATTERNS = (
    "n & n",
    "n & n",
    "a n",
    "a n",
    "n n & n",
    "n p n",
    "n p n",
    "a n p n",
    "a n & n",
    "a a n",
    "n p a n",
    "p n",
    "n v",
    "nn",
    "f n",
    "f n & n",
    "f a n",
)


class Known(NamedTuple):
    """A word in one of its forms, and its English word."""

    word: str
    english: str


class Used(NamedTuple):
    """A word in one of its forms, what it means, how frequent it is, and its kind."""

    word: str
    meanings: Mapping[str, float]
    frequency: float
    kind: str


def used_words(
    language: str,
    translated: Mapping[str, Mapping[str, float]],
    kind: Callable[[str, str, str], str],
) -> list[Used]:
    """What is known of each word; `kind` is asked for the language, the word and its English."""
    import wordfreq

    return [
        Used(
            word,
            meanings,
            wordfreq.word_frequency(word, language),
            kind(language, word, next(iter(meanings))),
        )
        for word, meanings in translated.items()
    ]


def phrases(language: str, used: list[Used], titles: list[str]) -> Iterator[tuple[str, str]]:
    """Phrases of a language and their English twins; the same ones every time."""
    chance = np.random.default_rng(17)
    little = read_little_words()
    by_kind: dict[str, list[tuple[Known, float]]] = {kind: [] for kind in KINDS}
    for word, meanings, frequency, kind in used:
        if kind in by_kind and len(word) > 2:
            by_kind[kind].append((Known(word, next(iter(meanings))), frequency**OFTEN))
    composer = Composer(language, by_kind, little)
    for _ in range(COMPOSED):
        yield composer.draw(chance)
    said = backwards(used)
    for row in little:
        said |= {way: row[language][0] for way in row["en"] if " " not in way}
    again = [(word_by_word(title, said), title) for title in titles]
    yield from [(text, title) for text, title in again if text is not None][:SAID_AGAIN]


def read_little_words() -> list[dict[str, tuple[str, ...]]]:
    """Little words of little.txt by language, the ways to say each; the first line's frames."""
    found = []
    for line in lines(HERE / "little.txt"):
        cells = (tuple(way.strip() for way in cell.split("/")) for cell in line.split(" | "))
        found.append(dict(zip(LANGUAGES, cells, strict=True)))
    return found


class Composer:
    """Draws phrases in one language. `words` has nouns ("n"), adjectives ("adj") and verbs ("v")
    with how often each is drawn.
    """

    def __init__(
        self,
        language: str,
        words: Mapping[str, Sequence[tuple[Known, float]]],
        little: list[dict[str, tuple[str, ...]]],
    ) -> None:
        self.language = language
        self._words = {kind: [known for known, _ in found] for kind, found in words.items()}
        self._odds = {
            kind: np.cumsum([weight for _, weight in found]) for kind, found in words.items()
        }
        self._between = [row for row in little if row["en"][0] not in FRAMES]
        self._frames = [row for row in little if row["en"][0] in FRAMES]

    def draw(self, chance: np.random.Generator) -> tuple[str, str]:
        """A phrase and its English twin."""
        pattern = PATTERNS[int(chance.integers(len(PATTERNS)))]
        if pattern == "nn":
            return self._compound(chance)
        said, english = [], []
        waiting: list[str] = []  # adjectives that follow their noun
        for slot in pattern.split():
            one, twin = self._slot(slot, chance)
            english.append(twin)
            if slot == "a" and self.language in NOUN_FIRST:
                waiting.append(one)
            else:
                said += [one, *waiting] if slot == "n" else [one]
                waiting = [] if slot == "n" else waiting
        return " ".join(said), " ".join(english)

    def _compound(self, chance: np.random.Generator) -> tuple[str, str]:
        one, other = self._word("n", chance), self._word("n", chance)
        joint = "" if self.language in RUN_TOGETHER else " "
        if joint:
            one, other = other, one
            return f"{one.word} {other.word}", f"{other.english} {one.english}"
        between = "s" if chance.random() < 0.25 else ""
        return f"{one.word}{between}{other.word}", f"{one.english} {other.english}"

    def _slot(self, slot: str, chance: np.random.Generator) -> tuple[str, str]:
        if slot == "&":
            return AND[self.language], AND["en"]
        if slot in ("p", "f"):
            rows = self._between if slot == "p" else self._frames
            row = rows[int(chance.integers(len(rows)))]
            ways = row[self.language]
            return ways[int(chance.integers(len(ways)))], row["en"][0]
        known = self._word({"a": "adj"}.get(slot, slot), chance)
        if slot != "a":
            return known.word, known.english
        forms = inflected(known.word, self.language)
        return forms[int(chance.integers(len(forms)))], known.english

    def _word(self, kind: str, chance: np.random.Generator) -> Known:
        odds = self._odds[kind]
        return self._words[kind][int(np.searchsorted(odds, chance.random() * odds[-1]))]


def backwards(used: Iterable[Used]) -> dict[str, str]:
    """Of English words, the word of another language that means it most and is used most."""
    best: dict[str, tuple[float, str]] = {}
    for word, meanings, frequency, _ in used:
        for english, share in meanings.items():
            merit = share**2 * frequency**0.5
            if merit > best.get(english, (0.0, ""))[0]:
                best[english] = (merit, word)
    return {english: word for english, (_, word) in best.items()}


def word_by_word(text: str, said: Mapping[str, str]) -> str | None:
    """An English text in another language, the words that nobody knows as they are; None where
    they are many.
    """
    words = text.lower().split()
    found = [said.get(word) for word in words]
    if sum(word is not None for word in found) < KNOWN_OF_A_TITLE * len(words):
        return None
    return " ".join(new or old for new, old in zip(found, words, strict=True))
