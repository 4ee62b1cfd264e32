"""Pictures of phones in HEIC, read where the extra `heic` is installed (pillow-heif).

It brings libheif and libde265, or takes those of the system. Both have had holes through which a
picture could take over whoever decodes it: versions that are known to have any are not used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from glance_agent.domain.errors import BadPicture

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

UNKNOWN_KIND: Final = "unknown kind"
HINT: Final = "HEIC: pip install 'glance-agent[heic]', or have it exported as JPEG"
PIXEL_BYTES: Final = 5
"""What the decoder keeps of a pixel beside the picture itself: 4.7 are measured at most."""
THREAD_BYTES: Final = 10_000_000
"""What the thread takes that it decodes in."""
_LEAST: Final = {"libheif": (1, 23, 4), "libde265": (1, 1, 1)}
"""Holes are known in all that are older: CVE-2026-84383, GHSA-653q-9f73-8hvg and those before."""
_forbidden: Final[list[str]] = []
_BRANDS: Final = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


class _Heif(NamedTuple):
    """What opens such pictures, and why there is none where there is none."""

    opener: Callable[[BytesIO], ImageFile] | None
    why: str = ""


def is_heif(head: bytes) -> bool:
    """Whether a file begins like HEIC; one in AVIF may, and says so a little later."""
    is_avif = b"avif" in head[8:32] or b"avis" in head[8:32]
    return head[4:8] == b"ftyp" and head[8:12] in _BRANDS and not is_avif


def heif_opener() -> Callable[[BytesIO], ImageFile]:
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
        from pillow_heif.as_plugin import HeifImageFile
    except (ImportError, OSError):
        return _Heif(None, HINT)
    why = fault(libheif_info())
    options.DECODE_THREADS = 1
    options.THUMBNAILS = options.DEPTH_IMAGES = options.AUX_IMAGES = False
    options.PREFERRED_DECODER["HEIF"] = "libde265"
    return _Heif(None, why) if why else _Heif(HeifImageFile)


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
