"""Does a search in other languages find what the same search finds in English?

`python -m tools.evaluation.other_languages` asks the starter gallery, with the model in the
package, for every thing of the tables of words that its labels name in English, and for the wishes
that are kept out of training; in nine languages, each with and without the list of what labels call
things in English. Told are the share of the things whose first picture is the one that English
finds, what the first five of the wishes have in common with English, and how many English wishes
find other works because of the list.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from unittest.mock import patch

import numpy as np

from glance_agent.domain.folding import folded_words
from glance_agent.search import label_match
from glance_agent.search.query_parsing import parse_query
from glance_agent.sources.starter import entries, folder
from tools.embedded_model.evaluate import open_model
from tools.embedded_model.languages.lexicon import LANGUAGES, read_wishes, read_words
from tools.embedded_model.queries import ART_QUERIES
from tools.embedded_model.workplace import EMBEDDED
from tools.evaluation.paintings import Exhibition, load_gallery
from tools.evaluation.rivals import House, housed
from tools.understood import understand

OTHERS = tuple(code for code in LANGUAGES if code != "en")
FIRST, FIRST_FEW = 1, 5


def named(exhibition: Exhibition) -> list[dict[str, str]]:
    """Things whose English word stands on a label, as each language says them first."""
    on_labels = {
        word
        for work in exhibition.works
        for told in (work.artwork.title, *work.artwork.tags)
        for word in folded_words(told)
    }
    return [
        {code: row.said[code][0] for code in LANGUAGES}
        for row in read_words()
        if on_labels.issuperset(folded_words(row.said["en"][0]))
    ]


def found(house: House, text: str, language: str, count: int) -> list[str]:
    """The ids of the works that whoever asks in this language is answered with."""
    query = replace(parse_query(text), language=language)
    understand(house.understanding, query.texts)
    hits = house.engine.find(query, house.view, count=count).hits
    return [hit.artwork_id for hit in hits][:count]


def in_common(house: House, asked: Sequence[dict[str, str]], count: int) -> dict[str, float]:
    """Of each other language: the share of the first works that English finds first, too."""
    english = [set(found(house, said["en"], "en", count)) for said in asked]
    return {
        code: float(
            np.mean(
                [
                    len(wanted.intersection(found(house, said[code], code, count))) / len(wanted)
                    for said, wanted in zip(asked, english, strict=True)
                ]
            )
        )
        for code in OTHERS
    }


def moved(house: House, wishes: Sequence[str]) -> int:
    """How many English wishes find other first works with the list than without."""
    with_it = [found(house, wish, "en", FIRST_FEW) for wish in wishes]
    with without_list():
        return sum(
            found(house, wish, "en", FIRST_FEW) != before
            for wish, before in zip(wishes, with_it, strict=True)
        )


@contextmanager
def without_list() -> Iterator[None]:
    """Labels are asked for nothing in English."""
    with (
        patch.object(label_match, "in_english", lambda *words, language=None: ()),
        patch.object(label_match, "in_english_alone", lambda *words, language=None: ()),
    ):
        yield


def main() -> None:
    """Print a line for each: what is asked, with the list or without, by language."""
    model = open_model(EMBEDDED)
    gallery = load_gallery(folder(), entries(), model)
    asked = {
        "things, first": (named(gallery), FIRST),
        "wishes, first five": ([wish.said for wish in read_wishes()], FIRST_FEW),
    }
    with housed(gallery, model) as house:
        for what, (said, count) in asked.items():
            _tell(f"{what} ({len(said)})", in_common(house, said, count))
            with without_list():
                _tell("  without the list", in_common(house, said, count))
        english = [*(wish.said["en"] for wish in read_wishes()), *(q.text for q in ART_QUERIES)]
        print(f"English wishes that the list moves: {moved(house, english)} of {len(english)}")


def _tell(what: str, shares: dict[str, float]) -> None:
    print(f"{what:28}", *(f"{code} {share:.2f}" for code, share in shares.items()), flush=True)


if __name__ == "__main__":
    main()
