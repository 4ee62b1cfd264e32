"""Words against labels: which works are meant by name, and which carry the words."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from glance_agent.domain.label import ALL_LABELS, Field, Tokens
from glance_agent.domain.view import AnyOf, View
from glance_agent.search.in_english import MOST_JOINED, in_english, in_english_alone
from glance_agent.search.label_words import (
    LabelAnswer,
    as_title,
    is_descriptive,
    is_of_kind,
    may_be_artist,
    names_artist,
    same_title,
    tokens_of,
)
from glance_agent.search.politeness import without_show_verb
from glance_agent.search.query import Phrase, Query
from glance_agent.search.well_known import absent

FEW_FULL_HITS = 10
"""With so many labels that carry every word, those with only some of them are not asked."""
MOST_RANKED = 300
"""Words on more labels than this are looked for in titles and names, where they say more."""
MOST_UNRANKED = 1_000
"""Words in more titles than this say nothing of a work."""
MOST_BY_ID = 1_000
"""More works that carry a word are not told by their ids."""
MOST_NAMED = 200
"""So many works of an artist are taken for named at most."""
ARTICLE_CHARACTERS = 12
"""By how much a title may be longer than the words that name it: an article, some punctuation."""


class LabelIndex(Protocol):
    """Knows what is printed on labels; withheld works are found as well."""

    def labelled_with(self, tokens: Tokens) -> list[str]:
        """Some of the works whose labels carry these words, best first."""
        ...

    def all_labelled_with(self, tokens: Tokens, most: int = ALL_LABELS) -> list[str]:
        """All of them, or so many, in no order that means anything."""
        ...

    def works_with(self, tokens: Tokens, view: View) -> Container[str]:
        """All of them, as whoever looks at this view knows them quickest."""
        ...

    def count_labelled_with(self, tokens: Tokens, most: int) -> int:
        """How many they are; where there are more than `most`, so many."""
        ...

    def titles_with(self, words: str, longest: int) -> list[tuple[str, str]]:
        """Id and title of the works with these words in a row in a title that is not longer."""
        ...


class Reader:
    """Reads the labels of the library for a query; one thread at a time."""

    def __init__(self, labels: LabelIndex) -> None:
        self._labels = labels

    def answer(
        self, query: Query, allowed: Callable[[str], bool], most: int = MOST_RANKED
    ) -> LabelAnswer:
        """What the labels answer to the words of a query, among the allowed works.

        Ranking many labels takes long; where more than `most` carry a word, only the titles and
        names that do are asked, and not even ranked where these are too many as well.
        """
        words = self._without_verb(query.words)
        said = tokens_of(words)
        if not said:
            return LabelAnswer()
        by_artist = self._by_artist(said)
        tokens = said if by_artist else self._as_labels_have_them(said, query.language)
        carrying = self._count(tokens, most=most + 1)
        as_said = self._count(said, most=most + 1) if tokens != said else 0
        called = self._called(words) if carrying or as_said else []
        full, unordered = self._full(tokens, carrying, most)
        if 0 < as_said <= most and not unordered:
            full = list(dict.fromkeys([*full, *self._full(said, as_said, most)[0]]))
        few = len(full) < FEW_FULL_HITS and len(tokens) > 1
        partly = self._partly(tokens, most) if few else []
        whole = frozenset(full)

        def kept(ids: Iterable[str]) -> tuple[str, ...]:
            return tuple(i for i in dict.fromkeys(ids) if allowed(i))

        return LabelAnswer(
            titled=kept(called),
            by_artist=kept(by_artist),
            full=kept(full),
            some=kept(i for i in partly if i not in whole),
            descriptive=is_descriptive(tokens),
            of_kind=is_of_kind(tokens),
            unordered=unordered,
        )

    def absent(self, query: Query) -> str:
        """What the query names that no label has, as one says it; nothing where all is here."""
        return absent(query.words, lambda words: self._count(words, most=1))

    def is_title(self, words: str) -> bool:
        """Whether a work has exactly this title."""
        return bool(self._called(words))

    def carrying(self, phrases: Sequence[Phrase], view: View) -> Container[str]:
        """The works whose labels carry all words of one of these phrases; few by their ids."""
        few: frozenset[str] = frozenset()
        many: list[Container[str]] = []
        for words in filter(None, (tokens_of(phrase.text) for phrase in phrases)):
            if self._count(words, most=MOST_BY_ID + 1) > MOST_BY_ID:
                many.append(self._labels.works_with(Tokens(words), view))
            else:
                few = few.union(self._labels.all_labelled_with(Tokens(words)))
        return AnyOf((few, *many)) if many else few

    def _without_verb(self, words: str) -> str:
        """What follows “play” or “montre”, where that is a title and the whole is none."""
        behind = without_show_verb(words)
        return behind if behind and self._called(behind) and not self._called(words) else words

    def _as_labels_have_them(self, said: tuple[str, ...], language: str | None) -> tuple[str, ...]:
        """The words, with those of other languages that no label carries in English, where labels
        carry that: “Schnee” is “snow”."""
        found: list[str] = []
        at = 0
        while at < len(said):
            ends = range(min(len(said), at + MOST_JOINED), at, -1)
            ways = ((end, self._in_english(said[at:end], language)) for end in ends)
            end, meant = next((way for way in ways if way[1]), (at + 1, said[at : at + 1]))
            found += meant
            at = end
        return tuple(dict.fromkeys(found))

    def _in_english(self, words: tuple[str, ...], language: str | None) -> tuple[str, ...]:
        """What words of another language are on labels; nothing where labels carry them so, and
        they mean nothing else to whoever asks."""
        own = in_english_alone(*words, language=language)
        if here := next((each for each in own if self._count(each, most=1)), ()):
            return here
        meant = in_english(*words, language=language)
        if not meant or self._count(words, most=1):
            return ()
        return next((each for each in meant if self._count(each, most=1)), ())

    def _called(self, words: str) -> list[str]:
        """The works with exactly this title; none where too many have the words in theirs."""
        title = as_title(words)
        # To read so many titles takes longer than anybody waits, from a slow card minutes.
        if not title or self._count((title,), "title", most=MOST_UNRANKED + 1) > MOST_UNRANKED:
            return []
        found = self._labels.titles_with(title, len(words) + ARTICLE_CHARACTERS)
        return [artwork for artwork, title in found if same_title(words, title)]

    def _by_artist(self, tokens: Sequence[str]) -> list[str]:
        """The works of the artists whom these words name: of all of them, or of any."""
        possible = tuple(token for token in tokens if may_be_artist(token))
        # Most queries name nobody, which one question tells.
        if not possible or not self._count(possible, "artist", any=True, most=1):
            return []
        names = tuple(token for token in possible if self._is_name(token))
        if not names:
            return []
        of_artist = Tokens(names, within=("artist",))
        if self._count(names, "artist", most=MOST_RANKED + 1) > MOST_RANKED:
            return self._labels.all_labelled_with(of_artist, MOST_NAMED)
        found = self._labels.labelled_with(of_artist)
        return found or self._labels.labelled_with(replace(of_artist, any=True))

    def _is_name(self, token: str) -> bool:
        by_artist = self._count((token,), "artist")
        enough = by_artist // 2 + 1  # to be meant otherwise
        elsewhere = self._count((token,), "title", "tags", most=enough) if by_artist else 0
        return names_artist(by_artist, elsewhere)

    def _full(self, tokens: Sequence[str], carrying: int, most: int) -> tuple[list[str], bool]:
        """The works with every word, which so many carry, and whether they are in no order."""
        in_front = Tokens(tuple(tokens), within=("title", "artist"))
        if carrying <= most:
            return self._labels.labelled_with(Tokens(in_front.words)) if carrying else [], False
        titles = self._labels.count_labelled_with(in_front, max(most, MOST_UNRANKED) + 1)
        if 0 < titles <= most:
            return self._labels.labelled_with(in_front), False
        if titles > MOST_UNRANKED:
            return [], False
        return self._labels.all_labelled_with(in_front) if titles else [], True

    def _partly(self, tokens: Sequence[str], most: int) -> list[str]:
        """The works with some of the words: with the rare ones, which say most."""
        counts = {token: self._count((token,), most=most + 1) for token in tokens}
        rare: list[str] = []
        for token in sorted(filter(counts.get, tokens), key=counts.__getitem__):
            if sum(counts[t] for t in (*rare, token)) <= most:
                rare.append(token)
        return self._labels.labelled_with(Tokens(tuple(rare), any=True)) if rare else []

    def _count(
        self, words: tuple[str, ...], *within: Field, any: bool = False, most: int = ALL_LABELS
    ) -> int:
        """How many labels carry all of the words, or any; of more than `most`, so many."""
        return self._labels.count_labelled_with(Tokens(words, any, within), most)
