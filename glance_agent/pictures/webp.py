"""WebP pictures; stills are shrunk while they are decoded.

Pillow decodes every WebP as an animation: sixteen bytes a pixel, always at full size. The same
library, libwebp, decodes a still picture row by row into any smaller size; it is called here where
Pillow has loaded it. Reference: https://developers.google.com/speed/webp/docs/api (advanced API).
"""

from __future__ import annotations

import ctypes
from functools import cache
from io import BytesIO
from typing import Any, Final

from PIL import Image, ImageFile, WebPImagePlugin, _webp

from glance_agent.domain.errors import BadPicture
from glance_agent.pictures.parts import is_animated_webp, riff_chunks

_ABI: Final = 0x0209
_RGB, _RGBA = 0, 1
_OK, _TOO_SHORT = 0, 7
_ALPHA: Final = 0x10
_INFO: Final = {b"ICCP": "icc_profile", b"EXIF": "exif", b"XMP ": "xmp"}


class _Features(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_int) for name in ("width", "height", "alpha", "animation", "format")),
        ("pad", ctypes.c_uint32 * 5),
    )


class _Pixels(ctypes.Structure):
    _fields_ = [
        ("at", ctypes.c_void_p),
        ("stride", ctypes.c_int),
        ("size", ctypes.c_size_t),
    ]


class _Planes(ctypes.Structure):
    _fields_ = [
        ("at", ctypes.c_void_p * 4),
        ("stride", ctypes.c_int * 4),
        ("size", ctypes.c_size_t * 4),
    ]


class _Memory(ctypes.Union):
    _fields_ = [("pixels", _Pixels), ("planes", _Planes)]


class _Buffer(ctypes.Structure):
    _fields_ = [
        ("colours", ctypes.c_int),
        ("width", ctypes.c_int),
        ("height", ctypes.c_int),
        ("external", ctypes.c_int),
        ("memory", _Memory),
        ("pad", ctypes.c_uint32 * 4),
        ("own", ctypes.c_void_p),
    ]


_OPTIONS: Final = (
    "unfiltered plain_upsampling cropping left top crop_width crop_height scaling width height "
    "threads dithering flip alpha_dithering"
)


class _Options(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_int) for name in _OPTIONS.split()),
        ("pad", ctypes.c_uint32 * 5),
    ]


class _Config(ctypes.Structure):
    _fields_ = [("input", _Features), ("output", _Buffer), ("options", _Options)]


@cache
def _library() -> Any:
    """libwebp as Pillow has it; None where it does not show its functions."""
    try:
        library = ctypes.CDLL(_webp.__file__)
        library.WebPDecode.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p]
        library.WebPInitDecoderConfigInternal.argtypes = [ctypes.c_void_p, ctypes.c_int]
        ours = library.WebPInitDecoderConfigInternal(ctypes.byref(_Config()), _ABI)
    except (OSError, AttributeError):
        return None
    return library if ours else None


def shrinks(data: bytes) -> bool:
    """Whether this WebP can be shrunk while it is decoded: a still, with libwebp at hand."""
    return not is_animated_webp(data) and _library() is not None


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height by the header of a WebP; 0 x 0 where there is none."""
    head = data[12:30].ljust(18, b"\0")
    kind, body = head[:4], head[8:]
    if kind == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if kind == b"VP8L" and body[0] == 0x2F:
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = int.from_bytes(body[6:8], "little"), int.from_bytes(body[8:10], "little")
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0


class WebPFile(ImageFile.ImageFile):
    """A WebP; `draft` shrinks a still one to any size. Of an animation the first frame."""

    format = "WEBP"
    format_description = "WebP image"

    def _open(self) -> None:
        self._bytes = self.fp.read() if self.fp is not None else b""
        self._size = size_of(self._bytes)
        flags = self._bytes[20] if self._bytes[12:16] == b"VP8X" else 0
        lossless = self._bytes[12:16] == b"VP8L" and bool(self._bytes[24] & 0x10)
        self._mode = "RGBA" if flags & _ALPHA or lossless else "RGB"
        for name, start, end in riff_chunks(self._bytes):
            if name in _INFO:
                self.info.setdefault(_INFO[name], self._bytes[start:end])

    def draft(self, mode: str | None, size: tuple[int, int] | None) -> None:
        """Decode a still at this size."""
        if size is not None and self._bytes and shrinks(self._bytes):
            self._size = size

    def load(self) -> Any:
        """Decode, once. Raises BadPicture."""
        if self._bytes:
            data, self._bytes = self._bytes, b""
            image = self._still(data) if shrinks(data) else self._first_frame(data)
            self.im, self._mode, self._size = image.im, image.mode, image.size
        return Image.Image.load(self)

    def _still(self, data: bytes) -> Image.Image:
        return Image.frombytes(self.mode, self.size, _decoded(data, self.size, self.mode))

    def _first_frame(self, data: bytes) -> Image.Image:
        first = WebPImagePlugin.WebPImageFile(BytesIO(data))
        first.load()
        return first


def _decoded(data: bytes, size: tuple[int, int], mode: str) -> bytearray:
    """The pixels, row by row."""
    library, config = _library(), _Config()
    library.WebPInitDecoderConfigInternal(ctypes.byref(config), _ABI)
    channels = len(mode)
    pixels = bytearray(size[0] * size[1] * channels)
    output, options = config.output, config.options
    output.colours = _RGBA if mode == "RGBA" else _RGB
    output.external = 1
    memory = (ctypes.c_char * len(pixels)).from_buffer(pixels)
    output.memory.pixels = _Pixels(ctypes.addressof(memory), size[0] * channels, len(pixels))
    if size != size_of(data):
        options.scaling, options.width, options.height = 1, *size
    status = library.WebPDecode(data, len(data), ctypes.byref(config))
    if status != _OK:
        reason = "truncated" if status == _TOO_SHORT else "broken"
        raise BadPicture(reason, f"WebP, status {status}")
    return pixels
