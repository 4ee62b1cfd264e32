"""The table of paintings: one record per picture, its labels cleaned of plain mistakes."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

from tools.starter_gallery import abstracts

STYLES = (
    "Impressionism",
    "Baroque",
    "Rococo",
    "Ukiyo e",
    "Cubism",
    "Naive Art Primitivism",
    "Fauvism",
    "Pointillism",
    "Abstract Expressionism",
    "Minimalism",
    "Geometric Abstraction",
)
GENRES = (
    "landscape",
    "portrait",
    "genre_painting",
    "cityscape",
    "religious_painting",
    "still_life",
    "sketch_and_study",
    "nude_painting",
    "abstract_painting",
    "illustration",
)
ABSTRACT_PIECES = 1500
ABSTRACT_SEED = 1_000_000  # far from the seeds of any gallery, so none of its pieces is trained on
_CHILD = re.compile(r"\b(baby|babies|infant|boy|girl|girls|boys|child|children)\b")
_WOMAN = re.compile(
    r"\b(wom[ae]n|lady|ladies|mother|mme|madame|mrs|miss|madonna|nurse|countess|queen|wife)\b"
)
_NO_MEANING = {"line", "circle", "comic", "work", "square"}
_EXPRESSIVE = {"splatter", "texture", "brushwork", "colour_field", "gradient"}


@dataclass(frozen=True, slots=True)
class Record:
    """One picture: what its label says. `style` and `genre` from STYLES and GENRES, or None where
    nobody said.
    """

    number: int
    title: str
    artist: str
    style: str | None
    genre: str | None
    year: int | None
    tags: tuple[str, ...]
    split: str


def read_paintings(folder: Path) -> list[Record]:
    """The records of paintings.jsonl.gz in that folder, cleaned, in order."""
    with gzip.open(folder / "paintings.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [_cleaned(_record(json.loads(line))) for line in lines]


def _record(row: dict[str, object]) -> Record:
    return Record(
        number=int(str(row["n"])),
        title=str(row["title"]),
        artist=str(row["artist"]),
        style=_known(row["style"], STYLES),
        genre=_known(row["genre"], GENRES),
        year=row["year"] if isinstance(row["year"], int) else None,
        tags=tuple(row["tags"]) if isinstance(row["tags"], list) else (),
        split=str(row["split"]),
    )


def _known(value: object, known: tuple[str, ...]) -> str | None:
    return value if isinstance(value, str) and value in known else None


def _cleaned(record: Record) -> Record:
    """Without tags that come from a place name or the sex of an infant."""
    wrong = set(_NO_MEANING)
    if record.genre in ("landscape", "cityscape", "still_life"):
        wrong |= {"saint", "madonna", "christ"}
    if _CHILD.search(record.title) and not _WOMAN.search(record.title):
        wrong.add("woman")
    return replace(record, tags=tuple(tag for tag in record.tags if tag not in wrong))


def abstract_records(first: int) -> list[Record]:
    """Records of the procedurally painted pieces, numbered from `first`; all of them for
    training.
    """
    return [_abstract(first + index, *abstract_recipe(index)) for index in range(ABSTRACT_PIECES)]


def abstract_recipe(index: int) -> tuple[str, int]:
    """Kind and seed of the index-th piece."""
    return abstracts.KINDS[index % len(abstracts.KINDS)], ABSTRACT_SEED + index


def _abstract(number: int, kind: str, seed: int) -> Record:
    told = abstracts.describe(kind, seed)
    style = "Abstract Expressionism" if kind in _EXPRESSIVE else "Geometric Abstraction"
    title = told.title.split(", no.")[0].lower()
    return Record(number, title, "", style, "abstract_painting", None, told.tags, "train")
