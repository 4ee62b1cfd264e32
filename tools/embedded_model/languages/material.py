"""Everything the pupil learns from, made once: texts, what each ought to mean, and captions."""

from __future__ import annotations

import pickle
import string
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glance_agent.embedding.folded_pieces import words_of
from tools.embedded_model.captions import Captioner, facts
from tools.embedded_model.colours import Look
from tools.embedded_model.languages.bridge import Bridge, centred
from tools.embedded_model.languages.choosing import (
    Candidate,
    Spoken,
    candidates,
    folded,
    in_titles,
    ranked,
    seen_nouns,
    take_turns,
    telling,
)
from tools.embedded_model.languages.composing import OFTEN, RUN_TOGETHER, phrases, used_words
from tools.embedded_model.languages.dictionaries import DICTIONARIES, WORDNET
from tools.embedded_model.languages.english import english_vectors, open_english, picture_vectors
from tools.embedded_model.languages.lexicon import LANGUAGES, read_wishes, read_words
from tools.embedded_model.languages.phrasing import Phrasing, Said, pair
from tools.embedded_model.languages.pieces import with_fragments
from tools.embedded_model.languages.teacher import (
    CENTRED_BY,
    NOT_READ,
    TeacherCache,
    cache_of,
    english_words,
    frequent_words,
)
from tools.embedded_model.languages.translations import Meanings, open_lookup
from tools.embedded_model.prepare import open_measures, open_records
from tools.embedded_model.workplace import arguments

Floats = NDArray[np.float32]
WORDS, FRAGMENTS = 174_000, 6_000
ENGLISH_CAPTIONS, OTHER_CAPTIONS = 40_000, 12_000
ENGLISH_WORDS = 40_000  # asked of the English tower alone
PAIRS = 6_000  # of things, in each language
ALWAYS = {"en": 3_000}  # frequent words that are pieces whatever they mean
ALWAYS_ELSE = 2_000  # of each other language
RAREST = 3e-8  # of a dictionary's words: a share of all words that are used
HARDER = {"de": 1.3, "fr": 1.2, "es": 1.3, "it": 1.3, "pl": 1.3, "sv": 1.3, "da": 1.2}
"""How much oftener texts of these are drawn, which lag behind the others."""
TITLES_DRAWN = 3.0  # times as often as another English text: they say most of single pictures
IN_TITLES = 2  # a word of so many titles is a piece: "Argenteuil" tells what hangs there


@dataclass(frozen=True, slots=True)
class Phrases:
    """Texts, what each ought to mean (N, 256), and how often each is drawn; all alike if None."""

    texts: list[str]
    meanings: Floats
    often: Floats | None = None


@dataclass(frozen=True, slots=True)
class Material:
    """What `learn` opens. `captions[i]` is true of picture `numbers[i]`, and means `meant[i]`."""

    pieces: list[str]
    start: Floats
    words: Phrases
    hand: Phrases
    english: Phrases
    composed: Phrases
    captions: list[Said]
    numbers: NDArray[np.int64]
    meant: Floats


