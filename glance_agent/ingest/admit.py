"""Prepared pictures in, works of the library out: embedded, told from copies, kept together.

Plain synchronous code for the one thread that uses the library.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from glance_agent.domain.errors import ModelError
from glance_agent.domain.items import Listed, Look, Page, Skipped, StoredWork
from glance_agent.domain.vectors import Matrix, Vector, as_kept
from glance_agent.domain.view import View
from glance_agent.pictures.duplicates import MOST_STRETCH, alike, is_turned, means_the_same
from glance_agent.pictures.originals import Copy, is_on_the_web, is_original
from glance_agent.pictures.prepare import Prepared

if TYPE_CHECKING:
    from PIL.Image import Image

    from glance_agent.domain.artwork import Artwork

NEARLY_UP_TO = 200_000
"""In a library of so many works copies are found that look a little less alike: of a larger one too
many works would have to be read for it."""
TOGETHER_SECONDS = 4.0
"""How long works are embedded before they are kept together: as much is done again after a kill.
Of a large model on a busy machine one takes half a second alone, and a fifth less of eight."""
FIRST_TOGETHER = 1
"""How many are embedded at once before it is known how long one takes."""
MOST_TOGETHER = 8
"""How many pictures are embedded at once at most: models take no more together."""
_log = logging.getLogger(__name__)


class WorkStore(Protocol):
    """Where works are kept."""

    def together(self) -> AbstractContextManager[object]: ...
    def owner_of(self, content_hash: str) -> str | None: ...
    def has_elsewhere(self, artwork_id: str, source: str, key: str) -> bool: ...
    def work_of(self, source: str, key: str) -> str | None: ...
    def likely_alike(self, look: Look, stretch: float, *, nearly: bool) -> dict[str, Look]: ...
    def look_of(self, artwork_id: str) -> Look | None: ...
    def has_copies(self, artwork_id: str) -> bool: ...
    def get(self, artwork_id: str) -> Artwork | None: ...
    def location(self, artwork_id: str) -> str | None: ...
    def original_of(self, artwork_id: str) -> str | None: ...
    def stand_for(self, original: str, copy: str) -> None: ...
    def add(self, source: str, key: str, stored: StoredWork) -> None: ...
    def same(
        self, source: str, item: Listed, owner: str, location: str, *, liked_by: str | None
    ) -> None: ...
    def skip(self, source: str, skipped: Skipped) -> None: ...
    def set_cursor(self, source: str, cursor: str | None) -> None: ...


class ImageEncoder(Protocol):
    """Turns pictures into unit vectors of its space; raises ModelError."""

    @property
    def space(self) -> str: ...

    def embed_images(self, images: Sequence[Image]) -> Matrix: ...


class GrowingIndex(Protocol):
    """The vectors in memory that searches look at."""

    def now(self) -> View: ...
    def put(self, artwork_id: str, vector: Vector) -> None: ...
    def remove(self, artwork_ids: Iterable[str]) -> None: ...


@dataclass(frozen=True, eq=False, slots=True)
class _Embedded:
    """A prepared work with its vector."""

    prepared: Prepared
    vector: Vector | None = None


class Admission:
    """Embeds and keeps what has been prepared."""

    def __init__(
        self,
        library: WorkStore,
        encoder: ImageEncoder,
        index: GrowingIndex,
        clock: Callable[[], float],
    ) -> None:
        self._library = library
        self._encoder = encoder
        self._index = index
        self._clock = clock
        self.at_once = FIRST_TOGETHER
        """How many pictures are embedded together now, where so many are ready."""

    def admit(
        self, source: str, ready: Sequence[Prepared | Skipped], last_of: Page | None
    ) -> list[str | None]:
        """Embed and keep the first of these items, as many as time allows, at least one.

        Each becomes a work (None), one more copy of a work, or is left out (the reason why).
        With the last item of a page the cursor moves on, in the same transaction.
        """
        some = self._embedded(source, ready)
        added: dict[str, Vector] = {}
        with self._library.together():
            outcomes = [self._decide(source, one, added) for one in some]
            if last_of is not None and len(some) == len(ready):
                self._library.set_cursor(source, last_of.next_cursor)
        for artwork_id, vector in added.items():
            self._index.put(artwork_id, as_kept(vector))
        return outcomes

    def _embedded(
        self, source: str, ready: Sequence[Prepared | Skipped]
    ) -> list[_Embedded | Skipped]:
        """The first of these with their vectors. Nothing is locked meanwhile: it takes time."""
        some = ready[: self.at_once]
        wanted = [one for one in some if isinstance(one, Prepared) and self._is_new(source, one)]
        vectors = dict(zip(map(id, wanted), self._vectors(wanted), strict=True))
        return [
            one if isinstance(one, Skipped) else _Embedded(one, vectors.get(id(one)))
            for one in some
        ]

    def _is_new(self, source: str, prepared: Prepared) -> bool:
        """Whether a picture needs a vector, and is not that of a work that has one."""
        owner = self._library.owner_of(prepared.content_hash)
        return owner is None or not self._library.has_elsewhere(owner, source, prepared.item.key)

    def _decide(
        self, source: str, found: _Embedded | Skipped, added: dict[str, Vector]
    ) -> str | None:
        """Keep one item; a work's vector joins those `added` in the same transaction."""
        if isinstance(found, Skipped):
            self._library.skip(source, found)
            return found.reason
        prepared = found.prepared
        owner = self._library.owner_of(prepared.content_hash)
        known = owner or prepared.artwork.id
        # A museum may tell of one work under several keys; the last one counts.
        one_of_many = owner is not None or not is_on_the_web(prepared.location)
        if one_of_many and self._library.has_elsewhere(known, source, prepared.item.key):
            return self._one_more(source, found, known, added)
        outcome = None if owner is None else "unchanged"
        key = prepared.item.key
        before = self._library.work_of(source, key) if owner is None else None
        copy = self._duplicate_of(found, known, added, before)
        if before and self._is_written_anew(source, prepared, before, copy):
            self._keep(source, found, before, self._library.original_of(before), added)
            return "unchanged"
        if copy is None or not self._is_original_of(prepared, copy):
            self._keep(source, found, known, copy, added)
        elif self._library.get(known) is None:
            self._keep(source, found, copy, None, added)  # with its id, and what is said of it
            return "duplicate"
        else:
            self._keep(source, found, known, None, added)
            self._library.stand_for(known, copy)
        return outcome

    def _is_written_anew(
        self, source: str, prepared: Prepared, before: str, copy: str | None
    ) -> bool:
        """Whether the picture that was in this place is the same one: a program that keeps notes
        in files, or an editor, has written it anew, or turned it."""
        if copy is None and prepared.artwork.id != before and prepared.look is not None:
            look = self._library.look_of(before)
            copy = before if look is not None and is_turned(prepared.look, look) else None
        key = prepared.item.key
        return copy == before and not self._library.has_elsewhere(before, source, key)

    def _one_more(self, source: str, found: _Embedded, work: str, added: dict[str, Vector]) -> str:
        """One more file of a work, which is read from it now where it is the original."""
        if self._is_original_of(found.prepared, work):
            self._keep(source, found, work, self._library.original_of(work), added)
        else:
            prepared = found.prepared
            self._library.same(
                source, prepared.item, work, prepared.location, liked_by=prepared.liked_by
            )
        return "duplicate"

    def _is_original_of(self, prepared: Prepared, work: str) -> bool:
        artwork, location = self._library.get(work), self._library.location(work)
        if artwork is None or location is None:
            return False
        return is_original(Copy(prepared.artwork, prepared.location), Copy(artwork, location))

    def _keep(
        self,
        source: str,
        found: _Embedded,
        work: str,
        twin_of: str | None,
        added: dict[str, Vector],
    ) -> None:
        """Keep a picture as this work, and one more copy of that one where there is any."""
        prepared = found.prepared
        stored = StoredWork(
            artwork=prepared.artwork.model_copy(update={"id": work}),
            location=prepared.location,
            fingerprint=prepared.item.fingerprint,
            content_hash=prepared.content_hash,
            space=self._encoder.space,
            vector=found.vector,
            look=prepared.look,
            twin_of=twin_of,
            liked_by=prepared.liked_by,
        )
        self._library.add(source, prepared.item.key, stored)
        if found.vector is not None:
            added[work] = found.vector

    def _duplicate_of(
        self, found: _Embedded, work: str, added: dict[str, Vector], before: str | None
    ) -> str | None:
        """The work that this one is a copy of, `before` rather than another; none where others are
        copies of this one."""
        look, vector, view = found.prepared.look, found.vector, self._index.now()
        if vector is None or look is None:
            return None
        nearly = len(view) <= NEARLY_UP_TO
        looks = self._library.likely_alike(look, MOST_STRETCH, nearly=nearly)
        looks.pop(work, None)
        for other in sorted(alike(look, looks), key=lambda one: one != before):
            theirs = added.get(other)
            if theirs is None and (number := view.number_of(other)) is not None:
                theirs = view.vectors_of(np.array([number]))[0]
            if theirs is not None and means_the_same(vector, theirs):
                return None if self._library.has_copies(work) else other
        return None

    def _vectors(self, some: Sequence[Prepared]) -> Sequence[Vector | None]:
        """The vectors of these, embedded together; how many are next time depends on how long it
        took."""
        if not some:
            return ()
        images, started = [one.image for one in some], self._clock()
        try:
            return [*self._encoder.embed_images(images)]
        except ModelError as error:
            if len(some) > 1:  # one of them may be at fault
                return [self._vectors([one])[0] for one in some]
            # The work is kept all the same: its label can be searched, its vector comes later.
            _log.warning("a picture was kept without a vector: %s", error)
            return [None]
        finally:
            each = (self._clock() - started) / len(some)
            self.at_once = max(1, min(MOST_TOGETHER, int(TOGETHER_SECONDS / max(each, 1e-6))))
