"""One query in, the works that answer it out: by their pictures, by their labels, by both."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from glance_agent.arrange import HEAD, PER_ARTIST, Kin, Ranked, fused, varied
from glance_agent.artwork import Filters
from glance_agent.errors import ModelError
from glance_agent.keywords import LabelAnswer
from glance_agent.query import Query, spoken
from glance_agent.read import Reader
from glance_agent.search import NOTHING_BELOW, Part, Scores, answer, match_of
from glance_agent.understand import Understanding
from glance_agent.vectors import Matrix, top

VECTOR_HITS = 200
NAMED_MATCH = 0.97
LABEL_MATCH = 0.75
DOUBTFUL_MATCH = 0.45
PER_ARTIST_WHEN_SIMILAR = 3


class Rows(Protocol):
    """The vectors of one moment: row i of the matrix (n, d) belongs to `ids[i]`."""

    @property
    def ids(self) -> tuple[str, ...]: ...
    @property
    def matrix(self) -> Matrix: ...
    @property
    def row_of(self) -> dict[str, int]: ...


class Index(Protocol):
    """All vectors of the space in use."""

    def snapshot(self) -> Rows: ...


class Works(Protocol):
    """Which works may be answered with."""

    def withheld(self) -> frozenset[str]: ...
    def matching(self, filters: Filters) -> frozenset[str]: ...
    def groups(self, artwork_ids: Iterable[str]) -> dict[str, str]: ...


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
    `by_pictures` is False where no model could be asked and only labels have answered.
    """

    hits: tuple[Hit, ...]
    sure: bool = True
    by_pictures: bool = True


