"""Which words deserve a piece of their own.

Those that tell pictures apart, that people use, that stand in titles of paintings, and that name
what can be seen: a thing, an animal, somebody (by WordNet's kinds of nouns); of a word
with endings the basic form alone, where the others only add letters to it, and of a compound its
parts. Frequent words as such are the wrong ones: "would" and "news" stand on no wall.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from glance_agent.embedding.folded_pieces import words_of

Floats = NDArray[np.float32]
SEEN_KINDS = (5, 6, 8, 12, 13, 14, 15, 17, 18, 19, 20, 25, 27, 28)  # of WordNet's nouns
SEEN, TOLD, OTHER = 3.0, 1.2, 0.4  # what a noun of a thing, an adjective, another word counts
GUESSED = 0.2  # what a word counts that no dictionary has
RAREST = 1e-8  # frequency of a word that no list has
LONGEST = 22  # letters of a piece
USED = 0.2  # power of a word's frequency
EVERY = 16  # pictures are looked at to see what a word tells
ENDING = 2  # letters that an ending has at most
SHORTEST = 4  # letters of a part of which others are made
ENGLISH_FIRST = 2  # so many English words for one of each other language


class Spoken(NamedTuple):
    """A word of a language: its English words, the likeliest first, none where it was guessed,
    and its kind ("n", "adj", "v" …).
    """

    language: str
    word: str
    english: Sequence[str]
    kind: str


class Candidate(NamedTuple):
    """A word that may become a piece, in folded letters, its basic form, and what it is worth."""

    word: str
    base: str
    merit: float


def telling(meanings: Floats, pictures: Floats, *, rows: int = 5_000) -> Floats:
    """How well each meaning (N, 256) tells pictures (M, 256) apart: the deviation of cosines."""
    some = pictures[::EVERY].T
    parts = range(0, len(meanings), rows)
    return np.concatenate([(meanings[n : n + rows] @ some).std(1) for n in parts])


def in_titles(titles: Iterable[str]) -> Counter[str]:
    """How often each folded word stands in a title."""
    return Counter(word for title in titles for word in words_of(title))


def seen_nouns(folder: Path) -> set[str]:
    """English nouns whose first meaning can be seen, of WordNet's files `index.noun` and
    `data.noun` in a folder.
    """
    kinds: dict[str, int] = {}
    for line in (folder / "data.noun").read_text("utf-8").splitlines():
        if not line.startswith(" "):
            place, kind = line.split(" ", 2)[:2]
            kinds[place] = int(kind)
    found = set()
    for line in (folder / "index.noun").read_text("utf-8").splitlines():
        if not line.startswith(" "):
            parts = line.split()
            if kinds[parts[-int(parts[2])]] in SEEN_KINDS:
                found.add(parts[0].replace("_", " "))
    return found


def weight(kind: str, english: str, seen: Container[str]) -> float:
    """What a word of this kind ("n", "adj", "v" …) counts, by its English word."""
    if kind == "n" and english in seen:
        return SEEN
    return TOLD if kind == "adj" else OTHER


def candidates(
    spoken: Iterable[Spoken], told: Iterable[float], titles: Counter[str], seen: Container[str]
) -> Iterator[Candidate]:
    """What each word is worth as a piece; `told` is what each tells of pictures."""
    import wordfreq

    for (language, word, english, kind), telling_of in zip(spoken, told, strict=True):
        piece = folded(word)
        if not piece or len(piece) > LONGEST:
            continue
        frequency = max(wordfreq.word_frequency(word, language), RAREST)
        on_titles = max((titles[part] for part in words_of(" ".join(english[:1]))), default=0)
        counts = weight(kind, english[0], seen) if english else GUESSED
        merit = telling_of * frequency**USED * (1 + np.log1p(on_titles)) * counts
        yield Candidate(piece, basic_form(language, word) or piece, float(merit))


def folded(word: str) -> str:
    """A word in folded letters; empty where it falls into several."""
    parts = words_of(word)
    return parts[0] if len(parts) == 1 else ""


def basic_form(language: str, word: str) -> str:
    """In folded letters; German nouns are known by their capital."""
    import simplemma

    known_as = word.capitalize() if language == "de" else word
    return folded(simplemma.lemmatize(known_as, lang=language).lower())


def ranked(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The worthiest first; a basic form is worth what all of its forms are."""
    candidates = list(candidates)
    worth: Counter[str] = Counter()
    for candidate in candidates:
        if candidate.base != candidate.word and _adds_letters(candidate):
            worth[candidate.base] += candidate.merit  # type: ignore[assignment]  # of floats
    alone = {candidate.word for candidate in candidates}
    bases = [Candidate(base, base, 0.0) for base in worth if base not in alone]
    whole = [c._replace(merit=c.merit + worth.get(c.word, 0.0)) for c in [*candidates, *bases]]
    return sorted(whole, key=lambda c: (-c.merit, c.word))


def _adds_letters(candidate: Candidate) -> bool:
    more = len(candidate.word) - len(candidate.base)
    long_enough = len(candidate.base) >= SHORTEST
    return long_enough and more <= ENDING and candidate.word.startswith(candidate.base)


def take_turns(
    ranks: Mapping[str, list[Candidate]],
    pieces: Iterable[str],
    *,
    most: int,
    run_together: Iterable[str] = (),
    first: str = "en",
) -> list[str]:
    """Pieces and, one language after another, their worthiest words, `most` in all; words that
    can be put together from what is there already are left out.
    """
    chosen = dict.fromkeys(pieces)
    joined = set(run_together)
    waiting = {code: iter(found) for code, found in ranks.items()}
    while waiting and len(chosen) < most:
        for code in list(waiting):
            for _ in range(ENGLISH_FIRST if code == first else 1):
                word = _next(waiting[code], chosen, parts=code in joined)
                if word is None:
                    waiting.pop(code, None)
                    break
                chosen[word] = None
    return list(chosen)[:most]


def _next(waiting: Iterable[Candidate], chosen: Mapping[str, None], *, parts: bool) -> str | None:
    for candidate in waiting:
        word = candidate.word
        if word in chosen or (candidate.base in chosen and _adds_letters(candidate)):
            continue
        if parts and _in_two(word, chosen.__contains__):
            continue
        return word
    return None


def _in_two(word: str, known: Callable[[str], bool]) -> bool:
    cuts = range(SHORTEST, len(word) - SHORTEST + 1)
    return any(known(word[:cut]) and known(word[cut:]) for cut in cuts)
