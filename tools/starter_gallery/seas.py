"""The sea: calm, moonlit, stormy, at sunrise, with sails, on the beach."""

from __future__ import annotations

import numpy as np

from .brush import LOOSE, OIL, Touches, contours, repaint, touch
from .colour import mix, picked, ramp
from .easel import Easel
from .noise import Array, ridged, smoothstep
from .scenery import below, clouds, glitter, glow, mirrored, mist, ridge, ripples, sky, streaks


def calm_dawn(easel: Easel) -> None:
    """A mirror of pale pink and blue, a far headland, the sun just up."""
    horizon = 0.46
    sky(easel, "#5f86b0 #8fb0cc #d3cfd6 #f4c9b4 #fbe0b8", horizon)
    streaks(easel, "#f3b7a4", 0.62, (0.1, 0.4))
    streaks(easel, "#7d93b4", 0.52, (0.02, 0.3))
    glow(easel, (0.66, 0.44), 0.16, "#ffd9a0", 0.75)
    far = ridge(easel, horizon, 0.10, 2.2) + np.clip(easel.x[0] - 0.42, 0, 1) * 0.3
    easel.wash(below(easel, far) * (easel.y < horizon), "#8296b3")
    easel.wash(easel.disc(0.66, 0.425, 0.018), "#fff6d8")
    mirrored(easel, horizon, "#4f84ad", 0.5)
    mist(easel, horizon, 0.02, "#f3d9cc", 0.6)
    repaint(easel, OIL, contours(easel))
    ripples(easel, horizon, "#c9d3de #86aecb #f0cdbd #6f9dc0", 420, 0.9)
    glitter(easel, (0.66, horizon), "#ffe7b8 #fff3d6 #f9cfa0", 170, 0.016)


def _swell(easel: Easel, horizon: float, crests: int) -> tuple[Array, Array]:
    """Wave height 0..1 and nearness 0..1 for a rough sea in perspective."""
    depth = np.clip((easel.y - horizon) / (1 - horizon), 0, 1)
    rows = np.log(1 + 14 * depth) / np.log(15)
    shift = (easel.noise(2.5, 3, 4) - 0.5) * 1.7 + (easel.noise(7, 12, 3) - 0.5) * 0.5
    phase = (rows * crests + shift * (1 - 0.45 * depth)) % 1.0
    return phase, depth


def stormy(easel: Easel) -> None:
    """Dark water under racing clouds, foam torn off the crests."""
    horizon = 0.4
    sky(easel, "#27313c #46535e #7f8a8c #b9b5a2", horizon, 0.3)
    clouds(easel, "#a9b0ae", "#1d252f", 0.62, 0.42)
    clouds(easel, "#6d7880", "#161d26", 0.48, 0.36)
    phase, depth = _swell(easel, horizon, 6)
    sea = ramp(phase, "#0d2430 #14384a #1f5566 #3a8087 #79b2a9", (0, 0.35, 0.65, 0.88, 1))
    wet = (easel.y >= horizon) * np.ones(easel.shape)
    easel.wash(wet, mix(sea, ramp(depth, "#56676c #0f2a36"), 0.35))
    foam = smoothstep(0.80, 0.97, phase) * smoothstep(0.35, 0.6, easel.noise(14, 16, 4))
    easel.wash(foam * wet * (0.35 + 0.65 * depth**0.5), "#eef0e6")
    lace = smoothstep(0.78, 0.95, ridged(easel.rng, easel.shape, (10, 22), 3)) * (phase < 0.5)
    easel.wash(lace * wet * depth * 0.55, "#b9cdc8")
    mist(easel, horizon, 0.025, "#8b9695", 0.75)
    repaint(easel, OIL, contours(easel, -0.2))
    _spray(easel, foam * wet * depth)


def _spray(easel: Easel, foam: Array) -> None:
    """Flecks of white thrown up where `foam` is thick."""
    count, rng = 420, easel.rng
    spots = rng.choice(foam.size, count, p=(foam / foam.sum()).ravel())
    row, column = np.divmod(spots, easel.width_px)
    y = row / easel.height_px
    touch(
        easel,
        Touches(
            at=np.stack(
                [
                    column / easel.width_px + rng.normal(0, 0.008, count),
                    y - np.abs(rng.normal(0, 0.012, count)),
                ],
                axis=1,
            ),
            colour=picked(rng, "#f4f5ee #dfe8e4 #c9d8d6", count),
            length=0.003 + 0.010 * y * rng.random(count),
            width=0.0022 + 0.002 * y,
            angle=rng.normal(-0.3, 0.5, count),
        ),
    )


def moonlit(easel: Easel) -> None:
    """A full moon over black and silver water, clouds edged with light."""
    horizon, moon = 0.52, (0.5, 0.2)
    sky(easel, "#0a1430 #122450 #27457a #4f6d99", horizon)
    clouds(easel, "#7d93b8", "#13203f", 0.45, 0.5)
    glow(easel, moon, 0.14, "#b9c9e0", 0.85)
    easel.wash(easel.disc(*moon, 0.048), "#fbf6df")
    easel.wash(easel.disc(moon[0] + 0.02, moon[1] - 0.008, 0.016) * 0.25, "#c9c9b8")
    mirrored(easel, horizon, "#0a1a3c", 0.7)
    mist(easel, horizon, 0.012, "#5f7ba3", 0.6)
    repaint(easel, OIL, contours(easel))
    ripples(easel, horizon, "#0c1d44 #16315f #27497b #0a1734", 700)
    glitter(easel, (0.5, horizon), "#fdf6d8 #dfe3e0 #b9c8dc #f4e9c0", 620, 0.035)


