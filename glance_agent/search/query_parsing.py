"""Words -> Query.

A weight (`2:`) counts for the words up to the next comma, weight, exclusion or filter. Words in
double quotes are taken as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import takewhile

from glance_agent.domain.artwork import Filters, is_artwork_id
from glance_agent.domain.picture_verbs import Search, Similar
from glance_agent.search.centuries import with_years
from glance_agent.search.negation import (
    MOST_IN_A_ROW,
    Negation,
    as_said,
    folded,
    negation_at,
)
from glance_agent.search.politeness import without_request
from glance_agent.search.query import Example, Phrase, Query
from glance_agent.search.query_filters import ME, bad_filter, narrowed
from glance_agent.search.query_tokens import QUOTES, Token, tokens_of

MOST_PARTS = 12
"""Parts beyond this many are dropped: each costs a vector."""
_LIKE_THIS = re.compile(
    r"^(?:(?:show me|find|give me|something|more|another(?: one)?|one|a|the|works?|pictures?"
    r"|paintings?|art|painting)\s+)*"
    r"(?:like|similar to)\s+(?:this|it|that)\b(?:\s+(?:one|picture|painting|work))?[\s,]*"
    r"(?:(?:but|only|just)\b\s*)?",
    re.IGNORECASE,
)


def query_of(command: Search | Similar) -> Query:
    """The query that a command means: its words, and whatever its JSON keys add or replace.

    Raises CommandError where a filter in the words has an impossible value.
    """
    query = replace(parse_query(command.query or ""), language=command.language)
    if isinstance(command, Similar):
        return replace(query, examples=(Example(command.artwork), *query.examples))
    avoided = tuple(Phrase(text) for text in _listed(command.avoid or ""))
    wanted = {
        name: value
        for name in ("artist", "source", "year_from", "year_to", "orientation", "unseen", "hidden")
        if (value := getattr(command, name))
    }
    examples = query.examples if command.like is None else (*query.examples, Example(command.like))
    filters = replace(query.filters, **wanted)
    if command.liked or filters.liked_by == ME:
        filters = replace(filters, liked_by=command.user)
    return replace(query, avoid=_once((*query.avoid, *avoided)), examples=examples, filters=filters)


@lru_cache(maxsize=256)
def parse_query(text: str) -> Query:
    """The query that some words mean; raises CommandError for an impossible filter value."""
    text = " ".join(text.split())
    rest = _LIKE_THIS.sub("", text)
    examples = [Example(None)] if rest != text else []
    rest, said = without_request(as_said(rest)), without_request(rest)
    if not examples and (shorter := _LIKE_THIS.sub("", rest)) != rest:
        rest, examples = shorter, [Example(None)]
    tokens = list(tokens_of(with_years(rest)))
    filters = Filters()
    for token in tokens:
        if token.kind == "filter":
            key, value = _key_and_value(token.text)
            if key == "like":
                examples.append(_example(value))
            else:
                filters = narrowed(filters, key, value)
    words = [t for t in tokens if t.kind != "word" or t.text.casefold() != "unseen"]
    if len(words) < len(tokens):
        filters = replace(filters, unseen=True)
    phrases, avoid = _phrases(words)
    query = Query(_once(phrases), _once(avoid), tuple(examples[:MOST_PARTS]), filters)
    only_words = all(token.kind in {"word", "comma"} for token in tokens)
    return replace(query, as_said=said) if avoid and only_words and not examples else query


# -- from tokens to phrases ---------------------------------------------------------------------


@dataclass(slots=True)
class _Collector:
    """The phrases so far, and the words of the one that is being read."""

    phrases: list[Phrase] = field(default_factory=list)
    avoid: list[Phrase] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    weight: float = 1.0
    weighted: bool = False

    def close(self) -> None:
        """End the phrase that is being read; a weight of nothing drops it."""
        text = " ".join(self.words).strip(" ,-–—")
        if text and self.weight > 0:
            self.phrases.append(Phrase(text, self.weight))
        self.words, self.weight = [], 1.0


def _phrases(tokens: list[Token]) -> tuple[list[Phrase], list[Phrase]]:
    """What is looked for and what is avoided."""
    into = _Collector(weighted=any(t.kind == "weight" for t in tokens))
    position = 0
    while position < len(tokens):
        token = tokens[position]
        position += 1
        match token.kind:
            case "weight":
                into.close()
                into.weight = token.weight
            case "minus":
                position = _after_minus(tokens, position, token.weight, into)
            case "word" if (negation := negation_at(tokens, position - 1)) is not None:
                position = _after_negation(tokens, position, negation, into)
            case "word" | "quoted":
                into.words.append(token.text)
            case "comma":
                _comma(into)
            case _:
                _edge(into)
    into.close()
    return into.phrases, into.avoid


def _comma(into: _Collector) -> None:
    """A comma parts phrases where weights are used; else it is part of the sentence."""
    if into.weighted:
        into.close()
    elif into.words and not into.words[-1].endswith(","):
        into.words[-1] += ","


def _edge(into: _Collector) -> None:
    """A filter or exclusion ends a weighted phrase, and is no part of a sentence."""
    if into.weighted:
        into.close()


def _after_minus(tokens: list[Token], at: int, weight: float, into: _Collector) -> int:
    """`-people`, `-"a crowd"`: one token is avoided."""
    if at < len(tokens) and weight > 0:
        into.avoid.append(Phrase(tokens[at].text, weight))
    _edge(into)
    return at + 1


def _after_negation(tokens: list[Token], at: int, negation: Negation, into: _Collector) -> int:
    """`without people or boats at night`: the words up to a preposition, each side of an “or”."""
    if into.words and into.words[-1].casefold().strip(",") in negation.before:
        into.words.pop()
    words: list[str] = []
    while at < len(tokens) and tokens[at].kind in {"word", "quoted"}:
        token, behind = tokens[at], _words_from(tokens, at)
        if behind and behind[0] in negation.joins:
            _avoid(words, negation, into)
            words = []
        elif words and behind and (length := negation.inside.met(behind)):
            at += length
            continue
        elif behind and negation.ends(behind) and (words or negation.telling(token.text)):
            break
        elif said := token.text if words or not behind else negation.telling(token.text):
            words.append(said)
        at += 1
    _avoid(words, negation, into)
    while at < len(tokens) and tokens[at].kind == "comma" and not into.weighted:
        at += 1
    return at


def _words_from(tokens: list[Token], at: int) -> list[str]:
    """Some words in a row from here on, as they are compared; none where this one is quoted."""
    row = takewhile(lambda token: token.kind == "word", tokens[at : at + MOST_IN_A_ROW])
    return [folded(token) for token in row]


def _avoid(words: list[str], negation: Negation, into: _Collector) -> None:
    text = re.sub(negation.pictures, "", " ".join(words).strip(" .!?"), flags=re.IGNORECASE)
    if text:
        into.avoid.append(Phrase(text))


def _once(phrases: Iterable[Phrase]) -> tuple[Phrase, ...]:
    """The phrases without repeats, at most MOST_PARTS; a last comma is not said."""
    kept: dict[str, Phrase] = {}
    for phrase in phrases:
        text = phrase.text.strip(" ,")
        if text and text.casefold() not in kept:
            kept[text.casefold()] = replace(phrase, text=text)
    return tuple(kept.values())[:MOST_PARTS]


def _listed(text: str) -> list[str]:
    """What the JSON key `not` names: phrases between commas or “or”."""
    parts = re.split(r"[,;]|\bor\b|\band\b", text, flags=re.IGNORECASE)
    return [named for part in parts if (named := part.strip(f" -{QUOTES}"))]


def _key_and_value(text: str) -> tuple[str, str]:
    key, _, value = text.partition(":")
    return key.casefold(), value.strip(QUOTES + " ").rstrip(",")


def _example(value: str) -> Example:
    if value.casefold() in {"this", "it"}:
        return Example(None)
    if not is_artwork_id(value):
        raise bad_filter("like", value)
    return Example(value)
