"""The starter gallery: complete, credited, small, and painted by the generator in the tree."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from glance_agent.sources import starter
from glance_agent.sources.folders.folder import FolderSource
from glance_agent.sources.opening import Opening
from glance_agent.sources.settings import StarterSettings
from glance_agent.sources.web.web import Web
from tests.in_process import InProcess

sys.path.insert(0, str(Path(__file__).parents[2]))  # tools/ is not part of the package

from tools.starter_gallery.label import credits_text, gallery_json
from tools.starter_gallery.pieces import painted, pieces

ENTRIES = starter.entries()
MAX_TOTAL_BYTES = 4_000_000
LICENCES = {"CC0-1.0", "MIT", "public domain"}
NEEDED = {"file", "id", "title", "artist", "date", "medium", "credit", "licence", "tags", "source"}


def test_there_are_enough_pictures_within_the_budget() -> None:
    sizes = [(starter.folder() / entry["file"]).stat().st_size for entry in ENTRIES]
    assert len(ENTRIES) >= 40
    assert sum(sizes) < MAX_TOTAL_BYTES


async def test_works_are_read_wherever_the_package_lay_before(tmp_path: Path) -> None:
    opening = Opening(
        Web(version="1"),
        tmp_path,
        display_px=1,
        max_picture_bytes=1,
        read_secret=str,
        eyes=InProcess(),
    )
    source = opening.open(StarterSettings(name="starter", kind="starter"))
    assert isinstance(source, FolderSource)
    file = ENTRIES[0]["file"]
    before = str(tmp_path / "another version" / file)
    assert source.find(before)
    assert await source.read(before) == (starter.folder() / file).read_bytes()


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["file"])
def test_entry_is_complete_and_its_file_opens(entry: dict[str, Any]) -> None:
    assert entry.keys() >= NEEDED
    assert all(entry[key] for key in NEEDED)
    assert entry["licence"] in LICENCES
    assert entry["source"] == "starter"
    assert entry["id"] == "starter:" + entry["file"].removesuffix(".webp")
    assert entry["year_from"] <= entry["year_to"]
    with Image.open(starter.folder() / entry["file"]) as picture:
        assert picture.format == "WEBP"
        assert 600 <= max(picture.size) <= 1600


def test_ids_and_titles_are_unique() -> None:
    for key in ("id", "file", "title"):
        assert len({entry[key] for entry in ENTRIES}) == len(ENTRIES)


def test_no_file_is_without_an_entry() -> None:
    known = {entry["file"] for entry in ENTRIES} | {"gallery.json", "CREDITS", "__init__.py"}
    found = {path.name for path in starter.folder().iterdir() if path.is_file()}
    assert found == known


def test_credits_name_every_picture() -> None:
    text = (starter.folder() / "CREDITS").read_text("utf-8")
    named = set(re.findall(r"^\S+\.webp$", text, re.MULTILINE))
    assert named == {entry["file"] for entry in ENTRIES}
    assert all(entry["title"] in text for entry in ENTRIES)


def test_orientations_vary() -> None:
    shapes = []
    for entry in ENTRIES:
        with Image.open(starter.folder() / entry["file"]) as picture:
            shapes.append((picture.width > picture.height) - (picture.width < picture.height))
    assert min(shapes.count(1), shapes.count(-1), shapes.count(0)) >= 5


def test_labels_are_those_of_the_lists() -> None:
    assert (starter.folder() / "gallery.json").read_text("utf-8") == gallery_json()
    assert (starter.folder() / "CREDITS").read_text("utf-8") == credits_text()


@pytest.mark.parametrize("painter", ["print_animals.crane_sun", "print_animals.moon_reeds"])
def test_generator_paints_the_shipped_picture(painter: str) -> None:
    piece = next(piece for piece in pieces() if piece.painter == painter)
    fresh = np.asarray(painted(piece), dtype=np.float64)
    with Image.open(starter.folder() / piece.file) as picture:
        shipped = np.asarray(picture.convert("RGB"), dtype=np.float64)
    assert np.abs(fresh - shipped).mean() < 5.0  # grey levels: what WebP loses
