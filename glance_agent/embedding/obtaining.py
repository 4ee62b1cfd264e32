"""A model from the hub to its first vector: fetched, verified, examined, ready to answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from glance_agent.domain.errors import ModelError
from glance_agent.embedding.models.directory import ModelDirectory, default_models_directory
from glance_agent.embedding.models.hub import hub_of, open_session
from glance_agent.embedding.models.placing import writing
from glance_agent.embedding.models.selftest import Examined, examine
from glance_agent.embedding.models.weights import DownloadProgress, Puller

if TYPE_CHECKING:
    from glance_agent.embedding.encoder import OnnxEncoder
    from glance_agent.embedding.models.catalogue import CatalogueModel

Report = Callable[[DownloadProgress], None]
Note = Callable[[int, int | None], None]
"""Told how many bytes of a model are here, and how many there are, None while unknown."""


class Tally:
    """How much of a model is here, all its files together, in bytes."""

    def __init__(self, model_directory: ModelDirectory, entry: CatalogueModel) -> None:
        self._here = model_directory.here_bytes(entry)
        self._sizes = {file.path: file.bytes for file in entry.wanted_files}

    @property
    def done(self) -> int:
        return sum(self._here.values())

    @property
    def total(self) -> int | None:
        sizes = self._sizes.values()
        return None if None in sizes else sum(size or 0 for size in sizes)

    def add(self, progress: DownloadProgress) -> None:
        """One of the files has come so far."""
        self._here[progress.path] = progress.done_bytes
        self._sizes[progress.path] = progress.total_bytes or self._sizes[progress.path]


@dataclass(frozen=True, slots=True)
class Obtaining:
    """Fetches one model and examines it; `open_model` opens it once its files are here.

    `environ` names the hub and our token there.
    """

    name: str
    model_directory: ModelDirectory
    open_model: Callable[[], OnnxEncoder]
    environ: Mapping[str, str]

    async def __call__(self, note: Note) -> OnnxEncoder:
        """The encoder of the model. Raises ModelAway and ModelError, and keeps why for `doctor`."""
        encoder, _ = await self.passed(note)
        return encoder

    async def passed(
        self, note: Note, report: Report = lambda _progress: None
    ) -> tuple[OnnxEncoder, Examined]:
        """The encoder, with what its self-test found; raises as a call does."""
        try:
            with writing():
                entry = await self._fetched(note, report)
                found = await asyncio.to_thread(self._examined, entry)
        except ModelError as error:
            self.model_directory.note_failure(self.name, str(error))
            raise
        self.model_directory.note_failure(self.name, None)
        return found

    async def _fetched(self, note: Note, report: Report) -> CatalogueModel:
        tally = Tally(self.model_directory, self.model_directory.find(self.name))

        def add(progress: DownloadProgress) -> None:
            tally.add(progress)
            report(progress)
            note(tally.done, tally.total)

        note(tally.done, tally.total)
        async with open_session() as session:
            return await Puller(self.model_directory, hub_of(self.environ), session, add).pull(
                self.name
            )

    def _examined(self, entry: CatalogueModel) -> tuple[OnnxEncoder, Examined]:
        self.model_directory.accept(entry)
        return proved(self.model_directory, entry, self.open_model())


def proved(
    model_directory: ModelDirectory, entry: CatalogueModel, encoder: OnnxEncoder
) -> tuple[OnnxEncoder, Examined]:
    """The encoder once it has passed its self-test; a model that fails is refused from now on.

    Raises ModelError with the figure. Takes seconds: both towers are loaded.
    """
    try:
        return encoder, examine(encoder, entry)
    except ModelError as error:
        model_directory.refuse(entry, str(error))
        raise


def standing(name: str, directory: Path | None) -> str:
    """How far the fetching of a model is, in a sentence; raises ModelError for an unknown one."""
    model_directory = ModelDirectory(directory or default_models_directory())
    tally = Tally(model_directory, model_directory.find(name))
    total = "an unknown number of" if tally.total is None else f"{tally.total / 1e6:.0f}"
    failure = model_directory.failure(name)
    last = f" The last attempt failed: {failure}" if failure else ""
    return f"{tally.done / 1e6:.0f} of {total} MB are here.{last}"
