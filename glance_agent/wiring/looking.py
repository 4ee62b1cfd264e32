"""The rooms for whoever only looks at them: nothing is made or changed on the disk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from glance_agent.config.settings import Config
from glance_agent.embedding.models.directory import default_models_directory
from glance_agent.ingest.ingest import without_pictures
from glance_agent.sources.folders.folder import FolderSource
from glance_agent.store.opening import look_into
from glance_agent.wiring.gathering import web_directory
from glance_agent.wiring.rooms import Rooms, open_rooms


@contextmanager
def look_around(config: Config) -> Iterator[Rooms]:
    """The library of a configuration, of which nothing is kept. Raises StoreError.

    A directory that is not there yet is a temporary one meanwhile.
    """
    with (
        tempfile.TemporaryDirectory(prefix="glance-agent-") as scratch,
        open_rooms(_without_new_directories(config, Path(scratch)), look_into) as rooms,
    ):
        yield rooms


def without_their_pictures(rooms: Rooms) -> list[str]:
    """The folders that have no picture though works of them are known, in a sentence each."""
    known = {n: rooms.library.count_of(n) for n, s in rooms.sources.items() if _is_empty(s)}
    return [without_pictures(name, count) for name, count in known.items() if count]


def _is_empty(source: object) -> bool:
    return isinstance(source, FolderSource) and source.is_empty()


def _without_new_directories(config: Config, scratch: Path) -> Config:
    model, fetching = config.model, config.fetching
    if not (model.directory or default_models_directory()).exists():
        model = model.model_copy(update={"directory": scratch / "models"})
    if not web_directory(config).exists():
        fetching = fetching.model_copy(update={"cache_directory": scratch / "web"})
    return config.model_copy(update={"model": model, "fetching": fetching})
