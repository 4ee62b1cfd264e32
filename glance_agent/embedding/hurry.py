"""An encoder that may be silent, and nobody who waits for it longer than is good."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final, TypeVar

from glance_agent.domain.encoder import Encoder
from glance_agent.domain.errors import GlanceError, ModelLate
from glance_agent.domain.said import say
from glance_agent.domain.vectors import Matrix, Vector

if TYPE_CHECKING:
    from PIL.Image import Image

_LOOK_SECONDS: Final = 0.1
_T = TypeVar("_T")


class GivenUp(GlanceError):
    """Whoever wanted the answer of an encoder wants it no longer."""


class Hurried:
    """The same encoder, asked in threads that may be left behind. Ends with the program."""

    def __init__(
        self, encoder: Encoder, *, seconds: float | None, given_up: threading.Event
    ) -> None:
        """ModelLate is raised after so many seconds, GivenUp soon after the event is set."""
        self.space = encoder.space
        self.dimension = encoder.dimension
        self._encoder = encoder
        self._seconds = float("inf") if seconds is None else seconds
        self._given_up = given_up

    def embed_text(self, text: str) -> Vector:
        """The unit vector of a text, float32 (d,); raises ModelError, GivenUp."""
        return self._in_time(lambda: self._encoder.embed_text(text))

    def embed_images(self, images: Sequence[Image]) -> Matrix:
        """The unit vectors of RGB pictures, float32 (n, d); raises ModelError, GivenUp."""
        return self._in_time(lambda: self._encoder.embed_images(images))

    def _in_time(self, work: Callable[[], _T]) -> _T:
        answers: SimpleQueue[_T | Exception] = SimpleQueue()

        def run() -> None:
            try:
                answers.put(work())
            except Exception as error:
                # Every error goes to the one who waits.
                answers.put(error)

        threading.Thread(target=run, name="hurried encoder", daemon=True).start()
        until = time.monotonic() + self._seconds
        while (left := until - time.monotonic()) > 0:
            try:
                answer = answers.get(timeout=min(left, _LOOK_SECONDS))
            except Empty:
                if self._given_up.is_set():
                    raise GivenUp("Nobody waits for the encoder any more.") from None
            else:
                if isinstance(answer, Exception):
                    raise answer
                return answer
        raise ModelLate(say("The model did not answer in time."))
