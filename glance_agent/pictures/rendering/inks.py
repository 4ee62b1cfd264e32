"""The inks of e-paper panels: what their controllers call them, and what the eye sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Inks:
    """What a panel can show at one spot, in the order of the indices that are sent.

    Pictures are made of the `measured` colours, and sent as the `nominal` ones, which panels and
    their drivers tell apart by thresholds.
    """

    nominal: tuple[Colour, ...]
    measured: tuple[Colour, ...]

    @property
    def bits(self) -> int:
        """Bits of an index: 1, 2 or 4."""
        count = len(self.nominal)
        return 1 if count <= 2 else 2 if count <= 4 else 4

    @property
    def are_few(self) -> bool:
        """Whether what is between two of them is specks of both, as the eye sees it."""
        return len(self.nominal) < 8

    @property
    def are_grey(self) -> bool:
        return all(red == green == blue for red, green, blue in self.nominal)


def _greys(count: int) -> Inks:
    """Evenly spaced greys from black to white: the eye gets used to a paper's white."""
    steps = (round(255 * n / (count - 1)) for n in range(count))
    levels = tuple((step, step, step) for step in steps)
    return Inks(levels, levels)


_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)
_YELLOW, _RED, _BLUE, _GREEN = (255, 255, 0), (255, 0, 0), (0, 0, 255), (0, 255, 0)
_ORANGE = (255, 128, 0)

PANELS: Final[dict[str, Inks]] = {
    "mono": _greys(2),
    "grey4": _greys(4),
    "grey8": _greys(8),
    "grey16": _greys(16),
    # Hanshow and 4.2" panels, as epaper-dithering measured them.
    "bwr": Inks((_BLACK, _WHITE, _RED), ((5, 5, 5), (200, 200, 200), (120, 15, 5))),
    "bwy": Inks((_BLACK, _WHITE, _YELLOW), ((5, 5, 5), (200, 200, 200), (200, 180, 0))),
    "bwry": Inks(
        (_BLACK, _WHITE, _YELLOW, _RED),
        ((5, 5, 5), (200, 200, 200), (200, 180, 0), (120, 15, 5)),
    ),
    # Spectra 6 of 7.3": epaper-dithering, second measurement.
    "spectra6": Inks(
        (_BLACK, _WHITE, _YELLOW, _RED, _BLUE, _GREEN),
        ((31, 24, 41), (168, 180, 182), (180, 173, 0), (113, 24, 19), (36, 70, 139), (50, 84, 60)),
    ),
    # ACeP of 7.3" (AC073TC1A) and of 4" and 5.7" (UC8159), from Pimoroni's driver.
    "acep7": Inks(
        (_BLACK, _WHITE, _GREEN, _BLUE, _RED, _YELLOW, _ORANGE),
        ((0, 0, 0), (217, 242, 255), (3, 124, 76), (27, 46, 198), (245, 80, 34), (255, 255, 68),
         (239, 121, 44)),
    ),
    "uc8159": Inks(
        (_BLACK, _WHITE, _GREEN, _BLUE, _RED, _YELLOW, _ORANGE),
        ((57, 48, 57), (255, 255, 255), (58, 91, 70), (61, 59, 94), (156, 72, 75), (208, 190, 71),
         (177, 106, 73)),
    ),
}  # fmt: skip
"""By the names that the setting `panel` has for them. `lcd` and `grey` have no inks."""
