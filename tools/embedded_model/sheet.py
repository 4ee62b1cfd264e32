"""A contact sheet: one row per query, its best pictures from left to right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageOps

CELL_PX = 128
LINE_PX = 20
GAP_PX = 4
COLUMNS = 10
RIGHT, UNKNOWN = (40, 150, 70), (205, 205, 205)


def contact_sheet(
    texts: list[str],
    scores: NDArray[np.floating],
    pictures: list[Image.Image],
    relevant: NDArray[np.bool_] | None,
) -> Image.Image:
    """RGB sheet; pictures that the labels call right have a green edge below."""
    wide = COLUMNS * (CELL_PX + GAP_PX) + GAP_PX
    high = CELL_PX + LINE_PX + 3 * GAP_PX
    sheet = Image.new("RGB", (wide, high * len(texts)), "white")
    draw = ImageDraw.Draw(sheet)
    for row, (text, line) in enumerate(zip(texts, scores, strict=True)):
        top = row * high
        draw.text((GAP_PX, top + GAP_PX), text, fill="black", font_size=14)
        for column, number in enumerate(np.argsort(-line)[:COLUMNS]):
            left = GAP_PX + column * (CELL_PX + GAP_PX)
            cell = ImageOps.contain(pictures[number], (CELL_PX, CELL_PX))
            sheet.paste(cell, (left, top + LINE_PX + GAP_PX))
            right = relevant is not None and bool(relevant[row, number])
            edge = (left, top + LINE_PX + GAP_PX + CELL_PX, left + CELL_PX, top + high - GAP_PX)
            draw.rectangle(edge, fill=RIGHT if right else UNKNOWN)
    return sheet