def sunrise(easel: Easel) -> None:
    """An orange sun in blue haze, its path on the water, two rowing boats."""
    horizon = 0.42
    sky(easel, "#6b7f94 #8d98a0 #c49a85 #e8a06c #c9967c", horizon, 0.3)
    streaks(easel, "#f09a5a", 0.55, (0.05, 0.4))
    glow(easel, (0.6, 0.27), 0.12, "#ff9a4a", 0.55)
    far = ridge(easel, horizon + 0.002, 0.07, 9, 4)
    easel.wash(below(easel, far) * (easel.y < horizon) * 0.55, "#5d7286")
    easel.wash(easel.disc(0.6, 0.27, 0.034), "#fb5f24")
    mirrored(easel, horizon, "#587486", 0.6)
    repaint(easel, LOOSE, contours(easel))
    ripples(easel, horizon, "#5e7b8c #47667a #8a99a0 #d09a7c #39566b", 620)
    glitter(easel, (0.6, horizon), "#ff8a3c #fb6a28 #ffb36b", 150, 0.012)
    for x, y, size in ((0.34, 0.68, 0.075), (0.2, 0.56, 0.045)):
        _rowing_boat(easel, x, y, size)


def _rowing_boat(easel: Easel, x: float, y: float, size: float) -> None:
    hull = [
        (x - size, y),
        (x + size, y - 0.006),
        (x + size * 0.7, y + size * 0.3),
        (x - size * 0.7, y + size * 0.3),
    ]
    man = [
        (x - size * 0.14, y),
        (x + 0.02 * size, y - size * 0.7),
        (x + size * 0.1, y - size * 0.66),
        (x + size * 0.2, y),
    ]
    easel.wash(easel.polygons([hull, man]), "#22303f")
    easel.wash(
        easel.line([(x + 0.1 * size, y - size * 0.4), (x + size * 1.3, y + size * 0.4)], 0.003),
        "#22303f",
    )
    easel.wash(easel.disc(x + 0.06 * size, y - size * 0.78, size * 0.085), "#22303f")
    count = 26
    touch(
        easel,
        Touches(
            at=np.stack(
                [
                    x + easel.rng.normal(0, size * 0.5, count),
                    y + size * 0.35 + easel.rng.random(count) * size,
                ],
                axis=1,
            ),
            colour=picked(easel.rng, "#2b3d4e #3a5163", count),
            length=np.full(count, size * 0.7),
            width=np.full(count, 0.005),
            angle=easel.rng.normal(0, 0.04, count),
        ),
    )


def sails(easel: Easel) -> None:
    """White sails on a bright blue sea under summer clouds."""
    horizon = 0.5
    sky(easel, "#3f86c4 #6aa8d8 #a8cfe6 #e3ecea", horizon)
    clouds(easel, "#ffffff", "#a9bfd4", 0.52, 0.5)
    sea = ramp(
        np.clip((easel.y - horizon) / (1 - horizon) + (easel.noise(4, 26, 4) - 0.5) * 0.5, 0, 1),
        "#5fa3c9 #2f7fb8 #1c619f #154b86",
    )
    easel.wash((easel.y >= horizon) * np.ones(easel.shape), sea)
    far = ridge(easel, horizon, 0.035, 3, 4)
    easel.wash(below(easel, far) * (easel.y < horizon) * (easel.x > 0.45), "#8fb0c8")
    repaint(easel, OIL, contours(easel))
    ripples(easel, horizon, "#8cc3de #3f8fc6 #1d5c9c #cfe6ee #2a73b3", 900)
    for x, y, size in (
        (0.82, 0.515, 0.05),
        (0.14, 0.53, 0.07),
        (0.63, 0.56, 0.13),
        (0.36, 0.68, 0.3),
    ):
        _sailing_boat(easel, x, y, size)
    ripples(easel, 0.7, "#3f8fc6 #1d5c9c #cfe6ee #2a73b3", 160)


def _sailing_boat(easel: Easel, x: float, y: float, size: float) -> None:
    """A sloop; `size` is the mast's height in shares of y."""
    wide = size * easel.height_px / easel.width_px
    main = [
        (x, y - size),
        (x + wide * 0.12, y - size * 0.5),
        (x + wide * 0.42, y - size * 0.09),
        (x + 0.01 * wide, y - size * 0.08),
    ]
    jib = [
        (x - wide * 0.03, y - size * 0.92),
        (x - wide * 0.02, y - size * 0.1),
        (x - wide * 0.36, y - size * 0.07),
    ]
    hull = [
        (x - wide * 0.42, y - size * 0.05),
        (x + wide * 0.46, y - size * 0.055),
        (x + wide * 0.36, y + size * 0.04),
        (x - wide * 0.28, y + size * 0.04),
    ]
    shine = ramp(np.clip((easel.x - x) / wide * 1.4 + 0.6, 0, 1) + 0 * easel.y, "#d9e0e4 #fffdf4")
    easel.wash(easel.polygons([main, jib]), shine)
    easel.wash(easel.line([(x, y - size * 1.02), (x, y)], size * 0.012), "#5b4634")
    easel.wash(easel.polygon(hull), "#a8442f")
    count = int(60 + 300 * size)
    down = easel.rng.random(count)
    touch(
        easel,
        Touches(
            at=np.stack(
                [x + easel.rng.normal(0, wide * 0.16, count), y + size * (0.06 + down * 0.6)],
                axis=1,
            ),
            colour=picked(easel.rng, "#eef4f2 #cfe0e6 #9cc3da #b97a66", count),
            length=size * 0.16 * easel.rng.uniform(0.4, 1, count),
            width=np.full(count, 0.002 + size * 0.014),
            angle=easel.rng.normal(0, 0.05, count),
        ),
    )
