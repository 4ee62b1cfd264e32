"""One showing command in, one Glance out: search, similar, next, previous, show."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Protocol

import numpy as np

from glance_agent.artwork import Artwork, Filters
from glance_agent.choose import choose, recently_shown, step_back
from glance_agent.command import HOUSEHOLD, Next, Previous, Search, Show, Similar
from glance_agent.errors import CommandError, ErrorCode, ModelError
from glance_agent.glance import (
    DisplaySettings,
    Event,
    Glance,
    Outcome,
    Reaction,
    Reply,
    Result,
    Showing,
    ShownArtwork,
    shown,
)
from glance_agent.search import Hit, allowed_rows, rank
from glance_agent.taste import nearest_liked, taste_vector
from glance_agent.vectors import Matrix, Vector, blend

WALK_BACK_SHOWINGS = 500
MOOD_WEIGHT = 0.7
AVOID_WEIGHT = 0.5


class Works(Protocol):
    """The artworks that are kept."""

    def get(self, artwork_id: str) -> Artwork | None: ...
    def get_many(self, artwork_ids: Iterable[str]) -> list[Artwork]: ...
    def withheld(self) -> frozenset[str]: ...
    def matching(self, filters: Filters) -> frozenset[str]: ...
    def keyword_search(self, expression: str, limit: int = ...) -> list[tuple[str, float]]: ...
    def query_vector(self, space: str, query: str) -> Vector | None: ...
    def keep_query_vector(self, space: str, query: str, vector: Vector) -> None: ...
    def mark_unusable(self, artwork_id: str, reason: str) -> None: ...


class Past(Protocol):
    """What was shown and what people thought of it."""

    def reactions(self, user: str) -> list[Reaction]: ...
    def liked(self, user: str, artwork_id: str) -> bool | None: ...
    def show(self, showing: Showing) -> int: ...
    def showings(self, display: str | None, limit: int) -> list[Showing]: ...
    def position(self, display: str) -> int: ...
    def settings(self, display: str) -> DisplaySettings | None: ...


class Rows(Protocol):
    """The vectors of one moment."""

    @property
    def space(self) -> str: ...
    @property
    def ids(self) -> tuple[str, ...]: ...
    @property
    def matrix(self) -> Matrix: ...
    @property
    def row_of(self) -> dict[str, int]: ...


class Index(Protocol):
    """All vectors of the space in use."""

    def snapshot(self) -> Rows: ...


class Encoder(Protocol):
    """Turns words into unit vectors of its space; raises ModelError."""

    @property
    def space(self) -> str: ...

    def embed_text(self, text: str) -> Vector: ...


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person has decided about choosing."""

    no_repeat_showings: int
    defaults: DisplaySettings


