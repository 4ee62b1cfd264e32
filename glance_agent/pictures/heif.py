"""Pictures of phones in HEIC, read where the extra `heic` is installed (pillow-heif).

It brings libheif and libde265, or takes those of the system. Both have had holes through which a
picture could take over whoever decodes it: versions that are known to have any are not used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec
from typing import Any, BinaryIO, Final, NamedTuple

from PIL import Image
from PIL.ImageFile import ImageFile

from glance_agent.domain.errors import BadPicture

UNKNOWN_KIND: Final = "unknown kind"
HINT: Final = "HEIC: pip install 'glance-agent[heic]', or have it exported as JPEG"
PIXEL_BYTES: Final = 5
"""What the decoder keeps of a pixel of a phone's picture, 4.6 as measured: of eight bits a
channel, colours in a quarter of the pixels, none transparent."""
RICH_PIXEL_BYTES: Final = 10
"""The same with more colours (9.2 as measured), transparent ones (8.1), or deeper ones (7.8)."""
RICHEST_PIXEL_BYTES: Final = 16
"""The same with more colours that are deeper, too (15.1)."""
THREAD_BYTES: Final = 10_000_000
"""What the thread takes that it decodes in."""
_LEAST: Final = {"libheif": (1, 23, 4), "libde265": (1, 1, 1)}
"""Holes are known in all that are older: CVE-2026-84383, GHSA-653q-9f73-8hvg and those before."""
_forbidden: Final[list[str]] = []
_CONFIGURATION: Final = re.compile(rb"hvcC.{16}(.)(.)", re.DOTALL)
"""Of HEVC's configuration (ISO 14496-15, 8.3.3.1) the kind of colours, and how deep they are."""
_TRANSPARENT: Final = (b"hevc:2015:auxid:1\0", b"auxiliary:alpha")
"""How a picture in the file is called that says what of another is transparent."""
_MOST_CONFIGURATIONS: Final = 100
_STRIP_ROWS: Final = 256
_BRANDS: Final = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


class _Heif(NamedTuple):
    """What opens such pictures, and why there is none where there is none."""

    opener: Callable[[BinaryIO], ImageFile] | None
    why: str = ""


def is_heif(head: bytes) -> bool:
    """Whether a file begins like HEIC; one in AVIF may, and says so a little later."""
    is_avif = b"avif" in head[8:32] or b"avis" in head[8:32]
    return head[4:8] == b"ftyp" and head[8:12] in _BRANDS and not is_avif


def decoder_pixel_bytes(data: bytes) -> int:
    """What the decoder keeps of each pixel of such a file at its worst moment.

    Judged by the richest of the pictures that it holds: the others are its thumbnail and the like.
    """
    found = zip(range(_MOST_CONFIGURATIONS), _CONFIGURATION.finditer(data), strict=False)
    kinds = [(one[1][0] & 3, one[2][0] & 7) for _, one in found]
    many, deep = any(kind > 1 for kind, _ in kinds), any(depth for _, depth in kinds)
    if many and deep:
        return RICHEST_PIXEL_BYTES
    rich = many or deep or not kinds or any(mark in data for mark in _TRANSPARENT)
    return RICH_PIXEL_BYTES if rich else PIXEL_BYTES


class HeifPicture(ImageFile):
    """A picture in HEIC; `draft` has it shrunk where the decoder's pixels are copied, a few rows
    at a time, so that Pillow never holds a second picture of the whole size."""

    format = "HEIF"
    format_description = "HEIF image"

    def _open(self) -> None:
        from pillow_heif import open_heif, set_orientation

        found = open_heif(self.fp, convert_hdr_to_8bit=True)
        self._found: Any = found[found.primary_index]
        self._size, self._mode = self._found.size, self._found.mode
        self.info.update(self._found.info)
        set_orientation(self.info)  # the decoder has turned it by then
        self._times = 1

    def draft(self, mode: str | None, size: tuple[int, int] | None) -> None:
        """Make it so many times smaller that it has about this size."""
        if size is not None and self._found is not None:
            width, height = self._found.size
            self._times = max(1, min(-(-width // max(1, size[0])), -(-height // max(1, size[1]))))
            self._size = -(-width // self._times), -(-height // self._times)

    def load(self) -> Any:
        """Decode, once. Raises what pillow-heif does."""
        if self._found is not None:
            found, self._found = self._found, None
            self.im = _copied(found, self._times).im
            self._size = self.im.size
        return Image.Image.load(self)


def _copied(found: Any, times: int) -> Image.Image:
    """The pixels of what is decoded, so many times smaller."""
    pixels, stride, mode = found.data, found.stride, found.mode
    width, height = found.size
    small = Image.new(mode, (-(-width // times), -(-height // times)))
    rows = max(1, _STRIP_ROWS // times) * times
    for upper in range(0, height, rows):
        size = width, min(rows, height - upper)
        some = pixels[upper * stride : (upper + size[1]) * stride]
        strip = Image.frombuffer(mode, size, some, "raw", mode, stride, 1)
        small.paste(strip.reduce(times) if times > 1 else strip, (0, upper // times))
    return small


def heif_opener() -> Callable[[BinaryIO], ImageFile]:
    """What opens such a picture. Raises BadPicture, with what to do, where nothing does."""
    found = _loaded()
    if found.opener is None or _forbidden:
        raise BadPicture(UNKNOWN_KIND, "; ".join(_forbidden) or found.why, passing=True)
    return found.opener


def load_heif() -> bool:
    """Load what opens such pictures, since later no file can be opened; whether there is any."""
    return _loaded().opener is not None


def forbid_heif(why: str) -> None:
    """Open no such picture in this process, and say why."""
    _forbidden.append(why)


def is_installed() -> bool:
    """Whether the extra is; nothing is loaded."""
    return find_spec("pillow_heif") is not None


@cache
def _loaded() -> _Heif:
    try:
        from pillow_heif import libheif_info, options
    except (ImportError, OSError):
        return _Heif(None, HINT)
    why = fault(libheif_info())
    options.DECODE_THREADS = 1
    options.THUMBNAILS = options.DEPTH_IMAGES = options.AUX_IMAGES = False
    options.PREFERRED_DECODER["HEIF"] = "libde265"
    return _Heif(None, why) if why else _Heif(HeifPicture)


def fault(told: Mapping[str, Any]) -> str:
    """Why these libraries, as pillow-heif tells of them, are not used; empty where they are."""
    found = {"libheif": str(told.get("libheif", ""))}
    found["libde265"] = str(told.get("decoders", {}).get("libde265", "none"))
    for name, least in _LEAST.items():
        version = re.search(r"(\d+)\.(\d+)\.(\d+)", found[name])
        if version is None or tuple(map(int, version.groups())) < least:
            has = f"{name} {version[0]}" if version else f"no {name} that tells its version"
            return (
                f"HEIC is not decoded by {has}, older ones than {'.'.join(map(str, least))} have "
                "known holes: pip install --upgrade 'glance-agent[heic]'"
            )
    return ""
