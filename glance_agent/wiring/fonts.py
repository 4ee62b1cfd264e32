"""Whether labels can be written with the fonts of the configuration."""

from __future__ import annotations

from glance_agent.config.settings import Config
from glance_agent.domain.errors import ConfigError
from glance_agent.domain.said import say
from glance_agent.pictures.rendering.typeface import typeface


def check_fonts(config: Config) -> None:
    """Raises ConfigError where the font of a display's labels cannot be read."""
    for display in config.displays:
        try:
            if display.label_font is not None:
                typeface(12, file=str(display.label_font))
        except OSError as error:
            raise ConfigError(
                say(
                    "The label_font of the display {display}, {font}, cannot be read as a font: "
                    "name a TrueType or OpenType file.",
                    display=display.name,
                    font=display.label_font,
                )
            ) from error
