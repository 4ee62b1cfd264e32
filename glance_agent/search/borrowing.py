"""Words understood beside the commands, and judged by what these have measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from glance_agent.domain.vectors import Vector
from glance_agent.domain.view import View
from glance_agent.search.query_embedding import TextEncoder, Understanding
from glance_agent.search.scoring import Background


class BorrowingUnderstanding(Understanding):
    """Has words read by itself, and keeps none; what ordinary wishes score it is told.

    One thread at a time, which may be another one than that of whom it borrows from.
    """

    def __init__(self, encoder: TextEncoder, measured: Callable[[], Background | None]) -> None:
        super().__init__(encoder, _Nowhere(), references=())
        self._measured = measured

    def background(self, view: View) -> Background:
        """What was measured last; until something was, measured here without ordinary wishes."""
        return self._measured() or super().background(view)


class _Nowhere:
    """Keeps no vectors."""

    def vectors(self, space: str, phrases: Iterable[str]) -> dict[str, Vector]:
        return {}

    def keep(self, space: str, vectors: Mapping[str, Vector]) -> None:
        pass
