"""The local encoder: pictures and words to unit vectors, through ONNX Runtime.

Plain synchronous code, safe in several threads; who calls it decides where it runs. Nothing is
loaded before it is needed, and the two towers are loaded apart: a search needs no image tower.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.errors import ModelError
from glance_agent.domain.said import say
from glance_agent.domain.vectors import WORDING, Matrix, Vector, unit, unit_rows
from glance_agent.embedding.models.catalogue import (
    CatalogueModel,
    ModelFile,
    Role,
    machine_family,
)
from glance_agent.embedding.models.directory import ModelDirectory, default_models_directory

if TYPE_CHECKING:
    from PIL import Image

    from glance_agent.embedding.pixels import Pixels
    from glance_agent.embedding.runtime import RuntimeOptions
    from glance_agent.embedding.tokens import WordTokenizer
    from glance_agent.embedding.tower import Tower
    from glance_agent.pictures.fitting import SquareFit


def open_encoder(
    name: str, directory: Path | None, *, threads: int, memory_arena: bool, prepacking: bool
) -> OnnxEncoder:
    """The encoder of an installed model; loads nothing yet.

    Raises ModelError, with the command to run, for an unknown name or files that are missing
    or not verified.
    """
    from glance_agent.embedding.runtime import RuntimeOptions

    model_directory = ModelDirectory(directory or default_models_directory())
    entry = model_directory.find(name)
    model_directory.require(entry)
    options = RuntimeOptions(threads, memory_arena, prepacking)
    return OnnxEncoder(entry, model_directory.paths(entry), options, model_directory.directory)


def space_of(entry: CatalogueModel) -> str:
    """The key of the space that the entry's vectors lie in.

    Made of the picture tower alone: its name, its bytes, how pictures are fitted, and for 8-bit
    towers the processor family, since their vectors differ between families. Text towers of
    the same space may be exchanged without embedding any picture again.
    """
    image = entry.file("image")
    source = image.sha256[:12] if image.sha256 else image.revision or entry.revision
    fit = f"{entry.fit}{entry.image_size_px}"
    family = f"-{machine_family()}" if image.quantised else ""
    return f"{entry.image_model or entry.name}@{source}:{fit}{family}"


def wording_of(entry: CatalogueModel) -> str:
    """The key of what the entry's text tower makes of words: its space, and which tower it is.

    Two text towers of one space agree about meaning, but not so nearly that the words which one
    has embedded could pass for the other's. A text tower that is exchanged for another of the
    same name has another key: the bytes of the tower and of its word pieces count.
    """
    told = [file.sha256 or file.revision or entry.revision for file in _wordings(entry)]
    digest = hashlib.sha256("|".join([entry.name, *told]).encode()).hexdigest()[:12]
    return f"{space_of(entry)}{WORDING}{entry.name}@{digest}"


def _wordings(entry: CatalogueModel) -> list[ModelFile]:
    return [file for file in entry.files if file.role in ("text", "both", "tokenizer")]


class OnnxEncoder:
    """One model of the catalogue, run on this machine."""

    def __init__(
        self,
        entry: CatalogueModel,
        files: Mapping[Role, Path],
        options: RuntimeOptions,
        directory: Path,
    ) -> None:
        self.entry = entry
        self.space = space_of(entry)
        self.wording = wording_of(entry)
        self.dimension = entry.dimension
        self._files = dict(files)
        self._options = options
        self._directory = directory
        self._lock = threading.RLock()
        self._towers: dict[Path, Tower] = {}

    @property
    def fitting(self) -> SquareFit:
        """What pictures are made into first; those that are so already stay as they are."""
        return self._pixels.fitting

    def embed_text(self, text: str) -> Vector:
        """The unit vector of a text, float32 (d,); raises ModelError."""
        tower = self._tower("text")
        found = tower.run_text(self._words.ids(text), self.entry)
        try:
            return unit(self._checked(self._pooled(found), 1)[0])
        except ValueError as error:
            raise ModelError(
                say("The model {model} gave no vector: {why}.", model=self.entry.name, why=error)
            ) from error

    def embed_images(self, images: Sequence[Image.Image]) -> Matrix:
        """The unit vectors of upright RGB pictures, float32 (n, d); raises ModelError.

        Runs at most the model's own batch at a time: one, where a tower is 8-bit.
        """
        if not images:
            return np.empty((0, self.dimension), np.float32)
        size = self.entry.max_batch
        parts = [self._run_images(images[at : at + size]) for at in range(0, len(images), size)]
        return np.concatenate(parts)

    def load(self, part: Literal["image", "text"]) -> None:
        """Load one tower now rather than when it is first used; raises ModelError."""
        self._tower(part)

    def _run_images(self, images: Sequence[Image.Image]) -> Matrix:
        pixels = self._pixels.batch(images)
        found = self._checked(self._tower("image").run_images(pixels, self.entry), len(images))
        rows = unit_rows(found)
        if not np.isfinite(rows).all() or not rows.any(axis=1).all():
            raise ModelError(
                say("The model {model} gave a picture no direction.", model=self.entry.name)
            )
        return rows

    def _tower(self, part: Literal["image", "text"]) -> Tower:
        """The tower, loaded at its first use; two roles of one file share one session."""
        path = self._tower_paths[part]
        tower = self._towers.get(path)
        if tower is None:
            with self._lock:
                tower = self._towers.get(path) or self._opened(path, part)
                self._towers[path] = tower
        return tower

    def _opened(self, path: Path, part: Literal["image", "text"]) -> Tower:
        from glance_agent.embedding.runtime import open_session, require_runtime
        from glance_agent.embedding.tower import Tower

        require_runtime(self._directory)
        options, most = self._options, self.entry.text_threads
        if part == "text" and most:
            options = replace(options, threads=min(options.threads, most))
        return Tower(open_session(path, options), path.name)

    def _path(self, role: Role) -> Path:
        return self._files[self.entry.file(role).role]

    @cached_property
    def _tower_paths(self) -> dict[Role, Path]:
        return {part: self._path(part) for part in ("image", "text")}

    @cached_property
    def _pixels(self) -> Pixels:
        from glance_agent.embedding.pixels import Pixels

        return Pixels(self.entry)

    @cached_property
    def _words(self) -> WordTokenizer:
        from glance_agent.embedding.tokens import WordTokenizer

        with self._lock:
            return WordTokenizer(self._path("tokenizer"), self.entry)

    @cached_property
    def _projection(self) -> NDArray[np.float32]:
        from glance_agent.embedding.tower import read_matrix

        return read_matrix(self._path("projection"), "linear.weight")

    def _pooled(self, found: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32 (1, d); where the tower stops at its tokens, their mean is projected."""
        if self.entry.pooling == "none":
            return found
        mean: NDArray[np.float32] = found.mean(axis=1, dtype=np.float32) @ self._projection.T
        return mean

    def _checked(self, found: NDArray[np.float32], count: int) -> NDArray[np.float32]:
        if found.shape != (count, self.dimension):
            raise ModelError(
                say(
                    "The model {model} gave numbers of shape {shape} in place of "
                    "{wanted}: the file is of another model. Run: glance-agent "
                    "models check {model}",
                    model=self.entry.name,
                    shape=found.shape,
                    wanted=(count, self.dimension),
                )
            )
        return found
