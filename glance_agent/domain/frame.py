"""A picture rendered for a display, and one that is to hang beside another."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from glance_agent.domain.wall_label import LabelText


@dataclass(frozen=True)
class Frame:
    """A picture rendered for one display: encoded bytes and their size in pixels."""

    data: bytes = field(repr=False)
    content_type: str
    width_px: int
    height_px: int

    @cached_property
    def tag(self) -> str:
        """Tells its bytes from all others, in twelve letters."""
        return tag_of(self.data)[:12]


@dataclass(frozen=True, slots=True)
class Beside:
    """A picture that is to hang beside another: three bytes a pixel of sRGB, row by row, and what
    its label says."""

    pixels: bytes = field(repr=False)
    size_px: tuple[int, int]
    text: LabelText | None = None


def tag_of(data: bytes) -> str:
    """The same bytes have the same tag, and no others do (a strong ETag)."""
    return sha256(data).hexdigest()[:32]
