"""Asking a source for its list and its pictures: whatever it meets, the run lives on.

A source reads what strangers wrote. Where one of them finds a way to break the reading all the
same, it costs the item, or this run of its source, and the log tells where.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Protocol

from glance_agent.domain.errors import AddressRefused, BadPicture, SourceError
from glance_agent.domain.items import Fetched, Listed, Page
from glance_agent.domain.said import say
from glance_agent.pictures.prepare import EMBEDDED_PX

_log = logging.getLogger(__name__)


class Source(Protocol):
    """A place where pictures come from."""

    @property
    def name(self) -> str: ...
    @property
    def lists_everything(self) -> bool:
        """Whether an item that a complete listing does not have is gone."""
        ...

    @property
    def at_once(self) -> int:
        """How many of its pictures may be on their way at once."""
        ...

    def pages(self, cursor: str | None) -> AsyncIterator[Page]: ...
    async def fetch(self, item: Listed, *, wanted_px: int) -> Fetched: ...


async def pages_of(source: Source, cursor: str | None) -> AsyncGenerator[Page, None]:
    """The pages of a source from a cursor on. Raises SourceError, and nothing else."""
    try:
        async for page in source.pages(cursor):
            yield page
    except SourceError:
        raise
    except Exception as error:  # what a stranger's list made of our reader
        _log.exception("listing the source %s failed", source.name)
        raise SourceError(
            say(
                "The list of the source {source} cannot be read: an error of the agent "
                "itself; its log says more.",
                source=source.name,
            )
        ) from error


async def fetched_from(source: Source, item: Listed) -> Fetched:
    """The work behind an item, with a picture that is large enough to embed.

    Raises BadPicture where this item alone is at fault, and SourceError where the source is.
    """
    try:
        return await source.fetch(item, wanted_px=EMBEDDED_PX)
    except AddressRefused as refused:  # one address that leads astray costs no other item
        raise BadPicture("address refused", str(refused), passing=True) from refused
    except (BadPicture, SourceError):
        raise
    except Exception as error:  # what a stranger's record made of our reader
        _log.exception("fetching %s from the source %s failed", item.key, source.name)
        why = "an error of the agent itself; its log says more"
        raise BadPicture("record unusable", why, passing=True) from error
