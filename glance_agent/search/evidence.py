"""What speaks for the works in question: their labels and their pictures, and how to say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from glance_agent.domain.said import say
from glance_agent.search.hits import Found, Hit
from glance_agent.search.label_words import LabelAnswer
from glance_agent.search.picture_match import PictureMatch
from glance_agent.search.query import Query, spoken
from glance_agent.search.ranking import Ranked
from glance_agent.search.scoring import NOTHING_BELOW

NAMED_MATCH = 0.97
LABEL_MATCH = 0.75
DOUBTFUL_MATCH = 0.45
PARTLY_MATCH = 0.4
LEAST_ON_LABEL = 0.3
STRONG_FROM = 0.8


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for the works in question: their labels and their pictures, 0–1 by id."""

    query: Query
    labels: LabelAnswer
    pictures: PictureMatch
    by_label: Mapping[str, float]
    scores: Mapping[str, float]
    by_picture: Mapping[str, float]
    matches: Mapping[str, float]
    words: str
    said: str

    @classmethod
    def of(
        cls, query: Query, labels: LabelAnswer, pictures: PictureMatch, ranked: Sequence[Ranked]
    ) -> Evidence:
        """The evidence for the ranked works; a work without a vector has its label alone."""
        ids, by_label = [r.artwork_id for r in ranked], label_matches(labels)
        scores, by_picture = pictures.of(ids)
        matches = dict.fromkeys(ids, 0.0) | by_picture
        for artwork in by_label.keys() & matches.keys():
            matches[artwork] = max(by_label[artwork], matches[artwork])
        said = query.words, spoken(query)
        return cls(query, labels, pictures, by_label, scores, by_picture, matches, *said)

    @property
    def asked(self) -> bool:
        """Whether anything is looked for that a work may answer better or worse."""
        query = self.query
        return bool(query.words or query.examples or query.pictures or query.avoid)

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
            return say("It has the very title you asked for")
        if artwork_id in self.labels.by_artist:
            return say("It is by the artist you asked for")
        if not self.words:
            return say("It fits what you asked for")
        if artwork_id in self.labels.full and by_picture < STRONG_FROM:
            return say("Its label says “{words}”", words=self.words)
        if by_picture >= STRONG_FROM:
            return say("A strong match for “{asked}”", asked=asked)
        if by_picture >= NOTHING_BELOW:
            return say("A fair match for “{asked}”", asked=asked)
        return say("A weak match for “{asked}”", asked=asked)


def label_matches(labels: LabelAnswer) -> dict[str, float]:
    """What the labels say of the match, 0–1, by id."""
    partly = 0.0 if labels.of_kind else PARTLY_MATCH
    matches = dict.fromkeys(labels.some, partly)
    matches |= dict.fromkeys(labels.full, DOUBTFUL_MATCH if labels.descriptive else LABEL_MATCH)
    matches |= dict.fromkeys((*labels.by_artist, *labels.titled), NAMED_MATCH)
    return matches


def by_labels(ranked: Sequence[Ranked], labels: LabelAnswer) -> Found:
    """What the labels alone answer."""
    on_label = label_matches(labels)
    why = say("Its label says so")
    hits = [
        Hit(r.artwork_id, max(on_label.get(r.artwork_id, 0.0), LEAST_ON_LABEL), why) for r in ranked
    ]
    return Found(tuple(hits), by_pictures=False)
