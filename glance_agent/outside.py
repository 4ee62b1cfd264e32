"""An address in, an artwork id out: a picture from outside joins the library, out of choices.

It can be shown, liked and searched by; `next` and searches never bring it up by themselves.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING

from glance_agent.command import Command, Search, Show
from glance_agent.errors import CommandError, ErrorCode

if TYPE_CHECKING:
    from glance_agent.progress import Progress

Bring = Callable[[str], AsyncGenerator["Progress", None]]
Adopt = Callable[[str], Awaitable[str | None]]


class Outside:
    """Brings pictures in that commands name by their address."""

    def __init__(self, bring: Bring, adopt: Adopt) -> None:
        """`bring` ingests an address; `adopt` keeps it out of choices, and tells its id or None."""
        self._bring = bring
        self._adopt = adopt

    async def settled(self, command: Command) -> Command:
        """The command with an artwork in place of an address. Raises CommandError."""
        if not isinstance(command, Show | Search) or command.image_url is None:
            return command
        artwork = await self._artwork(command.image_url)
        key = "artwork" if isinstance(command, Show) else "like"
        return command.model_copy(update={"image_url": None, key: artwork})

    async def _artwork(self, url: str) -> str:
        stopped_by: str | None = None
        async with aclosing(self._bring(url)) as steps:
            async for progress in steps:
                stopped_by = progress.stopped_by
        if stopped_by is not None:
            raise CommandError(
                ErrorCode.URL_REFUSED,
                "The picture cannot be fetched from there.",
                f"{stopped_by} Allowed hosts are in fetching.picture_hosts.",
            )
        artwork = await self._adopt(url)
        if artwork is None:
            raise CommandError(
                ErrorCode.PICTURE_UNREADABLE,
                "There is no picture at that address that can be shown.",
                "Send the address of a JPEG, PNG or WebP.",
            )
        return artwork
