"""What is known about a picture of a folder, from what lies beside it and in it.

Of all that tells something the first wins, field by field: the sidecar JSON, gallery.json at the
folder's root, the sidecar XMP, XMP and IPTC inside the file, a file name that names an artist,
EXIF, any other file name. Where neither artist nor date is known from anything but the camera, it
is a photograph of one's own: its date is when the camera clicked. Programs that export photographs
write that day as the date of the work; whose date is the camera's is a photograph all the same.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

from glance_agent.domain.artwork import Artwork, is_artwork_id
from glance_agent.domain.naming import first_name_first
from glance_agent.domain.wording import PHOTOGRAPH, UNTITLED, untitled_of
from glance_agent.pictures.metadata import RawMetadata
from glance_agent.sources.folders.embedded_metadata import (
    camera_facts,
    embedded_facts,
    is_no_title,
)
from glance_agent.sources.folders.file_names import facts_from_name
from glance_agent.sources.folders.folder_names import title_of_folders
from glance_agent.sources.folders.sidecar import (
    GALLERY_NAME,
    FolderNames,
    GalleryEntry,
    read_gallery,
    read_json_sidecar,
    read_xmp_sidecar,
    sidecars,
)
from glance_agent.sources.records.facts import NOTHING_TOLD, Facts


class FolderLabels:
    """Reads what there is to say about the pictures below one folder; blocks on the disk."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._gallery: tuple[str, dict[str, GalleryEntry]] = ("", {})

    def entries(self) -> dict[str, GalleryEntry]:
        """What gallery.json says, read again whenever it has changed. Raises SourceError."""
        try:
            stamp = stamp_of(self._root / GALLERY_NAME)
        except OSError:
            return {}
        known, entries = self._gallery
        if known != stamp:
            entries = read_gallery(self._root)
            self._gallery = (stamp, entries)
        return entries

    def fingerprint(self, path: Path, entry: GalleryEntry | None, around: FolderNames) -> str:
        """What changes whenever the picture, or what is told beside it, does. Raises OSError."""
        mark = stamp_of(path)
        for beside in sidecars(path, self._root, around.has):
            if beside is not None:
                mark += f"+{stamp_of(beside)}{'' if os.access(beside, os.R_OK) else ' unread'}"
        return mark if entry is None else f"{mark}+gallery:{entry.digest}"

    def facts(self, key: str, path: Path, raw: RawMetadata) -> Facts:
        """Everything that is told of the picture at this path, whose header says `raw`.

        Raises SourceError where gallery.json cannot be read.
        """
        json_path, xmp_path = sidecars(path, self._root)
        entry = self.entries().get(key)
        beside = read_json_sidecar(json_path).or_else(entry.facts if entry else NOTHING_TOLD)
        return all_told(key, raw, json=beside, xmp=read_xmp_sidecar(xmp_path))


def all_told(key: str, raw: RawMetadata, *, json: Facts, xmp: Facts) -> Facts:
    """Everything that is told of the picture of this relative path: in its sidecars, in the file
    itself, whose header says `raw`, and by its name."""
    inside = _without_camera_words(xmp.or_else(embedded_facts(raw)))
    return joined(json.or_else(inside), facts_from_name(key), camera_facts(raw), key)


def _without_camera_words(facts: Facts) -> Facts:
    """The same without a title that no person wrote."""
    return replace(facts, title=None) if facts.title and is_no_title(facts.title) else facts


def joined(known: Facts, named: Facts, camera: Facts, key: str) -> Facts:
    """What is known beside and in a picture, from its name and from the camera, made one."""
    clicked = _clicked(known.taken, camera.taken) or named.taken
    if known.title is None and named.artist:
        known = known.or_else(named)
    told = known.artist or known.date or named.artist or named.date
    own = not told or _is_same_day(known.date, camera.taken)
    known = known.or_else(camera)
    known = known if known.title else known.or_else(named)
    if own and named.medium:
        known = known.or_else(Facts(date=clicked, medium=named.medium).with_years())
    elif own and (clicked or camera.camera):
        known = known.or_else(_photograph(clicked, camera.camera))
    known = _with_place(replace(known, artist=first_name_first(known.artist)))
    return known if known.title else replace(known, title=_untitled(known, key))


def _clicked(told: str | None, camera: str | None) -> str | None:
    """When it was taken: as somebody has corrected it; a day apart is but another time zone."""
    if not told or not camera:
        return told or camera
    try:
        apart = abs((date.fromisoformat(told) - date.fromisoformat(camera)).days)
    except ValueError:
        return told
    return camera if apart <= 1 else told


def _is_same_day(told: str | None, camera: str | None) -> bool:
    """Whether a work is said to be of the day on which a camera took it, or of the next one."""
    return bool(told and camera) and _clicked(told, camera) == camera


def _photograph(clicked: str | None, camera: str | None) -> Facts:
    medium = f"{PHOTOGRAPH}, {camera}" if camera else PHOTOGRAPH
    return Facts(date=clicked, medium=medium).with_years()


def _with_place(facts: Facts) -> Facts:
    """The same, found by the place's name, which stands where nothing else is described."""
    if not facts.place:
        return facts
    tags = dict.fromkeys((*facts.tags, *facts.place.split(", ")))
    return replace(facts, tags=tuple(tags), description=facts.description or facts.place)


def _untitled(facts: Facts, key: str) -> str:
    """What a picture is called that nobody has named: “Untitled, 4 July 2019”, or its folder."""
    try:
        return untitled_of(date.fromisoformat(facts.date or ""))
    except ValueError:
        return title_of_folders(key) or UNTITLED


def artwork_of(facts: Facts, source: str, artwork_id: str, size_px: tuple[int, int]) -> Artwork:
    """The work of which these facts are known."""
    return Artwork(
        id=artwork_id,
        title=facts.title or UNTITLED,
        artist=facts.artist,
        date=facts.date,
        year_from=facts.year_from,
        year_to=facts.year_to,
        medium=facts.medium,
        source=source,
        credit=facts.credit,
        licence=facts.licence,
        page_url=facts.page_url,
        width=size_px[0],
        height=size_px[1],
        tags=facts.tags,
        description=facts.description,
    )


def given_id(facts: Facts, source: str, own: frozenset[str]) -> str | None:
    """The id that a sidecar gives, None if unfit.

    It begins with the source's name, which is put before it unless it begins with one of its
    own: an id of another source would replace that source's work.
    """
    if facts.id is None:
        return None
    before, colon, _ = facts.id.partition(":")
    full = facts.id if colon and before in own else f"{source}:{facts.id}"
    return full if is_artwork_id(full) else None


def stamp_of(path: Path) -> str:
    """Size and time of a file. Raises OSError."""
    found = path.stat()
    return f"{found.st_size}:{found.st_mtime_ns}"
