"""What is embedded in a file beside its picture, from its header; broken parts are left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from PIL import ExifTags, Image, IptcImagePlugin
from PIL.ImageFile import ImageFile

from glance_agent.pictures.metadata import RawMetadata

_K = TypeVar("_K")
_V = TypeVar("_V")

_TEXT_CHUNKS: Final = {"Title", "Author", "Description", "Copyright", "Source"}


def embedded(image: ImageFile) -> RawMetadata:
    """What the header of a picture says beside its size; before its pixels are decoded."""
    return RawMetadata(
        exif=_or_empty(_exif, image),
        iptc=_or_empty(_iptc, image),
        xmp=_xmp(image),
        text={k: str(v) for k, v in image.info.items() if k in _TEXT_CHUNKS},
    )


def _or_empty(read: Callable[[ImageFile], dict[_K, _V]], image: ImageFile) -> dict[_K, _V]:
    """What the reader finds; nothing where the embedded block is broken."""
    try:
        return read(image)
    except Exception:  # metadata parsers raise anything on crafted bytes, like decoders
        return {}


def header_exif(image: ImageFile) -> Image.Exif:
    """The EXIF tags that have been read so far.

    PngImageFile.getexif() looks for them behind the pixels too, and decodes all of these first,
    however many the header claims there are.
    """
    return Image.Image.getexif(image)


def _exif(image: ImageFile) -> dict[int, str | bytes | int]:
    exif = header_exif(image)
    found = {**dict(exif), **dict(exif.get_ifd(ExifTags.IFD.Exif))}
    return {tag: v for tag, v in found.items() if isinstance(v, str | bytes | int)}


def _iptc(image: ImageFile) -> dict[tuple[int, int], list[bytes]]:
    found = IptcImagePlugin.getiptcinfo(image) or {}
    lists = {k: v if isinstance(v, list) else [v] for k, v in found.items()}
    return {k: [v for v in values if isinstance(v, bytes)] for k, values in lists.items()}


def _xmp(image: ImageFile) -> bytes:
    found = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    return found.encode("utf-8", "replace") if isinstance(found, str) else bytes(found)
