"""How well a text tower reads ten languages, beside the English tower it learned from: tables as
they stand in the model card, all of it in the product's own runtime.

Precision at ten of the wishes, whose words stand in the tables or not; the share of the first
twenty pictures in common with the reference's English; absent wishes that are refused; other
wordings; English queries and titles as `evaluate` counts them. Needs what `prepare`, `translations`
and `material` made.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from glance_agent.embedding.encoder import OnnxEncoder
from glance_agent.sources.starter import entries, folder
from tools.embedded_model.captions import Facts, facts
from tools.embedded_model.colours import Look
from tools.embedded_model.evaluate import open_model
from tools.embedded_model.languages.english import english_vectors, picture_vectors
from tools.embedded_model.languages.exam import RECALL, Embed, in_common, precision, titles_found
from tools.embedded_model.languages.lexicon import LANGUAGES, Wish, read_wishes
from tools.embedded_model.languages.refusals import exhibition_of, refusals
from tools.embedded_model.languages.translations import open_lookup
from tools.embedded_model.languages.uncovered import in_common_uncovered
from tools.embedded_model.languages.wordings import found_alike, read_wordings
from tools.embedded_model.prepare import open_measures, open_records
from tools.embedded_model.queries import ART_QUERIES, truth
from tools.embedded_model.records import Record
from tools.embedded_model.scores import precision_at_10
from tools.embedded_model.workplace import EMBEDDED, arguments
from tools.evaluation.paintings import load_gallery

Floats = NDArray[np.float32]
ByLanguage = dict[str, dict[str, float]]
ROWS = {  # of the table: where a figure stands, and what is said of it
    ("precision", "listed"): "wishes, words in the tables",
    ("precision", "unlisted"): "wishes, words in no table",
    ("precision", "all"): "all wishes",
    ("of English", "all"): "… as a share of the English tower's English",
    ("before", "all"): "all wishes, the English tower",
    ("in common", "unlisted"): "words in no table: first twenty in common with it",
    ("refused, paintings", "absent"): "absent wishes refused, paintings",
    ("refused, paintings", "present"): "… wishes that are answered, refused",
    ("refused, gallery", "absent"): "absent wishes refused, starter gallery",
}


class Hall:
    """The pictures of one split, with their labels and vectors."""

    def __init__(self, work: Path, split: str, reference: OnnxEncoder) -> None:
        measures = open_measures(work)
        self.records: list[Record] = [r for r in open_records(work) if r.split == split]
        self.facts: list[Facts] = [
            facts(r, Look.from_row(measures[r.number])) for r in self.records
        ]
        self.titles = [record.title for record in self.records]
        vectors = picture_vectors(work, reference)[[r.number for r in self.records]]
        self.pictures: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def english(self, embed: Embed) -> dict[str, float]:
        """The English figures of `evaluate`: all queries, and titles among the first fifty."""
        relevant, judged = truth(ART_QUERIES, self.facts)
        each = precision_at_10(
            embed([query.text for query in ART_QUERIES]) @ self.pictures.T, relevant, judged
        )
        return {
            "p@10": float(each[relevant.sum(1) >= 3].mean()),
            f"titles@{RECALL}": titles_found(embed, self.titles, self.pictures),
        }


@dataclass(frozen=True, eq=False)
class Reading:
    """One text tower, put to the pictures of a hall."""

    model: OnnxEncoder
    hall: Hall
    wishes: list[Wish]

    def embed(self, texts: list[str]) -> Floats:
        """Unit vectors (N, 256)."""
        return english_vectors(self.model, texts)

    @cached_property
    def precision(self) -> ByLanguage:
        """Of all wishes, of those in the tables, of those in none."""
        return precision(self.embed, self.wishes, self.hall.facts, self.hall.pictures)

    @cached_property
    def english(self) -> dict[str, float]:
        """Of English queries and titles."""
        return self.hall.english(self.embed)

    @cached_property
    def wordings(self) -> dict[str, float]:
        """How alike other wordings find, by their kind."""
        return found_alike(self.embed, read_wordings(self.wishes), self.hall.pictures)

    @cached_property
    def refused(self) -> dict[str, ByLanguage]:
        """Of the paintings, and of the starter gallery."""
        paintings = exhibition_of(self.hall.records, self.hall.pictures, self.model.space)
        gallery = load_gallery(folder(), entries(), self.model)
        return {
            "refused, paintings": refusals(paintings, self.model, self.wishes),
            "refused, gallery": refusals(gallery, self.model, self.wishes),
        }


def by_language(new: Reading, reference: Reading) -> dict[str, ByLanguage]:
    """All figures that there are of each language."""
    before = reference.precision
    common = in_common(new.embed, reference.embed, new.wishes, new.hall.pictures)
    return {
        "precision": new.precision,
        "of English": {c: _share(new.precision[c], before["en"]) for c in LANGUAGES},
        "before": before,
        "in common": {code: {"unlisted": common[code]} for code in LANGUAGES},
        **new.refused,
    }


def in_english(reading: Reading) -> dict[str, float]:
    """What two towers can be compared by: English, and other wordings."""
    told = {
        f"{group}: {k}": f
        for group, found in reading.refused.items()
        for k, f in found["en"].items()
    }
    return {**reading.english, **told, **reading.wordings}


def _share(row: dict[str, float], whole: dict[str, float]) -> dict[str, float]:
    return {kind: figure / whole[kind] for kind, figure in row.items()}


def table(figures: dict[str, ByLanguage]) -> str:
    """One column a language, as Markdown."""
    rows = ["| | " + " | ".join(LANGUAGES) + " |", "|---" * (len(LANGUAGES) + 1) + "|"]
    for (group, kind), said in ROWS.items():
        cells = (_short(figures[group][code][kind]) for code in LANGUAGES)
        rows.append(f"| {said} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _short(figure: float) -> str:
    return f"{figure:.2f}".removeprefix("0") if figure < 1 else f"{figure:.2f}"


def table_beside(columns: dict[str, dict[str, float]]) -> str:
    """One column for each tower, as Markdown."""
    rows = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for name in next(iter(columns.values())):
        cells = (f"{figures[name]:.3f}" for figures in columns.values())
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def main(options: argparse.Namespace) -> None:
    """Print the tables; write the figures where --figures says."""
    english = open_model(options.reference)
    hall, wishes = Hall(options.work, options.split, english), read_wishes()
    new = Reading(open_model(options.model), hall, wishes)
    reference = Reading(english, hall, wishes)
    languages = by_language(new, reference)
    towers = {"ten languages": in_english(new), "English": in_english(reference)}
    print(table(languages), table_beside(towers), sep="\n\n")
    uncovered = in_common_uncovered(
        new.embed,
        reference.embed,
        wishes,
        hall.pictures,
        open_lookup(options.work).english,
    )
    told = ", ".join(f"{code} {share:.2f} of {count}" for code, (count, share) in uncovered.items())
    print(f"\nfirst twenty in common, wishes with a word in no dictionary: {told}")
    if options.figures:
        figures = {"revision": new.model.entry.revision, "languages": languages, "towers": towers}
        options.figures.write_text(json.dumps(figures, indent=1), encoding="utf-8")


if __name__ == "__main__":
    parser = arguments("how well a text tower reads ten languages")
    parser.add_argument("--model", type=Path, default=EMBEDDED, help="folder with entry.toml")
    parser.add_argument("--reference", type=Path, required=True, help="folder of the English model")
    parser.add_argument("--split", default="dev", choices=("val", "dev"))
    parser.add_argument("--figures", type=Path, help="a JSON file for all figures")
    main(parser.parse_args())
