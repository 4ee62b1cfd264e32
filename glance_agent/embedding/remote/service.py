"""Another glance-agent that embeds for this one: `glance-agent serve-encoder` over there.

It runs the same catalogue, so its space has the same key as the local model's, and either can
stand in for the other. Pictures travel as PNG and vectors as float32, so nothing is lost.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from glance_agent.domain.errors import ModelError
from glance_agent.domain.foreign import line
from glance_agent.domain.said import say
from glance_agent.domain.vectors import Matrix, Vector
from glance_agent.embedding.remote.calls import Call, Caller, packed, row, rows

if TYPE_CHECKING:
    from PIL.Image import Image

_NAME: Final = "The encoder service"
_SPACE: Final = re.compile(r"[\x21-\x7e]{1,300}")
MOST_DIMENSIONS: Final = 8192


@dataclass(frozen=True, slots=True)
class Offer:
    """What a service embeds into."""

    space: str
    dimension: int


def ask_offer(caller: Caller, url: str) -> Offer:
    """The space of the service at this address; raises ModelError."""
    found = caller.ask(Call(f"{url.rstrip('/')}/v1/space", "GET"))
    space, dimension = (found.get(k) for k in ("space", "dimension")) if _is(found) else (None, 0)
    return offer_of(space, dimension)


def offer_of(space: object, dimension: object) -> Offer:
    """The offer that a service makes; raises ModelError where it is none."""
    named = isinstance(space, str) and _SPACE.fullmatch(space)
    if not named or not isinstance(dimension, int) or not 0 < dimension <= MOST_DIMENSIONS:
        raise ModelError(say("The encoder service did not say its space: is it another program?"))
    return Offer(str(space), int(dimension))


class ServiceEncoder:
    """Asks the service at `url`, which must embed into the space of the offer."""

    def __init__(self, caller: Caller, *, url: str, offer: Offer) -> None:
        self.space = offer.space
        self.dimension = offer.dimension
        self._caller = caller
        self._url = url.rstrip("/")

    @property
    def cost(self) -> dict[str, Any]:
        return self._caller.cost

    def embed_text(self, text: str) -> Vector:
        """The unit vector of a text, float32 (d,); raises ModelError."""
        answer = self._caller.ask(Call(f"{self._url}/v1/embed/text", json={"texts": [text]}))
        return row(_NAME, self._vector(answer), self.dimension)

    def embed_images(self, images: Sequence[Image]) -> Matrix:
        """The unit vectors of RGB pictures, float32 (n, d); raises ModelError."""
        url = f"{self._url}/v1/embed/image"
        calls = [Call(url, data=packed(i, "PNG"), content_type="image/png") for i in images]
        return rows(_NAME, [self._vector(a) for a in self._caller.ask_all(calls)], self.dimension)

    def _vector(self, answer: Any) -> Any:
        """The one vector of an answer; raises ModelError where the service changed its space."""
        space = answer.get("space") if _is(answer) else None
        if space != self.space:
            raise ModelError(
                say(
                    "The encoder service embeds into {there} now, and no longer "
                    "into {space}. Restart the agent to follow it.",
                    there=line(str(space)),
                    space=self.space,
                )
            )
        try:
            (vector,) = answer["vectors"]
            return np.frombuffer(base64.b64decode(vector, validate=True), "<f4")
        except (KeyError, TypeError, ValueError, binascii.Error) as error:
            raise ModelError(say("The encoder service answered with no vector.")) from error


def _is(answer: Any) -> bool:
    return isinstance(answer, dict)
