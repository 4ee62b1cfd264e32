"""Patterns of sentences: `[the] (next|other) <work> [please]`, `set the mood to {mood}`.

`[…]` may be left out, `(a|b)` is a choice, `<name>` is a list of the table, `*` is one word or
more. `{slot}` is words that are kept by that name; `{slot:name}` such as the list allows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from glance_agent.commands.speech.sentence import Sentence

Lists = Mapping[str, str]
"""Patterns by the name of a list."""

_SOME_WORDS = r"(?:\S+ )+?"
_PIECE = re.compile(
    r"\s+|[\[\]()|*]|<(?P<list>\w+)>|\{(?P<slot>\w+)(?::(?P<of>\w+))?\}|[^\s\[\]()|*<{]+"
)


def compiled(pattern: str, lists: Lists) -> re.Pattern[str]:
    """What matches the whole of `Sentence.said`, with a group for each slot."""
    return re.compile(_expression(pattern, lists))


def at_the_end(pattern: str, lists: Lists) -> re.Pattern[str]:
    """What finds the pattern where `Sentence.said` ends, after whole words."""
    return re.compile(rf"(?<=\s)(?:{_expression(pattern, lists)})$")


def _expression(pattern: str, lists: Lists) -> str:
    return "".join(_piece(found, lists) for found in _PIECE.finditer(pattern))


def _piece(found: re.Match[str], lists: Lists) -> str:
    """One piece of a pattern as a regular expression; every word is followed by a space."""
    text = found.group()
    if name := found["list"]:
        return f"(?:{_expression(lists[name], lists)})"
    if slot := found["slot"]:
        inner = _expression(lists[found["of"]], lists) if found["of"] else _SOME_WORDS
        return f"(?P<{slot}>{inner})"
    match text:
        case "[" | "(":
            return "(?:"
        case "]":
            return ")?"
        case ")" | "|":
            return text
        case "*":
            return _SOME_WORDS
    return "".join(re.escape(word.said) + " " for word in Sentence(text).words)


def vocabulary(pattern: str, lists: Lists) -> Iterator[str]:
    """All words that a pattern names."""
    for found in _PIECE.finditer(pattern):
        if name := found["list"] or found["of"]:
            yield from vocabulary(lists[name], lists)
        elif not found["slot"] and found.group() not in "[]()|*":
            yield from (word.said for word in Sentence(found.group()).words)


def slots(sentence: Sentence, matched: re.Match[str]) -> dict[str, str]:
    """What stands in the slots of a match, as it was written."""
    return {
        name: sentence.between(*(matched.string[:at].count(" ") for at in matched.span(name)))
        for name, said in matched.groupdict().items()
        if said is not None
    }
