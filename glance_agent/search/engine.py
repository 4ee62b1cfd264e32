"""One query in, the works that answer it out: by their pictures, by their labels, by both."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from glance_agent.domain.artwork import Filters
from glance_agent.domain.errors import ModelError, ModelLate
from glance_agent.domain.vectors import Matrix, top
from glance_agent.domain.view import OPEN, Gate, Numbers, View
from glance_agent.search.label_match import Reader
from glance_agent.search.label_words import LabelAnswer
from glance_agent.search.query import Query, spoken
from glance_agent.search.query_embedding import Understanding
from glance_agent.search.ranking import HEAD, Families, Ranked, fused, varied
from glance_agent.search.scoring import (
    NOTHING_BELOW,
    TOP,
    Part,
    Question,
    Scores,
    yardstick,
)

CANDIDATES = 500
"""How many works are looked at in each direction where a query avoids something."""
LOOKED_THROUGH = 20_000
"""So many works are all looked at for such a query, which is quicker than in each direction."""
VECTOR_HITS = 200
"""Works on whose label the words are may gain by their picture up to this rank."""
NAMED_MATCH = 0.97
LABEL_MATCH = 0.75
DOUBTFUL_MATCH = 0.45
PARTLY_MATCH = 0.4
ANSWERS_FROM = 0.4
"""Works that match less than this come after all that match more."""
LEAST_ON_LABEL = 0.3
STRONG_FROM = 0.8
ALL_LABELS = 1_000_000


class SearchableWorks(Protocol):
    """Which works may be answered with."""

    def withheld(self) -> frozenset[str]: ...
    def matching(self, filters: Filters) -> frozenset[str]: ...
    def newest_first(self, filters: Filters) -> list[str]: ...
    def families(self) -> Families: ...


@dataclass(frozen=True, slots=True)
class Hit:
    """One work that answers: how well (0–1), why, and the parts of its score by name."""

    artwork_id: str
    match: float
    why: str
    parts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a query, best first.

    `sure` is False where nothing really matches and the hits are the nearest there is;
    `by_pictures` is False where no model could be asked and only labels have answered, `late`
    where that was so because it did not answer in time. What is `listed`, “hidden” or “liked”,
    answers no question: the latest of it comes first.
    """

    hits: tuple[Hit, ...]
    sure: bool = True
    by_pictures: bool = True
    late: bool = False
    listed: str = ""


