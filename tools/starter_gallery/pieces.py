"""The generator's list of works (pieces.toml): how each is painted and what its label says."""

from __future__ import annotations

import importlib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from .easel import Easel
from .finish import on_canvas, on_paper

LIST = Path(__file__).parent / "pieces.toml"
SIZES_PX = {
    "landscape": (1024, 720),
    "wide": (1080, 620),
    "portrait": (720, 1024),
    "square": (840, 840),
    "small": (760, 760),
}
SURFACES = {"canvas": on_canvas, "paper": on_paper}


@dataclass(frozen=True)
class Piece:
    """One generated picture; `painter` is "module.function" of this package."""

    painter: str
    title: str
    format: str
    surface: str
    content: list[str]
    mood: list[str]
    colour: list[str]
    style: list[str]
    seed: int = 1

    @property
    def slug(self) -> str:
        """The title as a file name without its ending."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")

    @property
    def file(self) -> str:
        """The picture's file name."""
        return f"{self.slug}.webp"


def pieces() -> list[Piece]:
    """Every piece of pieces.toml, in its order."""
    return [Piece(**row) for row in tomllib.loads(LIST.read_text("utf-8"))["piece"]]


def painted(piece: Piece) -> Image.Image:
    """The picture of a piece, RGB, at its full size."""
    room, name = piece.painter.split(".")
    size = SIZES_PX[piece.format]
    module = importlib.import_module(f"{__package__}.{room}")
    if piece.surface == "flat":  # an abstract brings its own grain
        picture: Image.Image = module.paint(name, piece.seed, size)
        return picture
    easel = Easel(*size, piece.seed)
    getattr(module, name)(easel)
    return SURFACES[piece.surface](easel)
