"""Centuries, decades and bounds, as people say them."""

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
        ("tableaux du 19e siècle", "", (1801, 1900)),
        ("tableaux du XIXe siècle", "", (1801, 1900)),
        ("peintures du 19ème siècle", "", (1801, 1900)),
        ("un paysage du dix-neuvième siècle", "un paysage", (1801, 1900)),
        ("XVe siècle", "", (1401, 1500)),
        ("bateaux des années 1920", "bateaux", (1920, 1929)),
        ("art des années vingt", "", (1920, 1929)),
        ("cuadros del siglo XIX", "", (1801, 1900)),
        ("barcos del siglo diecisiete", "barcos", (1601, 1700)),
        ("del siglo 21", "", (2001, 2100)),
        ("obras de los años 1920", "", (1920, 1929)),
        ("retratos de la década de los treinta", "retratos", (1930, 1939)),
        ("quadri del XIX secolo", "", (1801, 1900)),
        ("quadri del 19° secolo", "", (1801, 1900)),
        ("navi del secolo XVII", "navi", (1601, 1700)),
        ("un'opera del diciottesimo secolo", "", (1701, 1800)),
        ("quadri dell'Ottocento", "", (1801, 1900)),
        ("Quattrocento", "", (1401, 1500)),
        ("paesaggi dell’800", "paesaggi", (1801, 1900)),
        ("ritratti degli anni Venti", "ritratti", (1920, 1929)),
        ("quadri degli anni '30", "", (1930, 1939)),
        ("schilderijen uit de 19e eeuw", "", (1801, 1900)),
        ("schepen uit de zeventiende eeuw", "schepen", (1601, 1700)),
        ("19e-eeuwse schilderijen", "", (1801, 1900)),
        ("kunst uit de jaren twintig", "", (1920, 1929)),
        ("kunst uit de jaren 1880", "", (1880, 1889)),
    ],
)
def test_the_years_of_a_century_are_a_filter(said: str, words: str, years: tuple[int, int]) -> None:
    query = parse_query(said)
    assert query.words == words
    assert (query.filters.year_from, query.filters.year_to) == years


@pytest.mark.parametrize(
    ("said", "words", "years"),
    [
        ("paintings from before 1800", "", (None, 1799)),
        ("ships painted after 1650", "ships", (1651, None)),
        ("Gemälde von vor 1800", "", (None, 1799)),
        ("Schiffe vor dem Jahr 1800", "Schiffe", (None, 1799)),
        ("Bilder nach 1900", "", (1901, None)),
        ("tableaux d'avant 1800", "", (None, 1799)),
        ("des tableaux d’après 1900", "", (1901, None)),
        ("cuadros de antes de 1800", "", (None, 1799)),
        ("barcos despues de 1900", "barcos", (1901, None)),
        ("quadri prima del 1800", "", (None, 1799)),
        ("navi dopo il 1900", "navi", (1901, None)),
        ("schilderijen van voor 1800", "", (None, 1799)),
        ("schepen na 1900", "schepen", (1901, None)),
        ("photos from 2019.", "photos", (2019, 2019)),
        ("photos from 2019 with dogs", "photos with dogs", (2019, 2019)),
        ("boats from the year 1890", "boats", (1890, 1890)),
        ("snapshots taken in 1999", "snapshots", (1999, 1999)),
        ("pictures of 2019", "", (2019, 2019)),
        ("Fotos aus 2019", "Fotos", (2019, 2019)),
        ("Bilder von 1890", "", (1890, 1890)),
        ("Schiffe im Jahr 1900 gemalt", "Schiffe", (1900, 1900)),
        ("photos de 2019", "photos", (2019, 2019)),
        ("bateaux de l’année 1890", "bateaux", (1890, 1890)),
        ("fotos de 2019", "fotos", (2019, 2019)),
        ("barcos pintados en 1890", "barcos", (1890, 1890)),
        ("foto del 2019", "foto", (2019, 2019)),
        ("navi dipinte nel 1890", "navi", (1890, 1890)),
        ("foto’s uit 2019", "foto’s", (2019, 2019)),
        ("schepen in het jaar 1890", "schepen", (1890, 1890)),
        ("paintings from 1890 to 1900", "", (1890, 1900)),
        ("boats between 1900 and 1890", "boats", (1890, 1900)),
        ("Gemälde von 1890 bis 1900", "", (1890, 1900)),
        ("Schiffe zwischen 1890 und 1900 gemalt", "Schiffe", (1890, 1900)),
        ("tableaux entre 1890 et 1900", "", (1890, 1900)),
        ("cuadros de 1890 a 1900", "", (1890, 1900)),
        ("quadri tra il 1890 e il 1900", "", (1890, 1900)),
        ("schilderijen van 1890 tot 1900", "", (1890, 1900)),
        ("photos since 2010", "photos", (2010, None)),
        ("Fotos seit dem Jahr 2010", "Fotos", (2010, None)),
        ("photos depuis 2010", "photos", (2010, None)),
        ("fotos desde 2010", "fotos", (2010, None)),
        ("foto dal 2010", "foto", (2010, None)),
        ("foto’s sinds 2010", "foto’s", (2010, None)),
    ],
)
def test_years_that_are_said_are_a_filter(
    said: str, words: str, years: tuple[int | None, int | None]
) -> None:
    query = parse_query(said)
    assert query.words == words
    assert (query.filters.year_from, query.filters.year_to) == years


@pytest.mark.parametrize(
    "said",
    [
        "before 1200 BC",
        "vor 2000 Jahren",
        "avant 1000 ans",
        "the day after",
        "before the storm",
        "boats after 1800s",
        "turn of the century",
        "“19th century”",
        "the 99th century",
        "century plant",
        "art of the 5th century BC",
        "vases du Ve siècle av. J.-C.",
        "fin de siècle",
        "un cuadro del siglo de oro",
        "el siglo XL",
        "20 años",
        "i cento cavalli",
        "secolo scorso",
        "eeuwige jeugd",
        "route 66",
        "the flood of 1910",
        "Salon de 1890",
        "2001 a space odyssey",
        "from 2019 years ago",
        "from 300 BC",
        "a dog",
    ],
)
def test_other_words_are_none(said: str) -> None:
    assert not parse_query(said).filters.any
