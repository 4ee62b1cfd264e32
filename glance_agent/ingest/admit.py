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
from glance_agent.pictures.duplicates import candidates, duplicate_of
from glance_agent.pictures.prepare import Prepared

if TYPE_CHECKING:
    from PIL.Image import Image

NEAREST = 50
"""With how many of the works that mean nearly the same a new one is compared."""
TOGETHER_SECONDS = 0.2
"""How long works are embedded before they are kept together: as much is done again after a kill."""
_log = logging.getLogger(__name__)


class WorkStore(Protocol):
    """Where works are kept."""

    def together(self) -> AbstractContextManager[object]: ...
    def owner_of(self, content_hash: str) -> str | None: ...
    def has_elsewhere(self, artwork_id: str, source: str, key: str) -> bool: ...
    def looks(self, artwork_ids: Iterable[str]) -> dict[str, Look]: ...
    def has_copies(self, artwork_id: str) -> bool: ...
    def add(self, source: str, key: str, stored: StoredWork) -> None: ...
    def same(self, source: str, item: Listed, owner: str, location: str) -> None: ...
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
    """A prepared work with its vector, and the works in the library that mean nearly the same."""

    prepared: Prepared
    vector: Vector | None = None
    near: Sequence[str] = ()


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

    def admit(
        self, source: str, ready: Sequence[Prepared | Skipped], last_of: Page | None
    ) -> list[str | None]:
        """Embed and keep the first of these items, as many as time allows, at least one.

        Each becomes a work (None), one more copy of a work, or is left out (the reason why).
        With the last item of a page the cursor moves on, in the same transaction.
        """
        some = self._embedded(ready)
        added: dict[str, Vector] = {}
        with self._library.together():
            outcomes = [self._decide(source, one, added) for one in some]
            if last_of is not None and len(some) == len(ready):
                self._library.set_cursor(source, last_of.next_cursor)
        for artwork_id, vector in added.items():
            self._index.put(artwork_id, as_kept(vector))
        return outcomes

    def _embedded(self, ready: Sequence[Prepared | Skipped]) -> list[_Embedded | Skipped]:
        """The first of these with their vectors. Nothing is locked meanwhile: it takes time."""
        until = self._clock() + TOGETHER_SECONDS
        some: list[_Embedded | Skipped] = []
        for one in ready:
            if some and self._clock() >= until:
                break
            some.append(one if isinstance(one, Skipped) else self._meant(one))
        return some

    def _meant(self, prepared: Prepared) -> _Embedded:
        work = prepared.artwork.id
        if self._library.owner_of(prepared.content_hash) not in (None, work):
            return _Embedded(prepared)
        vector = self._vector(prepared.image)
        if vector is None or prepared.look is None:
            return _Embedded(prepared, vector)
        view = self._index.now()
        nearest = view.best(vector[None], NEAREST + 1)
        near = candidates(vector, view.ids_of(nearest), view.vectors_of(nearest), but=work)
        return _Embedded(prepared, vector, near[:NEAREST])

    def _decide(
        self, source: str, found: _Embedded | Skipped, added: dict[str, Vector]
    ) -> str | None:
        """Keep one item; a work's vector joins those `added` in the same transaction."""
        if isinstance(found, Skipped):
            self._library.skip(source, found)
            return found.reason
        prepared = found.prepared
        item, work = prepared.item, prepared.artwork
        owner = self._library.owner_of(prepared.content_hash)
        if owner is not None and (
            owner != work.id or self._library.has_elsewhere(owner, source, item.key)
        ):
            self._library.same(source, item, owner, prepared.location)
            return "duplicate"
        self._library.add(source, item.key, self._stored(found, added))
        if found.vector is not None:
            added[work.id] = found.vector
        return None if owner is None else "unchanged"

    def _stored(self, found: _Embedded, added: dict[str, Vector]) -> StoredWork:
        """The work with its vector, and with its representative where it is one more copy."""
        prepared = found.prepared
        return StoredWork(
            artwork=prepared.artwork,
            location=prepared.location,
            fingerprint=prepared.item.fingerprint,
            content_hash=prepared.content_hash,
            space=self._encoder.space,
            vector=found.vector,
            look=prepared.look,
            twin_of=self._duplicate_of(found, added),
            liked_by=prepared.liked_by,
        )

    def _duplicate_of(self, found: _Embedded, added: dict[str, Vector]) -> str | None:
        """The work that this one is a copy of; none where others are copies of this one."""
        work, look = found.prepared.artwork.id, found.prepared.look
        if found.vector is None or look is None:
            return None
        near = list(found.near)
        if added:
            near += candidates(found.vector, tuple(added), np.stack([*added.values()]), but=work)
        if not near or self._library.has_copies(work):
            return None
        return duplicate_of(look, self._library.looks(near))

    def _vector(self, image: Image) -> Vector | None:
        try:
            vector: Vector = self._encoder.embed_images([image])[0]
        except ModelError as error:
            # The work is kept all the same: its label can be searched, its vector comes later.
            _log.warning("a picture was kept without a vector: %s", error)
            return None
        return vector