class Finder:
    """Answers queries; one thread at a time."""

    def __init__(
        self, works: Works, reader: Reader, index: Index, understanding: Understanding
    ) -> None:
        self._works = works
        self._reader = reader
        self._index = index
        self._understanding = understanding

    def find(self, query: Query, *, count: int, never: Collection[str] = ()) -> Found:
        """At most `count` works that answer a query, without those in `never`."""
        rows = self._index.snapshot()
        only = self._works.matching(query.filters) if query.filters.any else None
        examples = {e.artwork_id for e in query.examples if e.artwork_id is not None}
        gate = _Gate(only, self._works.withheld() | examples | set(never))
        labels = self._reader.answer(query, gate.lets_in)
        try:
            scores = self._scores(query, rows)
        except ModelError:
            return _by_labels(query, labels, only, count)
        open_rows = gate.rows(rows)
        best = top(np.where(open_rows, scores, np.float32(-np.inf)), VECTOR_HITS)
        ranked = fused([rows.ids[row] for row in best if open_rows[row]], labels)
        kept = self._varied(query, ranked, labels, count)
        matches = match_of(scores)
        hits = [
            _hit(query, r, labels, _value(rows, matches, r), _value(rows, scores, r)) for r in kept
        ]
        if query.words or query.examples or query.avoid:
            return _judged(hits)
        return Found(tuple(hits))

    def _scores(self, query: Query, rows: Rows) -> Scores:
        """How well each row answers; raises ModelError where words cannot be understood."""
        meaning = self._understanding
        wanted = [Part(meaning.vector(p.text), p.weight) for p in query.phrases]
        for example in query.examples:
            if (row := rows.row_of.get(example.artwork_id or "")) is not None:
                wanted.append(Part(rows.matrix[row], example.weight, of_picture=True))
        avoided = [Part(meaning.vector(p.text), p.weight) for p in query.avoid]
        if not rows.ids or not (wanted or avoided):
            return np.zeros(len(rows.ids), np.float32)
        scores = answer(rows.matrix, wanted, avoided, meaning.background(rows.matrix))
        for artwork in self._reader.carrying(query.avoid):
            if (row := rows.row_of.get(artwork)) is not None:
                scores[row] -= 1.0
        return scores

    def _varied(
        self, query: Query, ranked: Sequence[Ranked], labels: LabelAnswer, count: int
    ) -> list[Ranked]:
        """The works to answer with, at most two of an artist who was not asked for."""
        rows = self._index.snapshot()
        # In a small library the best hundred would be all of it, and variety would choose poor
        # matches: it chooses from an eighth, or from half as many again as are wanted.
        reach = max(count + count // 2, min(HEAD, len(rows.ids) // 8))
        head = ranked[:reach]
        ids = [r.artwork_id for r in head]
        asked_for = bool(query.filters.artist or labels.by_artist)
        kin = Kin(
            artist_of={} if asked_for else self._reader.artists(ids),
            group_of=self._works.groups(ids),
            per_artist=PER_ARTIST_WHEN_SIMILAR if query.examples else PER_ARTIST,
        )
        vectors = np.zeros((len(ids), rows.matrix.shape[1]), np.float32)
        known = [(place, rows.row_of[i]) for place, i in enumerate(ids) if i in rows.row_of]
        if known:
            places, rows_of_places = map(list, zip(*known, strict=True))
            vectors[places] = rows.matrix[rows_of_places]
        likeness = self._understanding.background(rows.matrix).picture_likeness
        return varied(head, vectors, kin=kin, likeness=likeness, count=count)


@dataclass(frozen=True, slots=True)
class _Gate:
    """Which works may be answered with; `only` of None lets all in."""

    only: frozenset[str] | None
    never: Collection[str]

    def lets_in(self, artwork_id: str) -> bool:
        return artwork_id not in self.never and (self.only is None or artwork_id in self.only)

    def rows(self, rows: Rows) -> NDArray[np.bool_]:
        """The same for the rows of the index, shape (n,)."""
        return rows_let_in(rows, self.only, self.never)


def rows_let_in(
    rows: Rows, only: Collection[str] | None, never: Iterable[str]
) -> NDArray[np.bool_]:
    """Which rows are in `only` (None: all) and not in `never`, shape (n,)."""
    mask = np.full(len(rows.ids), only is None)
    if only is not None:
        mask[[row for i in only if (row := rows.row_of.get(i)) is not None]] = True
    mask[[row for i in never if (row := rows.row_of.get(i)) is not None]] = False
    return mask


def _value(rows: Rows, values: Scores, ranked: Ranked) -> float | None:
    row = rows.row_of.get(ranked.artwork_id)
    return None if row is None else float(values[row])


def _hit(
    query: Query, ranked: Ranked, labels: LabelAnswer, match: float | None, score: float | None
) -> Hit:
    """The hit with the better of what its picture and its label say."""
    on_label = label_match(ranked.artwork_id, labels)
    by_picture = match if match is not None else 0.0
    nothing_asked = not (query.words or query.examples or query.avoid)
    parts = {"label": round(on_label, 3), "rank": round(ranked.score, 4)}
    if score is not None:
        parts |= {"picture": round(by_picture, 3), "above_ordinary": round(score, 3)}
    best = 1.0 if nothing_asked else max(by_picture, on_label)
    return Hit(ranked.artwork_id, best, _why(query, ranked.artwork_id, labels, by_picture), parts)


def label_match(artwork_id: str, labels: LabelAnswer) -> float:
    """What a hit on the label says of the match, 0–1."""
    if artwork_id in labels.titled or artwork_id in labels.by_artist:
        return NAMED_MATCH
    if artwork_id in labels.full:
        return DOUBTFUL_MATCH if labels.descriptive else LABEL_MATCH
    return 0.0


def _why(query: Query, artwork_id: str, labels: LabelAnswer, by_picture: float) -> str:
    """The reason as one says it."""
    asked = spoken(query)
    if artwork_id in labels.titled:
        return "It has the very title you asked for"
    if artwork_id in labels.by_artist:
        return "It is by the artist you asked for"
    if not query.words:
        return "It fits what you asked for"
    if artwork_id in labels.full and by_picture < 0.8:
        return f"Its label says “{query.words}”"
    if by_picture >= 0.8:
        return f"A strong match for “{asked}”"
    if by_picture >= NOTHING_BELOW:
        return f"A fair match for “{asked}”"
    return f"A weak match for “{asked}”"


def _judged(hits: list[Hit]) -> Found:
    """The hits, and whether the best of them is a match at all."""
    best = max((h.match for h in hits), default=0.0)
    return Found(tuple(hits), sure=best >= NOTHING_BELOW)


def _by_labels(query: Query, labels: LabelAnswer, only: frozenset[str] | None, count: int) -> Found:
    """What the labels alone answer; filters alone are answered with everything that passes."""
    ranked = fused([] if query.words else sorted(only or ()), labels)[:count]
    hits = [
        Hit(r.artwork_id, max(label_match(r.artwork_id, labels), 0.3), "Its label says so")
        for r in ranked
    ]
    return Found(tuple(hits), by_pictures=False)
