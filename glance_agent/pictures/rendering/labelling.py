"""The label beside a picture: on the mat where there is room, else on a plate over the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import segno
from PIL import Image, ImageDraw

from glance_agent.domain.wall_label import Label, LabelText
from glance_agent.pictures.rendering.placing import Rect
from glance_agent.pictures.rendering.typeface import (
    Typeface,
    runs_from_right,
    typeface,
    typeface_for,
)

LEAST_LINE_PX: Final = 11
WIDEST: Final = 0.42
"""A label is at most this share of the panel wide."""
_OF_A_ROOM: Final = 0.8
"""The same of a room that is its own, beside another picture."""
MOST_LINES: Final = 3
"""Into so many lines one of the label's is broken; what is longer ends in an ellipsis."""
_LEADING: Final = 1.3
_PLATE: Final = 190
"""How opaque the plate is, of 255: its text has a contrast of 7:1 on any picture."""

Colour = tuple[int, int, int]
_LIGHT: Final[Colour] = (244, 242, 238)
_DARK: Final[Colour] = (20, 18, 16)
_PURE: Final[dict[Colour, Colour]] = {_LIGHT: (255, 255, 255), _DARK: (0, 0, 0)}
"""What letters on paper have instead, which is an ink each."""


@dataclass(frozen=True, slots=True)
class _Row:
    text: str
    font: Typeface


@dataclass(frozen=True, slots=True)
class _Block:
    """Rows one below the other, with a code at their right where there is one."""

    rows: tuple[_Row, ...]
    line_px: int
    code: Image.Image | None

    @property
    def text_width(self) -> int:
        return max((round(row.font.getlength(row.text)) for row in self.rows), default=0)

    @property
    def size(self) -> tuple[int, int]:
        width, height = self.text_width, len(self.rows) * self.line_px
        if self.code is None:
            return width, height
        gap = self.line_px // 2 if width else 0
        return width + gap + self.code.width, max(height, self.code.height)


def labelled(
    canvas: Image.Image,
    at: Rect,
    text: LabelText,
    label: Label,
    room: Rect | None = None,
    *,
    inked: bool = False,
) -> Image.Image:
    """The canvas (RGB) with a label for the picture that lies there; it is painted on.

    It stays within its `room`, the whole canvas where none is given. Lines with letters that no
    font here has are left out, since boxes would say nothing. What is to be `inked` has letters
    of one ink without soft edges, which would come out as specks of others.
    """
    widest_px = round(WIDEST * canvas.width if room is None else _OF_A_ROOM * room.width)
    room = room or Rect(0, 0, *canvas.size)
    for most_lines in (MOST_LINES, 1):
        block = _block(canvas.height, widest_px, text, label, most_lines)
        if not min(block.size):
            return canvas
        pad = block.line_px // 2
        place = _beside(room, at, block.size, pad)
        if place is not None:
            colour = _readable(canvas, place, block.size)
            return _written(canvas, block, place, colour, inked=inked)
    plate = _plate(room, at, block.size, pad)
    shade = Image.new("L", plate.size, 255 if inked else _PLATE)
    canvas.paste((0, 0, 0), plate.box[:2], shade)
    place = plate.left + pad, plate.upper + pad
    return _written(canvas, block, place, _LIGHT, inked=inked)


# -- what is written -----------------------------------------------------------------------------


def _block(panel_px: int, widest_px: int, text: LabelText, label: Label, most_lines: int) -> _Block:
    """What is written on a panel so high."""
    line_px = max(LEAST_LINE_PX, round(label.height * panel_px))
    size_px = max(8, round(line_px / _LEADING))
    rows: list[_Row] = []
    for line in text.lines:
        font = typeface_for(line.text, size_px, italic=line.italic, file=label.font)
        if font is not None:
            parts = _broken(line.text, font, widest_px, most_lines)
            rows += [_Row(part, font) for part in parts]
    return _Block(tuple(rows), line_px, _code(text.address, line_px) if text.address else None)


def _broken(text: str, font: Typeface, width_px: int, most_lines: int) -> list[str]:
    """Lines of whole words that fit."""
    lines: list[str] = []
    words = text.split()
    while words and len(lines) < most_lines:
        count = len(words)
        while count > 1 and font.getlength(" ".join(words[:count])) > width_px:
            count -= 1
        if len(lines) == most_lines - 1:
            count = len(words)
        lines.append(_shortened(" ".join(words[:count]), font, width_px))
        words = words[count:]
    return lines


def _shortened(line: str, font: Typeface, width_px: int) -> str:
    if font.getlength(line) <= width_px:
        return line
    while line and font.getlength(line + "…") > width_px:
        line = line[:-1].rstrip()
    return f"{line}…"


def _code(address: str, line_px: int) -> Image.Image:
    """A code of whole pixels a module, three lines high or so, with its quiet edge."""
    rows = [bytes(0 if dark else 255 for dark in row) for row in
            segno.make(address, error="l", micro=False).matrix_iter(border=2)]  # fmt: skip
    plain = Image.frombytes("L", (len(rows[0]), len(rows)), b"".join(rows))
    module = max(2, round(3.5 * line_px / plain.width))
    return plain.resize((plain.width * module, plain.height * module), Image.Resampling.NEAREST)


# -- where it is written -------------------------------------------------------------------------


def _beside(room: Rect, at: Rect, size: tuple[int, int], pad: int) -> tuple[int, int] | None:
    """Where on the mat it has room: below the picture at its right edge, else beside it at its
    lower edge."""
    width, height = size
    left = min(max(at.right - width, room.left + pad), room.right - width - pad)
    if room.lower - at.lower >= height + 2 * pad and left >= room.left + pad:
        return left, at.lower + pad
    if room.right - at.right >= width + 3 * pad:
        lowest = min(at.lower, room.lower - pad)
        return at.right + 2 * pad, max(room.upper + pad, lowest - height)
    return None


def _plate(room: Rect, at: Rect, size: tuple[int, int], pad: int) -> Rect:
    """In the picture's lower right corner, within its room."""
    width, height = min(size[0] + 2 * pad, room.width), min(size[1] + 2 * pad, room.height)
    left = max(room.left, at.right - width - pad)
    upper = max(room.upper, at.lower - height - pad)
    return Rect(min(left, room.right - width), min(upper, room.lower - height), width, height)


def _readable(canvas: Image.Image, place: tuple[int, int], size: tuple[int, int]) -> Colour:
    """Dark on what is light, and light on what is dark."""
    box = (*place, place[0] + max(size[0], 1), place[1] + max(size[1], 1))
    grey = canvas.crop(box).resize((1, 1), Image.Resampling.BOX).convert("L").tobytes()[0]
    return _DARK if grey > 118 else _LIGHT


def _written(
    canvas: Image.Image, block: _Block, place: tuple[int, int], colour: Colour, *, inked: bool
) -> Image.Image:
    draw = ImageDraw.Draw(canvas)
    if inked:
        draw.fontmode, colour = "1", _PURE[colour]
    top = place[1] + max(0, block.size[1] - len(block.rows) * block.line_px)
    for number, row in enumerate(block.rows):
        left = place[0]
        if runs_from_right(row.text):
            left += block.text_width - round(row.font.getlength(row.text))
        # Fonts of other scripts reach higher: all lines stand where ours does.
        line = top + number * block.line_px + typeface(round(row.font.size)).getmetrics()[0]
        draw.text((left, line), row.text, font=row.font, fill=colour, anchor="ls")
    if block.code is not None:
        left = place[0] + block.size[0] - block.code.width
        canvas.paste(block.code.convert("RGB"), (left, place[1]))
    return canvas
