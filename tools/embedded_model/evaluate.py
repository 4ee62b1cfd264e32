"""Measure the shipped model: `make eval-embedded`. Needs the product's own packages only.

Over the held-out paintings where they are present, and over the starter gallery: precision at ten
of labelled art queries, zero-shot style and genre, title to picture; against chance, the words of
titles and colours; 8 bits against floats. Prints a table, writes figures.json and contact sheets.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import tomllib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from glance_agent.embedding.encoder import OnnxEncoder
from glance_agent.embedding.models.catalogue import CatalogueModel
from glance_agent.embedding.runtime import RuntimeOptions
from glance_agent.sources import starter
from tools.embedded_model.baselines import by_chance, by_colour, by_keyword
from tools.embedded_model.collection import Collection, gallery, held_out
from tools.embedded_model.histograms import by_intersection, by_quadratic_form
from tools.embedded_model.prompts import GENRE_PROMPTS, STYLE_PROMPTS
from tools.embedded_model.scores import accuracy, precision_at_10, recall_at
from tools.embedded_model.sheet import contact_sheet
from tools.embedded_model.workplace import EMBEDDED, paintings_folder

Floats = NDArray[np.floating]
Figures = dict[str, float]
CHANCE_DRAWS = 50
SHEET_QUERIES = (
    "peaceful blue water",
    "dark dramatic painting",
    "warm evening",
    "sunny garden",
    "stormy sea",
    "japanese woodblock print",
    "calm green landscape",
    "red abstract",
    "snowy winter",
    "portrait of an old man",
    "flowers in a vase",
    "lonely and melancholy",
    "ballet dancers",
    "a horse",
)


def entry_of(folder: Path) -> CatalogueModel:
    """What entry.toml in a folder tells."""
    told = tomllib.loads((folder / "entry.toml").read_text("utf-8"))
    return CatalogueModel.model_validate(told)


def open_model(folder: Path) -> OnnxEncoder:
    """The model of a folder with entry.toml, run as the program runs it, on one thread."""
    entry = entry_of(folder)
    files = {file.role: folder / file.path for file in entry.files}
    return OnnxEncoder(entry, files, RuntimeOptions(threads=1), Path(tempfile.gettempdir()))


class Vectors:
    """Everything one model makes of a collection; rows are unit vectors."""

    def __init__(self, model: OnnxEncoder, collection: Collection) -> None:
        self._model = model
        self.images = model.embed_images(collection.pictures)
        self.asked = self.texts([query.text for query in collection.queries])
        self.titles = self.texts(collection.titles)

    def texts(self, texts: list[str]) -> NDArray[np.float32]:
        """float32 (N, d)."""
        return np.stack([self._model.embed_text(text) for text in texts])

    def classes(self, prompts: list[list[str]]) -> NDArray[np.float32]:
        """float32 (C, d): the mean over each class's prompts, for comparing."""
        means = np.stack([self.texts(texts).mean(0) for texts in prompts])
        return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), np.float32)


def precision(scores: Floats, collection: Collection) -> Figures:
    """Precision at ten: over all queries, and per class."""
    relevant = np.stack([query.relevant for query in collection.queries])
    judged = np.stack([query.judged for query in collection.queries])
    each = precision_at_10(scores, relevant, judged)
    kinds = np.array([query.kind for query in collection.queries])
    return {
        "p@10": float(each.mean()),
        **{f"p@10 {kind}": float(each[kinds == kind].mean()) for kind in dict.fromkeys(kinds)},
    }


def of_model(vectors: Vectors, collection: Collection) -> Figures:
    """Every figure of one model."""
    figures = precision(vectors.asked @ vectors.images.T, collection)
    for name, prompts, labels in (
        ("style", STYLE_PROMPTS, collection.styles),
        ("genre", GENRE_PROMPTS, collection.genres),
    ):
        if labels is not None:
            scores = vectors.classes(prompts) @ vectors.images.T
            figures[name], figures[f"{name} balanced"] = accuracy(scores, labels)
    return {**figures, **recall(vectors.titles @ vectors.images.T, collection)}


def recall(scores: Floats, collection: Collection) -> Figures:
    """Title to picture, over titles of two words or more that only one picture bears."""
    titles = collection.titles
    own = [
        i for i, title in enumerate(titles) if len(title.split()) > 1 and titles.count(title) == 1
    ]
    others = [i for i in range(len(titles)) if i not in set(own)]
    ordered = scores[np.ix_(own, own + others)]
    return {f"title recall@{k}": recall_at(ordered, k) for k in (1, 10, 50)}


