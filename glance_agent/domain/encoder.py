"""What turns pictures and words into vectors, as whoever needs both asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from PIL.Image import Image

    from glance_agent.domain.vectors import Matrix, Vector

READ_SECONDS = 5.0
"""How long a command waits for the model; labels answer where it takes longer."""


class Encoder(Protocol):
    """Turns pictures and words into unit vectors of its space; raises ModelError."""

    @property
    def space(self) -> str:
        """What its vectors may be compared in: those of two spaces never are."""
        ...

    @property
    def dimension(self) -> int:
        """How many numbers a vector has, d."""
        ...

    def embed_text(self, text: str) -> Vector:
        """The unit vector (d,) of some words, float32."""
        ...

    def embed_images(self, images: Sequence[Image]) -> Matrix:
        """The unit vectors (n, d) of n upright RGB pictures, float32, in their order."""
        ...
