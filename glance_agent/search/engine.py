"""One query in, the works that answer it out: by their pictures, by their labels, by both."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.artwork import Filters
from glance_agent.domain.errors import ModelError, ModelLate
from glance_agent.domain.vectors import Matrix, top
from glance_agent.search.fts import LabelAnswer
from glance_agent.search.label_match import Reader
from glance_agent.search.query import Query, spoken
from glance_agent.search.query_embedding import Understanding
from glance_agent.search.ranking import HEAD, Families, Ranked, fused, varied
from glance_agent.search.scoring import NOTHING_BELOW, Part, Scores, Yardstick, answer, yardstick

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


class Rows(Protocol):
    """The vectors of one moment: row i of the matrix (n, d) belongs to `ids[i]`."""

    @property
    def ids(self) -> tuple[str, ...]: ...
    @property
    def matrix(self) -> Matrix: ...
    @property
    def row_of(self) -> dict[str, int]: ...


class Works(Protocol):
    """Which works may be answered with."""

    def withheld(self) -> frozenset[str]: ...
    def matching(self, filters: Filters) -> frozenset[str]: ...
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
    where that was so because it did not answer in time.
    """

    hits: tuple[Hit, ...]
    sure: bool = True
    by_pictures: bool = True
    late: bool = False


class Finder:
    """Answers queries; one thread at a time."""

    def __init__(self, works: Works, reader: Reader, understanding: Understanding) -> None:
        self._works = works
        self._reader = reader
        self._understanding = understanding

    def find(self, query: Query, rows: Rows, *, count: int, never: Collection[str] = ()) -> Found:
        """At most `count` works that answer a query, without those in `never`."""
        only = self._works.matching(query.filters) if query.filters.any else None
        examples = {e.artwork_id for e in query.examples if e.artwork_id is not None}
        gate = _Gate(only, self._works.withheld() | examples | frozenset(never))
        avoided = self._reader.carrying(query.avoid)
        on_label = _Gate(only, gate.never | avoided).lets_in
        try:
            marks = self._marks(query, rows, avoided)
        except ModelError as missed:
            labels = self._reader.answer(query, on_label, most=ALL_LABELS)
            passing = sorted(i for i in only or () if gate.lets_in(i))
            found = _by_labels(fused([] if query.words else passing, labels)[:count], labels)
            return replace(found, late=isinstance(missed, ModelLate))
        labels = self._reader.answer(query, on_label)
        enough = max(HEAD, 2 * count)
        scores = gate.applied(rows, marks.scores)
        best = top(scores, VECTOR_HITS if labels.any else enough)
        by_vector = [rows.ids[row] for row in best[np.isfinite(scores[best])].tolist()]
        ranked = fused(by_vector, labels, unlabelled=enough)
        return self._arranged(ranked, _Evidence.of(query, labels, marks, ranked), count)

    def _marks(self, query: Query, rows: Rows, avoided: Iterable[str]) -> _Marks:
        """How well each row answers; raises ModelError where words cannot be understood.

        Words that are to be avoided count against the works whose labels carry them, too.
        """
        meaning = self._understanding
        wanted = [Part(meaning.vector(p.text), p.weight) for p in query.phrases]
        for example in query.examples:
            if (row := rows.row_of.get(example.artwork_id or "")) is not None:
                wanted.append(Part(rows.matrix[row], example.weight, of_picture=True))
        unwanted = [Part(meaning.vector(p.text), p.weight) for p in query.avoid]
        if not rows.ids or not (wanted or unwanted):
            return _Marks(rows, np.zeros(len(rows.ids), np.float32), None, 0.0)
        background = meaning.background(rows.matrix)
        scores = answer(rows.matrix, wanted, unwanted, background)
        scores[[row for i in avoided if (row := rows.row_of.get(i)) is not None]] -= 1.0
        measure = yardstick(scores, wanted, background)
        return _Marks(rows, scores, measure, background.picture_likeness)

    def _arranged(self, ranked: Sequence[Ranked], evidence: _Evidence, count: int) -> Found:
        """The works to answer with: those that match first, and of these no two alike."""
        rows, matches = evidence.marks.rows, evidence.matches
        # In a small library the best sixty would be all of it, and variety would choose poor
        # matches: it chooses from an eighth, or from half as many again as are wanted.
        reach = max(count + count // 2, min(HEAD, len(rows.ids) // 8))
        matching = [r for r in ranked if matches[r.artwork_id] >= ANSWERS_FROM]
        others = [r for r in ranked if matches[r.artwork_id] < ANSWERS_FROM]
        head = [*matching, *others][:reach]
        ids = [r.artwork_id for r in head]
        within = min(len(matching) or reach, HEAD)
        # Of an artist who was asked for, or whose works fill the house, there may be any number.
        asked_for = bool(evidence.query.filters.artist or evidence.labels.by_artist)
        kept = varied(
            head,
            vectors_of(rows, ids[:within]),
            families=self._works.families(),
            likeness=evidence.marks.likeness,
            count=count,
            most_by_artist=None if asked_for else len(rows.ids) // 3,
        )
        hits = tuple(evidence.hit(r) for r in kept)
        best = max((hit.match for hit in hits), default=0.0)
        return Found(hits, sure=best >= NOTHING_BELOW or not evidence.asked)


@dataclass(frozen=True, eq=False, slots=True)
class _Marks:
    """How well each row answers, by what that is measured, and how alike any two pictures are."""

    rows: Rows
    scores: Scores
    measure: Yardstick | None
    likeness: float

    def matches(self, ids: Sequence[str]) -> list[float]:
        """How well the pictures of these works match, 0–1: fully where nothing was asked that a
        picture could answer, not at all where there is no vector.
        """
        rows = np.array([self.rows.row_of.get(artwork, -1) for artwork in ids], np.intp)
        known = rows >= 0
        matches = known.astype(np.float32)
        if self.measure is not None:
            matches[known] = self.measure.match(self.scores[rows[known]])
        found: list[float] = matches.tolist()
        return found


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What speaks for the works in question: their labels and their pictures, 0–1 by id."""

    query: Query
    labels: LabelAnswer
    marks: _Marks
    by_label: Mapping[str, float]
    by_picture: Mapping[str, float]
    matches: Mapping[str, float]
    said: str

    @classmethod
    def of(
        cls, query: Query, labels: LabelAnswer, marks: _Marks, ranked: Sequence[Ranked]
    ) -> _Evidence:
        """The evidence for the ranked works; a work without a vector has its label alone."""
        ids, by_label = [r.artwork_id for r in ranked], label_matches(labels)
        by_picture = dict(zip(ids, marks.matches(ids), strict=True))
        matches = {i: max(by_label.get(i, 0.0), match) for i, match in by_picture.items()}
        return cls(query, labels, marks, by_label, by_picture, matches, spoken(query))

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
        if (row := self.marks.rows.row_of.get(artwork)) is not None:
            parts["picture"] = round(self.by_picture[artwork], 3)
            parts["above_ordinary"] = round(float(self.marks.scores[row]), 3)
        return Hit(artwork, self.matches[artwork], self.why(artwork), parts)

    def why(self, artwork_id: str) -> str:
        """The reason as one says it."""
        asked, by_picture = self.said, self.by_picture[artwork_id]
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


def vectors_of(rows: Rows, ids: Sequence[str]) -> Matrix:
    """The vectors of these works (n, d), zeros for those that have none."""
    found = np.zeros((len(ids), rows.matrix.shape[1]), np.float32)
    known = [(place, rows.row_of[i]) for place, i in enumerate(ids) if i in rows.row_of]
    if known:
        places, at = map(list, zip(*known, strict=True))
        found[places] = rows.matrix[at]
    return found


@dataclass(frozen=True, slots=True)
class _Gate:
    """Which works may be answered with; `only` of None lets all in."""

    only: frozenset[str] | None
    never: frozenset[str]

    def lets_in(self, artwork_id: str) -> bool:
        return artwork_id not in self.never and (self.only is None or artwork_id in self.only)

    def applied(self, rows: Rows, scores: Scores) -> Scores:
        """The scores of the rows (n,), minus infinity where it does not let them in."""
        if self.only is None and not self.never:
            return scores
        return np.where(rows_let_in(rows, self.only, self.never), scores, np.float32(-np.inf))


def rows_let_in(
    rows: Rows, only: Collection[str] | None, never: Iterable[str]
) -> NDArray[np.bool_]:
    """Which rows are in `only` (None: all) and not in `never`, shape (n,)."""
    mask = np.full(len(rows.ids), only is None)
    if only is not None:
        mask[[row for i in only if (row := rows.row_of.get(i)) is not None]] = True
    mask[[row for i in never if (row := rows.row_of.get(i)) is not None]] = False
    return mask


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
