"""A picture and a layout in, the panel's picture out."""

from __future__ import annotations

from functools import partial

from PIL import Image

from glance_agent.domain.panel import Layout, Mat
from glance_agent.pictures.rendering import mats
from glance_agent.pictures.rendering.placing import Placement, Rect, Size, placed
from glance_agent.pictures.rendering.saliency import best_crop


def laid_out(image: Image.Image, panel: Size, layout: Layout) -> tuple[Image.Image, Rect]:
    """A new picture of exactly the panel's size (width, height), so that nothing of the old file's
    metadata is in it; and where on it the picture lies. Raises ValueError for a size under 1 px or
    a colour that is none."""
    if min(panel) < 1:
        raise ValueError(f"there is no panel of {panel} pixels")
    placement = placement_of(image, panel, layout)
    return _painted(image, panel, layout.mat, placement), placement.at


def placement_of(image: Image.Image, panel: Size, layout: Layout) -> Placement:
    """Where the picture lies, and what is seen of it."""
    own = varied_by(layout, image)
    return placed(image.size, panel, own, partial(best_crop, image))


def varied_by(layout: Layout, image: Image.Image) -> Layout:
    """The layout with the mat of this very picture."""
    return Layout(
        layout.fit, layout.max_crop, layout.max_enlargement, mats.varied(layout.mat, image)
    )


def _painted(image: Image.Image, panel: Size, mat: Mat, placement: Placement) -> Image.Image:
    part = part_of(image, placement)  # before there is a canvas: it takes most
    if placement.at.size == panel:
        return part
    colour = mats.mat_colour(image, mat)
    if mat.varies:
        colour = mats.varied_colour(colour, image)
    is_blurred = mat.style == "blur"
    canvas = mats.blurred(image, panel) if is_blurred else mats.ground(panel, placement.mat, colour)
    canvas.paste(part, placement.at.box[:2])
    if mat.style == "framed" and mat.bevel:
        mats.cut(canvas, placement, colour)
    return canvas


def part_of(image: Image.Image, placement: Placement) -> Image.Image:
    """What is seen of the picture in the size that it is seen in, antialiased."""
    plain = image if image.mode == "RGB" else image.convert("RGB")
    lanczos = Image.Resampling.LANCZOS
    return plain.resize(placement.at.size, lanczos, box=placement.part, reducing_gap=3.0)
