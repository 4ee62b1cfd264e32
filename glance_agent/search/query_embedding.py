"""Words -> vectors, remembered; and what ordinary wishes score over the library as it is now."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from time import perf_counter
from typing import Protocol

import numpy as np

from glance_agent.domain.errors import ModelError
from glance_agent.domain.vectors import Matrix, Vector, blend
from glance_agent.search.prompts import normalised, prompts_for
from glance_agent.search.reference_queries import BANK, FOREIGN
from glance_agent.search.scoring import Background, background_of

REMEMBERED = 256
"""Phrases whose vectors stay in memory."""
GROWTH = 0.05
"""By which share the library may change before its background is measured again."""
BANK_BUDGET_SECONDS = 0.04
"""How long one command may spend on embedding the bank; the rest follows with the next."""
QUICK_SECONDS = 0.005
"""A model slower than this for a phrase embeds the bank only while nobody waits."""


class Encoder(Protocol):
    """Turns words into unit vectors of its space; raises ModelError."""

    @property
    def space(self) -> str: ...

    def embed_text(self, text: str) -> Vector: ...


class Phrases(Protocol):
    """The vectors of words that were asked before."""

    def vectors(self, space: str, phrases: Iterable[str]) -> dict[str, Vector]: ...
    def keep(self, space: str, vectors: Mapping[str, Vector]) -> None: ...


class Understanding:
    """The meaning of words in the space of one model; one thread at a time."""

    def __init__(
        self,
        encoder: Encoder,
        phrases: Phrases,
        *,
        stopwatch: Callable[[], float] = perf_counter,
        bank: Sequence[str] = BANK,
        foreign: Sequence[str] = FOREIGN,
    ) -> None:
        """An encoder whose words come from another tower than its space's own has a `wording`."""
        self._encoder = encoder
        self._wording: str = getattr(encoder, "wording", encoder.space)
        self._phrases = phrases
        self._stopwatch = stopwatch
        # The foreign ones say something only beside ordinary ones.
        self._wishes, self._foreign_wishes = bank, foreign if bank else ()
        self._recent: OrderedDict[str, Vector] = OrderedDict()
        self._known: dict[str, Vector] = {}
        self._left: list[str] | None = None
        self._background: Background | None = None
        self._measured_with = -1
        self._pace_seconds = 0.0

    def vector(self, words: str) -> Vector:
        """The unit vector (d,) of some words; raises ModelError where no model can be used."""
        key = normalised(words)
        if (known := self._recent.get(key)) is not None:
            self._recent.move_to_end(key)
            return known
        vector = _mean(self._embedded(prompts_for(self._encoder.space, words)))
        self._recent[key] = vector
        if len(self._recent) > REMEMBERED:
            self._recent.popitem(last=False)
        return vector

    def background(self, matrix: Matrix) -> Background:
        """The background of the library (n, d), measured again after it has changed enough."""
        # The first pace is that of loading the model, and says nothing.
        if self._left is None or self._pace_seconds <= QUICK_SECONDS:
            self.prepare(BANK_BUDGET_SECONDS)
        known = self._background
        if known is None or self._outgrown(known, matrix.shape[0]):
            self._measured_with = len(self._known)
            bank, foreign = self._rows(self._wishes), self._rows(self._foreign_wishes)
            self._background = known = background_of(matrix, bank, foreign)
        return known

    def prepare(self, seconds: float) -> bool:
        """Embed more of the two banks of wishes for about so long; True once none is left.

        May be called while nobody waits, so that no command has to. Without a model there is
        nothing to do.
        """
        if self._left is None:
            self._left = self._unknown()
        until: float | None = None
        fresh: dict[str, Vector] = {}
        try:
            for prompt in self._left:
                if until is not None and self._stopwatch() >= until:
                    break
                fresh[prompt] = self._timed(prompt)
                # The first may have loaded the model: the time is that of those after it.
                until = until or self._stopwatch() + seconds
        except ModelError:
            return not fresh
        finally:
            if fresh:
                self._known |= fresh
                self._left = [prompt for prompt in self._left if prompt not in fresh]
                self._phrases.keep(self._wording, fresh)
        return not self._left

    def _unknown(self) -> list[str]:
        """The sentences of all wishes that are not kept from another time; takes up the others."""
        space, wishes = self._encoder.space, (*self._wishes, *self._foreign_wishes)
        prompts = [prompt for wish in wishes for prompt in prompts_for(space, wish)]
        self._known = self._phrases.vectors(self._wording, prompts)
        return [prompt for prompt in prompts if prompt not in self._known]

    def _timed(self, phrase: str) -> Vector:
        started = self._stopwatch()
        vector = self._encoder.embed_text(phrase)
        self._pace_seconds = self._stopwatch() - started
        return vector

    def bank(self) -> dict[str, Vector]:
        """The vectors of the generic queries that are known by now."""
        return self._meanings(self._wishes)

    def _rows(self, wishes: Sequence[str]) -> Matrix | None:
        """The vectors (m, d) of those wishes that are known by now, or None."""
        vectors = list(self._meanings(wishes).values())
        return np.stack(vectors) if vectors else None

    def _meanings(self, wishes: Sequence[str]) -> dict[str, Vector]:
        """The vectors of those wishes whose sentences are known by now, made as for a query."""
        sentences = {wish: prompts_for(self._encoder.space, wish) for wish in wishes}
        return {
            wish: _mean([self._known[prompt] for prompt in prompts])
            for wish, prompts in sentences.items()
            if all(prompt in self._known for prompt in prompts)
        }

    def _embedded(self, prompts: Sequence[str]) -> list[Vector]:
        """The vectors of whole sentences, from what is kept or from the model."""
        kept = self._phrases.vectors(self._wording, prompts)
        fresh = {p: self._timed(p) for p in prompts if p not in kept}
        if fresh:
            self._phrases.keep(self._wording, fresh)
        return [kept.get(prompt, fresh.get(prompt)) for prompt in prompts]  # type: ignore[misc]

    def _outgrown(self, known: Background, rows: int) -> bool:
        # Measuring costs more than embedding a few wishes: not after every few of them.
        next_time = 2 * self._measured_with if self._left else self._measured_with + 1
        more_known = len(self._known) >= max(next_time, 1)
        return more_known or abs(rows - known.rows) > GROWTH * max(rows, 1)


def _mean(vectors: list[Vector]) -> Vector:
    """The direction of the mean of some unit vectors, (d,)."""
    return vectors[0] if len(vectors) == 1 else blend(vectors, [1.0] * len(vectors))
