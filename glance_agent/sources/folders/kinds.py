"""Which files are pictures that are read, and what is said of those that only look like one."""

from __future__ import annotations

import os
import re
from typing import Final, NamedTuple

from glance_agent.pictures.heif import HINT, UNKNOWN_KIND, is_installed

EXTENSIONS: Final = frozenset(
    (
        ".jpg",
        ".jpeg",
        ".jpe",
        ".jfif",
        ".mpo",
        ".png",
        ".webp",
        ".gif",
        ".bmp",
        ".tif",
        ".tiff",
        ".avif",
        ".jp2",
        ".j2k",
        ".jpx",
        ".ppm",
        ".pgm",
        ".pbm",
        ".pnm",
        ".tga",
        ".ico",
    )
)
HEIC: Final = frozenset((".heic", ".heif", ".hif"))
"""Read where their extra is installed."""
_OTHERS: Final = "save it as JPEG, PNG or WebP beside it"
_RAW: Final = "a camera's raw file; export it as JPEG"
_UNREAD: Final = {
    **dict.fromkeys((".jxl", ".svg", ".psd", ".xcf", ".exr", ".hdr"), _OTHERS),
    **dict.fromkeys((".cr2", ".cr3", ".nef", ".arw", ".dng", ".orf", ".rw2", ".raf"), _RAW),
    **dict.fromkeys((".pef", ".srw"), _RAW),
}
_ENCRYPTED: Final = re.compile(
    r"^ECRYPTFS_FNEK_ENCRYPTED\.|\.(?:jpe?g|png|webp|tiff?|heic|avif|gif)\.(?:gpg|pgp|age|aes|enc)$",
    re.IGNORECASE,
)


class NotRead(NamedTuple):
    """Why a file that looks like a picture is none that can be taken, and what to do about it."""

    reason: str
    hint: str


def is_picture(name: str) -> bool:
    """Whether a file of this name is read."""
    extension = os.path.splitext(name)[1].lower()
    return extension in EXTENSIONS or (extension in HEIC and is_installed())


def not_read(name: str) -> NotRead | None:
    """Why a file of this name is left out though it looks like a picture; None for any other."""
    if _ENCRYPTED.search(name):
        return NotRead("encrypted", "decrypt it where the agent can read it")
    extension = os.path.splitext(name)[1].lower()
    hint = HINT if extension in HEIC else _UNREAD.get(extension)
    return NotRead(UNKNOWN_KIND, hint) if hint else None
