"""The chain: a picture is laid out for a panel and encoded."""

from __future__ import annotations

from PIL import Image

from glance_agent.domain.frame import Frame
from glance_agent.domain.panel import PanelProfile
from glance_agent.pictures.rendering.encoding import encoded
from glance_agent.pictures.rendering.laying_out import laid_out


def render(image: Image.Image, profile: PanelProfile) -> Frame:
    """The picture as a display of this profile shows it.

    Raises ValueError for a profile that no picture can be rendered by.
    """
    canvas = laid_out(image, profile.size_px, profile.layout)
    return encoded(canvas, profile.encoding, profile.max_bytes)
