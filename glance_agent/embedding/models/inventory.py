"""Looking after the models directory: what is there, what is right, what may go."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from glance_agent.domain.errors import ModelError
from glance_agent.embedding.models.catalogue import Entry, ModelFile, catalogue
from glance_agent.embedding.models.placing import hash_of, locked, place, require_room, wrong
from glance_agent.embedding.models.shelf import Shelf, part_of


@dataclass(frozen=True, slots=True)
class Listed:
    """One model of the catalogue and whether it can be used; `bytes` is None while unknown."""

    entry: Entry
    installed: bool
    refused: str | None

    @property
    def state(self) -> str:
        if self.refused:
            return "refused"
        if self.entry.embedded:
            return "in the package"
        return "installed" if self.installed else "not installed"


def listing(shelf: Shelf) -> list[Listed]:
    """Every known model. Raises ModelError where a catalogue file is not valid."""
    entries = [shelf.find(name) for name in catalogue(shelf.directory)]
    return [Listed(e, not shelf.missing(e), shelf.refusal(e)) for e in entries]


def verify(shelf: Shelf, entry: Entry, note: Callable[[str], None]) -> None:
    """Hash every file again and mark the right ones; `note` is told each path first.

    Raises ModelError that names the first file that is missing or wrong.
    """
    for file in entry.wanted_files:
        note(file.path)
        path = shelf.path(entry, file)
        if not path.is_file():
            raise ModelError(
                f"{file.path} of {entry.name} is not there. "
                f"Run: glance-agent models pull {entry.name}"
            )
        size, digest = path.stat().st_size, hash_of(path).hexdigest()
        if file.sha256 not in (None, digest) or file.bytes not in (None, size):
            shelf.unmark(path)
            raise ModelError(
                f"{wrong(entry, file, size, digest)} "
                f"Run: glance-agent models remove {entry.name}, then pull it again."
            )
        if not entry.embedded:
            shelf.mark(path, digest)


def bring_in(
    shelf: Shelf, entry: Entry, folder: Path, note: Callable[[str], None] = lambda _path: None
) -> None:
    """Copy a model's files from a folder, such as a USB stick, verified as a download is.

    They are found by path, as the hub lays them out, or by name anywhere below the folder.
    Raises ModelError that names the first file that is missing or wrong.
    """
    missing = shelf.missing(entry)
    require_room(shelf.directory, sum(file.bytes or 0 for file in missing))
    for file in missing:
        note(file.path)
        _copy(shelf, entry, file, _found(folder, entry, file))


def remove(shelf: Shelf, entry: Entry) -> int:
    """Delete the files that no other installed model uses; the bytes that became free."""
    if entry.embedded:
        raise ModelError(f"The model {entry.name} is part of the package and stays.")
    others = [one.entry for one in listing(shelf) if one.installed and one.entry != entry]
    shared = {shelf.path(other, f) for other in others for f in other.wanted_files}
    freed = 0
    for file in entry.files:
        path = shelf.path(entry, file)
        for one in (path, part_of(path)) if path not in shared else ():
            freed += one.stat().st_size if one.exists() else 0
            one.unlink(missing_ok=True)
        if path not in shared:
            shelf.unmark(path)
            path.with_name(path.name + ".lock").unlink(missing_ok=True)
            _tidy(path.parent, shelf.directory)
    shelf.accept(entry)
    return freed


def _found(folder: Path, entry: Entry, file: ModelFile) -> Path:
    """The first candidate of the right size; any candidate where none is."""
    candidates = list(_candidates(folder, file))
    fitting = [p for p in candidates if file.bytes in (None, p.stat().st_size)]
    if not candidates:
        raise ModelError(f"{file.path} of {entry.name} is nowhere in {folder}.")
    return (fitting or candidates)[0]


def _candidates(folder: Path, file: ModelFile) -> Iterator[Path]:
    direct = folder / file.path
    if direct.is_file():
        yield direct
    inside = sorted(folder.rglob(Path(file.path).name))
    yield from (p for p in inside if p.is_file() and p.as_posix().endswith("/" + file.path))
    yield from (p for p in inside if p.is_file())


def _copy(shelf: Shelf, entry: Entry, file: ModelFile, source: Path) -> None:
    path = shelf.path(entry, file)
    path.parent.mkdir(parents=True, exist_ok=True)
    with locked(path.with_name(path.name + ".lock")):
        part = part_of(path)
        with source.open("rb") as data, part.open("wb") as out:
            shutil.copyfileobj(data, out, 1024 * 1024)
        place(shelf, entry, file, hash_of(part).hexdigest())


def _tidy(folder: Path, stop: Path) -> None:
    """Remove folders that became empty, up to the models directory."""
    while folder != stop and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
