"""A short examination of a model: does it know plain colours, and is it the model it was?

Six plain pictures and the words for them. A sound model finds most of the pairs, and comes back to
the recorded vectors; a broken export, a wrong tokenizer or wrong preprocessing does neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from PIL import Image

from glance_agent.domain.errors import ModelError
from glance_agent.domain.said import say
from glance_agent.domain.vectors import Matrix, Vector
from glance_agent.embedding.models.catalogue import CatalogueModel
from glance_agent.embedding.models.directory import read_json

COLOURS: Final = {
    "red": (220, 20, 20),
    "green": (20, 160, 40),
    "blue": (20, 50, 210),
    "yellow": (245, 220, 30),
    "black": (8, 8, 8),
    "white": (250, 250, 250),
}
LEAST_PAIRS: Final = 4
LEAST_COSINE: Final = 0.999
LEAST_COSINE_8_BIT: Final = 0.95
_RECORDED: Final = Path(__file__).with_name("selftest.json")
_DIGITS: Final = 5


class TestedEncoder(Protocol):
    """What is examined."""

    def embed_text(self, text: str) -> Vector: ...
    def embed_images(self, images: list[Image.Image]) -> Matrix: ...


@dataclass(frozen=True, slots=True)
class Examined:
    """What the examination found; `cosine` is None where no vectors were recorded."""

    pairs: int
    cosine: float | None

    def sentence(self, name: str) -> str:
        known = say(
            "{name}: {pairs} of {all} plain colours are found by their words",
            name=name,
            pairs=self.pairs,
            all=len(COLOURS),
        )
        if self.cosine is None:
            return say("{why}.", why=known)
        cosine = f"{self.cosine:.4f}"
        return say("{said}, least cosine to the record {cosine}.", said=known, cosine=cosine)


def examine(encoder: TestedEncoder, entry: CatalogueModel) -> Examined:
    """Raises ModelError with the figure where the model must not be used."""
    vectors = vectors_of(encoder)
    half = len(COLOURS)
    scores = vectors[:half] @ vectors[half:].T
    pairs = int((scores.argmax(axis=1) == np.arange(half)).sum())
    found = Examined(pairs, _cosine(vectors, entry))
    if pairs < LEAST_PAIRS:
        raise ModelError(
            say(
                "The model {model} fails its self-test: only {pairs} of {half} plain "
                "colours are found by their words, {least} are needed. Its files "
                "do not belong together.",
                model=entry.name,
                pairs=pairs,
                half=half,
                least=LEAST_PAIRS,
            )
        )
    least = LEAST_COSINE_8_BIT if entry.file("image").quantised else LEAST_COSINE
    if found.cosine is not None and found.cosine < least:
        raise ModelError(
            say(
                "The model {model} fails its self-test: the cosine to its recorded "
                "vectors is {cosine}, {least} is needed. This build of ONNX Runtime "
                "runs it wrongly.",
                model=entry.name,
                cosine=f"{found.cosine:.3f}",
                least=least,
            )
        )
    return found


def vectors_of(encoder: TestedEncoder) -> Matrix:
    """The pictures' vectors, then the words', (12, d)."""
    pictures = encoder.embed_images([Image.new("RGB", (96, 96), c) for c in COLOURS.values()])
    words = [encoder.embed_text(f"a plain {name} picture") for name in COLOURS]
    return np.concatenate([pictures, np.stack(words)])


def record_of(encoder: TestedEncoder, entry: CatalogueModel) -> dict[str, object]:
    """What the file of recorded vectors keeps of a model."""
    rows = vectors_of(encoder).astype(np.float64).round(_DIGITS).tolist()
    return {"files": _fingerprint(entry), "vectors": rows}


def _cosine(vectors: Matrix, entry: CatalogueModel) -> float | None:
    """The least cosine to the vectors recorded for exactly these files."""
    record = read_json(_RECORDED).get(entry.name, {})
    if record.get("files") != _fingerprint(entry):
        return None
    recorded = np.asarray(record["vectors"], np.float32)
    recorded /= np.linalg.norm(recorded, axis=1, keepdims=True)
    return float((recorded * vectors).sum(axis=1).min())


def _fingerprint(entry: CatalogueModel) -> list[str]:
    return sorted(str(file.sha256)[:16] for file in entry.wanted_files)
