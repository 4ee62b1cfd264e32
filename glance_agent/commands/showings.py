"""What hangs on each display: which work it is, and putting up another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple, Protocol

from glance_agent.commands.messages import not_two, side_of_an_id, unknown_artwork
from glance_agent.commands.stores import ImageUrl, no_address
from glance_agent.commands.wishes import Wishes, WishPast
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.command import Hide
from glance_agent.domain.display import Glance, Showing, ShownArtwork, shown
from glance_agent.domain.errors import CommandError, ErrorCode
from glance_agent.domain.picture_verbs import Next, Previous, Search, Show, Similar
from glance_agent.domain.said import listed, say
from glance_agent.domain.taking_back import Undo
from glance_agent.domain.values import Side
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
        showings = self._past.showings(display, 1)
        on_display = self._works.get(showings[0].artwork_id) if showings else None
        if on_display is None:
            raise CommandError(
                ErrorCode.NOTHING_SHOWN,
                say("The display shows nothing yet."),
                say("Send “next” or a search first, or name an artwork id."),
            )
        return on_display

    def meant(self, artwork_id: str | None, side: Side | None, display: str) -> tuple[Artwork, ...]:
        """The work of this id, or what hangs on the display: of two works both, or that of a side.

        Raises CommandError.
        """
        first = self.artwork(artwork_id, display)
        if artwork_id is not None:
            if side is not None:
                raise side_of_an_id()
            return (first,)
        second = self._second(self._past.showings(display, 1)[0])
        if second is None and side in ("left", "right"):
            raise not_two(first.label)
        both = (first,) if second is None else (first, second)
        return {"left": both[:1], "right": both[1:]}.get(side or "both", both)

    def hanging(self, display: str) -> tuple[str, ...]:
        """The ids of the works that the display shows, as it was kept."""
        showings = self._past.showings(display, 1)
        return showings[0].works if showings else ()

    def _second(self, showing: Showing) -> Artwork | None:
        """The work that hangs beside another one, where it is still there."""
        return self._works.get(showing.pair) if showing.pair else None

    def current(self, display: str) -> Glance | None:
        """What the display shows, as it was kept."""
        showings = self._past.showings(display, 1)
        work = self._works.get(showings[0].artwork_id) if showings else None
        if work is None:
            return None
        user, second = showings[0].user, self._second(showings[0])
        seen = SeenWorks(self.seen_by(user, work), self.seen_by(user, second) if second else None)
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


class SeenWorks(NamedTuple):
    """What is put up, as somebody sees it."""

    artwork: ShownArtwork
    pair: ShownArtwork | None = None

    @property
    def label(self) -> str:
        """The works as one says them."""
        return listed(work.label for work in self if work is not None)


@dataclass(frozen=True, slots=True)
class Waits:
    """What hangs later, as its panel may not change yet; `at` says when, for people."""

    artwork: ShownArtwork
    at: str
    pair: ShownArtwork | None = None

    @property
    def label(self) -> str:
        """The works as one says them."""
        return SeenWorks(self.artwork, self.pair).label


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
        """Keep that the display shows this work from now on, or from when its panel may change;
        with the one that is to hang beside it.

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
            pair=hit.pair,
        )
        second = self._second(showing)
        both = SeenWorks(seen, self.seen_by(command.user, second) if second else None)
        until = None if command.is_urgent else self._wishes.waits_until(display)
        if until is not None:
            self._past.keep_wish(showing)
            return Waits(seen, self._wishes.spoken(until, display), both.pair)
        return self._hang(both, showing)

    def expected(self, display: str, user: str, hit: Hit) -> Glance | None:
        """What the display is going to show by this hit; nothing of it is kept. None where the work
        is gone."""
        work = self._works.get(hit.artwork_id)
        second = self._works.get(hit.pair) if hit.pair else None
        if work is None:
            return None
        seen = SeenWorks(self.seen_by(user, work), self.seen_by(user, second) if second else None)
        showing = Showing(display, work.id, self._clock(), Next().verb, user, hit.why)
        return _glance(seen, showing, self._past.position(display) + 1)

    def hang_wish(self, display: str) -> Glance | None:
        """Hang what waited for the display; None where nothing does, or it may not hang yet."""
        wish = self._wishes.take(display)
        work = self._works.get(wish.artwork_id) if wish else None
        if wish is None or work is None or self._works.hidden(work.id):
            return None
        second = self._second(wish)
        if second is None or self._works.hidden(second.id):
            return self._hang(SeenWorks(self.seen_by(wish.user, work)), replace(wish, pair=None))
        seen = SeenWorks(self.seen_by(wish.user, work), self.seen_by(wish.user, second))
        return self._hang(seen, wish)

    def _hang(self, seen: SeenWorks, showing: Showing) -> Glance:
        self._past.drop_wish(showing.display)
        return _glance(seen, showing, self._past.show(showing))


def _glance(seen: SeenWorks, showing: Showing, position: int) -> Glance:
    return Glance(
        display=showing.display,
        artwork=seen.artwork,
        shown_at=showing.shown_at,
        why=showing.why,
        position=position,
        match=showing.match,
        parts=showing.parts,
        pair=seen.pair,
    )
