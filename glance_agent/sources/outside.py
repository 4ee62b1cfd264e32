"""A picture from an address that somebody sent: only from hosts that the configuration allows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from glance_agent.artwork import Artwork
from glance_agent.listing import ImageCandidate, Listed, Page
from glance_agent.sources.museum import Museum
from glance_agent.sources.visit import Visit

NAME = "outside"
LONGEST_TITLE = 120


class OutsidePicture(Museum):
    """A source of the one picture at an address; without one it only reads what it had before."""

    def __init__(self, visit: Visit, url: str | None = None, *, display_px: int = 1920) -> None:
        super().__init__(NAME, visit, display_px=display_px)
        self._url = url

    def at(self, url: str) -> OutsidePicture:
        """The same way to the web, for the picture at this address."""
        return OutsidePicture(self.visit, url, display_px=self._display_px)

    async def pages(self, cursor: str | None) -> AsyncIterator[Page]:
        """One page with the picture, whatever the cursor."""
        items = () if self._url is None else (_item(self._url),)
        yield Page(items, total=len(items))


def artwork_id(url: str) -> str:
    """The id under which the picture of an address is kept."""
    return f"{NAME}:{sha256(url.encode()).hexdigest()[:16]}"


def _item(url: str) -> Listed:
    artwork = Artwork(id=artwork_id(url), title=_title(url), source=NAME, page_url=url)
    return Listed(url, "1", artwork, (ImageCandidate(url),))


def _title(url: str) -> str:
    """The last part of the address, as words."""
    name = PurePosixPath(unquote(urlsplit(url).path)).stem
    words = " ".join("".join(c if c.isalnum() else " " for c in name).split())
    return words[:LONGEST_TITLE].capitalize() or "Picture from outside"
