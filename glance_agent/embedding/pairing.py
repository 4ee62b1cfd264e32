"""Two encoders of one space as one: a stand-in for one that is away, or a tower from each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from glance_agent.domain.encoder import Encoder
from glance_agent.domain.errors import ModelError
from glance_agent.domain.said import say
from glance_agent.domain.vectors import NO_SPACE

if TYPE_CHECKING:
    from PIL.Image import Image

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

from glance_agent.domain.vectors import Matrix, Vector

if TYPE_CHECKING:
    from PIL.Image import Image

PAUSE_SECONDS: Final = 30.0
_log = logging.getLogger(__name__)
_T = TypeVar("_T")


def require_same_space(first: Encoder, second: Encoder) -> None:
    """Raises ModelError unless vectors of both may be compared."""
    if (first.space, first.dimension) != (second.space, second.dimension):
        raise ModelError(
            say(
                "The two encoders embed into different spaces, {space} and {space_2}. "
                "Use the same model, and the same kind of processor for an 8-bit one.",
                space=first.space,
                space_2=second.space,
            )
        )


class StandIn:
    """The first encoder; while it is away, the second. Both are of one space."""

    def __init__(
        self, first: Encoder, second: Encoder, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`clock` is in seconds; an encoder that failed is left alone for a while."""
        require_same_space(first, second)
        self.space = first.space
        self.dimension = first.dimension
        self._first = first
        self._second = second
        self._clock = clock
        self._away_until = float("-inf")

    @property
    def cost(self) -> dict[str, Any]:
        return getattr(self._first, "cost", {})

    def embed_text(self, text: str) -> Vector:
        """The unit vector of a text, float32 (d,); raises ModelError where both fail."""
        return self._either(lambda encoder: encoder.embed_text(text))

    def embed_images(self, images: Sequence[Image]) -> Matrix:
        """The unit vectors of RGB pictures, float32 (n, d); raises ModelError where both fail."""
        return self._either(lambda encoder: encoder.embed_images(images))

    def _either(self, act: Callable[[Encoder], _T]) -> _T:
        if self._clock() >= self._away_until:
            try:
                return act(self._first)
            except ModelError as error:
                self._away_until = self._clock() + PAUSE_SECONDS
                _log.warning("%s The local model stands in.", error)
        return act(self._second)


class TowersApart:
    """Pictures by one encoder, words by another, of one space."""

    def __init__(self, pictures: Encoder, words: Encoder) -> None:
        require_same_space(pictures, words)
        self.space = pictures.space
        self.dimension = pictures.dimension
        self.wording: str = getattr(words, "wording", words.space)
        self._pictures = pictures
        self._words = words

    @property
    def cost(self) -> dict[str, Any]:
        return getattr(self._pictures, "cost", {})

    def embed_text(self, text: str) -> Vector:
        """The unit vector of a text, float32 (d,); raises ModelError."""
        return self._words.embed_text(text)

    def embed_images(self, images: Sequence[Image]) -> Matrix:
        """The unit vectors of RGB pictures, float32 (n, d); raises ModelError."""
        return self._pictures.embed_images(images)


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
