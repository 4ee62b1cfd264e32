"""Years as a voice reads them."""

from __future__ import annotations

import pytest

from glance_agent.domain.aloud import aloud
from glance_agent.domain.reply import Reply, spoken
from glance_agent.domain.said import say


@pytest.mark.parametrize(
    ("language", "year", "said"),
    [
        ("en", "1889", "eighteen eighty-nine"),
        ("en", "1906", "nineteen oh six"),
        ("en", "1700", "seventeen hundred"),
        ("en", "1115", "eleven fifteen"),
        ("en", "1640", "sixteen forty"),
        ("de", "1889", "achtzehnhundertneunundachtzig"),
        ("de", "1906", "neunzehnhundertsechs"),
        ("de", "1901", "neunzehnhunderteins"),
        ("de", "1921", "neunzehnhunderteinundzwanzig"),
        ("de", "1700", "siebzehnhundert"),
        ("de", "1130", "elfhundertdreißig"),
        ("nl", "1889", "achttienhonderd negenentachtig"),
        ("nl", "1622", "zestienhonderd tweeëntwintig"),
        ("nl", "1933", "negentienhonderd drieëndertig"),
        ("nl", "1906", "negentienhonderd zes"),
        ("nl", "1800", "achttienhonderd"),
    ],
)
def test_a_year_is_said_as_people_say_it(language: str, year: str, said: str) -> None:
    assert aloud(f"“Boats” by Monet, {year}.", language) == f"“Boats” by Monet, {said}."


@pytest.mark.parametrize("language", ["fr", "es", "it", "pt"])
def test_where_people_count_thousands_figures_stay(language: str) -> None:
    assert aloud("Monet, 1889.", language) == "Monet, 1889."


@pytest.mark.parametrize(
    "sentence",
    [
        "1,234 works are hidden.",
        "Es sind 1.234 Werke.",
        "At 11:30 in room 12.",
        "IMG_1889 and B1889 and 1889b",
        "It was 2026, not 1066 nor 18890.",
        "2026-11-30, 1889/90, 1889-07-04, 1.1889",
        "A-1889-1890, 1889-1890-12",
    ],
)
def test_what_is_no_year_stays(sentence: str) -> None:
    assert aloud(sentence, "en") == sentence


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "eighteen eighty to eighteen ninety"),
        ("de", "achtzehnhundertachtzig bis achtzehnhundertneunzig"),
        ("nl", "achttienhonderd tachtig tot achttienhonderd negentig"),
        ("fr", "1880 à 1890"),
        ("es", "1880 a 1890"),
        ("it", "dal 1880 al 1890"),
    ],
)
@pytest.mark.parametrize("stroke", ["–", "-"])
def test_a_span_is_said_from_year_to_year(language: str, said: str, stroke: str) -> None:
    assert aloud(f"Boats, 1880{stroke}1890.", language) == f"Boats, {said}."


def test_a_span_may_end_in_this_century() -> None:
    assert aloud("1998–2003", "en") == "nineteen ninety-eight to 2003"


def test_an_answer_has_what_a_voice_reads_beside_what_eyes_do() -> None:
    reply = Reply(verb="describe", ok=True, message=say("{label}.", label="Boats, 1889"))
    told = spoken(reply, "de")
    assert (told.message, told.speech) == ("Boats, 1889.", "Boats, achtzehnhundertneunundachtzig.")


def test_an_answer_without_years_is_read_as_it_stands() -> None:
    assert (
        spoken(Reply(verb="like", ok=True, message=say("{label}.", label="Boats")), "de").speech
        is None
    )
