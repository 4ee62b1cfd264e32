"""What labels in English call what is asked for in other languages, from the tables of words.

`python -m tools.label_words` writes it. A word is in it where it is one word in both languages and
means no more than two things. What English has as well (“luna”, “gift”) is in it only where the
model of the package reads it as what it means in the other language.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

from glance_agent.domain.folding import folded_words
from glance_agent.search.in_english import IN_ENGLISH
from tools.embedded_model.evaluate import open_model
from tools.embedded_model.languages.lexicon import ADJECTIVES, HERE, LANGUAGES, inflected
from tools.embedded_model.workplace import EMBEDDED

ENGLISH_WORDS = Path(__file__).parent.parent / "glance_agent" / "embedding" / "english_words.txt"
MOST_MEANINGS = 2
ALIKE = 0.65
"""Cosine from which two words are read alike."""
SHORTEST = 3
SAYS_NOTHING = frozenset({"and", "like", "painting", "picture"})
"""In English: of no label in particular."""
SPOKEN = tuple(code for code in LANGUAGES if code != "en")


def written(meant: Mapping[str, Mapping[str, None]]) -> str:
    """A line for each word: the word, and what it is called in English."""
    plain = [(word, meant[word]) for word in sorted(meant) if len(meant[word]) <= MOST_MEANINGS]
    return "".join(f"{word} {' '.join(each)}\n" for word, each in plain)


def meanings(alike: Callable[[str, str], bool]) -> dict[str, dict[str, None]]:
    """What each word is in English, in the order of the tables; `alike` says whether two words
    are read so, of those that English has as well."""
    little = {word for text in _cells_of(HERE / "little.txt") for word in folded_words(text)}
    english = set(ENGLISH_WORDS.read_text(encoding="utf-8").split())
    found = defaultdict[str, dict[str, None]](dict)
    for name in ("words", "things"):
        for said, inflects in _rows(HERE / f"{name}.txt"):
            meant = _word(said["en"][0])
            if meant is None or meant in SAYS_NOTHING:
                continue
            for word in _said(said, inflects=inflects):
                if len(word) < SHORTEST or word == meant or word in little:
                    continue
                if word not in english or alike(word, meant):
                    found[word][meant] = None
    return dict(found)


def read_alike() -> Callable[[str, str], bool]:
    """Whether the model of the package reads two words alike."""
    embed = cache(open_model(EMBEDDED).embed_text)
    return lambda one, other: bool(embed(one) @ embed(other) >= ALIKE)


def _said(said: Mapping[str, tuple[str, ...]], *, inflects: bool) -> Iterator[str]:
    """All ways to say it in one word, in other languages, with the endings of adjectives."""
    for code in SPOKEN:
        for way in said[code]:
            for form in inflected(way, code) if inflects else (way,):
                if (word := _word(form)) is not None:
                    yield word


def _cells_of(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield from line.replace("/", " | ").split(" | ")


def _rows(path: Path) -> Iterator[tuple[dict[str, tuple[str, ...]], bool]]:
    """The rows of a table, and whether they are adjectives."""
    adjectives = False
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            adjectives = line[1:].partition(" ")[0].rstrip("]") in ADJECTIVES
        if " | " in line and not line.startswith("#"):
            cells = (tuple(way.strip() for way in cell.split("/")) for cell in line.split(" | "))
            yield dict(zip(LANGUAGES, cells, strict=True)), adjectives


def _word(said: str) -> str | None:
    """A single word as it is compared; None for several."""
    words = folded_words(said)
    return words[0] if len(words) == 1 and words[0].isalpha() else None


if __name__ == "__main__":
    IN_ENGLISH.write_text(written(meanings(read_alike())), encoding="utf-8")
