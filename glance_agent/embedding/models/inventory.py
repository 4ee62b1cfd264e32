"""Looking after the models directory: what is there, what is right, what may go."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from glance_agent.domain.errors import ModelError
from glance_agent.domain.said import say
from glance_agent.embedding.models.catalogue import CatalogueModel, ModelFile, catalogue
from glance_agent.embedding.models.directory import ModelDirectory, part_of
from glance_agent.embedding.models.placing import hash_of, locked, place, require_room, wrong


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """One model of the catalogue and whether it can be used; `bytes` is None while unknown."""

    entry: CatalogueModel
    installed: bool
    refused: str | None

    @property
    def state(self) -> str:
        if self.refused:
            return say("refused")
        if self.entry.embedded:
            return say("in the package")
        return say("installed") if self.installed else say("not installed")


def listing(model_directory: ModelDirectory) -> list[InstalledModel]:
    """Every known model. Raises ModelError where a catalogue file is not valid."""
    entries = [model_directory.find(name) for name in catalogue(model_directory.directory)]
    return [
        InstalledModel(e, not model_directory.missing(e), model_directory.refusal(e))
        for e in entries
    ]


def verify(
    model_directory: ModelDirectory, entry: CatalogueModel, note: Callable[[str], None]
) -> None:
    """Hash every file again and mark the right ones; `note` is told each path first.

    Raises ModelError that names the first file that is missing or wrong.
    """
    for file in entry.wanted_files:
        note(file.path)
        path = model_directory.path(entry, file)
        if not path.is_file():
            raise ModelError(
                say(
                    "{path} of {model} is not there. Run: glance-agent models pull {model}",
                    path=file.path,
                    model=entry.name,
                )
            )
        size, digest = path.stat().st_size, hash_of(path).hexdigest()
        if file.sha256 not in (None, digest) or file.bytes not in (None, size):
            model_directory.unmark(path)
            raise ModelError(
                say(
                    "{wrong} Run: glance-agent models remove {model}, then pull it again.",
                    wrong=wrong(entry, file, size, digest),
                    model=entry.name,
                )
            )
        if not entry.embedded:
            model_directory.mark(path, digest)


def bring_in(
    model_directory: ModelDirectory,
    entry: CatalogueModel,
    folder: Path,
    note: Callable[[str], None] = lambda _path: None,
) -> None:
    """Copy a model's files from a folder, such as a USB stick, verified as a download is.

    They are found by path, as the hub lays them out, or by name anywhere below the folder.
    Raises ModelError that names the first file that is missing or wrong.
    """
    missing = model_directory.missing(entry)
    require_room(model_directory.directory, sum(file.bytes or 0 for file in missing))
    for file in missing:
        note(file.path)
        _copy(model_directory, entry, file, _found(folder, entry, file))


def remove(model_directory: ModelDirectory, entry: CatalogueModel) -> int:
    """Delete the files that no other installed model uses; the bytes that became free.

    Raises ModelError for the model in the package.
    """
    if entry.embedded:
        raise ModelError(
            say("The model {model} is part of the package and stays.", model=entry.name)
        )
    others = [one.entry for one in listing(model_directory) if one.installed and one.entry != entry]
    shared = {model_directory.path(other, f) for other in others for f in other.wanted_files}
    freed = 0
    for file in entry.files:
        path = model_directory.path(entry, file)
        for one in (path, part_of(path)) if path not in shared else ():
            freed += one.stat().st_size if one.exists() else 0
            one.unlink(missing_ok=True)
        if path not in shared:
            model_directory.unmark(path)
            path.with_name(path.name + ".lock").unlink(missing_ok=True)
            _tidy(path.parent, model_directory.directory)
    model_directory.accept(entry)
    return freed


def _found(folder: Path, entry: CatalogueModel, file: ModelFile) -> Path:
    """The first candidate of the right size; any candidate where none is."""
    candidates = list(_candidates(folder, file))
    fitting = [p for p in candidates if file.bytes in (None, p.stat().st_size)]
    if not candidates:
        raise ModelError(
            say(
                "{path} of {model} is nowhere in {folder}.",
                path=file.path,
                model=entry.name,
                folder=folder,
            )
        )
    return (fitting or candidates)[0]


def _candidates(folder: Path, file: ModelFile) -> Iterator[Path]:
    direct = folder / file.path
    if direct.is_file():
        yield direct
    inside = sorted(folder.rglob(Path(file.path).name))
    yield from (p for p in inside if p.is_file() and p.as_posix().endswith("/" + file.path))
    yield from (p for p in inside if p.is_file())


def _copy(
    model_directory: ModelDirectory, entry: CatalogueModel, file: ModelFile, source: Path
) -> None:
    path = model_directory.path(entry, file)
    path.parent.mkdir(parents=True, exist_ok=True)
    with locked(path.with_name(path.name + ".lock")):
        part = part_of(path)
        with source.open("rb") as data, part.open("wb") as out:
            shutil.copyfileobj(data, out, 1024 * 1024)
        place(model_directory, entry, file, hash_of(part).hexdigest())


def _tidy(folder: Path, stop: Path) -> None:
    """Remove folders that became empty, up to the models directory."""
    while folder != stop and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
