"""The Hugging Face Inference API, or an Inference Endpoint of one's own.

Feature extraction: words as JSON, pictures as the bytes of a file; the answer is the vector, in
as many brackets as the model's pipeline likes. The model has to give one vector of the same
space for both, as CLIP endpoints do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from glance_agent.domain.vectors import Matrix, Vector
from glance_agent.embedding.remote.calls import Call, Caller, packed, row, rows

if TYPE_CHECKING:
    from PIL.Image import Image

_NAME: Final = "Hugging Face"
ROUTER: Final = "https://router.huggingface.co/hf-inference/models"


class HuggingFaceEncoder:
    """Asks for `model` at the public API, or at the endpoint `url`."""

    def __init__(self, caller: Caller, *, model: str, url: str | None, dimension: int) -> None:
        self.space = f"huggingface:{model or url}:{dimension}"
        self.dimension = dimension
        self._caller = caller
        self._url = url or f"{ROUTER}/{model}/pipeline/feature-extraction"

    @property
    def cost(self) -> dict[str, Any]:
        return self._caller.cost

    def embed_text(self, text: str) -> Vector:
        """The unit vector of a text, float32 (d,); raises ModelError."""
        found = self._caller.ask(Call(self._url, json={"inputs": text}))
        return row(_NAME, found, self.dimension)

    def embed_images(self, images: Sequence[Image]) -> Matrix:
        """The unit vectors of RGB pictures, float32 (n, d); raises ModelError."""
        calls = [
            Call(self._url, data=packed(image, "JPEG"), content_type="image/jpeg")
            for image in images
        ]
        return rows(_NAME, self._caller.ask_all(calls), self.dimension)
