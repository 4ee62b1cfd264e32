"""What hangs on each display: which work it is, and putting up another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from glance_agent.commands.messages import unknown_artwork
from glance_agent.commands.stores import ImageUrl, no_address
from glance_agent.commands.wishes import Wishes, WishPast
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.command import Hide
from glance_agent.domain.display import Glance, Showing, ShownArtwork, shown
from glance_agent.domain.errors import CommandError, ErrorCode
from glance_agent.domain.picture_verbs import Next, Previous, Search, Show, Similar
from glance_agent.domain.taking_back import Undo
from glance_agent.search.hits import Hit

Showable = Search | Similar | Next | Previous | Show | Hide | Undo


class WorkReader(Protocol):
    """The artworks that are kept."""

    def get(self, artwork_id: str) -> Artwork | None: ...
    def hidden(self, artwork_id: str) -> bool: ...


class ShowingLog(WishPast, Protocol):
    """What was shown, and what people thought of it."""

    def liked(self, user: str, artwork_id: str) -> bool | None: ...
    def likings(self, user: str, artwork_ids: Iterable[str]) -> dict[str, bool]: ...
    def show(self, showing: Showing) -> int: ...
    def position(self, display: str) -> int: ...


class Hangings:
    """What hangs on the displays, for whoever looks."""

    def __init__(
        self, works: WorkReader, past: ShowingLog, *, image_url: ImageUrl = no_address
    ) -> None:
        self._works = works
        self._past = past
        self._image_url = image_url

    def artwork(self, artwork_id: str | None, display: str) -> Artwork:
        """The work of this id, or the one on the display; raises CommandError."""
        if artwork_id is not None:
            work = self._works.get(artwork_id)
            if work is None:
                raise unknown_artwork(artwork_id)
            return work
        current = self.hanging(display)
        on_display = self._works.get(current) if current else None
        if on_display is None:
            raise CommandError(
                ErrorCode.NOTHING_SHOWN,
                "The display shows nothing yet.",
                "Send “next” or a search first, or name an artwork id.",
            )
        return on_display

    def hanging(self, display: str) -> str | None:
        """The id of the work that the display shows, as it was kept."""
        showings = self._past.showings(display, 1)
        return showings[0].artwork_id if showings else None

    def current(self, display: str) -> Glance | None:
        """What the display shows, as it was kept."""
        showings = self._past.showings(display, 1)
        work = self._works.get(showings[0].artwork_id) if showings else None
        if work is None:
            return None
        seen = self.seen_by(showings[0].user, work)
        return _glance(seen, showings[0], self._past.position(display))

    def seen_by(self, user: str, work: Artwork) -> ShownArtwork:
        """The work as this user sees it."""
        liked = self._past.liked(user, work.id)
        return shown(work, liked=liked, image_url=self._image_url(work.id))

    def shown(self, works: Iterable[Artwork], user: str) -> dict[str, ShownArtwork]:
        """The works as this user sees them, by id."""
        works = list(works)
        liked = self._past.likings(user, [work.id for work in works])
        return {
            work.id: shown(work, liked=liked.get(work.id), image_url=self._image_url(work.id))
            for work in works
        }


@dataclass(frozen=True, slots=True)
class Waits:
    """A work that hangs later, as its panel may not change yet; `at` says when, for people."""

    artwork: ShownArtwork
    at: str


class CurrentShowings(Hangings):
    """The displays, as they were hung last, and how they are hung."""

    def __init__(
        self,
        works: WorkReader,
        past: ShowingLog,
        wishes: Wishes,
        *,
        clock: Callable[[], datetime],
        image_url: ImageUrl = no_address,
    ) -> None:
        super().__init__(works, past, image_url=image_url)
        self._wishes = wishes
        self._clock = clock

    def put(
        self,
        command: Showable,
        display: str,
        hit: Hit,
        *,
        match: float | None = None,
        seen: ShownArtwork | None = None,
    ) -> Glance | Waits:
        """Keep that the display shows this work from now on, or from when its panel may change.

        `seen` is the hit's, where known.
        """
        if seen is None:
            work = self.artwork(hit.artwork_id, display)
            seen = self.seen_by(command.user, work)
        showing = Showing(
            display=display,
            artwork_id=seen.id,
            shown_at=self._clock(),
            verb=command.verb,
            user=command.user,
            why=hit.why,
            match=match,
            parts=dict(hit.parts),
        )
        until = None if command.is_urgent else self._wishes.waits_until(display)
        if until is not None:
            self._past.keep_wish(showing)
            return Waits(seen, self._wishes.spoken(until, display))
        return self._hang(seen, showing)

    def hang_wish(self, display: str) -> Glance | None:
        """Hang what waited for the display; None where nothing does, or it may not hang yet."""
        wish = self._wishes.take(display)
        work = self._works.get(wish.artwork_id) if wish else None
        if wish is None or work is None or self._works.hidden(work.id):
            return None
        return self._hang(self.seen_by(wish.user, work), wish)

    def _hang(self, seen: ShownArtwork, showing: Showing) -> Glance:
        self._past.drop_wish(showing.display)
        return _glance(seen, showing, self._past.show(showing))


def _glance(seen: ShownArtwork, showing: Showing, position: int) -> Glance:
    return Glance(
        display=showing.display,
        artwork=seen,
        shown_at=showing.shown_at,
        why=showing.why,
        position=position,
        match=showing.match,
        parts=showing.parts,
    )
