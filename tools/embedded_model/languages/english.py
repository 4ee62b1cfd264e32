"""The English text tower that the pupil is to speak like, and the pictures' vectors: both from the
exported files of the steps before, which are left as they are.
"""

from __future__ import annotations

import tempfile
import tomllib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from glance_agent.embedding.encoder import OnnxEncoder
from glance_agent.embedding.models.catalogue import CatalogueModel
from glance_agent.embedding.runtime import RuntimeOptions
from tools.embedded_model.prepare import open_images

Floats = NDArray[np.float32]
BATCH = 16


def open_english(folder: Path) -> OnnxEncoder:
    """The model of a folder that `export` wrote, on one thread."""
    entry = CatalogueModel.model_validate(tomllib.loads((folder / "entry.toml").read_text("utf-8")))
    files = {file.role: folder / file.path for file in entry.files}
    return OnnxEncoder(entry, files, RuntimeOptions(threads=1), Path(tempfile.gettempdir()))


def english_vectors(model: OnnxEncoder, texts: list[str]) -> Floats:
    """float32 (N, 256), unit vectors; a text that comes again is embedded once."""
    known: dict[str, Floats] = {}
    for text in texts:
        if text not in known:
            known[text] = model.embed_text(text)
    return np.stack([known[text] for text in texts])


def picture_vectors(work: Path, model: OnnxEncoder) -> Floats:
    """Of every picture of `prepare`, float32 (N, 256); made once and kept in pictures.npy."""
    kept = work / "pictures.npy"
    if not kept.exists():
        images = open_images(work)
        made = []
        for start in range(0, len(images), BATCH):
            batch = [Image.fromarray(pixels) for pixels in images[start : start + BATCH]]
            made.append(model.embed_images(batch))
        np.save(kept, np.concatenate(made))
    vectors: Floats = np.load(kept)
    return vectors
