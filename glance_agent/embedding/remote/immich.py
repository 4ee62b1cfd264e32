"""The machine-learning container of an Immich server in the household.

`POST /predict` takes a form: `entries` names task and model, `text` or `image` is the input; the
answer holds the vector as JSON within a JSON string. The container resizes and crops itself.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from glance_agent.domain.errors import ModelError
from glance_agent.domain.foreign import json_value
from glance_agent.domain.said import say
from glance_agent.domain.vectors import Matrix, Vector
from glance_agent.embedding.remote.calls import Call, Caller, packed, row, rows

if TYPE_CHECKING:
    from PIL.Image import Image

DEFAULT_MODEL: Final = "ViT-B-32__openai"


class ImmichEncoder:
    """Asks the container at `url` for the CLIP model of this Immich name."""

    def __init__(self, caller: Caller, *, url: str, model: str, dimension: int) -> None:
        self.space = f"immich:{model}"
        self.dimension = dimension
        self._caller = caller
        self._url = f"{url.rstrip('/')}/predict"
        self._model = model

    @property
    def cost(self) -> dict[str, Any]:
        return self._caller.cost

    def embed_text(self, text: str) -> Vector:
        """The unit vector of a text, float32 (d,); raises ModelError."""
        answer = self._caller.ask(self._call("textual", ("text", text, "text/plain")))
        return row("Immich", _vector(answer), self.dimension)

    def embed_images(self, images: Sequence[Image]) -> Matrix:
        """The unit vectors of RGB pictures, float32 (n, d); raises ModelError."""
        calls = [
            self._call("visual", ("image", packed(image, "JPEG"), "image/jpeg")) for image in images
        ]
        found = [_vector(answer) for answer in self._caller.ask_all(calls)]
        return rows("Immich", found, self.dimension)

    def _call(self, tower: str, part: tuple[str, str | bytes, str]) -> Call:
        entries = json.dumps({"clip": {tower: {"modelName": self._model, "options": {}}}})
        return Call(self._url, form=(("entries", entries, "application/json"), part))


def _vector(answer: Any) -> Any:
    vector = answer.get("clip") if isinstance(answer, dict) else None
    try:
        return json_value(vector.encode()) if isinstance(vector, str) else vector
    except ValueError as error:
        raise ModelError(say("Immich answered with something that is no vector.")) from error
