"""A screen at night: darker and warmer."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from PIL import Image

from glance_agent.domain.panel import Tone

_WARM: Final = (1.0, 0.9, 0.75)
"""What is left of red, green and blue, in linear light, at full warmth."""


def dimmed(image: Image.Image, tone: Tone) -> Image.Image:
    """The picture (RGB) with less light, and warmer light."""
    if tone.brightness == 1.0 and tone.warmth == 0.0:
        return image
    return image.point(_table(tone.brightness, tone.warmth))


@lru_cache(maxsize=8)
def _table(brightness: float, warmth: float) -> list[int]:
    """Three times 256 values, for red, green and blue."""
    code = np.arange(256) / 255.0
    linear = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    less = [brightness * (1 - warmth * (1 - share)) for share in _WARM]
    light = np.concatenate([linear * share for share in less])
    encoded = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return [round(255 * float(value)) for value in encoded]
