"""Does the search say what is not there, in each language? The product itself is asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.folding import folded_words
from glance_agent.embedding.encoder import OnnxEncoder
from tools.embedded_model.languages.lexicon import HERE, LANGUAGES, Wish, lines, said_of
from tools.embedded_model.records import Record
from tools.evaluation.paintings import Exhibition, Labelled
from tools.evaluation.rivals import House, housed

LETTERS_OF_A_WORD = 4  # shorter ones, articles mostly, are on labels by chance


def read_absent(path: Path = HERE / "absent.txt") -> list[dict[str, str]]:
    """What no collection of paintings answers, by language."""
    return [said_of(line) for line in lines(path)]


def exhibition_of(
    records: Sequence[Record], vectors: NDArray[np.float32], space: str
) -> Exhibition:
    """Paintings with their titles and artists, and their vectors (N, 256)."""
    works = (
        Labelled(Artwork(id=f"paintings:{r.number}", title=r.title.title(), artist=r.artist))
        for r in records
    )
    return Exhibition("paintings", tuple(works), vectors, space)


def refusals(
    exhibition: Exhibition, model: OnnxEncoder, wishes: list[Wish]
) -> dict[str, dict[str, float]]:
    """Of each language: the share of absent wishes that are said to be absent, and of the listed
    wishes, all of which something answers. A wish with a word of some label is left out.
    """
    absent, present = read_absent(), [wish.said for wish in wishes if wish.listed]
    on_labels = {
        word
        for work in exhibition.works
        for word in folded_words(f"{work.artwork.title} {work.artwork.artist or ''}")
        if len(word) >= LETTERS_OF_A_WORD
    }
    with housed(exhibition, model) as house:
        return {
            code: {
                "absent": _refused(house, [said[code] for said in absent], on_labels),
                "present": _refused(house, [said[code] for said in present], on_labels),
            }
            for code in LANGUAGES
        }


def _refused(house: House, wishes: Sequence[str], on_labels: set[str]) -> float:
    asked = [wish for wish in wishes if on_labels.isdisjoint(folded_words(wish))]
    return float(np.mean([not house.find(wish).sure for wish in asked]))
