"""Which colours to ask a ditherer for, so that a panel of few inks shows what is meant.

Ditherers spread errors in gamma-encoded values, so that middle tones come out too bright; and no
paper is as white, and no ink as black, as a screen. Flat greys are dithered and looked at once;
what is learnt of them becomes a table of colours, by which every picture is toned.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from glance_agent.domain.panel import Dither, Tone
from glance_agent.pictures.colours import oklab, srgb
from glance_agent.pictures.rendering.dithering import as_inks, dithered
from glance_agent.pictures.rendering.inks import Inks

GRID: Final = 33
"""So many values of red, green and blue are calculated; between them lies a straight line."""
GREYS: Final = 24
"""So many greys are dithered."""
_FEW: Final = 4
_FAINT: Final = 0.06
"""Up to this chroma (OKLab) a few inks show no colour; from twice as much all of it."""
_PATCH_PX: Final = 48
_OUTSIDE: Final = 0.005
"""How far, in linear light, a colour may lie outside of what the inks can mix."""

Values = NDArray[np.float64]


def adapted(image: Image.Image, inks: Inks, tone: Tone, dither: Dither) -> Image.Image:
    """The picture in the colours to dither."""
    return image.filter(_table(inks, tone, dither))


@lru_cache(maxsize=4)
def _table(inks: Inks, tone: Tone, dither: Dither) -> ImageFilter.Color3DLUT:
    """From every colour of the grid to the one to ask for."""
    steps = np.linspace(0.0, 1.0, GRID)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    wanted = oklab(np.stack((red, green, blue), axis=-1).reshape(-1, 3))
    asked = _asked(wanted, inks, tone, grey_curve(inks, dither))
    return ImageFilter.Color3DLUT(GRID, asked.astype(np.float32).reshape(-1).tolist())


def _asked(wanted: Values, inks: Inks, tone: Tone, curve: tuple[Values, Values]) -> Values:
    """Colours of OKLab (n, 3) -> the sRGB (n, 3) in 0-1 that a ditherer is to be given.

    Lightness is fitted between black and white of the panel, and colourfulness to match; hues stay.
    """
    black, white = panel_range(inks)
    lightness = np.clip(0.5 + (wanted[:, 0] - 0.5) * tone.contrast, 0.0, 1.0)
    shown = wanted.copy()
    shown[:, 0] = black + lightness * (white - black)
    shown[:, 1:] *= (_colourfulness(wanted, inks) * tone.saturation * (white - black))[:, None]
    shown = _within(shown, inks)
    given, seen = curve
    ask = shown.copy()
    ask[:, 0] = np.interp(shown[:, 0], seen, oklab(np.stack([given] * 3, axis=-1))[:, 0])
    return np.clip(srgb(ask), 0.0, 1.0)


def _colourfulness(wanted: Values, inks: Inks) -> Values:
    """Which share of each colour to keep: inks of one or two colours cannot show a faint one, and
    would speckle a sepia photograph with red."""
    if inks.are_grey:
        return np.zeros(len(wanted))
    if len(inks.nominal) > _FEW:
        return np.ones(len(wanted))
    chroma = np.sqrt((wanted[:, 1:] ** 2).sum(axis=-1))
    kept: Values = np.clip((chroma - _FAINT) / _FAINT, 0.0, 1.0)
    return kept


def panel_range(inks: Inks) -> tuple[float, float]:
    """The lightness (OKLab) of the darkest and of the brightest ink."""
    lightness = oklab(_unit(inks.measured))[:, 0]
    return float(lightness.min()), float(lightness.max())


@lru_cache(maxsize=16)
def grey_curve(inks: Inks, dither: Dither) -> tuple[Values, Values]:
    """Greys that are given to a ditherer (sRGB, 0-1), and the lightness (OKLab) that is then seen,
    which never falls."""
    given = np.linspace(0.0, 1.0, GREYS)
    seen = np.array([_seen(float(grey), inks, dither) for grey in given])
    return given, np.maximum.accumulate(seen) + np.arange(GREYS) * 1e-9


def _seen(grey: float, inks: Inks, dither: Dither) -> float:
    """How light an area of this grey looks from afar: inks mix in linear light."""
    patch = Image.new("RGB", (_PATCH_PX, _PATCH_PX), (round(255 * grey),) * 3)
    spots = as_inks(dithered(patch, inks, dither), inks.measured).histogram()[: len(inks.measured)]
    mixed = (_linear(_unit(inks.measured)) * np.array(spots)[:, None]).sum(axis=0) / sum(spots)
    return float(oklab(_encoded(mixed)[None])[0, 0])


# -- what inks can mix ---------------------------------------------------------------------------


def _within(lab: Values, inks: Inks) -> Values:
    """The same with as little colour less as brings each among what the inks can mix.

    Lightness and hue stay, which clipping would change.
    """
    if inks.are_grey:
        return lab
    normals, offsets = _sides(inks)
    low, high = np.zeros(len(lab)), np.ones(len(lab))
    for _ in range(8):
        middle = (low + high) / 2
        tried = lab * np.stack((np.ones_like(middle), middle, middle), axis=-1)
        inside = (_linear_of(tried) @ normals.T <= offsets + _OUTSIDE).all(axis=1)
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    fully = (_linear_of(lab) @ normals.T <= offsets + _OUTSIDE).all(axis=1)
    share = np.where(fully, 1.0, low)
    less: Values = lab * np.stack((np.ones_like(share), share, share), axis=-1)
    return less


def _sides(inks: Inks) -> tuple[Values, Values]:
    """The sides of the solid that the inks span in linear light: normals (n, 3) that point
    outwards, and offsets (n,)."""
    corners = _solid(_linear(_unit(inks.measured)))
    normals, offsets = [], []
    for a, b, c in combinations(corners, 3):
        normal = np.cross(b - a, c - a)
        length = float(np.linalg.norm(normal))
        if length < 1e-9:
            continue
        away = (corners - a) @ (normal / length)
        if away.max() < 1e-6 or away.min() > -1e-6:
            outward = normal / length if away.max() < 1e-6 else -normal / length
            normals.append(outward)
            offsets.append(float(a @ outward))
    return np.array(normals), np.array(offsets)


def _solid(corners: Values) -> Values:
    """Corners (n, 3) that span a solid; three that lie in a plane are given a little depth."""
    if len(corners) > 3:
        return corners
    across = np.cross(corners[1] - corners[0], corners[2] - corners[0])
    deep = across / np.linalg.norm(across) * _OUTSIDE
    return np.concatenate((corners, [corners[0] + deep, corners[0] - deep]))


def _linear_of(lab: Values) -> Values:
    return _linear(srgb(lab))


def _unit(colours: tuple[tuple[int, int, int], ...]) -> Values:
    return np.array(colours, dtype=np.float64) / 255.0


def _linear(encoded: Values) -> Values:
    high = ((np.maximum(encoded, 0.0) + 0.055) / 1.055) ** 2.4
    return np.where(encoded <= 0.04045, encoded / 12.92, high)


def _encoded(linear: Values) -> Values:
    high = 1.055 * np.maximum(linear, 0.0) ** (1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, linear * 12.92, high)
