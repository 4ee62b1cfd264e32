"""What words mean in English, found by way of several dictionaries that need not be of English.

Three dictionaries into English are free to use here (Polish, Finnish, Modern Greek), and many
between other languages. A word goes the ways that there are, and the English words in which
several ways meet are taken: a way through one language alone brings that language's homonyms
along (Polish "zamek" is a castle and a zip), another language has others.
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from tools.embedded_model.languages.dictionaries import (
    CODES,
    DICTIONARIES,
    open_names,
    open_wikdict,
    pairs,
)
from tools.embedded_model.languages.lexicon import LANGUAGES
from tools.embedded_model.workplace import arguments

Meanings = dict[str, float]  # English words and how likely they are meant
BESIDES = ("no", "fi")  # languages of characters' names that help along
BACKWARDS = 0.5  # what an entry of the other direction counts
ROUNDS = 2
KEPT = 12  # English words of one word
SHARPER = 1.5  # power: what several ways lead to comes out clearer
LEAST, MOST = 0.2, 3  # English words that count: their share of the first's, how many
NEAR = 0.6  # of a Danish word and a Norwegian or Swedish one: 1 is the same
TRANSLATIONS, SENSES = "translations.json", "senses.json"  # what `main` and `senses` write
SHORTEST = 2  # letters of a noun without its ending
NOUN_ENDINGS = {  # of forms, and of the word itself; where basic forms are mostly taken for verbs
    "sv": {
        "arna": "",
        "orna": "a",
        "erna": "",
        "ar": "",
        "or": "a",
        "er": "",
        "en": "",
        "et": "",
        "n": "",
        "t": "",
    },
}
STRAIGHT = 2.0  # what a dictionary into English counts, where another language counts 1

_SOUNDS = (
    ("ä", "æ"),
    ("ö", "ø"),
    ("sjon", "tion"),
    ("ei", "ej"),
    ("øy", "øj"),
    ("ey", "ej"),
    ("æ", "e"),
    ("hv", "v"),
    ("ld", "l"),
    ("nd", "n"),
)
_DOUBLE = re.compile(r"(.)\1")
_HARD = str.maketrans("gdbjzcw", "ktpiskv")


class Web:
    """Words of many languages and their translations into each other."""

    def __init__(self) -> None:
        self.kinds: dict[str, dict[str, str]] = defaultdict(dict)
        self._ways: dict[tuple[str, str], dict[str, dict[str, float]]] = defaultdict(
            lambda: defaultdict(lambda: defaultdict(float))
        )

    def add(self, source: str, target: str, word: str, senses: Iterable[list[str]]) -> None:
        """One entry of a dictionary; earlier senses and translations count more."""
        key = word.lower()
        for number, sense in enumerate(senses):
            for place, said in enumerate(sense):
                weight = 1 / ((1 + number) * (1 + place))
                self._ways[source, target][key][said.lower()] += weight
                self._ways[target, source][said.lower()][key] += BACKWARDS * weight

    def english(self) -> dict[str, dict[str, Meanings]]:
        """Of each language: each word and what it means."""
        languages = sorted({source for source, _ in self._ways} - {"en"})
        known: dict[str, dict[str, Meanings]] = {
            code: {word: shares(ways) for word, ways in self._ways.get((code, "en"), {}).items()}
            for code in languages
        }
        for _ in range(ROUNDS):
            known = {code: self._round(code, languages, known) for code in languages}
        return known

    def _round(
        self, code: str, languages: list[str], known: Mapping[str, Mapping[str, Meanings]]
    ) -> dict[str, Meanings]:
        """What the words of one language mean, by all others as they are known so far."""
        gathered: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for word, ways in self._ways.get((code, "en"), {}).items():
            _pour(gathered[word], shares(ways), STRAIGHT)
        for other in languages:
            if other == code:
                continue
            meanings = known[other]
            for word, ways in self._ways.get((code, other), {}).items():
                through: dict[str, float] = defaultdict(float)
                for said, share in shares(ways).items():
                    _pour(through, meanings.get(said, {}), share)
                _pour(gathered[word], through, 1.0)
        return {word: _sharpened(found) for word, found in gathered.items() if found}


def _pour(into: dict[str, float], meanings: Mapping[str, float], share: float) -> None:
    for english, weight in meanings.items():
        into[english] += share * weight


def shares(ways: Mapping[str, float]) -> Meanings:
    """The same weights as shares of their sum."""
    total = sum(ways.values())
    return {said: weight / total for said, weight in ways.items()}


def _sharpened(found: Mapping[str, float]) -> Meanings:
    best = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:KEPT]
    return shares({english: weight**SHARPER for english, weight in best})


class Danish:
    """Danish, of which no dictionary is at hand, is read as Norwegian, else as Swedish: a word
    means what their word means that sounds alike in spelling (bog, bok; hvid, hvit; uge, uke).
    """

    def __init__(self, known: Mapping[str, Mapping[str, Meanings]]) -> None:
        self._known = known
        self._alike: dict[str, dict[str, list[str]]] = {}
        for code in ("no", "sv"):
            self._alike[code] = defaultdict(list)
            for word in known[code]:
                self._alike[code][bones(word)].append(word)

    def english(self, word: str) -> Meanings:
        """Empty where neither language has a word like it."""
        if word in self._known["no"]:
            return self._known["no"][word]
        for code, alike in self._alike.items():
            close = difflib.get_close_matches(word, alike.get(bones(word), []), 1, NEAR)
            if close:
                return self._known[code][close[0]]
        return {}


def bones(word: str) -> str:
    """What is left of a Scandinavian word when spellings of one sound are made one."""
    for spelt, sound in _SOUNDS:
        word = word.replace(spelt, sound)
    return _DOUBLE.sub(r"\1", word).translate(_HARD)


class Lookup:
    """What the web knows, of words in any of their forms."""

    def __init__(
        self,
        known: Mapping[str, Mapping[str, Meanings]],
        kinds: Mapping[str, Mapping[str, str]],
    ) -> None:
        self._known, self._kinds = known, kinds
        self._danish = Danish(known)

    def english(self, language: str, word: str) -> Meanings:
        """English words and their shares, the likeliest first, those that hardly count left out;
        of the word as it stands, else of its basic form; empty where nothing is known.
        """
        known = (self._entry(language, form) for form in self._forms(language, word))
        found = next(filter(None, known), None)
        return _plain(found) if found else {}

    def _entry(self, language: str, form: str) -> Meanings:
        found = self._known.get(language, {}).get(form, {})
        return found or (self._danish.english(form) if language == "da" else {})

    def kind(self, language: str, word: str, english: str) -> str:
        """What a word is ("n", "adj", "v" …), else what its English word is; empty if unknown."""
        kinds = self._kinds.get(language, {})
        for form in self._forms(language, word):
            if form in kinds:
                return kinds[form]
        return self._kinds.get("en", {}).get(english, "")

    def words(self, language: str) -> list[str]:
        """All single words of a language."""
        return [word for word in self._known.get(language, {}) if word.isalpha()]

    def _forms(self, language: str, word: str) -> Iterator[str]:
        import simplemma

        yield word
        yield from self._nouns(language, word)
        for form in (word, word.capitalize()):
            yield simplemma.lemmatize(form, lang=language).lower()

    def _nouns(self, language: str, word: str) -> list[str]:
        import wordfreq

        nouns = nouns_of(word, NOUN_ENDINGS.get(language, {}), self._kinds.get(language, {}))
        return sorted(nouns, key=lambda n: (-wordfreq.word_frequency(n, language), n))


def nouns_of(word: str, endings: Mapping[str, str], kinds: Mapping[str, str]) -> set[str]:
    """The nouns of which a word may be a form, by the endings of forms and of the nouns."""
    ways = {word.removesuffix(end) + own for end, own in endings.items() if word.endswith(end)}
    return {way for way in ways if len(way) >= SHORTEST and kinds.get(way) == "n"}


def _plain(meanings: Meanings) -> Meanings:
    first = max(meanings.values())
    kept = {e: share for e, share in meanings.items() if share >= LEAST * first}
    return dict(list(shares(kept).items())[:MOST])


def made_web(folder: Path) -> Web:
    """All of the dictionaries and names of a folder."""
    web = Web()
    for source, target in pairs():
        for entry in open_wikdict(folder, source, target):
            web.add(CODES[source], CODES[target], entry.word, entry.senses)
            web.kinds[CODES[source]].setdefault(entry.word.lower(), entry.kind)
    english = open_names(folder, "en")
    for language in (*LANGUAGES[1:], *BESIDES):
        for character, name in open_names(folder, language).items():
            if character in english and ":" not in name:
                web.add(language, "en", name, [[english[character]]])
    return web


class Told(NamedTuple):
    """Of each language: each word and what it means, and what kind of word it is."""

    known: dict[str, dict[str, Meanings]]
    kinds: dict[str, dict[str, str]]


def open_translations(file: Path) -> Told:
    """What `main` or `senses` wrote."""
    return Told(**json.loads(file.read_text("utf-8")))


def open_lookup(work: Path) -> Lookup:
    """By what `senses` wrote."""
    return Lookup(*open_translations(work / SENSES))


def main(options: argparse.Namespace) -> None:
    """Look everything up once."""
    web = made_web(options.dictionaries)
    known = web.english()
    kept = {code: known[code] for code in (*LANGUAGES[1:], "no")}
    told = {"known": kept, "kinds": web.kinds}
    (options.work / TRANSLATIONS).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    print(", ".join(f"{code} {len(words)}" for code, words in kept.items()))


if __name__ == "__main__":
    parser = arguments("what words of nine languages mean in English, by dictionaries")
    parser.add_argument("--dictionaries", type=Path, default=DICTIONARIES)
    main(parser.parse_args())
