"""Strangers' text, numbers and JSON: whatever comes, what goes on can be stored and shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glance_agent.domain.foreign import JsonLimits, json_value, line, shown, whole
from tests.sources.records.test_plain import JSON

LONG = "9" * 6000


@pytest.mark.parametrize(
    ("text", "as_shown", "in_one_line"),
    [
        ("“Nymphéas”, 睡蓮 👩‍🎨", "“Nymphéas”, 睡蓮 👩‍🎨", "“Nymphéas”, 睡蓮 👩‍🎨"),
        ("a\x1b[2J\x07b", r"a\u001b[2J\u0007b", r"a\u001b[2J\u0007b"),
        ("\x9b31m", r"\u009b31m", r"\u009b31m"),
        ("\u202egpj.exe\u2066", r"\u202egpj.exe\u2066", r"\u202egpj.exe\u2066"),
        ("a\nb\tc\rd", "a\nb\tc\\u000dd", r"a\u000ab\u0009c\u000dd"),
        ("\ud800", r"\ud800", r"\ud800"),
    ],
)
def test_what_would_act_is_written_out(text: str, as_shown: str, in_one_line: str) -> None:
    assert shown(text) == as_shown
    assert shown(text, one_line=True) == in_one_line


@given(st.text(st.characters(codec=None)))
def test_whatever_is_shown_can_be_written_and_does_nothing(text: str) -> None:
    written = shown(text, one_line=True)
    written.encode()
    assert shown(written, one_line=True) == written
    assert not set(written) & set(map(chr, (*range(32), *range(127, 160), *range(0x202A, 0x202F))))


@given(st.text(st.characters(codec=None)), st.integers(1, 50))
def test_a_line_can_be_stored(text: str, limit: int) -> None:
    found = line(text, limit)
    assert len(found) <= limit
    assert shown(found.encode().decode(), one_line=True) == found == found.strip()


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), (" 7 ", 7), ("0", 0), ("100", 100), ("101", None), ("-1", None), ("²", None),
     ("٣", None), (LONG, None), ("1e3", None), ("", None), (None, None)],
)  # fmt: skip
def test_whole_numbers(text: str | None, number: int | None) -> None:
    assert whole(text, 100) == number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (f'{{"a": {LONG}, "b": -{LONG}, "c": 1{LONG}e{LONG}}}', {"a": None, "b": None, "c": None}),
        ("[1e400, NaN, -Infinity, 9223372036854775807]", [None, None, None, 2**63 - 1]),
        (r'{"\ud800": "\udfff\ud83d\ude00", "a": "\\ud800"}', {"�": "�😀", "a": r"\ud800"}),
        (r'"\\ud83d\ude00"', r"\ud83d�"),
        ('"[[[[[[[["', "[[[[[[[["),
    ],
)
def test_json_of_strangers(text: str, value: object) -> None:
    assert json_value(text.encode()) == value


def test_bytes_that_are_no_text_do_not_spoil_the_rest() -> None:
    assert json_value(b'\xef\xbb\xbf{"a": "\xff", "b": 1}') == {"a": "�", "b": 1}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"[" * 101 + b"]" * 101, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'["\\"' + b'\\\\", ["' + b'", [' * 200 + b"]" * 202, "nested too deeply"),
        (b"[" + b"{}," * 300_000 + b"{}]", "too many values"),
        (b"[" + b"1," * 1_000_001 + b"1]", "too many values"),
        (b'"' + b"x" * 16_000_000 + b'"', "longer than 16000000 bytes"),
        (b"{", "Expecting"),
        (b"", "Expecting"),
    ],
)
def test_json_that_is_not_taken(data: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        json_value(data)


@given(JSON)
def test_json_within_the_limits_is_what_it_is(value: Any) -> None:
    found = json_value(json.dumps(value).encode())
    json.dumps(found, allow_nan=False, ensure_ascii=False).encode()
    if found != value:  # only where something in it stands for no number or no character
        assert "�" in repr(found) or "None" in repr(found)


@given(st.binary(max_size=200), st.integers(0, 5))
def test_any_bytes_are_json_or_a_value_error(data: bytes, levels: int) -> None:
    for body in (data, b"[" * levels + data, b'{"a":' + data + b"}"):
        try:
            found = json_value(body, JsonLimits(levels=4))
        except ValueError:
            continue
        json.dumps(found, ensure_ascii=False).encode()
