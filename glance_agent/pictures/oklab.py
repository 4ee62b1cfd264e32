"""Colours as eyes compare them: OKLab (Ottosson 2020)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_TO_LMS: Final = np.array(
    [[0.41222147, 0.53633254, 0.05144599], [0.2119035, 0.6806995, 0.10739696],
     [0.08830246, 0.28171884, 0.6299787]]
)  # fmt: skip
_TO_LAB: Final = np.array(
    [[0.21045426, 0.7936178, -0.00407205], [1.9779985, -2.4285922, 0.45059371],
     [0.02590404, 0.78277177, -0.80867577]]
)  # fmt: skip
_FROM_LMS: Final = np.linalg.inv(_TO_LMS)
_FROM_LAB: Final = np.linalg.inv(_TO_LAB)


def oklab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """Colours (..., 3) of sRGB in 0-1 as L, a and b of OKLab (Ottosson 2020); L is 0-1."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    lab: NDArray[np.float64] = np.cbrt(linear @ _TO_LMS.T) @ _TO_LAB.T
    return lab


def srgb(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    """The way back; colours that sRGB does not have are beyond 0-1."""
    linear = ((lab @ _FROM_LAB.T) ** 3) @ _FROM_LMS.T
    high = 1.055 * np.maximum(linear, 0.0) ** (1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, linear * 12.92, high)
