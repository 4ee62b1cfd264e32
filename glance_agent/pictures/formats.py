"""Which of Pillow's readers opens which bytes, by the formats' published signatures.

They are called directly and not through `Image.open`, which would judge the size by a limit that is
global to the process, and load every plugin that there is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import BinaryIO

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    IcoImagePlugin,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TgaImagePlugin,
    TiffImagePlugin,
)
from PIL.ImageFile import ImageFile

from glance_agent.pictures.heif import heif_opener, is_heif
from glance_agent.pictures.parts import J2K, JP2
from glance_agent.pictures.webp import WebPFile


def opener_of(head: bytes, tail: bytes) -> Callable[[BinaryIO], ImageFile] | None:
    """The reader for a file whose first 32 and last 18 bytes these are; None where there is none.

    Raises BadPicture for HEIC where nothing here may read it.
    """
    if head.startswith(b"\xff\xd8\xff"):
        return JpegImagePlugin.JpegImageFile
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PngImagePlugin.PngImageFile
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WebPFile
    if head.startswith((b"GIF87a", b"GIF89a")):
        return GifImagePlugin.GifImageFile
    if head.startswith((b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")):
        return TiffImagePlugin.TiffImageFile
    if head[4:8] == b"ftyp" and (b"avif" in head[8:] or b"avis" in head[8:]):
        return AvifImagePlugin.AvifImageFile
    if is_heif(head):
        return heif_opener()
    if head.startswith(b"BM") and len(head) >= 26:
        return BmpImagePlugin.BmpImageFile
    return _rarer(head, tail)


def _rarer(head: bytes, tail: bytes) -> Callable[[BinaryIO], ImageFile] | None:
    """The same for formats that few pictures have."""
    if head.startswith((JP2, J2K)):
        return Jpeg2KImagePlugin.Jpeg2KImageFile
    if re.match(rb"P[1-6]\s", head):
        return PpmImagePlugin.PpmImageFile
    if head.startswith(b"\0\0\1\0") and len(head) >= 22:
        return IcoImagePlugin.IcoImageFile
    if tail == b"TRUEVISION-XFILE.\0":
        return TgaImagePlugin.TgaImageFile
    return None
