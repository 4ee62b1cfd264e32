"""Words -> Query.

A weight (`2:`) counts for the words up to the next comma, weight, exclusion or filter. Words in
double quotes are taken as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from glance_agent.domain.artwork import Filters, is_artwork_id
from glance_agent.domain.picture_verbs import Search, Similar
from glance_agent.search.centuries import with_years
from glance_agent.search.politeness import without_request
from glance_agent.search.query import Example, Phrase, Query
from glance_agent.search.query_filters import ME, bad_filter, narrowed
from glance_agent.search.query_tokens import QUOTES, Token, tokens_of

MOST_PARTS = 12
"""Parts beyond this many are dropped: each costs a vector."""
_NEGATIONS = frozenset({
    "without", "no", "not", "except", "excluding", "avoid", "avoiding", "fewer", "less",
    "ohne", "kein", "keine", "keinen", "keinem", "keiner", "nicht", "außer", "ausser", "weniger",
})  # fmt: skip
_STOPS_NEGATION = frozenset({
    "but", "in", "at", "on", "with", "by", "from", "near", "under", "during", "before", "after",
    "above", "behind", "beside", "between", "against", "through", "over", "beneath", "inside",
    "outside", "only", "just", "please", "for", "while", "aber", "im", "am", "auf", "mit", "bei",
    "von", "vor", "nach", "über", "unter", "hinter", "neben", "zwischen", "nur", "bitte", "für",
})  # fmt: skip
_BEFORE_NEGATION = frozenset({"but", "and", "or", "aber", "und", "oder"})
_JOINS = frozenset({"or", "and", "nor", "oder", "und", "noch"})
_SKIPPED_AFTER_NEGATION = frozenset({
    "a", "an", "the", "any", "too", "very", "so", "much", "many", "really", "is", "are", "it", "of",
    "kind", "sort", "be", "being", "having", "more", "ein", "eine", "einen", "einem", "einer",
    "der", "die", "das", "den", "dem", "zu", "sehr", "viel", "viele", "mehr", "ist", "sind",
})  # fmt: skip
_ABOUT_PICTURES = re.compile(
    r"^(?:pictures?|paintings?|images?|works?|art)\s+(?:of|with|showing)\s+", re.IGNORECASE
)
_LAST_OF_NEGATION = re.compile(r"\s(?:any ?more|at all|ever|again|mehr|wieder)$", re.IGNORECASE)
_OPINION = re.compile(
    r"^(?:i|we|ich|wir)\s+(?:really\s+)?(?:(?:do not|don['’]?t|never)\s+(?:like|love|want|need)"
    r"(?:\s+to see)?|hate|dislike|hasse|hassen)\s+(?:any\s+)?|"
    r"^(?:ich|wir)\s+(?:mag|mögen|will|wollen|möchte|möchten)\s+(?=kein|.+\snicht$)",
    re.IGNORECASE,
)
"""“I don't like” before what is to be avoided."""
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
    rest = without_request(_unwanted(rest))
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
    return Query(_once(phrases), _once(avoid), tuple(examples[:MOST_PARTS]), filters)


def _unwanted(text: str) -> str:
    """“I don't like portraits” as “not portraits”."""
    said = _OPINION.match(text)
    if not said:
        return text
    rest = text[said.end() :]
    return rest if rest.casefold().startswith("kein") else f"not {rest.removesuffix(' nicht')}"


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
            case "word" if _negates(tokens, position - 1):
                position = _after_negation(tokens, position, into)
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


def _negates(tokens: list[Token], at: int) -> bool:
    """Whether the word here turns what follows into an exclusion: “no people”, never “No. 5”."""
    if tokens[at].text.casefold() not in _NEGATIONS or at + 1 >= len(tokens):
        return False
    after = tokens[at + 1]
    if after.text.casefold() in {"is", "ist"}:
        return False  # “less is more”
    return after.kind == "quoted" or (after.kind == "word" and not after.text[0].isdigit())


def _after_negation(tokens: list[Token], at: int, into: _Collector) -> int:
    """`without people or boats at night`: the words up to a preposition, each side of an “or”."""
    if into.words and into.words[-1].casefold().strip(",") in _BEFORE_NEGATION:
        into.words.pop()
    words: list[str] = []
    while at < len(tokens) and tokens[at].kind in {"word", "quoted"}:
        token = tokens[at]
        folded = token.text.casefold()
        if token.kind == "word" and _ends_negation(folded):
            break
        at += 1
        if token.kind == "word" and folded in _JOINS:
            _avoid(words, into)
            words = []
        elif words or token.kind == "quoted" or folded not in _SKIPPED_AFTER_NEGATION:
            words.append(token.text)
    _avoid(words, into)
    while at < len(tokens) and tokens[at].kind == "comma" and not into.weighted:
        at += 1
    return at


def _ends_negation(word: str) -> bool:
    return word in _NEGATIONS or word in _STOPS_NEGATION


def _avoid(words: list[str], into: _Collector) -> None:
    text = _LAST_OF_NEGATION.sub("", " ".join(words).strip(" .!?"))
    text = _ABOUT_PICTURES.sub("", text)
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
