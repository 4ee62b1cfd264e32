"""Palettes: hexadecimal words to sRGB triples in 0..1, ramps and small variations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .noise import Array, Rng


def rgb(word: str) -> Array:
    """`"#1e3a5f"` as an array of three values in 0..1."""
    word = word.lstrip("#")
    return np.array([int(word[i : i + 2], 16) / 255.0 for i in (0, 2, 4)])


def palette(words: str) -> Array:
    """Space-separated hexadecimal colours as an (n, 3) array."""
    return np.stack([rgb(word) for word in words.split()])


def ramp(position: Array, words: str, stops: Sequence[float] | None = None) -> Array:
    """Colours along a ramp of `words` at `position` in 0..1; adds a last axis of three."""
    colours = palette(words)
    places = np.linspace(0, 1, len(colours)) if stops is None else np.asarray(stops)
    channels = [np.interp(position, places, colours[:, i]) for i in range(3)]
    return np.stack(channels, axis=-1)


def mix(first: Array, second: Array, share: Array | float) -> Array:
    """`first` towards `second` by `share` in 0..1; a (height, width) share fits pictures."""
    amount = np.asarray(share, dtype=np.float64)
    if amount.ndim == 2:
        amount = amount[..., None]
    mixed: Array = first + (second - first) * amount
    return mixed


def picked(rng: Rng, words: str, count: int, spread: float = 0.04) -> Array:
    """`count` colours (count, 3) drawn from a palette, each varied a little."""
    colours = palette(words)
    chosen = colours[rng.integers(0, len(colours), count)]
    return varied(rng, chosen, spread)


def varied(rng: Rng, colours: Array, spread: float) -> Array:
    """`colours` (n, 3) with random lightness and a third as much random hue."""
    light = rng.normal(0, spread, (len(colours), 1))
    hue = rng.normal(0, spread / 3, (len(colours), 3))
    return np.clip(colours + light + hue, 0, 1)


def luminance(picture: Array) -> Array:
    """Rec. 709 weights over the last axis."""
    grey: Array = picture @ np.array([0.2126, 0.7152, 0.0722])
    return grey
