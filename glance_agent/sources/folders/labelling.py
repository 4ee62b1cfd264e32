"""What is known about a picture of a folder, from what lies beside it and in it.

Of all that tells something the first wins, field by field: the sidecar JSON, gallery.json at the
folder's root, XMP and IPTC inside the file, a file name that names an artist, EXIF, any other
file name. EXIF's date, when the camera clicked, counts only where neither artist nor date is
known from anything but the camera.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from glance_agent.domain.artwork import Artwork, is_artwork_id
from glance_agent.pictures.metadata import RawMetadata
from glance_agent.sources.folders.embedded_metadata import camera_facts, embedded_facts
from glance_agent.sources.folders.file_names import facts_from_name
from glance_agent.sources.folders.sidecar import (
    GALLERY_NAME,
    GalleryEntry,
    read_gallery,
    read_sidecar,
    sidecar_path,
)
from glance_agent.sources.records.facts import Facts


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

    def fingerprint(self, path: Path, entry: GalleryEntry | None) -> str:
        """What changes whenever the picture, or what is told beside it, does. Raises OSError."""
        mark = stamp_of(path)
        beside = sidecar_path(path, self._root)
        if beside is not None:
            mark += f"+{stamp_of(beside)}"
        return mark if entry is None else f"{mark}+gallery:{entry.digest}"

    def facts(self, key: str, path: Path, raw: RawMetadata) -> Facts:
        """Everything that is told of the picture at this path, whose header says `raw`.

        Raises SourceError where gallery.json cannot be read.
        """
        entry = self.entries().get(key)
        beside = read_sidecar(path, self._root).or_else(entry.facts if entry else Facts())
        known = beside.or_else(embedded_facts(raw))
        named, camera = facts_from_name(key), camera_facts(raw)
        if known.title is None and named.artist:
            known = known.or_else(named)
        if known.artist or known.date or named.date:
            camera = replace(camera, date=None, year_from=None, year_to=None)
        known = known.or_else(camera)
        return known if known.title else known.or_else(named)


def artwork_of(facts: Facts, source: str, artwork_id: str, size_px: tuple[int, int]) -> Artwork:
    """The work of which these facts are known."""
    return Artwork(
        id=artwork_id,
        title=facts.title or "Untitled",
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
