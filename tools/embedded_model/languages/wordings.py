"""Does another wording of a wish find what the plain one finds? Capitals, letters that a keyboard
lacks, compounds, endings, two languages in one sentence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.embedded_model.languages.exam import COMMON, Embed, best_of
from tools.embedded_model.languages.lexicon import HERE, LANGUAGES, Wish, lines

Floats = NDArray[np.float32]
_WRITTEN_OUT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae", "ß": "ss"}
)


@dataclass(frozen=True, slots=True)
class Wording:
    """One wish worded otherwise, and plainly, in one language."""

    kind: str
    language: str
    otherwise: str
    plain: str


def read_wordings(wishes: list[Wish], path: Path = HERE / "wordings.txt") -> list[Wording]:
    """Those of the table, and every wish in capitals and without letters of its own."""
    return [*_listed(path), *_derived(wishes)]


def _listed(path: Path) -> Iterator[Wording]:
    kind = ""
    for line in lines(path):
        if line.startswith("["):
            kind = line.strip("[]")
        else:
            language, otherwise, plain = line.split(" | ")
            yield Wording(kind, language, otherwise, plain)


def _derived(wishes: list[Wish]) -> Iterator[Wording]:
    for wish in wishes:
        for code in LANGUAGES:
            said = wish.said[code]
            yield Wording("capitals", code, said.upper(), said)
            bare = said.lower().translate(_WRITTEN_OUT)
            if bare != said.lower():
                yield Wording("written out", code, bare, said)


def found_alike(embed: Embed, wordings: list[Wording], pictures: Floats) -> dict[str, float]:
    """Of each kind, the share of the first twenty pictures that both wordings find."""
    otherwise = best_of(embed([w.otherwise for w in wordings]) @ pictures.T)
    plain = best_of(embed([w.plain for w in wordings]) @ pictures.T)
    shares: dict[str, list[float]] = defaultdict(list)
    for wording, one, other in zip(wordings, otherwise, plain, strict=True):
        shares[wording.kind].append(len(one & other) / COMMON)
    return {kind: float(np.mean(found)) for kind, found in shares.items()}
