"""A figure of the evaluation, drawn with Pillow: bars for search, curves for taste."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1500, 1180
INK, PALE, PAPER = "#1d2329", "#d9dde1", "#ffffff"
PALETTE = ("#9aa2aa", "#c98f2b", "#5b8e7d", "#3567b0", "#a63d57", "#1d2329")
MARGIN = 80

_Box = tuple[int, int, int, int]


def draw(
    path: Path,
    search: Mapping[str, Mapping[str, float]],
    curves: Mapping[str, Sequence[float]],
) -> None:
    """Write a PNG: a figure of every class of question by rival, and hit rates over showings."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(image)
    _title(pen, 20, "Search: precision@10 by class of question")
    _bars(pen, (MARGIN, 90, WIDTH - 30, 480), search)
    _title(pen, 610, "Taste: share of showings that please, mean of the last five, all people")
    _curves(pen, (MARGIN, 680, WIDTH - 30, 1110), curves)
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _title(pen: ImageDraw.ImageDraw, top: int, text: str) -> None:
    pen.text((MARGIN, top), text, fill=INK, font=_font(24))


def _grid(pen: ImageDraw.ImageDraw, box: _Box) -> None:
    left, top, right, bottom = box
    for tenth in range(0, 11, 2):
        y = bottom - (bottom - top) * tenth / 10
        pen.line((left, y, right, y), fill=PALE)
        pen.text((left - 42, y - 9), f"{tenth / 10:.1f}", fill=INK, font=_font(16))


def _legend(pen: ImageDraw.ImageDraw, box: _Box, names: Sequence[str]) -> None:
    left = box[0]
    for place, name in enumerate(names):
        colour = PALETTE[place % len(PALETTE)]
        pen.rectangle((left, box[1] - 30, left + 16, box[1] - 14), fill=colour)
        pen.text((left + 22, box[1] - 33), name, fill=INK, font=_font(17))
        left += 60 + int(pen.textlength(name, font=_font(17)))


def _bars(pen: ImageDraw.ImageDraw, box: _Box, groups: Mapping[str, Mapping[str, float]]) -> None:
    left, top, right, bottom = box
    _grid(pen, box)
    rivals = list(next(iter(groups.values()), {}))
    _legend(pen, box, rivals)
    step = (right - left) / max(len(groups), 1)
    wide = step * 0.8 / max(len(rivals), 1)
    for group, (name, figures) in enumerate(groups.items()):
        start = left + group * step + step * 0.1
        for place, rival in enumerate(rivals):
            x, value = start + place * wide, figures.get(rival, 0.0)
            area = (x, bottom - (bottom - top) * value, x + wide - 2, bottom)
            pen.rectangle(area, fill=PALETTE[place % len(PALETTE)])
            above = (x + wide / 2, area[1] - 4)
            pen.text(above, f"{value:.2f}".lstrip("0"), fill=INK, font=_font(12), anchor="mb")
        for line, part in enumerate(_folded(name)):
            pen.text((start, bottom + 8 + 18 * line), part, fill=INK, font=_font(15))


def _folded(name: str) -> list[str]:
    """A long name on two or three lines."""
    lines = [""]
    for word in name.split():
        if len(lines[-1]) + len(word) > 15:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _curves(pen: ImageDraw.ImageDraw, box: _Box, curves: Mapping[str, Sequence[float]]) -> None:
    left, top, right, bottom = box
    _grid(pen, box)
    _legend(pen, box, list(curves))
    longest = max((len(curve) for curve in curves.values()), default=2)
    for place, curve in enumerate(curves.values()):
        points = [
            (left + (right - left) * i / max(longest - 1, 1), bottom - (bottom - top) * value)
            for i, value in enumerate(curve)
        ]
        pen.line(points, fill=PALETTE[place % len(PALETTE)], width=4, joint="curve")
    for showing in range(10, longest + 1, 10):
        x = left + (right - left) * (showing - 1) / max(longest - 1, 1)
        pen.text((x, bottom + 8), str(showing), fill=INK, font=_font(16), anchor="ma")
    pen.text(((left + right) / 2, bottom + 30), "showings", fill=INK, font=_font(16), anchor="ma")
