"""The one place where strangers' pictures are decoded: any bytes in, upright sRGB out.

Whatever the bytes are, the answer is a picture or `BadPicture` with one of these reasons:

    not a picture   the first bytes are of none of the formats below (also: no bytes at all)
    unknown kind    HEIC, and nothing here that may read it
    too large       more pixels than allowed, or than the memory holds
    too complex     more scans, strips, tiles, frames or chunks than any picture needs
    truncated       the file ends before the picture does, and more than a little of it is missing
    broken          a known format whose content cannot be decoded

Read are JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, JPEG 2000, PPM and its kin, ICO, and TGA of its
second version, which alone says what it is; HEIC where its extra is installed. Of animations the
first frame is read, of a TIFF's pages the picture. Formats are told by content, never by name.
Every function may be called from several threads at once.

Decoders are large programs, and strangers write for them: whatever comes from outside is decoded in
a process of its own (glance_agent.decoding), which calls these functions.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final, NamedTuple

from PIL import ExifTags, Image, PngImagePlugin
from PIL.ImageFile import ImageFile

from glance_agent.domain.errors import BadPicture
from glance_agent.pictures.cost import planned
from glance_agent.pictures.embedded import embedded, header_exif
from glance_agent.pictures.fleeting import FleetingBytes, PictureFile, opened
from glance_agent.pictures.formats import opener_of
from glance_agent.pictures.jpeg import LEAST_SHARE, ended, has_passes, is_hollow, whole_rows
from glance_agent.pictures.limits import NO_MEMORY_LIMIT, SETTING, Limits
from glance_agent.pictures.metadata import RawMetadata
from glance_agent.pictures.parts import (
    ANIMATION_PIXEL_BYTES,
    PictureParts,
    counted,
    png_chunk,
)
from glance_agent.pictures.spaces import CICP
from glance_agent.pictures.srgb import srgb_of_bands, srgb_on_white
from glance_agent.pictures.strips import strips_of
from glance_agent.pictures.webp import WebPFile, shrinks

_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def decode(
    data: PictureFile,
    *,
    limits: Limits = NO_MEMORY_LIMIT,
    wanted_px: int | None = None,
    admit: Callable[[int], None] | None = None,
) -> Image.Image:
    """The picture upright, mode RGB, in sRGB, transparency laid on white, without metadata.

    With `wanted_px` a JPEG is decoded at a half, quarter or eighth of its size where its long
    side stays at least `wanted_px`; large pictures of other formats are shrunk while they stay
    four times as large. What would not fit into the memory is shrunk further. `admit` is told
    how many bytes decoding takes, before it begins. Raises BadPicture; the size is judged by the
    header, before any pixel is decoded.
    """
    return decode_and_measure(data, limits=limits, wanted_px=wanted_px, admit=admit).image


class DecodedPicture(NamedTuple):
    """A picture that was decoded; the size of the whole; whether a little of it is missing, since
    its file ends early; what is embedded in the file beside it, where that was asked for."""

    image: Image.Image
    size_px: tuple[int, int]
    cut: bool
    metadata: RawMetadata


def decode_and_measure(
    data: PictureFile,
    *,
    limits: Limits,
    wanted_px: int | None,
    admit: Callable[[int], None] | None,
    metadata: bool = False,
) -> DecodedPicture:
    """The same, and what else is seen of the picture meanwhile. Raises BadPicture."""
    with _strangers_bytes():
        image, parts = _opened(data)
        _refuse_over(limits.max_shrunk_pixels if parts.shrinks else limits.max_pixels, image)
        plan = planned(image, parts, len(data), wanted_px=wanted_px, limits=limits)
        if admit is not None:
            admit(plan.takes_bytes)
        width, height = image.size
        orientation = _orientation(image)
        beside = embedded(image) if metadata else RawMetadata()
        if together := parts.strips and parts.strips.rows(plan.shrink):
            bands, rows, cut = parts.strips.bands(data, together), height, False
            picture = srgb_of_bands(image, bands, plan.shrink)
        else:
            image, rows, cut = _loaded(data, image, plan.draft)
            height = height * rows // image.height
            picture = srgb_on_white(image, plan.shrink)
    if rows < image.height:
        picture = picture.crop((0, 0, picture.width, max(1, rows // plan.shrink)))
    if orientation in _TURNS:
        picture = picture.transpose(_TURNS[orientation])
    picture.info = {}
    size = (height, width) if orientation >= 5 else (width, height)
    return DecodedPicture(picture, size, cut, beside)


def _loaded(data: PictureFile, image: ImageFile, draft: int) -> tuple[ImageFile, int, bool]:
    """The picture with its pixels, how many of its rows there are, and whether anything of it is
    missing. Raises what Pillow does."""
    if isinstance(data, FleetingBytes) and image.format != "PNG":  # not read in its order
        data = data.whole()
        image, _ = _opened(data)
    if _loads(data, image, draft):
        return image, image.height, False
    mended = ended(data[:])
    if mended is None:
        raise BadPicture("truncated", "it ends before there is all of it to be seen")
    image.close()  # what was decoded of it
    image, _ = _opened(mended)
    _draft(image, draft)
    image.load()
    rows = whole_rows(image, draft)
    if rows < LEAST_SHARE * image.height:
        raise BadPicture("truncated", f"{100 * rows // image.height} % of its rows are there")
    return image, rows, rows < image.height or has_passes(mended)


def _loads(data: PictureFile, image: ImageFile, draft: int) -> bool:
    """Whether all of it is decoded, unlike a JPEG that ends early. Raises what Pillow does."""
    if image.format == "JPEG" and is_hollow(data[:]):
        return False
    _draft(image, draft)
    try:
        image.load()
    except OSError as error:
        if image.format != "JPEG" or "truncated" not in str(error):
            raise
        return False
    return True


def header(data: PictureFile) -> tuple[tuple[int, int], RawMetadata]:
    """Width and height of the upright picture, and what is embedded in the file beside it.

    Broken parts are left out. Raises BadPicture where the header cannot be read.
    """
    with _strangers_bytes():
        image, _ = _opened(data)
        return _upright_size(image), embedded(image)


# -- opening -----------------------------------------------------------------------------------


@contextmanager
def _strangers_bytes() -> Iterator[None]:
    """Within it, whatever a decoder raises becomes BadPicture and Pillow does not warn."""
    _silence_pillow()
    try:
        yield
    except BadPicture:
        raise
    except (MemoryError, Image.DecompressionBombError) as error:
        raise BadPicture("too large", "not enough memory allowed") from error
    # Decoders raise nearly every exception there is on crafted bytes; this boundary ends that.
    except Exception as error:
        if isinstance(error, EOFError) or "truncated" in str(error).lower():
            raise BadPicture("truncated", "its file ends early") from error
        raise BadPicture("broken", "what is in its file cannot be decoded") from error


def _silence_pillow() -> None:
    """Keep Pillow's warnings about strangers' files off stderr, in every thread: by a lasting
    filter for Pillow's own modules, since `warnings.catch_warnings` is not thread-safe.
    Deprecations still show, they are attributed to the caller."""
    if not warnings.filters or getattr(warnings.filters[0][3], "pattern", "") != r"PIL\.":
        warnings.filterwarnings("ignore", module=r"PIL\.")


def _opened(data: PictureFile) -> tuple[ImageFile, PictureParts]:
    """The picture with its header read, and what it is made of. Raises BadPicture."""
    opener = opener_of(data[:32], data[-18:])
    if opener is None:
        raise BadPicture("not a picture", "" if data else "the file is empty")
    parts = counted(data)
    if opener is WebPFile and not shrinks(data[:]):
        parts = PictureParts(pixel_bytes=ANIMATION_PIXEL_BYTES)
    is_png = opener is PngImagePlugin.PngImageFile
    cicp = png_chunk(data, b"cICP") if is_png else b""
    image = opener(opened(data, letting_go=is_png))
    if parts.page:
        image.seek(parts.page)
    if strips := strips_of(image, len(data)):
        parts = replace(parts, strips=strips)
    if cicp:
        image.info[CICP] = cicp
    return image, parts


def _refuse_over(max_pixels: int, image: Image.Image) -> None:
    width, height = image.size
    if width < 1 or height < 1:
        raise BadPicture("broken", f"{width} x {height} pixels")
    if width * height > max_pixels:
        allowed = f"{max_pixels / 1e6:g} megapixels allowed by {SETTING}"
        raise BadPicture("too large", f"{width} x {height} pixels, {allowed}")


def _draft(image: ImageFile, times: int) -> None:
    if times > 1:
        width, height = image.size
        if image.format == "JPEG":  # rounds up what it makes of a size
            image.draft(None, (max(1, width // times), max(1, height // times)))
        else:
            image.draft(None, (-(-width // times), -(-height // times)))


# -- turning it upright ---------------------------------------------------------------------------


def _upright_size(image: ImageFile) -> tuple[int, int]:
    width, height = image.size
    return (height, width) if _orientation(image) >= 5 else (width, height)


def _orientation(image: ImageFile) -> int:
    """The EXIF orientation 1-8; 1 where there is none, and for TIFF, which Pillow turns itself."""
    if image.format == "TIFF":
        return 1
    try:
        value = header_exif(image).get(ExifTags.Base.Orientation, 1)
    # A picture with broken EXIF is still a picture; and broken EXIF raises anything.
    except Exception:
        return 1
    return value if isinstance(value, int) and value in _TURNS else 1
