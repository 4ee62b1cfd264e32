"""Query: what to look for, what to avoid, pictures to resemble, and filters; and how it is spelled.

    2:stormy sea, ship -people artist:turner year:1800-1850

`written` spells a query so that `parse_query` reads it back.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from glance_agent.domain.artwork import Filters
from glance_agent.domain.said import in_a_row, listed, say
from glance_agent.domain.vectors import Vector
from glance_agent.search.query_filters import written_filters


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that are one wish, and how much they count (0 < weight <= HEAVIEST)."""

    text: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Example:
    """A work to resemble; no id means the one that is on the display."""

    artwork_id: str | None
    weight: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class SentPicture:
    """A picture to resemble that is no work of the library: its unit vector (d,)."""

    vector: Vector


@dataclass(frozen=True, slots=True)
class Query:
    """What a person asks for."""

    phrases: tuple[Phrase, ...] = ()
    avoid: tuple[Phrase, ...] = ()
    examples: tuple[Example, ...] = ()
    filters: Filters = field(default_factory=Filters)
    pictures: tuple[SentPicture, ...] = ()
    language: str | None = None
    """That of whoever asks, where it is known."""
    as_said: str = field(default="", compare=False)
    """All of it with what is avoided, which may be a title: “House without Doors”."""

    @property
    def words(self) -> str:
        """Everything that is looked for in words, in the order in which it was said."""
        return " ".join(phrase.text for phrase in self.phrases)

    @property
    def texts(self) -> tuple[str, ...]:
        """All words that a model has to understand: those looked for and those to be avoided."""
        said = (self.as_said,) if self.as_said else ()
        return (*(phrase.text for phrase in (*self.phrases, *self.avoid)), *said)

    @property
    def only_filters(self) -> bool:
        """Whether nothing is asked that a work may answer better or worse than another."""
        return not (self.phrases or self.avoid or self.examples or self.pictures)

    @property
    def empty(self) -> bool:
        return self.only_filters and not self.filters.any


def written(query: Query) -> str:
    """The query in its own language; `parse_query` reads it back."""
    several = len(query.phrases) > 1
    parts = [f"{_weight(p.weight, said=several)}“{p.text}”" for p in query.phrases]
    parts += [f"-{_weight(p.weight)}“{p.text}”" for p in query.avoid]
    parts += [f"like:{e.artwork_id or 'this'}" for e in query.examples]
    parts += written_filters(query.filters)
    return " ".join(parts)


def spoken(query: Query) -> str:
    """The query as one says it back: “stormy sea without people”."""
    said = [", ".join(phrase.text for phrase in query.phrases)]
    if query.avoid:
        avoided = listed((phrase.text for phrase in query.avoid), "or")
        said.append(say("without {avoided}", avoided=avoided))
    if query.filters.artist and query.filters.artist.casefold() not in query.words.casefold():
        said.append(say("by {artist}", artist=query.filters.artist))
    return in_a_row(*said)


def _weight(weight: float, *, said: bool = False) -> str:
    if weight == 1.0 and not said:
        return ""
    return f"{weight:f}".rstrip("0").rstrip(".") + ":"