class SearchEngine:
    """Answers queries; one thread at a time."""

    def __init__(
        self, works: SearchableWorks, reader: Reader, understanding: Understanding
    ) -> None:
        self._works = works
        self._reader = reader
        self._understanding = understanding

    def find(
        self,
        query: Query,
        view: View,
        *,
        count: int,
        never: Collection[str] = (),
        among: frozenset[str] | None = None,
    ) -> Found:
        """At most `count` works that answer a query, without those in `never`; where `among` is
        given, of these alone."""
        only = self._works.matching(query.filters) if query.filters.any else among
        if only is not None and among is not None:
            only &= among
        examples = {e.artwork_id for e in query.examples if e.artwork_id is not None}
        # What is hidden is withheld from every question but the one for it.
        withheld = frozenset() if query.filters.hidden else self._works.withheld()
        gate = Gate(only, withheld | examples | frozenset(never))
        if query.only_filters and query.filters.listed:
            return self._listed(query.filters, gate, count)
        avoided = self._reader.carrying(query.avoid)
        on_label = Gate(only, gate.never | avoided).lets_in
        try:
            marks = self._marks(query, view, avoided)
        except ModelError as missed:
            labels = self._reader.answer(query, on_label, most=ALL_LABELS)
            passing = sorted(i for i in only or () if gate.lets_in(i))
            found = _by_labels(fused([] if query.words else passing, labels)[:count], labels)
            return replace(found, late=isinstance(missed, ModelLate))
        labels = self._reader.answer(query, on_label)
        enough = max(HEAD, 2 * count)
        by_vector = marks.best(gate, VECTOR_HITS if labels.any else enough)
        ranked = fused(by_vector, labels, unlabelled=enough)
        return self._arranged(ranked, _Evidence.of(query, labels, marks, ranked), count)

    def _listed(self, filters: Filters, gate: Gate, count: int) -> Found:
        """The works that pass a filter with an order of its own, in this order."""
        passing = [i for i in self._works.newest_first(filters) if gate.lets_in(i)]
        listed = "hidden" if filters.hidden else "liked"
        return Found(tuple(Hit(i, 1.0, f"It is {listed}") for i in passing[:count]), listed=listed)

    def _marks(self, query: Query, view: View, avoided: frozenset[str]) -> _Marks:
        """How well works answer; raises ModelError where words cannot be understood.

        Words that are to be avoided count against the works whose labels carry them, too.
        """
        meaning = self._understanding
        wanted = [Part(meaning.vector(p.text), p.weight) for p in query.phrases]
        for example in query.examples:
            vectors = view.vectors_of(view.numbers_of([example.artwork_id or ""]))
            wanted += [Part(vector, example.weight, of_picture=True) for vector in vectors]
        unwanted = [Part(meaning.vector(p.text), p.weight) for p in query.avoid]
        if not len(view) or not (wanted or unwanted):
            return _Marks(view)
        return _Marks(view, Question(wanted, unwanted, meaning.background(view)), avoided)

    def _arranged(self, ranked: Sequence[Ranked], evidence: _Evidence, count: int) -> Found:
        """The works to answer with: those that match first, and of these no two alike."""
        marks, matches = evidence.marks, evidence.matches
        size = len(marks.view)
        # In a small library the best sixty would be all of it, and variety would choose poor
        # matches: it chooses from an eighth, or from half as many again as are wanted.
        reach = max(count + count // 2, min(HEAD, size // 8))
        matching = [r for r in ranked if matches[r.artwork_id] >= ANSWERS_FROM]
        others = [r for r in ranked if matches[r.artwork_id] < ANSWERS_FROM]
        head = [*matching, *others][:reach]
        within = head[: min(len(matching) or reach, HEAD)]
        # Of an artist who was asked for, or whose works fill the house, there may be any number.
        asked_for = bool(evidence.query.filters.artist or evidence.labels.by_artist)
        kept = varied(
            head,
            marks.vectors([r.artwork_id for r in within]),
            families=self._works.families(),
            likeness=marks.likeness,
            count=count,
            most_by_artist=None if asked_for else size // 3,
        )
        hits = tuple(evidence.hit(r) for r in kept)
        best = max((hit.match for hit in hits), default=0.0)
        return Found(hits, sure=best >= NOTHING_BELOW or not evidence.asked)


class _Marks:
    """How well works answer a question by their pictures, and by what that is measured.

    Works whose labels carry what is to be avoided are `avoided`. Where nothing is asked that a
    picture could answer, there is no question.
    """

    def __init__(
        self, view: View, question: Question | None = None, avoided: frozenset[str] = frozenset()
    ) -> None:
        self.view = view
        self._question = question
        self._avoided = avoided

    @property
    def likeness(self) -> float:
        """How alike any two pictures are."""
        return self._question.background.picture_likeness if self._question else 0.0

    def best(self, gate: Gate, count: int) -> list[str]:
        """The works that answer best and pass a gate, best first; where nothing is asked, any."""
        if self._question is None:
            everything = self.view.sample(len(self.view))
            return self.view.ids_of(everything[self.view.let_in(everything, gate)][:count])
        near = self._near(gate, count)
        if not self._one_way:
            near = near[top(self._scores(near), count)]
        return self.view.ids_of(near)

    def of(self, ids: Sequence[str]) -> tuple[dict[str, float], dict[str, float]]:
        """How well these works answer, and the same as 0–1; those without a vector are left out.

        All match fully where nothing was asked that a picture could answer.
        """
        known, numbers = self._known(ids)
        if self._question is None or not known:
            return dict.fromkeys(known, 0.0), dict.fromkeys(known, 1.0)
        # What is measured by: the best works of the library, whether they may be shown or not.
        near = self._near(OPEN, TOP)
        scores, best = np.split(self._scores(np.concatenate([numbers, near])), [numbers.size])
        measure = yardstick(best, self._question.wanted, self._question.background)
        matches = measure.match(scores).tolist()
        return (
            dict(zip(known, scores.tolist(), strict=True)),
            dict(zip(known, matches, strict=True)),
        )

    def vectors(self, ids: Sequence[str]) -> Matrix:
        """The vectors of these works (m, d), zeros for those that have none."""
        known, numbers = self._known(ids)
        vectors = self.view.vectors_of(numbers)
        if len(known) == len(ids):
            return vectors
        found = np.zeros((len(ids), vectors.shape[1]), np.float32)
        place = {artwork: at for at, artwork in enumerate(ids)}
        found[[place[artwork] for artwork in known]] = vectors
        return found

    @property
    def _one_way(self) -> bool:
        """Whether one direction tells how well works answer, which the view itself ranks."""
        return not (self._avoided or (self._question and self._question.avoided))

    def _known(self, ids: Sequence[str]) -> tuple[Sequence[str], Numbers]:
        """Those of the works that have a vector, and their numbers."""
        numbers = self.view.numbers_of(ids)
        return (ids if numbers.size == len(ids) else self.view.ids_of(numbers)), numbers

    def _scores(self, numbers: Numbers) -> Scores:
        if self._question is None:
            return np.zeros(numbers.size, np.float32)
        scores = self._question.answer(self.view, numbers)
        if self._avoided:
            scores[self.view.let_in(numbers, Gate(only=self._avoided))] -= 1.0
        return scores

    def _near(self, gate: Gate, count: int) -> Numbers:
        """Works that pass a gate, among them the `count` that answer best."""
        assert self._question is not None
        if self._question.avoided and len(self.view) <= LOOKED_THROUGH:
            everything = self.view.sample(len(self.view))
            return everything[self.view.let_in(everything, gate)]
        directions = self._question.directions(self.view)
        if self._one_way:
            return self.view.best(directions, count, gate)
        count = count if len(directions) == 1 else max(count, CANDIDATES)
        without = Gate(gate.only, gate.never | self._avoided)
        gates = (gate, without) if self._avoided else (gate,)
        found = [self.view.best(directions, count, some) for some in gates]
        return np.unique(np.concatenate(found))


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What speaks for the works in question: their labels and their pictures, 0–1 by id."""

    query: Query
    labels: LabelAnswer
    marks: _Marks
    by_label: Mapping[str, float]
    scores: Mapping[str, float]
    by_picture: Mapping[str, float]
    matches: Mapping[str, float]
    said: str

    @classmethod
    def of(
        cls, query: Query, labels: LabelAnswer, marks: _Marks, ranked: Sequence[Ranked]
    ) -> _Evidence:
        """The evidence for the ranked works; a work without a vector has its label alone."""
        ids, by_label = [r.artwork_id for r in ranked], label_matches(labels)
        scores, by_picture = marks.of(ids)
        matches = dict.fromkeys(ids, 0.0) | by_picture
        for artwork in by_label.keys() & matches.keys():
            matches[artwork] = max(by_label[artwork], matches[artwork])
        return cls(query, labels, marks, by_label, scores, by_picture, matches, spoken(query))

    @property
    def asked(self) -> bool:
        """Whether anything is looked for that a work may answer better or worse."""
        return bool(self.query.words or self.query.examples or self.query.avoid)

    def hit(self, ranked: Ranked) -> Hit:
        """The work with the better of what its picture and its label say, and the parts of it."""
        artwork = ranked.artwork_id
        parts = {
            "label": round(self.by_label.get(artwork, 0.0), 3),
            "rank": round(ranked.score, 4),
        }
        if artwork in self.scores:
            parts["picture"] = round(self.by_picture[artwork], 3)
            parts["above_ordinary"] = round(self.scores[artwork], 3)
        return Hit(artwork, self.matches[artwork], self.why(artwork), parts)

    def why(self, artwork_id: str) -> str:
        """The reason as one says it."""
        asked, by_picture = self.said, self.by_picture.get(artwork_id, 0.0)
        if artwork_id in self.labels.titled:
            return "It has the very title you asked for"
        if artwork_id in self.labels.by_artist:
            return "It is by the artist you asked for"
        if not self.query.words:
            return "It fits what you asked for"
        if artwork_id in self.labels.full and by_picture < STRONG_FROM:
            return f"Its label says “{self.query.words}”"
        if by_picture >= STRONG_FROM:
            return f"A strong match for “{asked}”"
        if by_picture >= NOTHING_BELOW:
            return f"A fair match for “{asked}”"
        return f"A weak match for “{asked}”"


def label_matches(labels: LabelAnswer) -> dict[str, float]:
    """What the labels say of the match, 0–1, by id."""
    partly = 0.0 if labels.of_kind else PARTLY_MATCH
    matches = dict.fromkeys(labels.some, partly)
    matches |= dict.fromkeys(labels.full, DOUBTFUL_MATCH if labels.descriptive else LABEL_MATCH)
    matches |= dict.fromkeys((*labels.by_artist, *labels.titled), NAMED_MATCH)
    return matches


def _by_labels(ranked: Sequence[Ranked], labels: LabelAnswer) -> Found:
    """What the labels alone answer."""
    on_label = label_matches(labels)
    hits = [
        Hit(r.artwork_id, max(on_label.get(r.artwork_id, 0.0), LEAST_ON_LABEL), "Its label says so")
        for r in ranked
    ]
    return Found(tuple(hits), by_pictures=False)
