"""Centuries and decades, as people say them."""

from __future__ import annotations

import pytest

from glance_agent.search.query_parsing import parse_query


@pytest.mark.parametrize(
    ("said", "words", "years"),
    [
        ("art from the 19th century", "", (1801, 1900)),
        ("paintings from the nineteenth century", "", (1801, 1900)),
        ("from the 18th century", "", (1701, 1800)),
        ("ships from the 17th century", "ships", (1601, 1700)),
        ("a 19th century landscape", "a landscape", (1801, 1900)),
        ("19th-century paintings", "", (1801, 1900)),
        ("art of the twenty-first century", "", (2001, 2100)),
        ("portraits of the 1880s", "portraits", (1880, 1889)),
        ("Gemälde aus dem 19. Jahrhundert", "", (1801, 1900)),
        ("Schiffe aus dem siebzehnten Jahrhundert", "Schiffe", (1601, 1700)),
        ("Kunst des zwanzigsten Jahrhunderts", "", (1901, 2000)),
        ("Bilder aus den 1920er Jahren", "", (1920, 1929)),
    ],
)
def test_the_years_of_a_century_are_a_filter(said: str, words: str, years: tuple[int, int]) -> None:
    query = parse_query(said)
    assert query.words == words
    assert (query.filters.year_from, query.filters.year_to) == years


@pytest.mark.parametrize(
    "said",
    [
        "turn of the century",
        "“19th century”",
        "the 99th century",
        "century plant",
        "route 66",
        "a dog",
    ],
)
def test_other_words_are_none(said: str) -> None:
    assert not parse_query(said).filters.any
