"""The font that comes along, Literata, in which labels are set; or a file of one's own."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import ImageFont, features

OWN: Final = {False: "literata.woff2", True: "literata-italic.woff2"}
Typeface = ImageFont.FreeTypeFont


def typeface(size_px: int, *, italic: bool = False, file: str | None = None) -> Typeface:
    """A font of this size. Raises OSError for a file that is none."""
    return ImageFont.truetype(BytesIO(font_bytes(file, italic=italic)), size_px)


@lru_cache(maxsize=8)
def font_bytes(file: str | None, *, italic: bool = False) -> bytes:
    """A font's file, read once: where pictures are decoded, none can be opened later."""
    if file is not None:
        return Path(file).read_bytes()
    return (files("glance_agent") / "fonts" / OWN[italic]).read_bytes()


def typeface_for(text: str, size_px: int, *, italic: bool, file: str | None) -> Typeface | None:
    """A font that has all letters of a text: of this file, else the one that comes along.

    None where neither has, or no font can be read.
    """
    for source in dict.fromkeys((file, None)):
        with suppress(OSError):
            font = typeface(size_px, italic=italic and source is None, file=source)
            if can_write(text, font):
                return font
    return None


def load_font(file: str | None) -> None:
    """Read all that setting labels in this font may take."""
    for italic in (False, True):
        typeface_for("a", 12, italic=italic, file=None)
    typeface_for("a", 12, italic=False, file=file)


def can_write(text: str, font: Typeface) -> bool:
    """Whether the font has every letter of a text, and letters of scripts that run from the right
    can be joined and ordered (which Pillow does where it was built with Raqm)."""
    missing = bytes(font.getmask("\uffff"))
    letters = {c for c in text if not c.isspace() and unicodedata.category(c) not in ("Mn", "Cf")}
    if any(bytes(font.getmask(letter)) == missing for letter in letters):
        return False
    return features.check("raqm") or not any(map(_from_right, letters))


def runs_from_right(text: str) -> bool:
    """Whether a line begins at the right: its first letter that runs either way runs from there
    (UAX #9, rules P2 and P3)."""
    strong = (c for c in text if unicodedata.bidirectional(c) in ("L", "R", "AL"))
    return _from_right(next(strong, ""))


def _from_right(letter: str) -> bool:
    return letter != "" and unicodedata.bidirectional(letter) in ("R", "AL")
