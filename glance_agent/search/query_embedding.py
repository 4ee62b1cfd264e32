"""Words -> vectors, remembered; and what ordinary wishes score over the library as it is now.

The model is asked apart from everything else: what it has to read is told by `unread`, read by
`read` (which alone may take long, and in any thread), and known from `learn` on.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from time import perf_counter
from typing import Protocol

import numpy as np

from glance_agent.domain.errors import ModelError, ModelLate, StoreError
from glance_agent.domain.said import say
from glance_agent.domain.vectors import Matrix, Vector, blend
from glance_agent.domain.view import View
from glance_agent.search.prompts import normalised, prompts_for
from glance_agent.search.reading import ReadWords, Unread
from glance_agent.search.reference_queries import (
    ELSEWHERE_QUERIES,
    FOREIGN_QUERIES,
    REFERENCE_QUERIES,
)
from glance_agent.search.scoring import Background, background_of

_log = logging.getLogger(__name__)

REMEMBERED = 256
"""Phrases whose vectors stay in memory, and sentences that make them up."""
GROWTH = 0.05
"""By which share the library may change before its background is measured again."""
REFERENCES_BUDGET_SECONDS = 0.04
"""How long one command may spend on embedding the references; the rest follows with the next."""
QUICK_SECONDS = 0.005
"""A model slower than this for a phrase embeds the references only while nobody waits."""


class TextEncoder(Protocol):
    """Turns words into unit vectors of its space; raises ModelError."""

    @property
    def space(self) -> str: ...

    def embed_text(self, text: str) -> Vector: ...


class Phrases(Protocol):
    """The vectors of words that were asked before."""

    def vectors(self, space: str, phrases: Iterable[str]) -> dict[str, Vector]: ...
    def keep(self, space: str, vectors: Mapping[str, Vector]) -> None: ...


@dataclass(frozen=True, eq=False, slots=True)
class Measurement:
    """What ordinary and foreign wishes (m, d) are to be put to; so many sentences are known."""

    view: View
    references: Matrix | None
    foreign: tuple[Matrix | None, ...]
    sentences: int

    def measured(self) -> Background:
        """Measure it; takes up to a tenth of a second, and touches nothing else."""
        return background_of(self.view, self.references, *self.foreign)


class Understanding:
    """The meaning of words in the space of one model; one thread at a time, but for `read`."""

    def __init__(
        self,
        encoder: TextEncoder,
        phrases: Phrases,
        *,
        stopwatch: Callable[[], float] = perf_counter,
        references: Sequence[str] = REFERENCE_QUERIES,
        foreign: Sequence[str] = FOREIGN_QUERIES,
        elsewhere: Sequence[str] = ELSEWHERE_QUERIES,
    ) -> None:
        """An encoder whose words come from another tower than its space's own has a `wording`."""
        self._encoder = encoder
        self._wording: str = getattr(encoder, "wording", encoder.space)
        self._phrases = phrases
        self._stopwatch = stopwatch
        # The foreign ones say something only beside ordinary ones.
        self._wishes = references
        self._foreign_wishes = (foreign, elsewhere) if references else ()
        self._recent: OrderedDict[str, Vector] = OrderedDict()
        self._sentences: OrderedDict[str, Vector] = OrderedDict()
        self._unkept: dict[str, Vector] = {}
        self._known: dict[str, Vector] = {}
        self._left: list[str] | None = None
        self._missed: ModelError | None = None
        self._background: Background | None = None
        self._measured_with = -1
        self._rows_seen = -1
        self._pace_seconds = 0.0

    # -- asking the model -----------------------------------------------------------------------

    def unread(self, texts: Iterable[str]) -> Unread:
        """What the model has to read before these words have vectors."""
        fresh = [text for text in texts if normalised(text) not in self._recent]
        sentences = [s for text in fresh for s in prompts_for(self._encoder.space, text)]
        if not sentences:
            return Unread()
        self._remember(self._phrases.vectors(self._wording, sentences))
        lacking = tuple(s for s in dict.fromkeys(sentences) if s not in self._sentences)
        # The first pace is that of loading the model, and says nothing.
        if self._left is None or self._pace_seconds <= QUICK_SECONDS:
            return Unread(lacking, tuple(self._references_left()), REFERENCES_BUDGET_SECONDS)
        return Unread(lacking)

    def unread_references(self, seconds: float) -> Unread:
        """What is left of the reference queries, to be read for about so long."""
        return Unread(references=tuple(self._references_left()), reference_seconds=seconds)

    def read(self, unread: Unread) -> ReadWords:
        """Have the model read; raises nothing, and takes as long as the model or a network does.

        Changes nothing here, so that any thread may do it.
        """
        read = ReadWords()
        try:
            for sentence in unread.sentences:
                read.take(sentence, *self._timed(sentence), into=read.vectors)
            until: float | None = None
            for sentence in unread.references:
                if until is not None and self._stopwatch() >= until:
                    break
                read.take(sentence, *self._timed(sentence), into=read.references)
                # The first may have loaded the model: the time is that of those after it.
                until = until or self._stopwatch() + unread.reference_seconds
        except ModelError as error:
            read.missed = error
        return read

    def learn(self, read: ReadWords) -> None:
        """Know what was read, from now on; and until the next reading, why the rest was not."""
        self._missed = read.missed
        self._pace_seconds = read.pace_seconds or self._pace_seconds
        self._remember(read.vectors)
        self._known |= read.references
        if read.references:
            self._left = [
                sentence for sentence in self._references_left() if sentence not in read.references
            ]
        self._unkept |= {**read.vectors, **read.references}

    def keep(self) -> None:
        """Write down what was learned, for the next start; where that fails, it is read again."""
        unkept, self._unkept = self._unkept, {}
        try:
            self._phrases.keep(self._wording, unkept)
        except StoreError as error:
            _log.log(error.log_level, "what the model has read is not kept: %s", error)

    def prepare(self, seconds: float) -> bool:
        """Read more of the reference queries for about so long; True once none is left.

        Without a model there is nothing to do.
        """
        read = self.read(self.unread_references(seconds))
        self.learn(read)
        self.keep()
        return not self._left or (read.missed is not None and not read.references)

    # -- what is known --------------------------------------------------------------------------

    def vector(self, words: str) -> Vector:
        """The unit vector (d,) of words that were read; raises ModelError with the reason why not.

        Never asks the model: this is for where nobody may wait.
        """
        key = normalised(words)
        if (known := self._recent.get(key)) is not None:
            self._recent.move_to_end(key)
            return known
        sentences = prompts_for(self._encoder.space, words)
        if not all(sentence in self._sentences for sentence in sentences):
            raise self._missed or ModelError(say("The model has not read “{words}”.", words=words))
        vector = _mean([self._sentences[sentence] for sentence in sentences])
        self._recent[key] = vector
        _forget_oldest(self._recent)
        return vector

    @property
    def late(self) -> bool:
        """Whether the last reading did not end in time."""
        return isinstance(self._missed, ModelLate)

    def background(self, view: View) -> Background:
        """The background of the library as it was measured last.

        Measured here and now only where it never was, is that of a library half or twice the size,
        or was measured before all wishes had been read.
        """
        known = self._background
        all_read = not self._left and len(self._known) > self._measured_with
        if known is None or all_read or _of_another_size(known.rows, len(view)):
            measurement = self._measurement(view)
            known = measurement.measured()
            self.adopt(measurement, known)
        return known

    @property
    def measured(self) -> Background | None:
        """The background as it was measured last; may be asked in any thread."""
        return self._background

    def measurement(self, view: View) -> Measurement | None:
        """What is to be measured anew, in any thread; None where too little has changed.

        What has grown a little is measured once it has stopped growing: whoever asks the same
        elsewhere is judged by the whole library.
        """
        known, rows = self._background, len(view)
        settled, self._rows_seen = rows == self._rows_seen, rows
        if known is None or self._outgrown(known, rows) or (settled and rows != known.rows):
            return self._measurement(view)
        return None

    def adopt(self, measurement: Measurement, background: Background) -> None:
        """Judge by what was measured from now on."""
        self._measured_with = measurement.sentences
        self._background = background

    def references(self) -> dict[str, Vector]:
        """The unit vectors (d,) of the generic queries that are known by now, by their words."""
        return self._meanings(self._wishes)

    # -- inside ---------------------------------------------------------------------------------

    def _references_left(self) -> list[str]:
        """The reference queries that are not known; what is kept from another time is."""
        if self._left is None:
            space, wishes = self._encoder.space, (*self._wishes, *chain(*self._foreign_wishes))
            sentences = [sentence for wish in wishes for sentence in prompts_for(space, wish)]
            self._known = self._phrases.vectors(self._wording, sentences)
            self._left = [sentence for sentence in sentences if sentence not in self._known]
        return self._left

    def _remember(self, vectors: Mapping[str, Vector]) -> None:
        for sentence, vector in vectors.items():
            self._sentences[sentence] = vector
            self._sentences.move_to_end(sentence)
        _forget_oldest(self._sentences)

    def _timed(self, sentence: str) -> tuple[Vector, float]:
        """The vector of a sentence, and the seconds that it took."""
        started = self._stopwatch()
        vector = self._encoder.embed_text(sentence)
        return vector, self._stopwatch() - started

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

    def _measurement(self, view: View) -> Measurement:
        foreign = tuple(map(self._rows, self._foreign_wishes))
        return Measurement(view, self._rows(self._wishes), foreign, len(self._known))

    def _outgrown(self, known: Background, rows: int) -> bool:
        # Measuring costs more than embedding a few wishes: not after every few of them.
        next_time = 2 * self._measured_with if self._left else self._measured_with + 1
        more_known = len(self._known) >= max(next_time, 1)
        return more_known or abs(rows - known.rows) > GROWTH * max(rows, 1)


def _mean(vectors: list[Vector]) -> Vector:
    """The direction of the mean of some unit vectors, (d,)."""
    return vectors[0] if len(vectors) == 1 else blend(vectors, [1.0] * len(vectors))


def _forget_oldest(remembered: OrderedDict[str, Vector]) -> None:
    while len(remembered) > REMEMBERED:
        remembered.popitem(last=False)


def _of_another_size(before: int, now: int) -> bool:
    """Whether a library has at least doubled, or halved."""
    return now != before and (now >= 2 * before or 2 * now <= before)
