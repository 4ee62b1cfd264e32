"""How well a text tower reads ten languages: a table, beside the English tower it learned from.

Precision at ten of the wishes, whose words stand in the tables or not; the share of the first
twenty pictures in common with the reference's English; English queries and titles as `evaluate`
counts them; milliseconds of a query. Needs what `prepare` and `material` made.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.embedded_model.captions import Facts, facts
from tools.embedded_model.colours import Look
from tools.embedded_model.languages.english import english_vectors, open_english, picture_vectors
from tools.embedded_model.languages.exam import Embed, in_common, precision
from tools.embedded_model.languages.lexicon import LANGUAGES, Wish, read_wishes
from tools.embedded_model.prepare import open_measures, open_records
from tools.embedded_model.queries import ART_QUERIES, truth
from tools.embedded_model.scores import precision_at_10, recall_at
from tools.embedded_model.workplace import EMBEDDED, arguments

Floats = NDArray[np.float32]
RECALL = 50


class Hall:
    """The pictures of one split, with their labels and vectors."""

    def __init__(self, options: argparse.Namespace) -> None:
        work: Path = options.work
        records = open_records(work)
        measures = open_measures(work)
        numbers = [r.number for r in records if r.split == options.split]
        self.facts: list[Facts] = [facts(records[n], Look.from_row(measures[n])) for n in numbers]
        self.titles = [records[n].title for n in numbers]
        vectors = picture_vectors(work, open_english(options.reference))[numbers]
        self.pictures: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def english(self, embed: Embed) -> dict[str, float]:
        """The English figures of `evaluate`: all queries, and titles among the first fifty."""
        relevant, judged = truth(ART_QUERIES, self.facts)
        each = precision_at_10(
            embed([query.text for query in ART_QUERIES]) @ self.pictures.T, relevant, judged
        )
        own = [
            i
            for i, title in enumerate(self.titles)
            if len(title.split()) > 1 and self.titles.count(title) == 1
        ]
        rest = [i for i in range(len(self.titles)) if i not in set(own)]
        scores = embed([self.titles[i] for i in own]) @ self.pictures[own + rest].T
        return {
            "p@10": float(each[relevant.sum(1) >= 3].mean()),
            f"titles@{RECALL}": recall_at(scores, RECALL),
        }


def embedder(folder: Path) -> Embed:
    """Texts to unit vectors (N, 256), by the exported model of a folder."""
    model = open_english(folder)
    return lambda texts: english_vectors(model, texts)


def milliseconds(embed: Embed, wishes: list[Wish]) -> float:
    """The median of one query, over the wishes of all languages."""
    taken = []
    for wish in wishes:
        for text in wish.said.values():
            start = time.process_time()
            embed([text])
            taken.append(time.process_time() - start)
    return float(np.median(taken)) * 1000


def main(options: argparse.Namespace) -> None:
    """Print the table, and write figures.json beside the work."""
    hall, wishes = Hall(options), read_wishes()
    reference, embed = embedder(options.reference), embedder(options.model)
    found = {
        "wishes": precision(embed, wishes, hall.facts, hall.pictures),
        "reference": precision(reference, wishes, hall.facts, hall.pictures),
        "in common": in_common(embed, reference, wishes, hall.pictures),
        "reference in common": in_common(reference, reference, wishes, hall.pictures),
        "english": hall.english(embed),
        "reference english": hall.english(reference),
        "milliseconds": milliseconds(embed, wishes),
        "reference milliseconds": milliseconds(reference, wishes),
    }
    print(f"{'':4}{'wishes':>8}{'listed':>8}{'others':>8}{'common':>8}   | reference")
    for code in LANGUAGES:
        row, before = found["wishes"][code], found["reference"][code]
        cells = [row["all"], row["listed"], row["unlisted"], found["in common"][code]]
        cells += [before["all"], before["unlisted"], found["reference in common"][code]]
        print(f"{code:4}" + "".join(f"{cell:8.3f}" for cell in cells))
    for name in ("english", "reference english", "milliseconds", "reference milliseconds"):
        print(name, found[name])
    (options.work / "languages.json").write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    parser = arguments("how well a text tower reads ten languages")
    parser.add_argument("--model", type=Path, default=EMBEDDED, help="folder with entry.toml")
    parser.add_argument("--reference", type=Path, required=True, help="folder of the English model")
    parser.add_argument("--split", default="dev", choices=("val", "dev"))
    main(parser.parse_args())