class Maker:
    """Puts the material together."""

    def __init__(self, work: Path, english: Path, dictionaries: Path) -> None:
        self.work = work
        self.wordnet = dictionaries / WORDNET
        self.rows = read_words()
        self.tower = open_english(english)
        self.lookup = open_lookup(work)
        self.frequent = {code: frequent_words(code) for code in LANGUAGES}
        records = open_records(work)
        self.facts = [
            facts(record, Look.from_row(row))
            for record, row in zip(records, open_measures(work), strict=True)
        ]
        self._spoken: list[Spoken] = []
        self._vectors: dict[str, Floats] = {}
        self._known: dict[str, dict[str, Meanings]] = {}
        self._english_words = set(self.frequent["en"])
        self.train = np.array([r.number for r in records if r.split == "train"])
        self.pictures = picture_vectors(work, self.tower)[self.train]
        self.all_titles = [r.title for r in records if r.split == "train" and r.title]
        self.titles = list(
            dict.fromkeys(self.facts[n].title for n in self.train if self.facts[n].title)
        )
        self.of_titles = [w for w, n in in_titles(self.all_titles).items() if n >= IN_TITLES]

    def make(self) -> Material:
        """All of it; minutes."""
        words = self._words()
        print(f"{len(words.texts)} words", flush=True)
        hand = self._hand()
        english = self._english()
        composed = self._composed()
        captions, numbers = self._captions()
        meant = english_vectors(self.tower, [said.english for said in captions])
        first = [*hand.texts, *(said.text for said in captions)]
        pieces = self._pieces(words, english, first)
        start = _start(pieces, (words, english, hand))
        return Material(pieces, start, words, hand, english, composed, captions, numbers, meant)

    def _words(self) -> Phrases:
        """Words of the other languages: what their English words mean by the dictionaries, else
        what the nearest English words mean.
        """
        import wordfreq

        known = {way for row in self.rows for code in LANGUAGES for way in row.said[code]}
        texts, often, meant = [], [], []
        for code in LANGUAGES[1:]:
            meanings = {word: m for word, m in self._translated(code).items() if word not in known}
            left = [w for w in self.frequent[code] if w not in known and w not in meanings]
            guessed, meant_by_them = self._guessed(code, left)
            texts += [*meanings, *guessed]
            for word, meant_so in meanings.items():
                kind = self.lookup.kind(code, word, next(iter(meant_so)))
                self._spoken.append(Spoken(code, word, tuple(meant_so), kind))
            self._spoken += [Spoken(code, word, (), "") for word in guessed]
            meant += [self._meaning(meanings.values()), meant_by_them]
            used = [wordfreq.word_frequency(w, code) for w in (*meanings, *guessed)]
            often += [HARDER.get(code, 1.0) * share**OFTEN for share in used]
        return Phrases(texts, np.concatenate(meant), np.array(often, np.float32))

    def _translated(self, code: str) -> dict[str, Meanings]:
        """Frequent words and the dictionaries' own that are used at all: what they mean."""
        import wordfreq

        if code not in self._known:
            own = self.lookup.words(code)
            used = [w for w in own if wordfreq.word_frequency(w, code) > RAREST]
            words = dict.fromkeys([*self.frequent[code], *used])
            found = {word: self.lookup.english(code, word) for word in words}
            self._known[code] = {word: meanings for word, meanings in found.items() if meanings}
        return self._known[code]

    def _meaning(self, all_meanings: Iterable[Meanings]) -> Floats:
        """Unit vectors (N, 256): the mean of the English words by their shares."""
        vectors = []
        for meanings in all_meanings:
            heard = np.stack([self._heard(english) for english in meanings])
            mean = np.array(list(meanings.values()), np.float32) @ heard
            vectors.append(mean / np.linalg.norm(mean))
        return np.stack(vectors).astype(np.float32)

    def _heard(self, english: str) -> Floats:
        if english not in self._vectors:
            self._vectors[english] = self.tower.embed_text(english)
        return self._vectors[english]

    def _guessed(self, code: str, words: list[str]) -> tuple[list[str], Floats]:
        """What words that no dictionary has mean to a teacher; where it does not know the
        language, those alone that are English words too, names above all.
        """
        if code in NOT_READ:
            words = [word for word in words if word in self._english_words]
            return words, np.stack([self._heard(word) for word in words])
        cache, english = cache_of(self.work), english_words()
        middle = cache.vectors(self.frequent[code][:CENTRED_BY]).mean(0)
        points = _seen(cache, english)
        bridge = Bridge(points, np.stack([self._heard(word) for word in english]))
        return words, bridge.across(centred(cache.vectors(words), middle))

    def _composed(self) -> Phrases:
        """Phrases of dictionary words, and titles said word by word; no wish is among them."""
        kept_out = {" ".join(words_of(w.said[code])) for w in read_wishes() for code in LANGUAGES}
        texts, english, often = [], [], []
        for code in LANGUAGES[1:]:
            own = used_words(code, self._translated(code), self.lookup.kind)
            for text, twin in phrases(code, own, self.titles):
                if kept_out.isdisjoint({" ".join(words_of(text)), " ".join(words_of(twin))}):
                    texts.append(text)
                    english.append(twin)
                    often.append(HARDER.get(code, 1.0))
        meant = english_vectors(self.tower, english)
        return Phrases(texts, meant, np.array(often, np.float32))

    def _pieces(self, words: Phrases, english: Phrases, texts: Iterable[str]) -> list[str]:
        """Every word of the tables and captions and of several titles, the most frequent ones, and
        of the others those that deserve it most.
        """
        pieces = dict.fromkeys(string.ascii_lowercase)
        always = (w for c, own in self.frequent.items() for w in own[: ALWAYS.get(c, ALWAYS_ELSE)])
        for text in (*self.of_titles, *texts, *always):
            pieces.update(dict.fromkeys(words_of(text)))
        seen, titles = seen_nouns(self.wordnet), in_titles(self.all_titles)
        told = telling(words.meanings, self.pictures)
        ranks = {"en": ranked(self._english_candidates(english, titles, seen))}
        for code in LANGUAGES[1:]:
            mine = [n for n, word in enumerate(self._spoken) if word.language == code]
            own = [self._spoken[n] for n in mine]
            ranks[code] = ranked(candidates(own, told[mine], titles, seen))
        chosen = take_turns(ranks, pieces, most=WORDS, run_together=RUN_TOGETHER)
        return with_fragments(chosen, words.texts, fragments=FRAGMENTS)

    def _english_candidates(
        self, english: Phrases, titles: Counter[str], seen: set[str]
    ) -> Iterator[Candidate]:
        single = [n for n, text in enumerate(english.texts) if folded(text)]
        spoken = [
            Spoken("en", word, (folded(word),), "n" if folded(word) in seen else "adj")
            for word in (english.texts[n] for n in single)
        ]
        return candidates(spoken, telling(english.meanings[single], self.pictures), titles, seen)

    def _hand(self) -> Phrases:
        """Every form of every word of the tables, and two of them together."""
        texts: list[str] = []
        english: list[str] = []
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
        texts = list(dict.fromkeys([*self.titles, *words, *self.of_titles, *drawn]))
        often = np.ones(len(texts), np.float32)
        often[: len(self.titles)] = TITLES_DRAWN
        return Phrases(texts, english_vectors(self.tower, texts), often)

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


def _start(pieces: list[str], known: tuple[Phrases, ...]) -> Floats:
    """What each piece alone ought to mean: the last of what is known of it; fragments nothing."""
    place = {piece: number for number, piece in enumerate(pieces)}
    start = np.zeros((len(pieces), known[0].meanings.shape[1]), np.float32)
    for told in known:
        for text, meaning in zip(told.texts, told.meanings, strict=True):
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
    parser.add_argument("--dictionaries", type=Path, default=DICTIONARIES)
    options = parser.parse_args()
    made = Maker(options.work, options.english, options.dictionaries).make()
    with (options.work / "languages.pickle").open("wb") as out:
        pickle.dump(made, out)
    counts = map(len, (made.pieces, made.words.texts, made.hand.texts, made.composed.texts))
    print("{} pieces, {} words, {} by hand, {} composed".format(*counts))
