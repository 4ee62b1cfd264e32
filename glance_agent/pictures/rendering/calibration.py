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
from glance_agent.pictures.oklab import oklab, srgb
from glance_agent.pictures.rendering.dithering import as_inks, dithered
from glance_agent.pictures.rendering.inks import Colour, Inks

GRID: Final = 33
"""So many values of red, green and blue are calculated; between them lies a straight line."""
GREYS: Final = 24
"""So many greys are dithered."""
_FEW: Final = 4
_FAINT: Final = 0.06
"""Up to this chroma (OKLab) a few inks show no colour; from twice as much all of it."""
_NEARLY_WHITE: Final = 0.95
"""From this lightness (OKLab) on greys turn into paper."""
_PATCH_PX: Final = 48
_COARSE: Final = 9
"""A chart has so many values of red, green and blue."""
_ROUNDS: Final = 2
_MOST_LIGHTER: Final = 0.25
_CELL_PX: Final = 16
_EDGE_PX: Final = 4
_OUTSIDE: Final = 0.005
"""How far, in linear light, a colour may lie outside of what the inks can mix."""

Values = NDArray[np.float64]


def adapted(image: Image.Image, inks: Inks, tone: Tone, dither: Dither) -> Image.Image:
    """The picture in the colours to dither."""
    return image.filter(_table(inks, tone, dither))


@lru_cache(maxsize=4)
def _table(inks: Inks, tone: Tone, dither: Dither) -> ImageFilter.Color3DLUT:
    """From every colour of the grid to the one to ask for."""
    wanted = _grid(GRID)
    meant = _meant(wanted, inks, tone)
    curve = grey_curve(inks, dither)
    lighter = 0.0 if len(inks.nominal) <= _FEW else _finer(_colour_chart(inks, tone, dither, curve))
    asked = _paper(np.clip(srgb(_asked(meant, curve, lighter)), 0.0, 1.0), wanted, inks)
    return ImageFilter.Color3DLUT(GRID, asked.astype(np.float32).reshape(-1).tolist())


def _paper(asked: Values, wanted: Values, inks: Inks) -> Values:
    """The same, but for what is nearly white: that is the paper as it is, so that no mat and no
    sheet is speckled for the tint of a white ink."""
    white = max(_greys_of(inks), key=sum)
    chroma = np.sqrt((wanted[:, 1:] ** 2).sum(axis=-1))
    share = np.clip((wanted[:, 0] - _NEARLY_WHITE) / (1 - _NEARLY_WHITE), 0.0, 1.0)
    share = share * np.clip(1 - chroma / _FAINT, 0.0, 1.0)
    paper: Values = asked + share[:, None] * (_unit((white,))[0] - asked)
    return paper


def _grid(count: int) -> Values:
    """Evenly spaced colours of sRGB in OKLab (count^3, 3), red changing first."""
    steps = np.linspace(0.0, 1.0, count)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    return oklab(np.stack((red, green, blue), axis=-1).reshape(-1, 3))


def _asked(meant: Values, curve: tuple[Values, Values], lighter: Values | float) -> Values:
    """Colours that are meant (OKLab, n x 3) -> those that a ditherer is to be given: lighter or
    darker by the curve of greys, and by so much more."""
    given, seen = curve
    ask = meant.copy()
    ask[:, 0] = np.interp(meant[:, 0], seen, oklab(np.stack([given] * 3, axis=-1))[:, 0]) + lighter
    return ask


def _meant(wanted: Values, inks: Inks, tone: Tone) -> Values:
    """Colours (OKLab, n x 3) -> those that a panel is to show.

    Lightness is fitted between black and white of the panel, and colourfulness to match; hues stay.
    """
    black, white = panel_range(inks)
    lightness = np.clip(0.5 + (wanted[:, 0] - 0.5) * tone.contrast, 0.0, 1.0)
    shown = wanted.copy()
    shown[:, 0] = black + lightness * (white - black)
    shown[:, 1:] *= (_colourfulness(wanted, inks) * tone.saturation * (white - black))[:, None]
    return _within(shown, inks)


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
    """The lightness (OKLab) of black and of white: what a grey can be between.

    Another ink may be brighter than white, as the yellow of ACeP panels is, and shows no white.
    """
    lightness = oklab(_unit(_greys_of(inks)))[:, 0]
    return float(lightness.min()), float(lightness.max())


def _greys_of(inks: Inks) -> tuple[Colour, ...]:
    """Black, white and greys as they are measured."""
    both = zip(inks.nominal, inks.measured, strict=True)
    return tuple(measured for nominal, measured in both if len(set(nominal)) == 1)


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


# -- a chart of colours --------------------------------------------------------------------------


def _colour_chart(inks: Inks, tone: Tone, dither: Dither, curve: tuple[Values, Values]) -> Values:
    """How much lighter than by the curve of greys to ask for each colour of a coarse grid (n,).

    Inks that are as light as each other mix as they should, and are not made too bright by being
    spread, as black and white are: what greys teach makes deep blues too dark.
    """
    meant = _meant(_grid(_COARSE), inks, tone)
    lighter = np.zeros(len(meant))
    for _ in range(_ROUNDS):
        seen = _seen_chart(np.clip(srgb(_asked(meant, curve, lighter)), 0.0, 1.0), inks, dither)
        lighter = np.clip(lighter + meant[:, 0] - seen, -_MOST_LIGHTER, _MOST_LIGHTER)
    return lighter


def _seen_chart(colours: Values, inks: Inks, dither: Dither) -> Values:
    """How light areas of these colours (sRGB, n x 3) look from afar, dithered in one picture; their
    edges, where one spreads into the next, are not looked at."""
    columns = int(np.ceil(np.sqrt(len(colours))))
    patches = np.zeros((columns * columns, 3))
    patches[: len(colours)] = colours
    codes = np.round(255 * patches).astype(np.uint8).reshape(columns, columns, 3)
    chart = Image.fromarray(codes.repeat(_CELL_PX, axis=0).repeat(_CELL_PX, axis=1))
    spots = np.asarray(dithered(chart, inks, dither)).reshape(columns, _CELL_PX, columns, _CELL_PX)
    inner = spots[:, _EDGE_PX:, :, _EDGE_PX:]
    mixed = _linear(_unit(inks.measured))[inner].mean(axis=(1, 3)).reshape(-1, 3)[: len(colours)]
    lightness: Values = oklab(_encoded(mixed))[:, 0]
    return lightness


def _finer(coarse: Values) -> Values:
    """Values of the coarse grid (n,) at every colour of the fine one, linear between."""
    values = coarse.reshape(_COARSE, _COARSE, _COARSE)
    at, known = np.linspace(0.0, 1.0, GRID), np.linspace(0.0, 1.0, _COARSE)
    for axis in range(3):
        values = np.apply_along_axis(lambda line: np.interp(at, known, line), axis, values)
    fine: Values = values.reshape(-1)
    return fine


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
