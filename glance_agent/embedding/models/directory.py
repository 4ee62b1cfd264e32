"""The models directory: where a model's files lie, and which of them may be trusted.

    <directory>/<owner>--<repository>/<revision>/<path>     the file
    <directory>/…/<path>.verified.json                      its size, time and SHA-256 when hashed
    <directory>/models.lock.json                            what first downloads pinned
    <directory>/refused.json                                models that failed their self-test
    <directory>/failed.json                                 why models could not be fetched

A file without a mark, or changed since it was marked, is never loaded. Files that two models
share lie there once. The model that the package carries lies in the package and needs no mark.
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glance_agent.domain.errors import ModelError
from glance_agent.domain.foreign import json_value
from glance_agent.domain.said import say
from glance_agent.embedding.models.catalogue import EMBEDDED, CatalogueModel, ModelFile, Role, find

LOCK_FILE = "models.lock.json"
_MARK = ".verified.json"
_REFUSED = "refused.json"
_FAILED = "failed.json"


def default_models_directory() -> Path:
    """`glance-agent/models` in the user's cache directory (XDG_CACHE_HOME or ~/.cache)."""
    cache = os.environ.get("XDG_CACHE_HOME", "")
    root = Path(cache) if cache.startswith("/") else Path.home() / ".cache"
    return root / "glance-agent" / "models"


@dataclass(frozen=True, slots=True)
class ModelDirectory:
    """The models of one directory."""

    directory: Path

    def find(self, name: str) -> CatalogueModel:
        """The model of this name, with what the lock file pinned; raises ModelError."""
        entry = find(name, self.directory)
        return entry if entry.embedded else _pinned(entry, self.locked().get(name, {}))

    def path(self, entry: CatalogueModel, file: ModelFile) -> Path:
        """Where the file lies, or would lie."""
        repository = file.repository or entry.repository
        if repository is None:
            return EMBEDDED / file.path
        revision = file.revision or entry.revision
        return self.directory / repository.replace("/", "--") / revision / file.path

    def paths(self, entry: CatalogueModel) -> dict[Role, Path]:
        """The path of every file that this machine needs, by role."""
        return {file.role: self.path(entry, file) for file in entry.wanted_files}

    def missing(self, entry: CatalogueModel) -> list[ModelFile]:
        """The files that are not there, or not marked as verified."""
        return [file for file in entry.wanted_files if not self.holds(entry, file)]

    def holds(self, entry: CatalogueModel, file: ModelFile) -> bool:
        """Whether the file is there and unchanged since its hash was found right."""
        path = self.path(entry, file)
        if entry.embedded:
            return path.is_file()
        mark = read_json(_mark_of(path))
        if not mark or not path.is_file() or mark != {**mark, **_stamp(path)}:
            return False
        return file.sha256 in (None, mark.get("sha256"))

    def require(self, entry: CatalogueModel) -> None:
        """Raises ModelError, with the command to run, unless every file may be used."""
        if refusal := self.refusal(entry):
            raise ModelError(
                say(
                    "{refusal} Run: glance-agent models check {model}",
                    refusal=refusal,
                    model=entry.name,
                )
            )
        missing = self.missing(entry)
        if not missing:
            return
        name = missing[0].path
        if entry.embedded:
            raise ModelError(
                say(
                    "The model {model} is not complete in this installation: {name} is "
                    "missing. Install glance-agent again.",
                    model=entry.name,
                    name=name,
                )
            )
        here = self.path(entry, missing[0]).is_file()
        state = say("not verified") if here else say("missing")
        command = "check" if here else "pull"
        raise ModelError(
            say(
                "The model {model} cannot be used: {name} is {state}. Run: "
                "glance-agent models {command} {model}",
                model=entry.name,
                name=name,
                state=state,
                command=command,
            )
        )

    def refusal(self, entry: CatalogueModel) -> str | None:
        """Why the model failed its self-test at this revision, or None."""
        known = read_json(self.directory / _REFUSED).get(entry.name, {})
        return known.get("why") if known.get("revision") == entry.revision else None

    def refuse(self, entry: CatalogueModel, why: str) -> None:
        """Let nobody use this model until it passes its self-test."""
        about = {"revision": entry.revision, "why": why}
        known = read_json(self.directory / _REFUSED)
        write_json(self.directory / _REFUSED, {**known, entry.name: about})

    def accept(self, entry: CatalogueModel) -> None:
        """Take a refusal back."""
        known = read_json(self.directory / _REFUSED)
        if known.pop(entry.name, None):
            write_json(self.directory / _REFUSED, known)

    def failure(self, name: str) -> str | None:
        """Why the last attempt to fetch the model failed, or None."""
        why = read_json(self.directory / _FAILED).get(name)
        return why if isinstance(why, str) else None

    def note_failure(self, name: str, why: str | None) -> None:
        """Keep why the model could not be fetched, or that it could; as far as can be written."""
        known = read_json(self.directory / _FAILED)
        if known.get(name) != why:
            with suppress(OSError):
                write_json(self.directory / _FAILED, {**known, name: why})

    def here_bytes(self, entry: CatalogueModel) -> dict[str, int]:
        """How many bytes of each wanted file are here, by path, unfinished ones included."""
        return {file.path: self._here(entry, file) for file in entry.wanted_files}

    def _here(self, entry: CatalogueModel, file: ModelFile) -> int:
        path = self.path(entry, file)
        here = path if self.holds(entry, file) else part_of(path)
        return here.stat().st_size if here.exists() else 0

    def mark(self, path: Path, sha256: str) -> None:
        """Record that the file at this path has this hash now."""
        write_json(_mark_of(path), {**_stamp(path), "sha256": sha256})

    def unmark(self, path: Path) -> None:
        """Take back the record of this file."""
        _mark_of(path).unlink(missing_ok=True)

    def locked(self) -> dict[str, Any]:
        """What first downloads pinned, by model name."""
        return read_json(self.directory / LOCK_FILE)


def part_of(path: Path) -> Path:
    """Where the bytes of a file are gathered before it gets its name."""
    return path.with_name(path.name + ".part")


def read_json(path: Path) -> dict[str, Any]:
    """The object in a file; empty where there is none or it is not readable."""
    try:
        data = json_value(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def write_json(path: Path, data: dict[str, Any]) -> None:
    """Replace a file by this object, at once or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.fchmod(handle, 0o644)  # no secrets here, and a service may run as another user
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump(data, out, indent=2, sort_keys=True)
        out.write("\n")
    os.replace(name, path)


def _pinned(entry: CatalogueModel, pins: dict[str, Any]) -> CatalogueModel:
    """The entry with the revision, sizes and hashes that it left open filled in."""
    known = pins.get("files", {})
    files = tuple(_completed(file, known.get(file.path, {})) for file in entry.files)
    revision = pins.get("revision", entry.revision) if entry.revision == "main" else entry.revision
    return entry.model_copy(update={"revision": revision, "files": files})


def _completed(file: ModelFile, pins: dict[str, Any]) -> ModelFile:
    open_keys = [key for key in ("bytes", "sha256") if getattr(file, key) is None]
    return file.model_copy(update={key: pins[key] for key in open_keys if key in pins})


def _mark_of(path: Path) -> Path:
    return path.with_name(path.name + _MARK)


def _stamp(path: Path) -> dict[str, int]:
    found = path.stat()
    return {"bytes": found.st_size, "mtime_ns": found.st_mtime_ns}
