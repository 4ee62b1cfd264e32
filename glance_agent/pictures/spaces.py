"""Colour spaces that a file names without a profile: by numbers in a PNG, by a word in EXIF.

A PNG says it in cICP (ITU-T H.273), or in gAMA and cHRM where it has neither a profile nor sRGB
(PNG, third edition, 4.3); a camera says Adobe RGB by the DCF's interoperability index R03.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Numbers = NDArray[np.float64]
CICP: Final = "cicp"
"""Where in `Image.info` the four numbers of a cICP chunk are."""
_NODES: Final = 33
"""Nodes of the table for each channel."""
_WHITE_D65: Final = (0.3127, 0.3290)
_SRGB: Final = (*_WHITE_D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
_ADOBE: Final = (*_WHITE_D65, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
_P3: Final = (*_WHITE_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)
_BT2020: Final = (*_WHITE_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046)
_PRIMARIES: Final = {1: _SRGB, 9: _BT2020, 12: _P3}
_INTEROP_IFD, _EXIF_IFD, _COLOUR_SPACE = 0xA005, 0x8769, 0xA001
_PAPER_WHITE: Final = 203 / 10_000
"""What of the range of PQ is the white of a page (ITU-R BT.2408)."""


@dataclass(frozen=True, eq=False, slots=True)
class ColourSpace:
    """White and primaries as x and y, and what makes values of 0 to 1 linear light."""

    primaries: tuple[float, ...]
    linear: Callable[[Numbers], Numbers]

    def conversion(self) -> Callable[[Image.Image], Image.Image]:
        """What makes RGB of this space sRGB; what sRGB has not is cut off."""
        if self.primaries == _SRGB:
            values = _encoded(np.clip(self.linear(np.arange(256) / 255), 0.0, 1.0))
            steps = np.rint(255 * values).astype(int).tolist()
            return lambda piece: piece.point(3 * steps)
        table = self._table()
        return lambda piece: piece.filter(table)

    def _table(self) -> ImageFilter.Color3DLUT:
        steps = self.linear(np.linspace(0.0, 1.0, _NODES))
        blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
        light = np.stack([red, green, blue], axis=-1).reshape(-1, 3)
        there = light @ (np.linalg.inv(_to_xyz(_SRGB)) @ _to_xyz(self.primaries)).T
        return ImageFilter.Color3DLUT(_NODES, _encoded(np.clip(there, 0.0, 1.0)))


def named_space(image: Image.Image) -> ColourSpace | None:
    """The space that a file names which has no profile; None for sRGB and where nothing is named.

    cICP counts before any profile: ask `has_cicp` first.
    """
    if has_cicp(image):
        return _of_cicp(image.info[CICP])
    if image.format == "PNG":
        return _of_gamma(image)
    return _power(2.19921875, _ADOBE) if _says_adobe(image) else None


def has_cicp(image: Image.Image) -> bool:
    """Whether the file names its space by numbers that outrank its profile."""
    return len(image.info.get(CICP, b"")) == 4


def _of_cicp(numbers: bytes) -> ColourSpace | None:
    """Colour primaries, transfer characteristics, matrix (0 in a PNG), and full range."""
    primaries, curve = _PRIMARIES.get(numbers[0]), _CURVES.get(numbers[1])
    if primaries is None or curve is None or (primaries is _SRGB and curve is _srgb_light):
        return None
    return ColourSpace(primaries, curve)


def _of_gamma(image: Image.Image) -> ColourSpace | None:
    gamma, corners = image.info.get("gamma"), image.info.get("chromaticity") or _SRGB
    if "srgb" in image.info or not isinstance(gamma, float) or not 0.1 <= gamma <= 2.0:
        return None
    usual = abs(gamma * 2.2 - 1) < 0.03
    if len(corners) != 8 or not _is_possible(corners):
        corners = _SRGB
    near = np.allclose(corners, _SRGB, atol=0.01)
    if usual and near:
        return None
    return _power(1 / gamma, _SRGB if near else tuple(corners))


def _is_possible(corners: Any) -> bool:
    """Whether a space can have these primaries; broken ones would make the matrix explode."""
    if not all(isinstance(n, int | float) and 0.0 <= n <= 1.0 for n in corners):
        return False
    if min(corners[1::2]) <= 0.0:
        return False
    try:
        return bool(np.linalg.cond(_to_xyz(corners)) < 1_000)
    except np.linalg.LinAlgError:
        return False


def _says_adobe(image: Image.Image) -> bool:
    try:
        exif = Image.Image.getexif(image)
        space = exif.get_ifd(_EXIF_IFD).get(_COLOUR_SPACE)
        index = exif.get_ifd(_INTEROP_IFD).get(1) if space == 0xFFFF else None
    except Exception:  # broken EXIF raises anything; the picture is as good as without it
        return False
    return space == 2 or str(index).strip("\x00 ") == "R03"


def _power(gamma: float, primaries: tuple[float, ...]) -> ColourSpace:
    return ColourSpace(primaries, lambda values: values**gamma)


def _to_xyz(corners: tuple[float, ...]) -> Numbers:
    """The matrix from linear RGB to XYZ, in which white is as bright as 1."""
    x, y = np.array(corners[0::2]), np.array(corners[1::2])
    columns = np.stack([x / y, np.ones(4), (1 - x - y) / y])
    shares = np.linalg.solve(columns[:, 1:], columns[:, 0])
    found: Numbers = columns[:, 1:] * shares
    return found


def _srgb_light(values: Numbers) -> Numbers:
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _encoded(light: Numbers) -> Numbers:
    """Linear light as sRGB has it (IEC 61966-2-1)."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def _bt709_light(values: Numbers) -> Numbers:
    return np.where(values < 0.081, values / 4.5, ((values + 0.099) / 1.099) ** (1 / 0.45))


def _pq_light(values: Numbers) -> Numbers:
    """SMPTE ST 2084, as parts of the white of a page; what is brighter is cut off."""
    root = values ** (1 / 78.84375)
    light = np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)
    return light ** (1 / 0.1593017578125) / _PAPER_WHITE


_CURVES: Final[dict[int, Callable[[Numbers], Numbers]]] = {
    1: _bt709_light, 6: _bt709_light, 14: _bt709_light, 15: _bt709_light,
    4: lambda values: values**2.2, 5: lambda values: values**2.8, 8: lambda values: values,
    13: _srgb_light, 16: _pq_light,
}  # fmt: skip
