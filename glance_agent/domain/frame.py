"""A picture rendered for a display."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture rendered for one display: encoded bytes and their size in pixels."""

    data: bytes = field(repr=False)
    content_type: str
    width_px: int
    height_px: int