def baselines(collection: Collection) -> dict[str, Figures]:
    """The same figures without a model, where they make sense."""
    texts, pictures = [query.text for query in collection.queries], collection.pictures
    size = (len(texts), len(pictures))
    draws = [precision(by_chance(*size, seed), collection) for seed in range(CHANCE_DRAWS)]
    titles = by_chance(len(collection.titles), len(collection.titles), 0)
    chance = {key: float(np.mean([draw[key] for draw in draws])) for key in draws[0]}
    return {
        "random": {**chance, **recall(titles, collection)},
        "keyword": precision(by_keyword(texts, collection.keywords, 0), collection),
        "colour intersection": precision(by_intersection(texts, pictures, 0), collection),
        "colour histogram": precision(by_quadratic_form(texts, pictures, 0), collection),
        "colours of labels": precision(by_colour(texts, collection.looks, 0), collection),
    }


def agreement(one: Vectors, other: Vectors) -> Figures:
    """Mean and smallest cosine between two models' vectors of the same things."""
    images = (one.images * other.images).sum(1)
    texts = np.concatenate([(one.asked * other.asked).sum(1), (one.titles * other.titles).sum(1)])
    return {
        "image cosine": float(images.mean()),
        "image cosine, smallest": float(images.min()),
        "text cosine": float(texts.mean()),
        "text cosine, smallest": float(texts.min()),
    }


def table(columns: dict[str, Figures]) -> str:
    """The figures as aligned text, one column per contender."""
    rows = list(dict.fromkeys(key for figures in columns.values() for key in figures))
    width = max(len(row) for row in rows) + 2
    lines = [" " * width + "".join(f"{name:>21}" for name in columns)]
    for row in rows:
        cells = (
            f"{figures[row]:21.3f}" if row in figures else " " * 21 for figures in columns.values()
        )
        lines.append(f"{row:<{width}}" + "".join(cells))
    return "\n".join(line.rstrip() for line in lines)


def evaluate(collection: Collection, options: argparse.Namespace) -> dict[str, Figures]:
    """All contenders over one collection; writes its contact sheet."""
    shipped = Vectors(open_model(options.model), collection)
    columns = {"shipped, 8 bits": of_model(shipped, collection)}
    if options.floats and (options.floats / "entry.toml").exists():
        floats = Vectors(open_model(options.floats), collection)
        columns["floats"] = of_model(floats, collection)
        columns["shipped, 8 bits"] |= agreement(shipped, floats)
    columns |= baselines(collection)
    scores = shipped.texts(list(SHEET_QUERIES)) @ shipped.images.T
    sheet = contact_sheet(list(SHEET_QUERIES), scores, collection.pictures, None)
    sheet.save(options.out / f"sheet-{re.sub('[^a-z]+', '-', collection.name)}.png")
    return columns


def main(options: argparse.Namespace) -> None:
    """Evaluate over everything that is there."""
    options.out.mkdir(parents=True, exist_ok=True)
    found: dict[str, dict[str, Figures]] = {}
    collections = []
    if (options.paintings / "paintings.jsonl.gz").exists():
        collections.append(held_out(options.paintings, options.split))
    if (options.gallery / "gallery.json").exists():
        collections.append(gallery(options.gallery))
    for collection in collections:
        found[collection.name] = evaluate(collection, options)
        counts = f"{len(collection.pictures)} pictures, {len(collection.queries)} queries"
        print(f"\n{collection.name}: {counts}\n{table(found[collection.name])}")
    (options.out / "figures.json").write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="measure the embedded model")
    parser.add_argument("--model", type=Path, default=EMBEDDED, help="folder with entry.toml")
    parser.add_argument("--floats", type=Path, help="folder of the same model in floats")
    parser.add_argument("--paintings", type=Path, default=paintings_folder())
    parser.add_argument("--split", default="dev", choices=("val", "dev"))
    parser.add_argument(
        "--gallery", type=Path, default=starter.folder(), help="folder with gallery.json"
    )
    parser.add_argument("--out", type=Path, default=Path("eval-output"))
    main(parser.parse_args())
