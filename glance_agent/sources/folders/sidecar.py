"""Facts that were written down beside a picture: `picture.jpg.json`, `picture.json`, what Google
Takeout writes, `picture.jpg.xmp`, `picture.xmp`, and `gallery.json` for a whole folder.

The JSON that people write knows these keys: title, artist, date, year_from, year_to, medium,
credit, licence (or license), page_url, tags (a list, or words between commas), description, id.
Other keys and values of the wrong type are passed over, since other programs write such files too.
Nothing that is read may be a link that leads out of the folder: whoever may put a file there could
have any other read.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from glance_agent.domain.errors import SourceError
from glance_agent.domain.foreign import JsonLimits, json_value
from glance_agent.domain.said import say
from glance_agent.domain.system_words import said_by_system
from glance_agent.sources.folders.takeout import (
    is_takeout,
    stem_and_suffix,
    takeout_facts,
    takeout_names,
)
from glance_agent.sources.folders.xmp import MAX_XMP_BYTES, xmp_facts
from glance_agent.sources.records.facts import NOTHING_TOLD, Facts, tidy
from glance_agent.sources.records.plain import address

GALLERY_NAME: Final = "gallery.json"
_JSON: Final = JsonLimits()
_LONGEST_NAME: Final = 256
"""Bytes that a file's name has on no file system."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class GalleryEntry:
    """What gallery.json says about one file; `digest` changes with what it says."""

    facts: Facts
    digest: str


class FolderNames:
    """The names of what lies in folders, each of which is listed once: asking for every name that
    a sidecar may have takes long on a network share. Blocks on the disk."""

    def __init__(self) -> None:
        self._names: dict[str, frozenset[str]] = {}

    def has(self, folder: str, name: str) -> bool:
        """Whether there is something of this name in a folder."""
        if (names := self._names.get(folder)) is None:
            try:
                names = frozenset(os.listdir(folder))
            except OSError:
                names = frozenset()
            self._names[folder] = names
        return name in names


def has_file(folder: str, name: str) -> bool:
    """Whether there is a file of this name in a folder now."""
    return os.path.isfile(os.path.join(folder, name))


def sidecars(
    picture: Path, folder: Path, has: Callable[[str, str], bool] = has_file
) -> tuple[Path | None, Path | None]:
    """The JSON and the XMP that belong to a picture below the folder, `picture.jpg.json` before
    `picture.json`; `has` says which names there are in its folder."""
    json_names, xmp_names = sidecar_names(picture.name)
    beside = str(picture.parent)

    def first(some: list[str]) -> Path | None:
        # Nearly all of these are not there: no path is made of them before one is.
        there = (n for n in some if len(n.encode()) < _LONGEST_NAME and has(beside, n))
        paths = (picture.with_name(name) for name in there)
        return next((p for p in paths if p.is_file() and _lies_below(folder, p)), None)

    return first(json_names), first(xmp_names)


def sidecar_names(picture: str) -> tuple[list[str], list[str]]:
    """What the JSON and the XMP of a picture of this name may be called, the likeliest first."""
    stem, _ = stem_and_suffix(picture)
    names = (f"{picture}.json", f"{stem}.json", *takeout_names(picture))
    json_names = [name for name in dict.fromkeys(names) if name != GALLERY_NAME]
    return json_names, [f"{name}.{xmp}" for xmp in ("xmp", "XMP") for name in (picture, stem)]


def read_json_sidecar(path: Path | None) -> Facts:
    """The facts of a picture's JSON; none where there is none.

    A sidecar that cannot be read is logged and passed over: the picture is worth more, and it is
    fetched again as soon as the sidecar changes.
    """
    if path is None:
        return NOTHING_TOLD
    try:
        return json_facts(_json(path))
    except (OSError, ValueError) as error:
        _log.warning("sidecar %s is passed over: %s", path.name, error)
        return NOTHING_TOLD


def json_facts(content: Any) -> Facts:
    """The facts in the JSON beside a picture, whoever wrote it."""
    if not isinstance(content, dict):
        return NOTHING_TOLD
    return takeout_facts(content) if is_takeout(content) else facts_from(content)


