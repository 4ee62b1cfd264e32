"""Pictures with their labels on one sheet."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from glance_agent.pictures.rendering.typeface import typeface

MAX_ENLARGEMENT: Final = 2.0
_PLAIN_LETTERS: Final = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...",
     "×": "x", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "æ": "ae", "Æ": "AE",
     "œ": "oe", "Œ": "OE", "đ": "d", "Đ": "D", "ð": "d", "þ": "th", "ı": "i"}
)  # fmt: skip

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def contact_sheet(
    items: Sequence[tuple[Image.Image, str]], *, columns: int, cell_px: int, title: str = ""
) -> Image.Image:
    """The pictures in rows of `columns`, each whole in `cell_px` with its caption.

    A row is as high as its highest picture. A caption has up to three lines: it breaks at newlines
    and between words and ends in an ellipsis where it is cut. Letters that the font lacks are
    written plainly, or as `?`.
    """
    pad = max(6, cell_px // 20)
    font, heading = _font(max(10, cell_px // 15)), _font(max(14, cell_px // 9))
    line_px, across = _line_px(font), cell_px + pad
    rows = [items[at : at + columns] for at in range(0, len(items), columns)]
    heights = [max(_fitted(image, cell_px)[1] for image, _ in row) for row in rows]
    top = pad + (_line_px(heading) + pad if title else 0)
    below = line_px * 3 + 2 * pad
    size = pad + across * columns, max(top + sum(heights) + below * len(rows), 1)
    sheet = Image.new("RGB", size, (24, 24, 27))
    draw = ImageDraw.Draw(sheet)
    if title:
        fitted = _ellipsized(_drawable(title, heading), heading, sheet.width - 2 * pad)
        draw.text((pad, pad), fitted, font=heading, fill=(244, 244, 245))
    for row, height in zip(rows, heights, strict=True):
        for column, (image, text) in enumerate(row):
            left = pad + across * column
            _paste_centred(sheet, image, (left, top, cell_px, height))
            lines = _wrapped(text, font, width_px=cell_px, max_lines=3)
            for number, line in enumerate(lines):
                where = (left, top + height + pad // 2 + number * line_px)
                draw.text(where, line, font=font, fill=(212, 212, 216))
        top += height + below
    return sheet


def _font(size_px: int) -> Font:
    """That of labels; Pillow's own where it cannot be read."""
    try:
        return typeface(size_px)
    except OSError:
        return ImageFont.load_default(size=size_px)


def _fitted(image: Image.Image, cell_px: int) -> tuple[int, int]:
    """How large a picture is in its cell."""
    scale = min(cell_px / image.width, cell_px / image.height, MAX_ENLARGEMENT)
    return max(1, round(image.width * scale)), max(1, round(image.height * scale))


def _paste_centred(sheet: Image.Image, image: Image.Image, cell: tuple[int, int, int, int]) -> None:
    left, upper, cell_px, height = cell
    size = _fitted(image, cell_px)
    small = image.convert("RGB").resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    sheet.paste(small, (left + (cell_px - size[0]) // 2, upper + (height - size[1]) // 2))


def _line_px(font: Font) -> int:
    return round((font.getbbox("Ägjp")[3]) * 1.25)


def _drawable(text: str, font: Font) -> str:
    """One line of letters that the font has; others as their plain letter, or as `?`."""
    missing = bytes(font.getmask("\uffff"))
    plain = unicodedata.normalize("NFC", text)
    return " ".join("".join(_letter(c, font, missing) for c in plain).split())


def _letter(letter: str, font: Font, missing: bytes) -> str:
    if letter.isspace() or unicodedata.category(letter) == "Cc":
        return " "
    if unicodedata.category(letter) in ("Cs", "Cf", "Cn", "Co"):
        return "" if unicodedata.category(letter) == "Cf" else "?"
    if letter.isascii() or bytes(font.getmask(letter)) != missing:
        return letter
    if plain := letter.translate(_PLAIN_LETTERS).replace(letter, ""):
        return plain
    folded = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return folded or ("" if unicodedata.combining(letter) else "?")


def _wrapped(text: str, font: Font, *, width_px: int, max_lines: int) -> list[str]:
    """Lines that fit; a long part leaves one line for each of the parts after it."""
    lines: list[str] = []
    parts = [_drawable(part, font) for part in text.split("\n")][:max_lines]
    for number, rest in enumerate(parts):
        end = max_lines - (len(parts) - number - 1)
        while rest and len(lines) < end:
            last = len(lines) == end - 1
            line = rest if last else _first_line(rest, font, width_px)
            lines.append(_ellipsized(line, font, width_px))
            rest = rest[len(line) :].lstrip()
    return lines


def _first_line(text: str, font: Font, width_px: int) -> str:
    """As many whole words as fit; a single word that does not fit is taken all the same."""
    words = text.split(" ")
    count = 1
    while count < len(words) and font.getlength(" ".join(words[: count + 1])) <= width_px:
        count += 1
    return " ".join(words[:count])


def _ellipsized(line: str, font: Font, width_px: int) -> str:
    if font.getlength(line) <= width_px:
        return line
    low, high = 0, len(line)
    while low < high:
        middle = (low + high + 1) // 2
        fits = font.getlength(line[:middle].rstrip() + "...") <= width_px
        low, high = (middle, high) if fits else (low, middle - 1)
    return line[:low].rstrip() + "..."
