"""The pictures an evaluation runs over, with what is known to be true of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tools.embedded_model.captions import facts
from tools.embedded_model.colours import Look, measure
from tools.embedded_model.prepare import SIDE_PX, painting_pixels
from tools.embedded_model.queries import ART_QUERIES, truth
from tools.embedded_model.records import GENRES, STYLES, read_paintings

FEWEST_RELEVANT = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """One query: its text, its class, and which of the N pictures are right or may be judged."""

    text: str
    kind: str
    relevant: NDArray[np.bool_]
    judged: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Collection:
    """N pictures; `keywords` are what a program without a model searches. Labels -1: unknown."""

    name: str
    pictures: list[Image.Image]
    titles: list[str]
    keywords: list[str]
    looks: list[Look]
    queries: list[Asked]
    styles: NDArray[np.int64] | None = None
    genres: NDArray[np.int64] | None = None


def look_of(picture: Image.Image) -> Look:
    """The measures of a picture of any size, squashed to the size the measures were made for."""
    square = picture.resize((SIDE_PX, SIDE_PX), Image.Resampling.BICUBIC)
    return Look.from_row(measure(np.asarray(square)))


def held_out(folder: Path, split: str) -> Collection:
    """One split of the paintings."""
    records = {record.number: record for record in read_paintings(folder) if record.split == split}
    pixels = {number: picture for number, picture in painting_pixels(folder) if number in records}
    ordered = [records[number] for number in sorted(records)]
    pictures = [pixels[record.number] for record in ordered]
    looks = [look_of(picture) for picture in pictures]
    told = [facts(record, look) for record, look in zip(ordered, looks, strict=True)]
    relevant, judged = truth(ART_QUERIES, told)
    rows = zip(ART_QUERIES, relevant, judged, strict=True)
    return Collection(
        name=f"paintings, {split} split",
        pictures=pictures,
        titles=[record.title for record in ordered],
        keywords=[f"{record.title} {record.artist} {record.style or ''}" for record in ordered],
        looks=looks,
        queries=[Asked(q.text, q.kind, r, j) for q, r, j in rows if r.sum() >= FEWEST_RELEVANT],
        styles=_labels([record.style for record in ordered], STYLES),
        genres=_labels([record.genre for record in ordered], GENRES),
    )


def _labels(values: list[str | None], classes: tuple[str, ...]) -> NDArray[np.int64]:
    return np.array([classes.index(value) if value in classes else -1 for value in values])


def gallery(folder: Path) -> Collection:
    """The starter gallery: right is what its labels' tags say."""
    entries: list[dict[str, Any]] = json.loads((folder / "gallery.json").read_text("utf-8"))
    pictures = [Image.open(folder / entry["file"]).convert("RGB") for entry in entries]
    tags = [frozenset(entry["tags"]) for entry in entries]
    everything = np.ones(len(entries), bool)
    queries = []
    for text, kind, *wanted in GALLERY_QUERIES:
        relevant = np.array([all(own & set(one.split("|")) for one in wanted) for own in tags])
        if relevant.sum() >= FEWEST_RELEVANT:
            queries.append(Asked(text, kind, relevant, everything))
    return Collection(
        name="starter gallery",
        pictures=pictures,
        titles=[entry["title"] for entry in entries],
        keywords=[f"{entry['title']} {entry['artist']}" for entry in entries],
        looks=[look_of(picture) for picture in pictures],
        queries=queries,
    )


def without_titles(collection: Collection) -> Collection:
    """The same with nothing to search by keyword."""
    return replace(collection, keywords=[""] * len(collection.keywords))


# text, class, then one set of alternatives per aspect, all of which must be met
GALLERY_QUERIES: tuple[tuple[str, ...], ...] = (
    ("sea", "subject", "sea|ocean"),
    ("forest", "subject", "forest|fir trees|trees"),
    ("flowers", "subject", "flowers|bouquet|daisies|poppies|red flowers|blossom|sunflowers"),
    ("mountains", "subject", "mountain|mountains|alps"),
    ("snow", "subject", "snow|winter"),
    ("night sky", "subject", "night"),
    ("sunset", "subject", "sunset|sunrise|evening|red sun"),
    ("river or lake", "subject", "water|river|lake|pond|reflection"),
    ("houses in a village", "subject", "village|houses|city"),
    ("field in the countryside", "subject", "meadow|countryside|plain|hills"),
    ("calm and peaceful", "mood and colour", "calm|peaceful|quiet|serene|still|meditative"),
    ("warm light", "mood and colour", "warm|glowing|golden|orange"),
    ("cheerful and sunny", "mood and colour", "cheerful|sunny|playful|lively|bright"),
    ("melancholy and lonely", "mood and colour", "melancholy|lonely|gloomy|sombre|silent"),
    ("cold and wintry", "mood and colour", "cold|winter|snow"),
    ("dramatic and wild", "mood and colour", "dramatic|wild|powerful|energetic"),
    ("blue painting", "mood and colour", "blue|dark blue|navy|pale blue"),
    ("green painting", "mood and colour", "green|dark green|mint"),
    ("red painting", "mood and colour", "red|dark red"),
    ("orange and yellow", "mood and colour", "orange|yellow|gold"),
    ("pink and violet", "mood and colour", "pink|violet|purple|magenta"),
    ("abstract painting", "style", "abstract"),
    ("japanese woodblock print", "style", "woodblock print|japanese style"),
    ("impressionist painting", "style", "impressionist|post-impressionist"),
    ("geometric shapes", "style", "geometric"),
    ("black and white photograph", "style", "photograph"),
    ("still life", "style", "still life"),
    ("peaceful blue water", "composed", "sea|ocean|water|lake|river|pond", "blue|pale blue|teal"),
    ("blue abstract", "composed", "abstract", "blue|navy|pale blue|dark blue"),
    ("dark night with stars or moon", "composed", "night", "full moon|stars|moonlight|aurora"),
    ("warm evening landscape", "composed", "sunset|evening|sunrise", "landscape|seascape"),
    ("calm green landscape", "composed", "landscape", "green|dark green"),
    ("snowy winter landscape", "composed", "snow|winter", "landscape|woodblock print"),
    ("colourful flowers", "composed", "flowers|bouquet|daisies|poppies", "red|yellow|pink"),
)
