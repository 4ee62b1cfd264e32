"""What labels in English call what is asked for in other languages, from the tables of words.

`python -m tools.label_words` writes it. Of what a word means, no more than three things are in it:
those first that it says first, as “Mond” says “moon” before “moonlight”, and of two languages the
one that stands first in the tables: “Meer” is the sea before a lake, but where it is asked for in
Dutch. What several words say
that mean something else alone is joined (“voie_lactee milky_way”), of the words that are looked
for. What English has as well (“luna”, “gift”) is in it only where the model of the package reads it
as what it means in the other language, or the everyday words have it.

The words are those that the model has learned, and the everyday ones of titles beside
them, in `label_words.txt`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from glance_agent.domain.folding import folded_words
from glance_agent.domain.languages import known_languages
from glance_agent.search.in_english import IN_ENGLISH
from glance_agent.search.label_words import tokens_of
from tools.embedded_model.evaluate import open_model
from tools.embedded_model.languages.lexicon import ADJECTIVES, HERE, LANGUAGES, inflected
from tools.embedded_model.workplace import EMBEDDED

ENGLISH_WORDS = Path(__file__).parent.parent / "glance_agent" / "embedding" / "english_words.txt"
OF_TITLES = Path(__file__).with_name("label_words.txt")
"""Everyday words of titles, in six languages."""
MOST_MEANINGS = 3
ALIKE = 0.79
"""Cosine from which two words are read alike."""
SHORTEST = 3
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
AMERICAN = {
    "aeroplane": "airplane", "armour": "armor", "colour": "color", "colourful": "colorful",
    "colourless": "colorless", "cosy": "cozy", "grey": "gray", "harbour": "harbor",
    "jewellery": "jewelry", "maize": "corn", "moustache": "mustache", "neighbour": "neighbor",
    "plough": "plow", "railway": "railroad", "theatre": "theater", "watercolour": "watercolor",
}  # fmt: skip
"""What museums in America call it, where the tables have it as in Britain."""
SAYS_NOTHING = frozenset({"and", "like", "painting", "picture"})
"""In English: of no label in particular."""
SPOKEN = tuple(code for code in LANGUAGES if code != "en")


def written(meant: Mapping[str, Mapping[str, None]]) -> str:
    """A line for each word: the word, and what it is called in English."""
    kept = ((word, list(meant[word])[:MOST_MEANINGS]) for word in sorted(meant))
    return "".join(f"{word} {' '.join(each)}\n" for word, each in kept)


def meanings(alike: Callable[[str, str], bool]) -> dict[str, dict[str, None]]:
    """What each word is in English, what it says first in front; `alike` says whether two words
    are read so, of those that English has as well."""
    little = {word for text in _cells_of(HERE / "little.txt") for word in folded_words(text)}
    english = set(ENGLISH_WORDS.read_text(encoding="utf-8").split())
    found = defaultdict[str, dict[str, list[tuple[int, int]]]](dict)
    shared = defaultdict[str, dict[str, list[tuple[int, int]]]](dict)
    for said, inflects, of_titles in _all_rows():
        meant = _joined(said["en"][0]) if of_titles else _word(said["en"][0])
        if meant is None or meant in SAYS_NOTHING:
            continue
        for word, place in _said(said, inflects=inflects, joins=of_titles):
            if len(word) < SHORTEST or word == meant or word in little:
                continue
            is_its_own = of_titles or word not in english or alike(word, meant)
            kind = found if is_its_own else shared
            kind[word].setdefault(meant, []).append(place)
    first = {word: _firstly(places) for word, places in found.items()}
    own = (
        each
        for word in (found | shared)
        for each in _of_its_own(word, first.get(word, []), (found[word], shared[word]))
    )
    told = {said: _also_american(meant, said) for said, meant in (*first.items(), *own)}
    for typed, word in _typed_in_german():
        alone = told.get(f"de:{word}") or told.get(word)
        if alone and typed not in told and typed not in english and typed not in alone:
            told[typed] = alone
    return told


def _also_american(meant: Iterable[str], said: str) -> dict[str, None]:
    """What is meant, each behind it as Americans spell it, but for the word itself."""
    spelled = (way for each in meant for way in (each, AMERICAN.get(each, each)))
    return dict.fromkeys(way for way in spelled if way != said.split(":")[-1])


def _typed_in_german() -> Iterator[tuple[str, str]]:
    """Words with an umlaut as keyboards without one write them (“stuermisch”), and the words."""
    for said, inflects, _ in _all_rows():
        for way in said.get("de", ()):
            for form in inflected(way, "de") if inflects else (way,):
                typed, word = _word(form.lower().translate(_UMLAUTS)), _word(form)
                if typed and word and typed != word:
                    yield typed, word


def _of_its_own(
    word: str, first: Sequence[str], kinds: Sequence[Mapping[str, list[tuple[int, int]]]]
) -> Iterator[tuple[str, list[str]]]:
    """What a word means in each language that is answered in, where it means another thing `first`
    to everybody, or nothing, by the word with its language: “nl:meer” is a lake."""
    for at, code in enumerate(SPOKEN):
        own: dict[str, list[tuple[int, int]]] = {}
        for meant, places in (each for kind in kinds for each in kind.items()):
            if here := [place for place in places if place[1] == at]:
                own.setdefault(meant, []).extend(here)
        meant_here = _firstly(own)
        if meant_here and meant_here[:1] != list(first[:1]) and code in known_languages():
            yield f"{code}:{word}", meant_here


def _firstly(places: Mapping[str, list[tuple[int, int]]]) -> list[str]:
    """What a word means, what it says first, and most often so, in front."""
    return sorted(
        places, key=lambda each: (min(places[each]), -places[each].count(min(places[each])))
    )


def read_alike() -> Callable[[str, str], bool]:
    """Whether the model of the package reads two words alike."""
    embed = cache(open_model(EMBEDDED).embed_text)
    return lambda one, other: bool(embed(one) @ embed(other) >= ALIKE)


def _said(
    said: Mapping[str, tuple[str, ...]], *, inflects: bool, joins: bool
) -> Iterator[tuple[str, tuple[int, int]]]:
    """All ways to say it in other languages, with the endings of adjectives, and in which place
    each stands among those of its language, and this among all; in one word but for what is
    joined."""
    for at, code in enumerate(SPOKEN):
        for place, way in enumerate(said.get(code, ())):
            for form in inflected(way, code) if inflects else (way,):
                if (word := _joined(form) if joins else _word(form)) is not None:
                    yield word, (place, at)


def _cells_of(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield from line.replace("/", " | ").split(" | ")


def _all_rows() -> Iterator[tuple[dict[str, tuple[str, ...]], bool, bool]]:
    """The rows of all tables, whether they are adjectives, and whether they are of titles."""
    for path in (HERE / "words.txt", HERE / "things.txt", OF_TITLES):
        for said, inflects in _rows(path):
            yield said, inflects, path == OF_TITLES


def _rows(path: Path) -> Iterator[tuple[dict[str, tuple[str, ...]], bool]]:
    """The rows of a table, and whether they are adjectives."""
    adjectives = False
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            adjectives = line[1:].partition(" ")[0].rstrip("]") in ADJECTIVES
        if " | " in line and not line.startswith("#"):
            cells = (tuple(way.strip() for way in cell.split("/")) for cell in line.split(" | "))
            yield dict(zip(LANGUAGES, cells, strict=path != OF_TITLES)), adjectives


def _word(said: str) -> str | None:
    """A single word as it is compared; None for several."""
    words = folded_words(said)
    return words[0] if len(words) == 1 and words[0].isalpha() else None


def _joined(said: str) -> str | None:
    """The words that are looked for, as one; None for what is no word."""
    words = tokens_of(said)
    return "_".join(words) if all(w.replace("'", "").isalpha() for w in words) else None


if __name__ == "__main__":
    IN_ENGLISH.write_text(written(meanings(read_alike())), encoding="utf-8")
