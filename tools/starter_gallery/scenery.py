"""Parts of a view that several subjects share: sky, clouds, land, water, trees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .brush import Touches, touch
from .colour import mix, picked, ramp
from .easel import Easel, Point
from .noise import Array, blur, curve, displaced, smoothstep


def sky(easel: Easel, words: str, horizon: float = 1.0, wobble: float = 0.08) -> None:
    """Fill everything with a vertical ramp that ends at `horizon`, softly uneven."""
    drift = (easel.noise(2, 4, 4) - 0.5) * wobble
    easel.colour = ramp(np.clip(easel.y / horizon + drift, 0, 1), words)


def glow(easel: Easel, at: Point, reach: float, colour: str, strength: float = 0.8) -> None:
    """Light around a source, fading out over `reach` units."""
    fall = np.exp(-easel.distance(*at, stretch=1.25) / reach)
    easel.lighten(fall * strength, colour)


def clouds(easel: Easel, light: str, shade: str, cover: float, horizon: float) -> Array:
    """Drifting clouds above `horizon`, lit from above; returns their mask."""
    body = easel.noise(3, 3.2 / max(horizon, 0.2), 6)
    flat = easel.noise(2, 9, 5)
    density = 0.7 * body + 0.3 * flat - (1 - cover)
    mask = smoothstep(0.0, 0.16, density) * smoothstep(horizon, horizon * 0.8, easel.y)
    lift = np.full(easel.shape, 0.03 * easel.unit_px)
    above = displaced(blur(density, 0.004 * easel.unit_px), np.zeros(easel.shape), -lift)
    lit = smoothstep(-0.07, 0.09, density - above)
    easel.wash(mask * 0.92, ramp(lit, f"{shade} {light}"))
    return mask


def streaks(easel: Easel, colour: str, cover: float, span: Point) -> None:
    """Thin level clouds between the heights in `span`."""
    field = easel.noise(1.6, 16, 5)
    low, high = span
    middle, half = (low + high) / 2, (high - low) / 2
    band = np.exp(-(((easel.y - middle) / half) ** 2) * 1.5)
    easel.wash(smoothstep(1 - cover, 1.25 - cover, field * band) * 0.85, colour)


def ridge(easel: Easel, base: float, height: float, cells: float, octaves: int = 6) -> Array:
    """A skyline: its y for every column, between `base - height` and `base`."""
    return base - height * curve(easel.rng, easel.width_px, cells, octaves)


def below(easel: Easel, skyline: Array) -> Array:
    """The mask of all that lies under a skyline."""
    return np.clip((easel.y - skyline[None, :]) * easel.height_px + 0.5, 0, 1)


def land(easel: Easel, skyline: Array, words: str, depth: float = 0.25) -> Array:
    """Ground under a skyline: a ramp downwards over `depth`, mottled; returns its mask."""
    mask = below(easel, skyline)
    fall = (easel.y - skyline[None, :]) / depth
    mottle = (easel.noise(9, 22, 5) - 0.5) * 0.55
    easel.wash(mask, ramp(np.clip(fall + mottle, 0, 1), words))
    return mask


def mist(easel: Easel, at: float, half: float, colour: str, strength: float = 0.7) -> None:
    """A level bank of haze around the height `at`."""
    band = np.exp(-(((easel.y - at) / half) ** 2))
    easel.wash(band * strength * (0.6 + 0.4 * easel.noise(3, 6, 4)), colour)


def mirrored(easel: Easel, horizon: float, tint: str, strength: float = 0.35) -> None:
    """Below `horizon`, the view above it upside down, rippled and tinted by the water."""
    edge = round(horizon * easel.height_px)
    depth = np.clip((easel.y - horizon) / (1 - horizon), 0, 1)
    rows = np.arange(easel.height_px)[:, None]
    ripple = (easel.noise(5, 70, 3) - 0.5) * (0.02 + 0.1 * depth) * easel.unit_px
    up = np.minimum(2 * (edge - rows), 0) + np.where(rows >= edge, ripple, 0)
    limit = np.where(rows >= edge, np.minimum(up, edge - rows - 1), 0.0)
    seen = displaced(easel.colour, np.zeros(easel.shape), limit)
    wet = (easel.y >= horizon) * 1.0 + np.zeros(easel.shape)
    easel.wash(wet, mix(seen, ramp(depth, f"{tint} {tint}"), strength * (0.4 + 0.6 * depth)))


def ripples(easel: Easel, horizon: float, words: str, count: int, strength: float = 1.0) -> None:
    """Level strokes on water, longer towards the viewer."""
    rng = easel.rng
    depth = rng.random(count) ** 1.5
    y = horizon + 0.004 + depth * (1 - horizon)
    size = (0.25 + depth) * strength
    touch(
        easel,
        Touches(
            at=np.stack([rng.random(count), y], axis=1),
            colour=picked(rng, words, count),
            length=0.05 * size * rng.uniform(0.5, 1.3, count),
            width=0.0045 * (0.5 + depth),
            angle=rng.normal(0, 0.03, count),
        ),
    )


def glitter(easel: Easel, at: Point, words: str, count: int, spread: float = 0.03) -> None:
    """The path of light that a sun or moon at `at[0]` lays on water below `at[1]`."""
    rng = easel.rng
    depth = rng.random(count) ** 1.2
    x = at[0] + rng.normal(0, 1, count) * spread * (0.5 + 1.8 * depth)
    touch(
        easel,
        Touches(
            at=np.stack([x, at[1] + 0.004 + depth * (1 - at[1])], axis=1),
            colour=picked(rng, words, count, 0.03),
            length=(0.012 + 0.045 * depth) * rng.uniform(0.5, 1.4, count),
            width=0.003 + 0.004 * depth,
            angle=rng.normal(0, 0.04, count),
        ),
    )


def conifer(x: float, foot: float, height: float, lean: Sequence[float]) -> list[Point]:
    """The outline of a fir; `lean` gives a random share per tier, `height` in shares of y."""
    left: list[Point] = []
    right: list[Point] = []
    tiers = len(lean)
    for tier, extra in enumerate(lean):
        y = foot - height * (1 - tier / tiers)
        half = height * 0.22 * (tier + 1) / tiers * (0.75 + 0.5 * extra)
        left += [(x - half * 0.35, y + height * 0.2 / tiers), (x - half, y + height * 1.1 / tiers)]
        right += [(x + half * 0.35, y + height * 0.2 / tiers), (x + half, y + height / tiers)]
    return [(x, foot - height), *left, *reversed(right)]


def firs(easel: Easel, skyline: Array, count: int, height: float) -> Array:
    """The mask of a row of firs that stand on a skyline, their sizes varied."""
    rng = easel.rng
    shapes = []
    for x in rng.random(count):
        column = min(int(x * easel.width_px), easel.width_px - 1)
        tall = height * rng.uniform(0.55, 1.15)
        shape = conifer(0.0, 0.0, tall, rng.random(8).tolist())
        squeeze = easel.height_px / easel.width_px
        foot = float(skyline[column]) + 0.01
        shapes.append([(x + dx * squeeze, foot + dy) for dx, dy in shape])
    return easel.polygons(shapes)


def foliage(
    easel: Easel, at: Point, radius: Point, words: str, count: int, size: float = 0.012
) -> None:
    """A leafy crown of short strokes: dark and low first, light from the upper left last."""
    rng = easel.rng
    angle, reach = rng.uniform(0, 2 * np.pi, count), np.sqrt(rng.random(count))
    x, y = np.cos(angle) * reach, np.sin(angle) * reach
    light = np.clip(0.5 - 0.35 * y - 0.25 * x + rng.normal(0, 0.17, count), 0, 1)
    order = np.argsort(light)
    touch(
        easel,
        Touches(
            at=np.stack([at[0] + x * radius[0], at[1] + y * radius[1]], axis=1)[order],
            colour=ramp(light, words)[order],
            length=size * rng.uniform(0.8, 1.6, count),
            width=size * rng.uniform(0.5, 0.9, count),
            angle=rng.uniform(0, np.pi, count),
        ),
    )


def branches(
    rng: np.random.Generator, root: Point, length: float, heading: float, width: float
) -> list[tuple[list[Point], float]]:
    """A bare tree as lines with widths; `length` in shares of y, `heading` in radians."""
    if width < 0.0015:
        return []
    lines: list[tuple[list[Point], float]] = []
    here, way, parts = root, heading, 4
    for part in range(parts):
        way += rng.normal(0, 0.13) - 0.06 * np.cos(way) * (width < 0.008)
        step = length / parts
        there = (here[0] + np.cos(way) * step, here[1] + np.sin(way) * step)
        lines.append(([here, there], width * (1 - 0.3 * part / parts)))
        here = there
        if part >= 1 and rng.random() < 0.4:
            turn = way + rng.choice([-1, 1]) * rng.uniform(0.5, 1.0)
            lines += branches(rng, here, length * rng.uniform(0.45, 0.7), turn, width * 0.42)
    for side in (-1, 1):
        turn = way + side * rng.uniform(0.2, 0.6)
        lines += branches(rng, here, length * rng.uniform(0.7, 0.9), turn, width * 0.64)
    return lines
