"""Everything the pupil learns from, made once: texts, what each ought to mean, and captions."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glance_agent.embedding.folded_pieces import words_of
from tools.embedded_model.captions import Captioner, facts
from tools.embedded_model.colours import Look
from tools.embedded_model.languages.bridge import Bridge, centred
from tools.embedded_model.languages.english import english_vectors, open_english, picture_vectors
from tools.embedded_model.languages.lexicon import LANGUAGES, read_words
from tools.embedded_model.languages.phrasing import Phrasing, Said, pair
from tools.embedded_model.languages.pieces import chosen_pieces
from tools.embedded_model.languages.teacher import (
    TeacherCache,
    cache_of,
    english_words,
    frequent_words,
)
from tools.embedded_model.prepare import open_measures, open_records
from tools.embedded_model.workplace import arguments

Floats = NDArray[np.float32]
WORDS, FRAGMENTS = 82_000, 4_000
ENGLISH_CAPTIONS, OTHER_CAPTIONS = 60_000, 16_000
ENGLISH_WORDS = 40_000  # asked of the English tower alone
PAIRS = 6_000  # of things, in each language
CENTRED_BY = 4_000  # the mean of so many words of a language is taken from all
ALWAYS = 3_000  # words of each language that are pieces whatever they mean


@dataclass(frozen=True, slots=True)
class Phrases:
    """Texts, what each ought to mean (N, 256), and how often each kind is drawn."""

    texts: list[str]
    meanings: Floats


@dataclass(frozen=True, slots=True)
class Material:
    """What `learn` opens. `captions[i]` is true of picture `numbers[i]`, and means `meant[i]`."""

    pieces: list[str]
    start: Floats
    words: Phrases
    hand: Phrases
    english: Phrases
    captions: list[Said]
    numbers: NDArray[np.int64]
    meant: Floats


class Maker:
    """Puts the material together."""

    def __init__(self, work: Path, english: Path) -> None:
        self.work = work
        self.rows = read_words()
        self.tower = open_english(english)
        self.frequent = {code: frequent_words(code) for code in LANGUAGES}
        records = open_records(work)
        self.facts = [
            facts(record, Look.from_row(row))
            for record, row in zip(records, open_measures(work), strict=True)
        ]
        self.train = np.array([r.number for r in records if r.split == "train"])
        self.pictures = picture_vectors(work, self.tower)[self.train]
        self.titles = list(
            dict.fromkeys(self.facts[n].title for n in self.train if self.facts[n].title)
        )

    def make(self) -> Material:
        """All of it; minutes."""
        words = self._words()
        hand = self._hand()
        english = self._english()
        captions, numbers = self._captions()
        meant = english_vectors(self.tower, [said.english for said in captions])
        first = [*hand.texts, *(said.text for said in captions)]
        mixed = self._mixed(words, english)
        pieces = chosen_pieces(first, mixed, words=WORDS, fragments=FRAGMENTS)
        start = _start(pieces, (words, english, hand))
        return Material(pieces, start, words, hand, english, captions, numbers, meant)

    def _words(self) -> Phrases:
        """Frequent words of the other languages: what the nearest English words mean."""
        known = {way for row in self.rows for code in LANGUAGES for way in row.said[code]}
        english = english_words()
        meanings = english_vectors(self.tower, english)
        texts, meant = [], []
        for code in LANGUAGES[1:]:
            cache = cache_of(self.work, code)
            bridge = Bridge(_seen(cache, english), meanings)
            own = self.frequent[code]
            unknown = [n for n, word in enumerate(own) if word not in known]
            texts += [own[n] for n in unknown]
            meant.append(bridge.across(_seen(cache, own)[unknown]))
        return Phrases(texts, np.concatenate(meant))

    def _mixed(self, words: Phrases, english: Phrases) -> list[str]:
        """The most frequent words of every language, then all others, those first whose meaning
        tells pictures apart best: the deviation of their cosines to the pictures.
        """
        single = [n for n, text in enumerate(english.texts) if len(words_of(text)) == 1]
        texts = [*words.texts, *(english.texts[n] for n in single)]
        meanings = np.concatenate([words.meanings, english.meanings[single]])
        parts = range(0, len(texts), 5_000)
        telling = np.concatenate(
            [(meanings[n : n + 5_000] @ self.pictures.T).std(1) for n in parts]
        )
        usual = {code: found[:ALWAYS] for code, found in self.frequent.items()}
        return [*_interleaved(usual), *(texts[n] for n in np.argsort(-telling, kind="stable"))]

    def _hand(self) -> Phrases:
        """Every form of every word of the tables, and two of them together."""
        texts, english = [], []
        for row in self.rows:
            for code in LANGUAGES:
                forms = row.forms(code)
                texts += forms
                english += [row.said["en"][0]] * len(forms)
        chance = np.random.default_rng(13)
        for code in LANGUAGES:
            for _ in range(PAIRS):
                text, twin = pair(self.rows, code, chance)
                texts.append(text)
                english.append(twin)
        return Phrases(texts, english_vectors(self.tower, english))

    def _english(self) -> Phrases:
        """Titles, words, captions as the English tower was taught: it is to change least."""
        import wordfreq

        chance = np.random.default_rng(7)
        captioner = Captioner([self.facts[n] for n in self.train])
        drawn = [captioner.draw(self.facts[n], chance).text for n in self.train for _ in range(2)]
        words = [w for w in wordfreq.top_n_list("en", ENGLISH_WORDS) if w.isalpha()]
        texts = list(dict.fromkeys([*self.titles, *words, *drawn]))
        return Phrases(texts, english_vectors(self.tower, texts))

    def _captions(self) -> tuple[list[Said], NDArray[np.int64]]:
        chance = np.random.default_rng(11)
        phrasing = Phrasing(self.rows, [self.facts[n] for n in self.train])
        found: list[Said] = []
        numbers: list[int] = []
        for code in LANGUAGES:
            wanted = len(found) + (ENGLISH_CAPTIONS if code == "en" else OTHER_CAPTIONS)
            while len(found) < wanted:
                number = int(chance.choice(self.train))
                said = phrasing.draw(self.facts[number], code, chance)
                if said is not None:
                    found.append(said)
                    numbers.append(number)
        return found, np.array(numbers)


def _seen(cache: TeacherCache, words: list[str]) -> Floats:
    """Words of one language, the most frequent first, as a teacher sees them: centred (N, W)."""
    vectors = cache.vectors(words)
    return centred(vectors, vectors[:CENTRED_BY].mean(0))


def _interleaved(frequent: dict[str, list[str]]) -> list[str]:
    """Two English words for one of each other language, rank by rank."""
    english, others = frequent["en"], [frequent[code] for code in LANGUAGES[1:]]
    mixed: list[str] = []
    for rank in range(max(map(len, frequent.values()))):
        mixed += english[2 * rank : 2 * rank + 2]
        mixed += [words[rank] for words in others if rank < len(words)]
    return mixed


def _start(pieces: list[str], known: tuple[Phrases, ...]) -> Floats:
    """What each piece alone ought to mean: the last of what is known of it; fragments nothing."""
    place = {piece: number for number, piece in enumerate(pieces)}
    start = np.zeros((len(pieces), known[0].meanings.shape[1]), np.float32)
    for phrases in known:
        for text, meaning in zip(phrases.texts, phrases.meanings, strict=True):
            words = words_of(text)
            if len(words) == 1 and words[0] in place:
                start[place[words[0]]] = meaning
    return start


class _Opener(pickle.Unpickler):
    """What this module wrote while it was run as a program, it wrote as `__main__`."""

    def find_class(self, module: str, name: str) -> Any:
        return super().find_class(__name__ if module == "__main__" else module, name)


def open_material(work: Path) -> Material:
    """What `main` wrote."""
    with (work / "languages.pickle").open("rb") as file:
        material: Material = _Opener(file).load()  # our own file
    return material


if __name__ == "__main__":
    parser = arguments("the texts and meanings that the pupil learns from")
    parser.add_argument("--english", type=Path, required=True, help="folder of the exported model")
    options = parser.parse_args()
    made = Maker(options.work, options.english).make()
    with (options.work / "languages.pickle").open("wb") as out:
        pickle.dump(made, out)
    counts = (len(made.pieces), len(made.words.texts), len(made.hand.texts))
    print("{} pieces, {} words, {} by hand".format(*counts))