class Curator:
    """Decides what goes on a display, and keeps that it did."""

    def __init__(
        self,
        works: Works,
        past: Past,
        index: Index,
        encoder: Encoder,
        *,
        choices: Choices,
        clock: Callable[[], datetime],
        chance: Random,
    ) -> None:
        self._works = works
        self._past = past
        self._index = index
        self._encoder = encoder
        self._choices = choices
        self._clock = clock
        self._chance = chance

    # -- the verbs ----------------------------------------------------------------------------

    def search(self, command: Search, display: str) -> Outcome:
        """The works that answer the words, the best of them on the display."""
        if command.image_url:
            raise CommandError(
                ErrorCode.URL_REFUSED,
                "Pictures from that address are not allowed.",
                "Search with words, or with “like” and the id of an artwork.",
            )
        hits = self._hits(command)
        return self._answer(command, display, hits, asked=command.query or "")

    def similar(self, command: Similar, display: str) -> Outcome:
        """Works like the one given, or like the one on the display."""
        seed = self.artwork(command.artwork, display)
        rows = self._index.snapshot()
        row = rows.row_of.get(seed.id)
        if row is None:
            raise CommandError(
                ErrorCode.NO_MODEL,
                f"{seed.label} has no vector yet, so nothing like it can be found.",
                "Wait until the collection has been embedded, and try again.",
            )
        vector = rows.matrix[row]
        if command.query:
            vector = blend([vector, self._vector(command.query)], [1.0, 1.0])
        seen = {seed.id, *(s.artwork_id for s in self._past.showings(display, 1))}
        allowed = allowed_rows(rows.ids, only=None, never=self._works.withheld() | seen)
        hits = rank(rows.ids, rows.matrix, vector, allowed=allowed, count=command.limit)
        because = f"Because it is like {seed.label}"
        hits = [Hit(h.artwork_id, h.score, h.match, because) for h in hits]
        return self._answer(command, display, hits, asked=seed.title)

    def next(self, command: Next, display: str) -> Outcome:
        """Another work, chosen by taste, mood and chance."""
        hit = self._choice(command, display)
        glance = self._put(command, display, hit, match=None)
        reply = Reply(
            verb=command.verb,
            ok=True,
            display=display,
            message=f"Showing {glance.artwork.label}.",
            artwork=glance.artwork,
        )
        return _outcome(reply, glance)

    def previous(self, command: Previous, display: str) -> Outcome:
        """The work that was on the display before."""
        back = step_back(self._past.showings(display, WALK_BACK_SHOWINGS))
        if back is None or self._works.get(back) is None:
            raise CommandError(
                ErrorCode.NO_PREVIOUS,
                "There is no earlier picture on this display.",
                "Send “next”.",
            )
        hit = Hit(back, 0.0, 0.0, "Back to the picture before")
        glance = self._put(command, display, hit, match=None)
        reply = Reply(
            verb=command.verb,
            ok=True,
            display=display,
            message=f"Back to {glance.artwork.label}.",
            artwork=glance.artwork,
        )
        return _outcome(reply, glance)

    def show(self, command: Show, display: str) -> Outcome:
        """The very work that was asked for."""
        if command.image_url:
            raise CommandError(
                ErrorCode.URL_REFUSED,
                "Pictures from that address are not allowed.",
                "Put the picture into a folder source instead.",
            )
        work = self.artwork(command.artwork, display)
        glance = self._put(command, display, Hit(work.id, 0.0, 0.0, "You asked for it"), match=None)
        reply = Reply(
            verb=command.verb,
            ok=True,
            display=display,
            message=f"Showing {glance.artwork.label}.",
            artwork=glance.artwork,
        )
        return _outcome(reply, glance)

    # -- what other use cases ask ---------------------------------------------------------------

    def artwork(self, artwork_id: str | None, display: str) -> Artwork:
        """The work of this id, or the one on the display; raises CommandError."""
        if artwork_id is not None:
            work = self._works.get(artwork_id)
            if work is None:
                raise CommandError(
                    ErrorCode.UNKNOWN_ARTWORK,
                    f"There is no artwork “{artwork_id}” in the library.",
                    "Search for it; each result carries its id.",
                )
            return work
        current = self._past.showings(display, 1)
        on_display = self._works.get(current[0].artwork_id) if current else None
        if on_display is None:
            raise CommandError(
                ErrorCode.NOTHING_SHOWN,
                "The display shows nothing yet.",
                "Send “next” or a search first, or name an artwork id.",
            )
        return on_display

    def current(self, display: str) -> Glance | None:
        """What the display shows, as it was kept."""
        showings = self._past.showings(display, 1)
        work = self._works.get(showings[0].artwork_id) if showings else None
        if work is None:
            return None
        return self._glance(work, showings[0], self._past.position(display))

    def settings(self, display: str) -> DisplaySettings:
        """The settings of a display as they hold now: a mood whose time is over is none."""
        settings = self._past.settings(display) or self._choices.defaults
        if settings.mood_until is not None and settings.mood_until <= self._clock():
            return settings.model_copy(update={"mood": None, "mood_until": None})
        return settings

    # -- ranking --------------------------------------------------------------------------------

    def _hits(self, command: Search) -> list[Hit]:
        filters = Filters(
            artist=command.artist,
            source=command.source,
            year_from=command.year_from,
            year_to=command.year_to,
            orientation=command.orientation,
            unseen=command.unseen,
        )
        only = self._works.matching(filters) if filters.any else None
        never = self._works.withheld()
        try:
            return self._by_vector(command, only, never)
        except ModelError:
            # Without a model the words on the labels still answer.
            return self._by_keyword(command, only, never)

    def _by_vector(
        self, command: Search, only: Collection[str] | None, never: Collection[str]
    ) -> list[Hit]:
        rows = self._index.snapshot()
        parts = [self._vector(command.query)] if command.query else []
        weights = [1.0] * len(parts)
        if command.like is not None:
            self.artwork(command.like, "")
            if (row := rows.row_of.get(command.like)) is not None:
                parts.append(rows.matrix[row])
                weights.append(1.0)
        if command.avoid:
            parts.append(self._vector(command.avoid))
            weights.append(-AVOID_WEIGHT)
        vector = blend(parts, weights)
        allowed = allowed_rows(rows.ids, only=only, never=never)
        return rank(rows.ids, rows.matrix, vector, allowed=allowed, count=command.limit)

    def _by_keyword(
        self, command: Search, only: Collection[str] | None, never: Collection[str]
    ) -> list[Hit]:
        expression = " OR ".join(
            '"' + word.replace('"', '""') + '"' for word in (command.query or "").split()
        )
        found = self._works.keyword_search(expression) if expression else []
        return [
            Hit(i, -score, 0.5, "The words are on its label (no model is available)")
            for i, score in found
            if i not in never and (only is None or i in only)
        ][: command.limit]

    def _vector(self, words: str) -> Vector:
        """The unit vector of some words, from the cache where they were asked before."""
        query = words.casefold()
        space = self._encoder.space
        vector = self._works.query_vector(space, query)
        if vector is None:
            vector = self._encoder.embed_text(words)
            self._works.keep_query_vector(space, query, vector)
        return vector

    def _choice(self, command: Next, display: str) -> Hit:
        rows = self._index.snapshot()
        never = self._works.withheld()
        showings = self._past.showings(display, self._choices.no_repeat_showings + 1)
        size = len(rows.ids) - len(never)
        recent = recently_shown(showings, size, self._choices.no_repeat_showings)
        settings = self.settings(display)
        reactions = self._past.reactions(command.user)
        mood = command.mood or settings.mood
        scores = self._scores(rows, reactions, mood)
        allowed = allowed_rows(rows.ids, only=None, never=never | recent)
        chosen = choose(scores, allowed, discovery=settings.discovery, chance=self._chance)
        if chosen is None:
            raise _nothing_to_show(len(rows.ids))
        row, is_discovery = chosen
        why = self._why(rows, row, reactions, mood, is_discovery=is_discovery)
        return Hit(rows.ids[row], 0.0, 0.0, why)

    def _scores(
        self, rows: Rows, reactions: Sequence[Reaction], mood: str | None
    ) -> np.ndarray[tuple[int], np.dtype[np.float32]] | None:
        taste = taste_vector(reactions, rows.row_of, rows.matrix)
        total = None if taste is None else rows.matrix @ taste
        if mood:
            try:
                coloured = MOOD_WEIGHT * (rows.matrix @ self._vector(mood))
            except ModelError:
                # A mood is a wish: without a model the choice is made without it.
                return total
            total = coloured if total is None else total + coloured
        return total

    def _why(
        self,
        rows: Rows,
        row: int,
        reactions: Sequence[Reaction],
        mood: str | None,
        *,
        is_discovery: bool,
    ) -> str:
        if is_discovery:
            return "Something to discover"
        friend = nearest_liked(rows.matrix[row], reactions, rows.row_of, rows.matrix)
        liked = self._works.get(friend) if friend else None
        if liked is not None:
            return f"Because you liked “{liked.title}”"
        return f"It suits the mood “{mood}”" if mood else "Chosen for you"

    # -- putting a work up ------------------------------------------------------------------------

    def _answer(
        self, command: Search | Similar, display: str, hits: Sequence[Hit], *, asked: str
    ) -> Outcome:
        """The results, and the best of them on the display if that was wanted."""
        works = {work.id: work for work in self._works.get_many(h.artwork_id for h in hits)}
        hits = [h for h in hits if h.artwork_id in works]
        if not hits:
            raise _nothing_to_show(len(self._index.snapshot().ids))
        results = tuple(
            Result(
                artwork=self._shown(works[h.artwork_id], command.user),
                match=round(h.match, 3),
                why=h.why,
            )
            for h in hits
        )
        best = results[0].artwork
        glance = (
            self._put(command, display, hits[0], match=results[0].match) if command.show else None
        )
        message = (
            f"Showing {best.label}."
            if glance
            else f"Found {len(results)} for “{asked}”; the best is {best.label}."
        )
        reply = Reply(
            verb=command.verb,
            ok=True,
            display=display if glance else None,
            message=message,
            artwork=best,
            results=results,
        )
        return _outcome(reply, glance)

    def _put(
        self,
        command: Search | Similar | Next | Previous | Show,
        display: str,
        hit: Hit,
        *,
        match: float | None,
    ) -> Glance:
        """Keep that the display shows this work from now on."""
        work = self.artwork(hit.artwork_id, display)
        showing = Showing(
            display=display,
            artwork_id=work.id,
            shown_at=self._clock(),
            verb=command.verb,
            user=command.user,
            why=hit.why,
            match=match,
        )
        return self._glance(work, showing, self._past.show(showing))

    def _glance(self, work: Artwork, showing: Showing, position: int) -> Glance:
        return Glance(
            display=showing.display,
            artwork=self._shown(work, showing.user),
            shown_at=showing.shown_at,
            why=showing.why,
            position=position,
            match=showing.match,
            parts=showing.parts,
        )

    def _shown(self, work: Artwork, user: str = HOUSEHOLD) -> ShownArtwork:
        return shown(work, liked=self._past.liked(user, work.id))


def _outcome(reply: Reply, glance: Glance | None) -> Outcome:
    if glance is None:
        return Outcome(reply)
    event = Event("shown", {"event_type": "shown", "display": glance.display, **glance.state()})
    return Outcome(reply, glance=glance, events=(event,))


def _nothing_to_show(works: int) -> CommandError:
    if works == 0:
        return CommandError(
            ErrorCode.EMPTY_LIBRARY,
            "The library holds no artwork yet.",
            "Send “ingest”, and check the sources in the configuration.",
        )
    return CommandError(
        ErrorCode.NO_MATCH, "No artwork fits.", "Ask for something else, or with fewer filters."
    )
