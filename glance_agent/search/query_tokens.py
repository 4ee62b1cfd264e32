"""A query's characters in, its tokens out: words, quotations, weights, minuses, commas, filters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

HEAVIEST = 10.0
"""No part of a query counts more than this many times another."""


class Token(NamedTuple):
    """One piece of a query; `kind` is a group of the scanner, `weight` a weight's or a minus's."""

    kind: str
    text: str
    weight: float = 1.0


_OPEN, _CLOSE = "\"“„«", "\"”“»"  # fmt: skip
QUOTES = _OPEN + _CLOSE
_QUOTED = rf"[{_OPEN}][^{_OPEN}{_CLOSE}]*[{_CLOSE}]"
_WEIGHT = r"(?:\d{1,6}(?:\.\d{1,6})?|\.\d{1,6}):"
_SCANNER = re.compile(
    rf"""
      (?P<filter>(?:artist|year|taken|source|orientation|like|liked|hidden):(?:{_QUOTED}|[^\s{_OPEN}{_CLOSE}]+))
    | (?P<minus>[-−](?:{_WEIGHT})?(?={_QUOTED}|[^\W\d_]))
    | (?P<weight>{_WEIGHT}(?={_QUOTED}|[^\W\d_]))
    | (?P<quoted>{_QUOTED})
    | (?P<comma>[,;]|\+(?=\s))
    | (?P<word>[^\s,;{_OPEN}{_CLOSE}]+|["“”„«»])
    """,
    re.VERBOSE | re.IGNORECASE,
)


def tokens_of(text: str) -> Iterator[Token]:
    """The tokens of a query, in order; a text of any characters has some reading."""
    for found in _SCANNER.finditer(text):
        kind, raw = found.lastgroup or "", found.group()
        if kind in {"minus", "weight"}:
            digits = raw.lstrip("-−").rstrip(":")
            yield Token(kind, "", min(HEAVIEST, float(digits)) if digits else 1.0)
        elif kind == "quoted":
            if inner := " ".join(raw[1:-1].split()):
                yield Token(kind, inner)
        elif raw.strip(QUOTES):
            yield Token(kind, raw)
