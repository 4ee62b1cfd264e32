"""Foreign values made plain, years read from print, licences judged."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glance_agent.domain.artwork import is_artwork_id
from glance_agent.sources.records import plain
from glance_agent.sources.records.danish import in_english
from glance_agent.sources.records.licence import licence_of, needs_attribution, refusal
from glance_agent.sources.records.years import LATEST, span, year_of_date, years_in

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("<i>Nymph&eacute;as</i>", "Nymphéas"),
        ("1906<div style='display: none;'>date <b>QS</b>:P571</div> ca.", "1906 ca."),
        ("a<br/>b</p><p>c", "a b c"),
        ("<script>alert(1)</script>x<style>y</style>", "x"),
        ("5 < 6 & 7 > 2", "5 < 6 & 7 > 2"),
        ("broken <![x[y]]> markup", "broken markup"),
        ("e\u0301\r\n\tx\u2028y\x00", "é x y"),
        ("\ud800abc", "abc"),
        ("(not assigned)", None),
        ("  Unknown ", None),
        ("", None),
        (0, "0"),
        (True, None),
        ([None, "", "b"], "b"),
        ({"name": "N"}, "N"),
        ({"name": {"deep": 1}}, None),
        ("x" * 600, "x" * 499 + "…"),
    ],
)
def test_words(value: object, words: str | None) -> None:
    assert plain.text(value) == words


@pytest.mark.parametrize(
    ("value", "found"),
    [("1263", 1263), (" -44 ", -44), ("−5", -5), ("3.0", 3), (7.9, 7), (True, None), ("x", None),
     (float("nan"), None), (10**400, None), ("1e999", None), (None, None), ([1], None)],
)  # fmt: skip
def test_numbers(value: object, found: int | None) -> None:
    assert plain.number(value) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("https://example.org/a b.jpg", "https://example.org/a%20b.jpg"),
        ("https://example.org/a%20b.jpg", "https://example.org/a%20b.jpg"),
        ("http://example.org/ø", "http://example.org/%C3%B8"),
        ("//example.org/a", None),
        ("javascript:alert(1)", None),
        ("http://[", None),
        ({"id": "http://example.org"}, None),
    ],
)
def test_addresses(value: object, found: str | None) -> None:
    assert plain.address(value) == found


@pytest.mark.parametrize(
    ("date", "years"),
    [
        ("c. 1860–78", (1860, 1878)),
        ("530 BCE", (-530, -530)),
        ("c. 530–510 B.C.", (-530, -510)),
        ("late 17th century", (1601, 1700)),
        ("2nd century B.C.", (-200, -101)),
        ("17. århundrede", (1601, 1700)),
        ("1503/4", (1503, 1504)),
        ("ca. 1860 - ca. 1878", (1860, 1878)),
        ("1906", (1906, 1906)),
        ("9999", (None, None)),
        ("no date", (None, None)),
        (None, (None, None)),
    ],
)
def test_printed_dates(date: str | None, years: tuple[int | None, int | None]) -> None:
    assert years_in(date) == years


def test_years_are_signed_and_in_order() -> None:
    assert span("1880", 1865) == (1865, 1880)
    assert span(-44, "0") == (-44, None)
    assert span(1800, 9999) == (1800, None)
    assert year_of_date("-0500-01-01T00:00:00Z") == -500
    assert year_of_date("1527-11-29T00:00:00.000Z") == 1527


@pytest.mark.parametrize(
    ("value", "licence", "reason"),
    [
        ("http://creativecommons.org/publicdomain/mark/1.0/", "PDM-1.0", None),
        ("https://creativecommons.org/publicdomain/zero/1.0", "CC0-1.0", None),
        ("https://creativecommons.org/share-your-work/public-domain/cc0/", "CC0-1.0", None),
        ("https://creativecommons.org/licenses/by-sa/4.0/deed.de", "CC-BY-SA-4.0", None),
        ("cc-by-sa-3.0-de", "CC-BY-SA-3.0", None),
        ("http://rightsstatements.org/vocab/NoC-US/1.0/", "NoC-US", None),
        ("http://rightsstatements.org/vocab/InC/1.0/", "restricted", "licence not open"),
        ("https://creativecommons.org/licenses/by-nc/4.0/", "CC-BY-NC-4.0", "licence not open"),
        ("https://creativecommons.org/licenses/by-nd/4.0/", "CC-BY-ND-4.0", "licence not open"),
        ("https://creativecommons.org/", None, "licence unknown"),
        ("free to use", None, "licence unknown"),
        (None, None, "licence unknown"),
        ([None, "cc0"], "CC0-1.0", None),
    ],
)
def test_licences(value: object, licence: str | None, reason: str | None) -> None:
    assert (licence_of(value), refusal(licence_of(value))) == (licence, reason)


def test_attribution() -> None:
    assert needs_attribution("CC-BY-SA-4.0")
    assert not needs_attribution("CC0-1.0")


def test_danish() -> None:
    assert in_english("Olie på lærred") == "oil on canvas"
    assert in_english("Olie på noget") == "Olie på noget"


@given(JSON)
def test_no_value_breaks_a_reader(value: object) -> None:
    words = plain.text(value)
    assert words is None or (words.encode() and "\n" not in words and len(words) <= 500)
    for many_words in (plain.texts(value, "name"), plain.labels(value)):
        assert all(w.encode() for w in many_words)
    label = plain.label(value)
    assert label is None or label.encode()
    url = plain.address(value)
    assert url is None or url.isascii()
    key = plain.key(value)
    assert key is None or is_artwork_id(f"test:{key}")
    low, high = span(value, value)
    assert low is None or high is None or low <= high <= LATEST
    assert isinstance(plain.flag(value), bool)
    plain.pixels(value), plain.colour(value), year_of_date(value), licence_of(value)
    json.dumps([words, url, key])


@given(st.text())
def test_no_date_breaks_the_reader(date: str) -> None:
    low, high = years_in(date)
    assert low is None or high is None or low <= high


def nested(value: Any, levels: int) -> Any:
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("levels", [7, 100, 900])
def test_what_is_nested_deeply_is_not_looked_for(levels: int) -> None:
    deep = nested("x", levels)
    assert plain.text(deep) is plain.label(deep) is licence_of(deep) is None
    assert plain.text({"name": deep}) is None
    assert plain.texts([deep, {"name": deep}], "name") == plain.labels(nested(deep, 1)) == ()


def test_of_many_words_some_are_read() -> None:
    many = {f"{a}{b}": ["x"] * 100 for a in "abcdefghij" for b in "klmnopqrst"}
    assert plain.label(many) == "x"
    assert len(plain.texts(["x", *map(str, range(100_000))])) == 30
    assert len(plain.labels([*map(str, range(100_000))])) == 10


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("<a " * 3, "<a <a <a"),
        ("x <b", "x <b"),
        ("<i>a</i> <a href='b'>c</a> <d", "a c <d"),
        ("a <!-- <b> --> c <!-- d", "a c"),
        ("<!-- a <!-- b --> c", "c"),
        ("\u202edlrow\u2066 hello", "dlrow hello"),
    ],
)
def test_what_nothing_closes_is_no_markup(value: str, words: str) -> None:
    assert plain.text(value) == words


def test_what_is_longer_than_any_reader_wants_is_cut_before_it_is_read() -> None:
    assert plain.text("<b></b>" * 100_000 + "late") is None
    assert plain.address("http://example.org/" + "a" * 10_000_000) is None
    assert plain.number("9" * 10_000_000) is None
