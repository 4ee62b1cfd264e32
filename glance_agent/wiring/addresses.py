"""Where others reach what the pages show, as far as the configuration says so."""

from __future__ import annotations

from glance_agent.commands.stores import ImageUrl, no_address
from glance_agent.config.settings import Config


def web_url_of(config: Config) -> str | None:
    """The address of the pages, where they are served and it is known."""
    return config.web.url if config.web.enabled else None


def image_url_of(config: Config) -> ImageUrl:
    """The address of a work's picture, where pages are served at an address that is known."""
    base = web_url_of(config)
    if base is None:
        return no_address
    from glance_agent.gallery.thumbs import lasting_address_of

    return lambda artwork_id: f"{base}/{lasting_address_of(artwork_id)}"
