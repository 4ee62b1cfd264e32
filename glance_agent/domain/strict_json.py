"""Anything in, JSON out that every reader can decode: the one place that makes what is published.

Strict JSON (RFC 8259) in UTF-8: no NaN or Infinity, no half of a surrogate pair, and no number that
other readers refuse. What has no place in JSON is told as well as it can be; nothing raises.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

from pydantic import BaseModel

DEEPEST = 32
"""What is nested deeper than this is told as text; nothing that is published comes near."""
LARGEST_NUMBER = 10**200
"""Numbers from here on are told as text: readers that count in doubles end at 1.8e308."""


def as_json(value: Any) -> str:
    """The value as one line of strict JSON; raises nothing, whatever the value holds."""
    plain = _plain(value, DEEPEST)
    text = json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return encodable(text)


def encodable(text: str) -> str:
    """The text with “?” for what cannot be encoded, such as bytes of a file name."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _plain(value: Any, depth: int) -> Any:
    """The value in the six kinds that JSON has; nearly all of what is published is of them."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return value
    if kind is int and -LARGEST_NUMBER < value < LARGEST_NUMBER:
        return value
    if kind is dict and depth:
        return {
            key if type(key) is str else _key(key): _plain(one, depth - 1)
            for key, one in value.items()
        }
    if (kind is list or kind is tuple) and depth:
        return [_plain(one, depth - 1) for one in value]
    return _made_plain(value, depth)


def _made_plain(value: Any, depth: int) -> Any:
    """The same of numbers, and of what is none of the six kinds itself."""
    match value:
        case None | bool():
            return value
        case str():
            return str(value)
        case float():
            return float(value) if math.isfinite(value) else None
        case Integral() if abs(int(value)) < LARGEST_NUMBER:
            return int(value)
        case Real() if not isinstance(value, Integral):
            return float(value) if math.isfinite(value) else None
        case BaseModel() if depth:
            return _plain(value.model_dump(), depth)
        case Mapping() if depth:
            return {_key(key): _plain(one, depth - 1) for key, one in value.items()}
        case list() | tuple() | set() | frozenset() if depth:
            return [_plain(one, depth - 1) for one in value]
        case _:
            return _said(value)


def _key(key: Any) -> str:
    return key if isinstance(key, str) else _said(key)


def _said(value: Any) -> str:
    """What is no value of JSON, as text."""
    try:
        return value.isoformat() if hasattr(value, "isoformat") else str(value)
    except Exception:
        # A number of more digits than Python writes, or whatever a stranger's class does.
        return f"<{type(value).__name__}>"
