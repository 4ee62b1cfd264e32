"""Facts that a person wrote down beside a picture: `picture.jpg.json`, `picture.json`, and
`gallery.json` for a whole folder.

All three know the same keys: title, artist, date, year_from, year_to, medium, credit, licence
(or license), page_url, tags (a list, or words between commas), description, id. Other keys and
values of the wrong type are passed over, since other programs write such files too. None of them
may be a link that leads out of the folder: whoever may put a file there could have any other read.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from glance_agent.domain.errors import SourceError
from glance_agent.domain.foreign import JsonLimits, json_value
from glance_agent.sources.records.facts import Facts, tidy
from glance_agent.sources.records.plain import address

GALLERY_NAME: Final = "gallery.json"
_JSON: Final = JsonLimits()

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class GalleryEntry:
    """What gallery.json says about one file; `digest` changes with what it says."""

    facts: Facts
    digest: str


def sidecar_path(picture: Path, folder: Path) -> Path | None:
    """The JSON file that belongs to a picture below the folder, `picture.jpg.json` before
    `picture.json`."""
    for path in (picture.with_name(picture.name + ".json"), picture.with_suffix(".json")):
        if path.name != GALLERY_NAME and os.path.isfile(path) and _lies_below(folder, path):
            return path
    return None


def read_sidecar(picture: Path, folder: Path) -> Facts:
    """The facts of the picture's sidecar; none where there is none.

    A sidecar that cannot be read is logged and passed over: the picture is worth more, and it is
    fetched again as soon as the sidecar changes.
    """
    path = sidecar_path(picture, folder)
    if path is None:
        return Facts()
    try:
        content = _json(path)
    except (OSError, ValueError) as error:
        _log.warning("sidecar %s is passed over: %s", path.name, error)
        return Facts()
    return facts_from(content) if isinstance(content, dict) else Facts()


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
        content = _json(path)
    except (OSError, ValueError) as error:
        raise SourceError(
            f"{GALLERY_NAME} in the folder “{folder.name}” cannot be read ({error}): "
            "mend it, or remove it"
        ) from error
    entries = content if isinstance(content, list) else None
    if entries is None or not all(isinstance(e, dict) and _is_text(e.get("file")) for e in entries):
        raise SourceError(
            f"{GALLERY_NAME} in the folder “{folder.name}” must be a list of objects that each "
            'name their "file": mend it, or remove it'
        )
    return {str(PurePosixPath(entry["file"])): _entry(entry) for entry in entries}


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
