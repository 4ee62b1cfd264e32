"""A picture from an address that somebody sent: only from hosts that the configuration allows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from hashlib import sha256
from pathlib import PurePosixPath

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.errors import BadPicture, SourceError
from glance_agent.domain.items import Fetched, ImageCandidate, Listed, Page
from glance_agent.sources.settings import WebSource
from glance_agent.sources.web.museum import Museum
from glance_agent.sources.web.reach import checked
from glance_agent.sources.web.visit import Visit

NAME = "outside"
PATIENCE_SECONDS = 10.0
"""How long somebody who sent an address waits for its host, in all."""
LONGEST_TITLE = 120


class PictureAtUrl(Museum[WebSource]):
    """A source of the one picture at an address; without one it only reads what it had before."""

    def __init__(self, visit: Visit, url: str | None = None, *, display_px: int = 1920) -> None:
        super().__init__(WebSource(name=NAME, kind=NAME), visit, display_px=display_px)
        self._url = url
        self.failure: BadPicture | SourceError | None = None
        """Why the picture could not be fetched."""

    def at(self, url: str) -> PictureAtUrl:
        """The way to the picture at this address, for somebody who waits: asked once, not long.

        Raises AddressRefused.
        """
        checked(url, self.visit.hosts, self.visit.web.around.reach)
        visit = replace(self.visit, attempts=1, seconds=PATIENCE_SECONDS)
        return PictureAtUrl(visit, url, display_px=self._display_px)

    async def fetch(self, item: Listed, *, wanted_px: int) -> Fetched:
        """The picture; a failure is kept, and passes: who sends the address again wants it."""
        try:
            return await super().fetch(item, wanted_px=wanted_px)
        except SourceError as error:
            self.failure = error
            raise
        except BadPicture as bad:
            self.failure = BadPicture(bad.reason, bad.detail, passing=True)
            raise self.failure from bad

    async def pages(self, cursor: str | None) -> AsyncIterator[Page]:
        """One page with the picture, whatever the cursor."""
        items = () if self._url is None else (_item(self._url),)
        yield Page(items, total=len(items))


def artwork_id(url: str) -> str:
    """The id under which the picture of an address is kept."""
    return f"{NAME}:{sha256(url.encode()).hexdigest()[:16]}"


def _item(url: str) -> Listed:
    from yarl import URL

    page = str(URL(url))  # with what may not stand in one quoted
    artwork = Artwork(id=artwork_id(url), title=_title(url), source=NAME, page_url=page)
    return Listed(url, "1", artwork, (ImageCandidate(url),))


def _title(url: str) -> str:
    """The last part of the address, as words."""
    from yarl import URL

    name = PurePosixPath(URL(url).path).stem
    words = " ".join("".join(c if c.isalnum() else " " for c in name).split())
    return words[:LONGEST_TITLE].capitalize() or "Picture from outside"
