"""The chain: a picture is laid out, labelled, toned for its panel, turned, inked and encoded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PIL import Image

from glance_agent.domain.frame import Frame
from glance_agent.domain.panel import PanelProfile
from glance_agent.domain.wall_label import LabelText
from glance_agent.pictures.rendering.calibration import adapted
from glance_agent.pictures.rendering.encoding import encoded
from glance_agent.pictures.rendering.inks import PANELS
from glance_agent.pictures.rendering.laying_out import laid_out
from glance_agent.pictures.rendering.pairs import laid_out_pair
from glance_agent.pictures.rendering.placing import Rect
from glance_agent.pictures.rendering.tone import dimmed

_TURNS: Final = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}


def render(image: Image.Image, profile: PanelProfile, text: LabelText | None = None) -> Frame:
    """The picture as a display of this profile shows it, with the label where it has one.

    Raises ValueError for a profile that no picture can be rendered by.
    """
    canvas, at = laid_out(image, profile.size_px, profile.layout)
    del image  # what follows takes as much again
    return _finished(_labelled(canvas, at, text, profile), profile)


def render_pair(
    images: Sequence[Image.Image],
    profile: PanelProfile,
    texts: Sequence[LabelText | None] = (None, None),
) -> Frame:
    """Two pictures as a display of this profile shows them together, each with its label.

    Raises ValueError for a profile that no picture can be rendered by.
    """
    canvas, sides = laid_out_pair(images, profile.size_px, profile.layout)
    for side, text in zip(sides, texts, strict=True):
        canvas = _labelled(canvas, side.placement.at, text, profile, side.room)
    return _finished(canvas, profile)


def _labelled(
    canvas: Image.Image,
    at: Rect,
    text: LabelText | None,
    profile: PanelProfile,
    room: Rect | None = None,
) -> Image.Image:
    if text is None or profile.label is None:
        return canvas
    # Fonts and codes are 3 MB to load, and of no use where no display has labels.
    from glance_agent.pictures.rendering.labelling import labelled

    return labelled(canvas, at, text, profile.label, room, inked=_is_inked(profile))


def _is_inked(profile: PanelProfile) -> bool:
    return profile.panel in PANELS and PANELS[profile.panel].are_few


def _finished(canvas: Image.Image, profile: PanelProfile) -> Frame:
    return encoded(turned(toned(canvas, profile), profile.rotation), profile)


def toned(canvas: Image.Image, profile: PanelProfile) -> Image.Image:
    """The picture in the colours that its panel is to be given."""
    if profile.panel in PANELS:
        return adapted(canvas, PANELS[profile.panel], profile.tone, profile.dither)
    return dimmed(canvas, profile.tone)


def turned(canvas: Image.Image, degrees: int) -> Image.Image:
    """The picture turned clockwise by a multiple of 90 degrees."""
    return canvas.transpose(_TURNS[degrees]) if degrees else canvas
