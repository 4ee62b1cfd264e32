"""The pictures of a TV: ours are brought, shown, and taken away when there are too many."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from glance_agent.displays.frame_tv.book import TvBook
from glance_agent.displays.frame_tv.record import (
    Upload,
    settled,
    surplus,
    with_shown,
    with_upload,
    without,
)
from glance_agent.displays.frame_tv.troubles import TvAnswersError, TvSilent
from glance_agent.domain.errors import DisplayRests
from glance_agent.domain.said import say

if TYPE_CHECKING:
    from glance_agent.displays.frame_tv.art import ArtChannel

NO_ART: Final = say("the TV shows no art now")
_log = logging.getLogger(__name__)


class TvPictures:
    """The pictures of the TV at the other end of a channel."""

    def __init__(self, channel: ArtChannel, book: TvBook, keep: int) -> None:
        """At most `keep` of ours stay there."""
        self._channel = channel
        self._book = book
        self._keep = keep

    async def show(self, jpeg: bytes) -> None:
        """Have the TV show this picture; it is brought where it is not there.

        Raises TvTrouble, DisplayRests where it shows no art any more, and DisplayError where what
        is brought cannot be remembered.
        """
        await self._settle()
        sha = hashlib.sha256(jpeg).hexdigest()
        upload = self._found(sha) or await self._brought(jpeg, sha)
        try:
            await self._select(upload)
        except TvAnswersError as error:
            if not error.is_gone:
                raise
            await self._book.change(partial(without, upload=upload))
            upload = await self._brought(jpeg, sha)
            await self._select(upload)
        await self._book.change(partial(with_shown, upload=upload))
        await self._delete(surplus(self._book.record, self._keep, shown=upload.content_id))

    async def _settle(self) -> dict[str, str]:
        """See what is there, and what of ours; the pictures and their dates."""
        pictures = await self._channel.pictures()
        await self._book.change(partial(settled, pictures=pictures))
        return pictures

    def _found(self, sha: str) -> Upload | None:
        uploads = reversed(self._book.record.uploads)
        return next((u for u in uploads if u.sha == sha and u.content_id), None)

    async def _brought(self, jpeg: bytes, sha: str) -> Upload:
        """The picture, brought to the TV; where that is full, in the place of ours."""
        try:
            return await self._bring(jpeg, sha)
        except TvAnswersError as error:
            ours = surplus(self._book.record, 0, shown=await self._current())
            if not error.is_full or not ours:
                raise
            _log.info("the TV is full: %d pictures of ours make room", len(ours))
            await self._delete(ours)
            return await self._bring(jpeg, sha)

    async def _bring(self, jpeg: bytes, sha: str) -> Upload:
        """The same, once. It is on record before it is there, so that it is found again."""
        before = await self._settle()
        record, upload = with_upload(self._book.record, sha, datetime.now())
        await self._book.change(lambda _: record)
        try:
            name = await self._channel.upload(jpeg, upload.date, before)
        except TvAnswersError:
            await self._book.change(partial(without, upload=upload))
            raise
        if name is not None:
            certain = upload.model_copy(update={"content_id": name})
            await self._book.change(partial(with_shown, upload=certain))
        await self._settle()
        found = next((u for u in self._book.record.uploads if u.date == upload.date), None)
        if found is None or found.content_id is None:
            raise TvSilent
        return found

    async def _select(self, upload: Upload) -> None:
        """Show it, where the TV shows art: what is selected then would end television."""
        if not await self._channel.shows_art():
            raise DisplayRests(NO_ART)
        name = str(upload.content_id)
        if await self._current() != name:
            await self._channel.select(name)

    async def _current(self) -> str | None:
        try:
            return await self._channel.current()
        except TvAnswersError:
            return None

    async def _delete(self, uploads: Sequence[Upload]) -> None:
        """Take away what is ours, as far as the TV still has it as we brought it."""
        pictures = await self._settle() if uploads else {}
        ours = {u.content_id: u for u in self._book.record.uploads if u.content_id in pictures}
        names = [u.content_id for u in uploads if u.content_id and u.content_id in ours]
        if not names:
            return
        try:
            await self._channel.delete(names)
        except TvAnswersError as error:
            _log.info("the TV does not delete pictures of ours: %s", error)
            return
        for name in names:
            await self._book.change(partial(without, upload=ours[name]))
