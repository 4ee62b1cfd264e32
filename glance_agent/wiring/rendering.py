"""What the processes that decode have to be able to draw."""

from __future__ import annotations

from glance_agent.config.settings import Config
from glance_agent.decoding.opening import Renders


def renders_of(config: Config) -> Renders:
    """What rendering for these displays takes."""
    labels = [d.label_font for d in config.displays if d.label != "never"]
    fonts = dict.fromkeys(str(font) if font else None for font in labels)
    return Renders(inks=any(d.is_paper for d in config.displays), fonts=tuple(fonts))
