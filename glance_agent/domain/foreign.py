"""What strangers wrote, made harmless where it comes in or goes out: lines, numbers, JSON.

Museums, hubs, encoders, senders and files are strangers. Behind these functions every text can
be encoded, every number is finite and short, and nothing is nested deeply or larger than was
asked for, so that no code further in has to think of it.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any, Final

_ACTING: Final = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, the beginning of escape sequences among them
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # what turns the direction of writing
    r"\u2028\u2029\ufff9-\ufffb\ufeff"  # line ends that are none, and invisible notes
    r"\ud800-\udfff"  # halves of characters, which nothing can write
)
_ACTS: Final = re.compile(f"[{_ACTING}]")
_ACTS_OR_BREAKS: Final = re.compile(f"[{_ACTING}\\t\\n]")
_UNFIT: Final = re.compile(f"[{_ACTING}\\s]+")
_SURROGATE: Final = re.compile(
    r"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}(?:\\u[dD][c-fC-F][0-9a-fA-F]{2})?"
    r"|\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
_LONGEST_NUMBER: Final = 19
"""Digits that fit into 64 bits."""


def shown(text: str, *, one_line: bool = False) -> str:
    """The text for a terminal or a log: what would act there is written out, as in `\\u001b`."""
    return (_ACTS_OR_BREAKS if one_line else _ACTS).sub(_written_out, text)


def line(text: str, limit: int = 200) -> str:
    """A stranger's words as one line that can be stored and sent, of at most `limit` letters."""
    words = _UNFIT.sub(" ", text[: limit * 4]).strip()
    return words if len(words) <= limit else words[: limit - 1].rstrip() + "…"


def whole(text: str | None, most: int = 2**63 - 1) -> int | None:
    """The whole number from 0 to `most` that a header or file spells in ASCII digits, or None."""
    digits = (text or "").strip()
    if not digits.isascii() or not digits.isdigit() or len(digits) > _LONGEST_NUMBER:
        return None
    found = int(digits)
    return found if found <= most else None


@dataclass(frozen=True, slots=True)
class JsonLimits:
    """How much JSON is taken: bytes, values, values that hold others, and levels of these."""

    bytes: int = 16_000_000
    values: int = 1_000_000
    holders: int = 250_000
    levels: int = 100


def json_value(data: bytes, limits: JsonLimits | None = None) -> Any:
    """The value that a stranger's JSON stands for.

    Numbers too long or not finite become None, bytes that are no UTF-8 and halves of characters
    become U+FFFD. Raises ValueError, with a reason in a few words, for what is no JSON or more
    than the limits allow; what is too large is not parsed at all.
    """
    limits = limits or JsonLimits()
    if len(data) > limits.bytes:
        raise ValueError(f"it is longer than {limits.bytes} bytes")
    holders = data.count(b"{") + data.count(b"[")
    if holders > limits.holders or holders + data.count(b",") > limits.values:
        raise ValueError("it holds too many values")
    if holders > limits.levels and _levels(data) > limits.levels:
        raise ValueError("it is nested too deeply")
    text = data.decode("utf-8-sig", "replace")
    if "\\ud" in text or "\\uD" in text:
        text = _SURROGATE.sub(_whole_character, text)
    try:
        return json.loads(
            text, parse_int=_short_int, parse_float=_finite, parse_constant=_no_number
        )
    except RecursionError as error:  # the limit of a deep stack of ours, on top of its levels
        raise ValueError("it is nested too deeply") from error


def _levels(data: bytes) -> int:
    """How many brackets are open at once at most, those within strings left out."""
    import numpy as np  # not needed for what is printed: `--help` answers at once

    plain = data.replace(b"\\\\", b"..").replace(b'\\"', b"..") if b"\\" in data else data
    codes = np.frombuffer(plain, np.uint8)
    marks = codes[np.isin(codes, np.frombuffer(b'"[]{}', np.uint8))]
    in_string = np.cumsum(marks == ord('"'), dtype=np.int32) % 2 == 1
    opening = ((marks == ord("[")) | (marks == ord("{"))) & ~in_string
    closing = ((marks == ord("]")) | (marks == ord("}"))) & ~in_string
    steps = opening.astype(np.int32) - closing.astype(np.int32)
    return int(np.cumsum(steps, dtype=np.int32).max(initial=0))


def _written_out(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"  # as JSON writes it, so that printed JSON stays JSON


def _whole_character(found: re.Match[str]) -> str:
    """The escape as it is where it stands for a character, else that of U+FFFD."""
    return r"\ufffd" if len(found[0]) == len(r"\ud800") else found[0]


def _short_int(digits: str) -> int | None:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else None


def _finite(digits: str) -> float | None:
    found = float(digits)
    return found if math.isfinite(found) else None


def _no_number(_name: str) -> None:
    """NaN and Infinity, which JSON does not know and Python's reader takes."""
