"""The chain: a picture is laid out, labelled, toned for its panel, turned, inked and encoded."""

from __future__ import annotations

from typing import Final

from PIL import Image

from glance_agent.domain.frame import Frame
from glance_agent.domain.panel import PanelProfile
from glance_agent.domain.wall_label import LabelText
from glance_agent.pictures.rendering.calibration import adapted
from glance_agent.pictures.rendering.encoding import encoded
from glance_agent.pictures.rendering.inks import PANELS
from glance_agent.pictures.rendering.labelling import labelled
from glance_agent.pictures.rendering.laying_out import laid_out_at
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
    canvas, at = laid_out_at(image, profile.size_px, profile.layout)
    if text is not None and profile.label is not None:
        canvas = labelled(canvas, at, text, profile.label)
    return encoded(turned(toned(canvas, profile), profile.rotation), profile)


def toned(canvas: Image.Image, profile: PanelProfile) -> Image.Image:
    """The picture in the colours that its panel is to be given."""
    if profile.panel in PANELS:
        return adapted(canvas, PANELS[profile.panel], profile.tone, profile.dither)
    return dimmed(canvas, profile.tone)


def turned(canvas: Image.Image, degrees: int) -> Image.Image:
    """The picture turned clockwise by a multiple of 90 degrees."""
    return canvas.transpose(_TURNS[degrees]) if degrees else canvas
