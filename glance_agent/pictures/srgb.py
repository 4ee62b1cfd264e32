"""A picture of any mode in, plain sRGB out: by its colour profile, transparency laid on white."""

from __future__ import annotations

from io import BytesIO
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

_PROFILE_MODES: Final = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}


def srgb_on_white(image: Image.Image) -> Image.Image:
    """Mode RGB with eight bits a channel. Raises whatever Pillow does on broken pixels."""
    image = _eight_bit(image)
    if not image.has_transparency_data and image.mode not in ("La", "RGBa"):
        return _srgb(image, image.info.get("icc_profile"))
    if image.mode == "La":
        image = image.convert("LA")
    with_alpha = image.convert("RGBA")
    colour = _srgb(with_alpha.convert("RGB"), image.info.get("icc_profile"))
    canvas = Image.new("RGB", image.size, "white")
    canvas.paste(colour, mask=with_alpha.getchannel("A"))
    return canvas


def _eight_bit(image: Image.Image) -> Image.Image:
    """Integer and float greys as mode L (Pillow's own conversion clips them at 255)."""
    if image.mode.startswith("I;16"):
        grey = (np.asarray(image).astype(np.uint16) >> 8).astype(np.uint8)
    elif image.mode in ("I", "F"):
        grey = _stretched(np.asarray(image))
    else:
        return image
    plain = Image.fromarray(grey)
    plain.info = {k: v for k, v in image.info.items() if k == "icc_profile"}
    return plain


def _stretched(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Values as 0-255, from the usual range that holds them (1, 255, 65535), else from their own.

    Values that are no number count as the lowest.
    """
    numbers = values.astype(np.float32)
    finite = np.isfinite(numbers)
    low, high = (numbers[finite].min(), numbers[finite].max()) if finite.any() else (0.0, 1.0)
    tops = (1.0, 255.0, 65535.0) if values.dtype.kind == "f" else (255.0, 65535.0)
    if low >= 0:
        low, high = 0.0, next((top for top in tops if high <= top), high)
    span = max(float(high) - float(low), 1e-30)
    scaled = (np.where(finite, numbers, low) - np.float32(low)) * np.float32(255.0 / span)
    grey: NDArray[np.uint8] = np.clip(scaled, 0, 255).astype(np.uint8)
    return grey


def _srgb(image: Image.Image, profile: object) -> Image.Image:
    """Mode RGB in sRGB; a profile that is broken or of another mode is passed over."""
    if image.mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB") or image
    if image.mode not in ("RGB", "CMYK", "L"):
        image = image.convert("RGB")
    if isinstance(profile, bytes) and profile:
        image = _by_profile(image, profile)
    return image if image.mode == "RGB" else image.convert("RGB")


def _by_profile(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        own = ImageCms.ImageCmsProfile(BytesIO(profile))
        if _PROFILE_MODES.get(own.profile.xcolor_space) != image.mode:
            return image
        if (own.profile.profile_description or "").startswith("sRGB"):
            return image
        srgb = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, own, srgb, outputMode="RGB") or image
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
