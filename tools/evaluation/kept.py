"""How the works of an evaluation are kept: all exactly, or as the agent keeps a large library.

The labelled collections are small, and a choice weighs each of so few works. Of a large library it
weighs some thousands, and codes say which: to know what that costs, the same is done here from the
first work on, with the agent's numbers or a part of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from glance_agent.domain.vectors import Matrix
from glance_agent.domain.view import View
from glance_agent.store.coded_view import RESCORED, CodedRows
from glance_agent.store.codes import Codes, PlaneCodes
from glance_agent.store.index import VectorIndex
from glance_agent.store.turbo_codes import TurboCodes, codes_of
from glance_agent.taste.scope import USUAL, Weighing
from tools.evaluation.paintings import Exhibition


class Engine(StrEnum):
    """What looks through the vectors."""

    EXACT = "exact"
    NUMPY = "numpy"
    TURBOVEC = "turbovec"


@dataclass(frozen=True, slots=True)
class Keeping:
    """By which engine works are kept, and how many of them are weighed."""

    engine: Engine = Engine.EXACT
    part: int | None = None
    """Weigh and rescore one in so many of the works that are of a library of more than 100,000;
    None for what is usual with as few works as there are."""
    near: bool = False
    """Weigh as many in a mood as if vectors lay in memory."""

    @property
    def limits(self) -> Weighing:
        """How many works a choice weighs."""
        if self.part is None:
            return USUAL
        return replace(
            USUAL,
            whole=0,
            drawn=USUAL.drawn // self.part,
            best_of_each=USUAL.best_of_each // self.part,
            best_at_once=USUAL.best_at_once // self.part,
            read_beyond=USUAL.read_beyond if self.near else 0,
            scored_whole=0,
        )

    def view_of(self, exhibition: Exhibition) -> View:
        """All works of an exhibition, as this engine answers what is asked of them."""
        ids = [work.artwork.id for work in exhibition.works]
        file, rescored = _File(ids, exhibition.matrix), RESCORED // (self.part or 1)

        def coded(first: int, dimension: int) -> CodedRows:
            return CodedRows(first, dimension, self._codes(dimension), file, rescored)

        large, dimension = coded if self.engine is not Engine.EXACT else None, len(file.rows[0])
        index = VectorIndex(exhibition.space, dimension, large, exact_up_to=-1)
        index.load(ids, exhibition.matrix)
        return index.now()

    def _codes(self, dimension: int) -> Codes:
        if self.engine is Engine.NUMPY:
            return PlaneCodes(dimension)
        codes = codes_of(dimension)
        if not isinstance(codes, TurboCodes):
            raise ModuleNotFoundError(
                "turbovec is not installed: pip install 'glance-agent[large]'"
            )
        return codes


AS_IT_IS = Keeping()


class _File:
    """The vectors as a library's file has them, numbered in their order."""

    def __init__(self, ids: Sequence[str], matrix: Matrix) -> None:
        self.rows = matrix.astype(np.float16).astype(np.float32)
        self._numbers = {artwork: number for number, artwork in enumerate(ids, 1)}

    def numbers_of(self, artwork_ids: Sequence[str]) -> Mapping[str, int]:
        return {artwork: self._numbers[artwork] for artwork in artwork_ids}

    def numbered(self, numbers: Sequence[int]) -> tuple[Sequence[int], Matrix]:
        return numbers, self.rows[np.asarray(numbers, np.int64) - 1]
