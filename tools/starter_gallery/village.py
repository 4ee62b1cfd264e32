"""A village in the snow."""

from __future__ import annotations

import numpy as np

from .brush import FINE, contours, repaint
from .easel import Easel, Point
from .grassland import flecks
from .scenery import branches, firs, land, ridge, sky


def winter_village(easel: Easel) -> None:
    """Snow at blue hour: a church, lit windows, bare trees."""
    sky(easel, "#24365f #4a6496 #8fa0c0 #e2b9a6", 0.5)
    land(easel, ridge(easel, 0.5, 0.14, 2, 5), "#7c8fb8 #93a5c8 #a9b8d4", 0.15)
    woods = firs(easel, ridge(easel, 0.52, 0.05, 3, 3), 130, 0.07)
    easel.wash(woods * 0.85, "#33466e")
    land(easel, ridge(easel, 0.58, 0.05, 2, 3), "#c5d2e6 #b4c5e0 #d9e2ee", 0.3)
    for x, foot, size in (
        (0.24, 0.6, 0.045),
        (0.35, 0.62, 0.05),
        (0.16, 0.64, 0.055),
        (0.74, 0.6, 0.045),
        (0.46, 0.66, 0.06),
        (0.68, 0.67, 0.065),
        (0.85, 0.65, 0.06),
    ):
        _snowy_house(easel, x, foot, size)
    _church(easel, 0.545, 0.615)
    land(easel, ridge(easel, 0.74, 0.07, 1.6, 3), "#eef2f6 #c9d6ea #aebfe0 #dfe7f2", 0.3)
    repaint(easel, FINE, contours(easel))
    for x, foot, tall in ((0.09, 0.82, 0.13), (0.93, 0.86, 0.16)):
        lines = branches(easel.rng, (x, foot), tall * 0.75, -np.pi / 2, 0.016)
        easel.wash(easel.lines(lines), "#2a2c44")
    flecks(easel, 0.0, "#ffffff #e4ebf6", 240, 0.003)


def _snowy_house(easel: Easel, x: float, foot: float, size: float) -> None:
    wall = [
        (x - size, foot),
        (x - size, foot - size * 0.9),
        (x + size, foot - size * 0.9),
        (x + size, foot),
    ]
    roof = [
        (x - size * 1.2, foot - size * 0.8),
        (x, foot - size * 1.9),
        (x + size * 1.2, foot - size * 0.8),
    ]
    easel.wash(easel.polygon(wall), "#5d5672")
    easel.wash(easel.polygon(roof), "#eef3fa")
    windows = [_pane(x + dx * size, foot - size * 0.5, size * 0.2) for dx in (-0.5, 0.4)]
    easel.wash(easel.polygons(windows), "#ffcf6b")


def _pane(x: float, y: float, half: float) -> list[Point]:
    return [
        (x - half * 0.8, y - half),
        (x + half * 0.8, y - half),
        (x + half * 0.8, y + half),
        (x - half * 0.8, y + half),
    ]


def _church(easel: Easel, x: float, foot: float) -> None:
    tower = [(x - 0.02, foot), (x - 0.02, 0.45), (x + 0.02, 0.45), (x + 0.02, foot)]
    nave = [(x, foot), (x, foot - 0.07), (x + 0.09, foot - 0.07), (x + 0.09, foot)]
    easel.wash(easel.polygons([tower, nave]), "#6b6480")
    spire = [(x - 0.025, 0.455), (x, 0.29), (x + 0.025, 0.455)]
    roof = [
        (x + 0.01, foot - 0.065),
        (x + 0.03, foot - 0.12),
        (x + 0.085, foot - 0.12),
        (x + 0.105, foot - 0.065),
    ]
    easel.wash(easel.polygon(spire), "#39466e")
    easel.wash(easel.polygon(roof), "#dbe5f1")
    panes = [_pane(x, 0.5, 0.012)] + [_pane(x + dx, foot - 0.035, 0.012) for dx in (0.035, 0.06)]
    easel.wash(easel.polygons(panes), "#ffd77a")
