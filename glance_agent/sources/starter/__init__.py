"""The pictures that come with the package, so that a first run needs no network."""

from __future__ import annotations

import json
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any


def folder() -> Path:
    """The folder of the pictures and gallery.json; the package is always installed unpacked."""
    with as_file(files(__name__)) as path:
        return path


def entries() -> list[dict[str, Any]]:
    """One mapping per picture: file, id, title, artist, date, medium, licence, tags and more."""
    rows: list[dict[str, Any]] = json.loads((folder() / "gallery.json").read_text("utf-8"))
    return rows
