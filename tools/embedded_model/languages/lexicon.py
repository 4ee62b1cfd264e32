"""The words and wishes of ten languages: three tables written by hand, read here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da")
HERE = Path(__file__).parent
ADJECTIVES = ("style", "colour", "mood")

# What may be said at the end of an adjective: (ending of the word, what stands there instead).
ENDINGS: dict[str, tuple[tuple[str, str], ...]] = {
    "de": (("", " e er es en em"),),
    "fr": (("eux", "eux euse euses"), ("if", "if ive ives"), ("e", "e es"), ("", " e s es")),
    "es": (("o", "o a os as"), ("e", "e es"), ("a", "a as"), ("", " es")),
    "it": (("o", "o a i e"), ("e", "e i"), ("a", "a i e"), ("", "")),
    "nl": (("", " e"),),
    "pt": (("o", "o a os as"), ("e", "e es"), ("a", "a as"), ("", " s")),
    "pl": (("y", "y a e ego ej ych ym"), ("i", "i a ie iego iej"), ("", "")),
    "sv": (("", " t a"),),
    "da": (("", " t e"),),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to say: what it stands for (an aspect and its key; both empty for words of no
    label), and how it is said in each language, the first way the usual one.
    """

    aspect: str
    key: str
    said: dict[str, tuple[str, ...]]

    def forms(self, language: str) -> tuple[str, ...]:
        """All ways to say it, adjectives with every ending."""
        ways = self.said[language]
        if self.aspect not in ADJECTIVES:
            return ways
        return tuple(form for way in ways for form in inflected(way, language))


def inflected(word: str, language: str) -> tuple[str, ...]:
    """An adjective with its endings; phrases and nouns with a capital stay as they are."""
    if " " in word or not word.islower():
        return (word,)
    for ending, instead in ENDINGS.get(language, ()):
        if word.endswith(ending):
            stem = word.removesuffix(ending)
            return tuple(stem + other for other in instead.split(" "))
    return (word,)


def _cells(line: str) -> dict[str, tuple[str, ...]]:
    cells = [tuple(way.strip() for way in cell.split("/")) for cell in line.split(" | ")]
    return dict(zip(LANGUAGES, cells, strict=True))


def lines(path: Path) -> Iterator[str]:
    """The lines of a table, without empty ones and remarks."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


def read_words(paths: Sequence[Path] = (HERE / "words.txt", HERE / "things.txt")) -> list[Row]:
    """Every row of the tables of words. Raises ValueError where a row lacks a language."""
    rows: list[Row] = []
    for path in paths:
        aspect = key = ""
        for line in lines(path):
            if line.startswith("["):
                aspect, _, key = line.strip("[]").partition(" ")
            else:
                rows.append(Row(aspect, key, _cells(line)))
    return rows


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody might ask for, in every language; `listed` says that its words stand in the
    tables, `facets` which labels make a picture right.
    """

    facets: dict[str, tuple[str, ...]]
    said: dict[str, str]
    listed: bool


def read_wishes(path: Path = HERE / "wishes.txt") -> list[Wish]:
    """Every wish, in order."""
    wishes: list[Wish] = []
    listed = True
    facets: dict[str, tuple[str, ...]] = {}
    for line in lines(path):
        if line.startswith("["):
            listed = line == "[plain]"
        elif " | " in line:
            wishes.append(Wish(facets, said_of(line), listed))
        else:
            parts = (part.split("=") for part in line.split("; "))
            facets = {name: tuple(values.split(",")) for name, values in parts}
    return wishes


def said_of(line: str) -> dict[str, str]:
    """One thing as each language says it, from a line of a table."""
    return dict(zip(LANGUAGES, (cell.strip() for cell in line.split(" | ")), strict=True))
