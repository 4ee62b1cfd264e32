"""The encoder that stands in where no model can be used: it says why, and words on labels serve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from glance_agent.domain.errors import ModelError
from glance_agent.domain.vectors import NO_SPACE

if TYPE_CHECKING:
    from PIL.Image import Image


class AbsentEncoder:
    """Has a space in which nothing lies; raises ModelError with its reason for everything."""

    space = NO_SPACE
    dimension = 1

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def embed_text(self, text: str) -> NoReturn:
        """Raises ModelError."""
        raise ModelError(self.reason)

    def embed_images(self, images: Sequence[Image]) -> NoReturn:
        """Raises ModelError."""
        raise ModelError(self.reason)