def read_xmp_sidecar(path: Path | None) -> Facts:
    """The facts of a picture's XMP, in the same way."""
    if path is None:
        return NOTHING_TOLD
    try:
        with path.open("rb") as file:
            return xmp_facts(file.read(MAX_XMP_BYTES + 1))
    except OSError as error:
        _log.warning("sidecar %s is passed over: %s", path.name, error)
        return NOTHING_TOLD


def read_gallery(folder: Path) -> dict[str, GalleryEntry]:
    """The entries of the folder's gallery.json by relative path; empty where there is none.

    Raises SourceError where it is there and is not a list of entries with "file".
    """
    path = folder / GALLERY_NAME
    if not path.is_file():
        return {}
    if not _lies_below(folder, path):
        _log.warning("%s of the folder %s leads out of it and is passed over", path.name, folder)
        return {}
    try:
        with path.open("rb") as file:
            return gallery_entries(file.read(_JSON.bytes + 1))
    except (OSError, ValueError) as error:
        raise SourceError(
            say(
                "{file} in the folder “{folder}” {why}",
                file=GALLERY_NAME,
                folder=folder.name,
                why=why_no_gallery(error),
            )
        ) from error


def gallery_entries(content: bytes) -> dict[str, GalleryEntry]:
    """What the bytes of a gallery.json say, by relative path. Raises ValueError."""
    found = json_value(content, _JSON)
    entries = found if isinstance(found, list) else None
    if entries is None or not all(isinstance(e, dict) and _is_text(e.get("file")) for e in entries):
        raise NotEntries
    return {str(PurePosixPath(entry["file"])): _entry(entry) for entry in entries}


class NotEntries(ValueError):
    """JSON that is no list of entries."""


def why_no_gallery(error: Exception) -> str:
    """What is wrong with a gallery.json, and what to do."""
    if isinstance(error, NotEntries):
        return say('must be a list of objects that each name their "file": mend it, or remove it')
    why = said_by_system(error) if isinstance(error, OSError) else error
    return say("cannot be read ({why}): mend it, or remove it", why=why)


def facts_from(content: Mapping[str, Any]) -> Facts:
    """The facts in one JSON object."""
    return Facts(
        id=tidy(content.get("id")),
        title=tidy(content.get("title")),
        artist=tidy(content.get("artist")),
        date=_date(content.get("date")),
        year_from=_year(content.get("year_from")),
        year_to=_year(content.get("year_to")),
        medium=tidy(content.get("medium")),
        credit=tidy(content.get("credit")),
        licence=tidy(content.get("licence")) or tidy(content.get("license")),
        page_url=address(content.get("page_url")),
        tags=_tags(content.get("tags")),
        description=tidy(content.get("description"), limit=4_000),
    ).with_years()


def _entry(content: dict[str, Any]) -> GalleryEntry:
    canonical = json.dumps(content, sort_keys=True).encode()
    return GalleryEntry(facts_from(content), hashlib.sha256(canonical).hexdigest()[:12])


def _json(path: Path) -> Any:
    """The parsed file. Raises OSError, or ValueError where it is no JSON or absurdly large."""
    with path.open("rb") as file:
        return json_value(file.read(_JSON.bytes + 1), _JSON)


def _lies_below(folder: Path, path: Path) -> bool:
    """Whether a file in the folder is not a link that leads out of it."""
    try:
        return not path.is_symlink() or path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        return False


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _year(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if -100_000 < value < 10_000 else None


def _date(value: object) -> str | None:
    year = _year(value)
    return str(year) if year is not None and year > 0 else tidy(value, limit=100)


def _tags(value: object) -> tuple[str, ...]:
    words = value.split(",") if isinstance(value, str) else value
    if not isinstance(words, list):
        return ()
    tidied = [tag for word in words[:200] if (tag := tidy(word, limit=60))]
    return tuple(dict.fromkeys(tidied))
