"""What a display takes, and a picture rendered for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Surface:
    """A display's panel, and how pictures are laid out on it."""

    size_px: tuple[int, int]
    fit: Literal["contain", "cover"]
    mat: str
    max_bytes: int
    progressive: bool = True
    """Whether it reads progressive JPEGs, which are a little smaller."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture rendered for one display: encoded bytes and their size in pixels."""

    data: bytes = field(repr=False)
    content_type: str
    width_px: int
    height_px: int
