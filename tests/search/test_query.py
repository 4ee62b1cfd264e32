"""What people type -> what is looked for: a table of examples, and properties of all texts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glance_agent.domain.artwork import Filters
from glance_agent.domain.errors import CommandError
from glance_agent.domain.picture_verbs import Search, Similar
from glance_agent.search.query import Example, Phrase, Query, spoken, written
from glance_agent.search.query_parsing import MOST_PARTS, parse_query, query_of
from glance_agent.search.query_tokens import HEAVIEST

CODE = re.compile(r"`([^`]+)`")
GOLDEN = [
    # plain words
    ("peaceful blue paintings", "“peaceful blue paintings”"),
    ("  stormy   sea ", "“stormy sea”"),
    ("calm, warm colours", "“calm, warm colours”"),
    ("Water Lilies", "“Water Lilies”"),
    ("“Water Lilies”", "“Water Lilies”"),
    ('"water lilies" by monet', "“water lilies by monet”"),
    ("still-life", "“still-life”"),
    ("post-impressionist well-known works", "“post-impressionist well-known works”"),
    ("l'église", "“l'église”"),
    ("夜の海", "“夜の海”"),
    ("16:9", "“16:9”"),
    ("3:30 in the afternoon", "“3:30 in the afternoon”"),
    ("new year: fireworks", "“new year: fireworks”"),
    ("sea & sky", "“sea & sky”"),
    ("sea - sky", "“sea - sky”"),
    ("blue +green", "“blue +green”"),
    # what voices say around their wish
    ("show me the sea", "“the sea”"),
    ("Show me something calm", "“calm”"),
    ("please find some flowers", "“flowers”"),
    ("can you show me a windmill", "“a windmill”"),
    ("search for winter scenes", "“winter scenes”"),
    ("I want to see a storm", "“a storm”"),
    ("I would like something cheerful", "“cheerful”"),
    ("look for cats", "“cats”"),
    ("show", "“show”"),
    ("displayed flowers", "“displayed flowers”"),
    # weights
    ("2:stormy sea", "2:“stormy sea”"),
    ("2:stormy sea, ship", "2:“stormy sea” 1:“ship”"),
    ("2:stormy sea 0.5:ship", "2:“stormy sea” 0.5:“ship”"),
    (".5:ship", "0.5:“ship”"),
    ("sea 2:storm", "1:“sea” 2:“storm”"),
    ('3:"the great wave" boats', "3:“the great wave boats”"),
    ('3:"the great wave", boats', "3:“the great wave” 1:“boats”"),
    ("2:sea; 3:sky", "2:“sea” 3:“sky”"),
    ("2:sea + hills", "2:“sea” 1:“hills”"),
    ("99:sea", "10:“sea”"),
    ("0:sea hills", ""),
    ("0:sea, hills", "“hills”"),
    ("2:sea artist:turner ships", "2:“sea” 1:“ships” artist:“turner”"),
    ("2:sea 3:sea", "2:“sea”"),
    # exclusions
    ("landscape -people", "“landscape” -“people”"),
    ("landscape −people", "“landscape” -“people”"),
    ("-people landscape", "“landscape” -“people”"),
    ('beach -"a crowd of people"', "“beach” -“a crowd of people”"),
    ("sea -2:people", "“sea” -2:“people”"),
    ("sea -boats -people", "“sea” -“boats” -“people”"),
    ("sea -boats -Boats", "“sea” -“boats”"),
    ("2:sea -boats, sky", "2:“sea” 1:“sky” -“boats”"),
    ("a lake without people", "“a lake” -“people”"),
    ("a lake without people at sunset", "“a lake at sunset” -“people”"),
    ("a lake without people or boats", "“a lake” -“people” -“boats”"),
    ("no more portraits", "-“portraits”"),
    ("I don't like portraits", "-“portraits”"),
    ("we don’t want to see any boats", "-“boats”"),
    ("I hate red and blue", "-“red” -“blue”"),
    ("a lake with fewer people", "“a lake with” -“people”"),
    ("less is more", "“less is more”"),
    ("Berge ohne Menschen und Boote im Winter", "“Berge im Winter” -“Menschen” -“Boote”"),
    ("keine Porträts mehr", "-“Porträts”"),
    ("ich mag keine Stillleben", "-“Stillleben”"),
    ("ich mag Porträts nicht", "-“Porträts”"),
    ("ein See, aber keine Schiffe bei Nacht", "“ein See, bei Nacht” -“Schiffe”"),
    ("alles außer Blumen", "“alles” -“Blumen”"),
    ("nicht so dunkel", "-“dunkel”"),
    ("vergiss mein nicht", "“vergiss mein nicht”"),
    ("a lake without people and boats at night", "“a lake at night” -“people” -“boats”"),
    ("calm, no people, no boats, warm", "“calm, warm” -“people” -“boats”"),
    ("not portraits", "-“portraits”"),
    ("portraits, but not of men", "“portraits” -“men”"),
    ("landscape, not too dark", "“landscape” -“dark”"),
    ("landscape but without any houses", "“landscape” -“houses”"),
    ("flowers except roses", "“flowers” -“roses”"),
    ("interiors excluding churches", "“interiors” -“churches”"),
    ("without pictures of ships", "-“ships”"),
    ("animals but no dogs", "“animals” -“dogs”"),
    ("city no cars no people", "“city” -“cars” -“people”"),
    ("trees without “still water” near a river", "“trees near a river” -“still water”"),
    ("Composition No. 5", "“Composition No. 5”"),
    ("No 8 by Rothko", "“No 8 by Rothko”"),
    ("to be or not", "“to be or not”"),
    ("nothing but flowers", "“nothing but flowers”"),
    ("“the house without doors”", "“the house without doors”"),
    # exclusions in other languages
    ("un paysage sans personne dedans", "“un paysage” -“personnes”"),
    (
        "un lac sans bateaux ni gens au matin",
        "“un lac au matin” -“bateaux” -“gens”",
    ),
    ("pas de portraits", "-“portraits”"),
    ("une plage, mais pas d’arbres", "“une plage” -“arbres”"),
    ("paysage sans moulins à vent à la campagne", "“paysage à la campagne” -“moulins à vent”"),
    ("je ne veux pas voir de bateaux", "-“bateaux”"),
    ("je ne veux plus voir de bateaux", "-“bateaux”"),
    ("j’en ai assez des portraits", "-“portraits”"),
    ("nix Trauriges", "-“Trauriges”"),
    ("un tableau, rien de trop sombre", "“un tableau” -“sombre”"),
    ("traces de pas dans la neige", "“traces de pas dans la neige”"),
    ("un pas de deux", "“un pas de deux”"),
    ("au moins un bateau", "“au moins un bateau”"),
    ("senza persone", "-“persone”"),
    ("niente barche, per favore", "“per favore” -“barche”"),
    ("spiaggia senza gente di notte", "“spiaggia di notte” -“gente”"),
    ("montagne senza case né persone", "“montagne” -“case” -“persone”"),
    ("un paesaggio con nessuno", "“un paesaggio” -“persone”"),
    ("non mi piacciono i ritratti", "-“ritratti”"),
    ("non lontano dal mare", "“non lontano dal mare”"),
    ("een strand zonder mensen of boten bij nacht", "“een strand bij nacht” -“mensen” -“boten”"),
    ("geen boten meer", "-“boten”"),
    ("ik hou niet van portretten", "-“portretten”"),
    ("ik wil geen portretten zien", "-“portretten”"),
    ("een straat waar niemand is", "“een straat” -“mensen”"),
    ("un paisaje sin gente en invierno", "“un paisaje en invierno” -“gente”"),
    ("nada de barcos", "-“barcos”"),
    ("un pez que nada en el mar", "“un pez que nada en el mar”"),
    ("no me gustan los retratos", "-“retratos”"),
    ("flores, pero no rosas", "“flores” -“rosas”"),
    ("original sin", "“original sin”"),
    ("en kvinna med sin hund", "“en kvinna med sin hund”"),
    ("paisagem sem pessoas", "“paisagem” -“pessoas”"),
    ("barcos no mar", "“barcos no mar”"),
    ("krajobraz bez ludzi", "“krajobraz” -“ludzi”"),
    ("bez w wazonie", "“bez w wazonie”"),
    ("landskap utan människor", "“landskap” -“människor”"),
    ("landskab uden mennesker", "“landskab” -“mennesker”"),
    ("Sans titre", "“Sans titre”"),
    ("Ohne Titel (Blau)", "“Ohne Titel (Blau)”"),
    ("Senza titolo", "“Senza titolo”"),
    ("Zonder titel", "“Zonder titel”"),
    ("Sin título", "“Sin título”"),
    ("a lake without people in it", "“a lake” -“people”"),
    ("nothing with people in it", "-“people”"),
    ("nothing too dark", "-“dark”"),
    ("a beach with nobody on it", "“a beach” -“people”"),
    ("anything but flowers", "-“flowers”"),
    ("neither people nor boats", "-“people” -“boats”"),
    ("ich will keine Menschen sehen", "-“Menschen”"),
    ("weder Menschen noch Boote", "-“Menschen” -“Boote”"),
    ("ein Strand mit niemandem drauf", "“ein Strand” -“Menschen”"),
    ("nichts Dunkles", "-“Dunkles”"),
    ("heute keine Porträts", "-“Porträts”"),
    ("landscapes, but not by Monet", "“landscapes” -“Monet”"),
    ("nicht im Winter", "-“Winter”"),
    ("des vues de Venise, mais pas de Canaletto", "“des vues de Venise” -“Canaletto”"),
    ("un paysage, pas dans la neige", "“un paysage” -“neige”"),
    ("nada religioso", "-“religioso”"),
    ("niets religieus", "-“religieus”"),
    ("no portraits today", "-“portraits”"),
    # pictures in the query
    ("like:aic:16568", "like:aic:16568"),
    ("like:aic:16568 at night", "“at night” like:aic:16568"),
    ("LIKE:aic:16568, boats", "“boats” like:aic:16568"),
    ("like:this in winter", "“in winter” like:this"),
    ("like this", "like:this"),
    ("more like this", "like:this"),
    ("like this but at night", "“at night” like:this"),
    ("Something like this, but darker", "“darker” like:this"),
    ("show me more like this", "like:this"),
    ("another painting like that one with boats", "“with boats” like:this"),
    ("similar to this, without people", "-“people” like:this"),
    ("people like this painting", "“people like this painting”"),
    # filters
    ("artist:monet", "artist:“monet”"),
    ("artist:“claude monet” water", "“water” artist:“claude monet”"),
    ('Artist:"Claude Monet"', "artist:“Claude Monet”"),
    ("year:1906", "year:1906..1906"),
    ("year:1880-1910 sea", "“sea” year:1880..1910"),
    ("year:1910-1880", "year:1880..1910"),
    ("year:1880-", "year:1880.."),
    ("taken:2019 sea", "“sea” taken:2019-01-01..2019-12-31"),
    ("taken:2020-2", "taken:2020-02-01..2020-02-29"),
    ("taken:2019-07-04", "taken:2019-07-04..2019-07-04"),
    ("taken:2020..2019-06", "taken:2019-06-01..2020-12-31"),
    ("taken:>2019-06-15", "taken:2019-06-15.."),
    ("taken:..2019", "taken:..2019-12-31"),
    ("year:..1900", "year:..1900"),
    ("year:<1900", "year:..1900"),
    ("year:>1850", "year:1850.."),
    ("year:1880s", "year:1880..1889"),
    ("year:-300..-200", "year:-300..-200"),
    ("source:aic boats", "“boats” source:“aic”"),
    ("orientation:Portrait trees", "“trees” orientation:portrait"),
    ("unseen landscapes", "“landscapes” unseen"),
    ("“unseen” landscapes", "“unseen landscapes”"),
    (
        "2:storm, sea -people like:met:436535 artist:turner year:1800-1850 unseen",
        "2:“storm” 1:“sea” -“people” like:met:436535 artist:“turner” year:1800..1850 unseen",
    ),
    # nothing that can be looked for
    ("", ""),
    ("   ", ""),
    ('""', ""),
    (", ; ,", ""),
    ('"', ""),
]

IMPOSSIBLE = [
    "taken:2019-13",
    "taken:2019-02-30",
    "taken:..",
    "taken:july",
    "taken:0000",
    "year:abc",
    "year:..",
    "year:soon sea",
    "orientation:diagonal",
    "like:water",
    "like:UPPER:1",
]


@pytest.mark.parametrize(("said", "meant"), GOLDEN)
def test_the_golden_table(said: str, meant: str) -> None:
    assert written(parse_query(said)) == meant


def test_the_golden_table_is_long() -> None:
    assert len(GOLDEN) >= 80


@pytest.mark.parametrize("said", IMPOSSIBLE)
def test_an_impossible_filter_is_answered_with_what_to_write(said: str) -> None:
    with pytest.raises(CommandError) as refused:
        parse_query(said)
    assert refused.value.hint


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=500))
def test_any_text_becomes_a_query_or_a_sentence(text: str) -> None:
    try:
        query = parse_query(text)
    except CommandError:
        return
    assert len(query.phrases) <= MOST_PARTS
    assert all(0 < p.weight <= HEAVIEST and p.text for p in (*query.phrases, *query.avoid))


SCRAPS = st.lists(
    st.sampled_from(
        [
            *("sea", "No", "without", "2:", "-", "-boat", "“", "”", '"', ",", "or", "but"),
            *("like this", "like:aic:1", "year:1900", "artist:x", "unseen", "show me", "at"),
        ]
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(SCRAPS.map(" ".join))
def test_parsing_what_was_written_changes_nothing(text: str) -> None:
    try:
        query = parse_query(text)
    except CommandError:
        return
    assert parse_query(written(query)) == query


WORDS = st.from_regex(
    r"[a-zà-ÿ0-9]([a-zà-ÿ0-9'’.:-]{0,12}[a-zà-ÿ])?( [a-zà-ÿ][a-zà-ÿ'’]{0,9}){0,3}", fullmatch=True
)
WEIGHTS = st.integers(1, 1000).map(lambda n: n / 100)
PHRASES = st.lists(
    st.builds(Phrase, WORDS, WEIGHTS), max_size=4, unique_by=lambda p: p.text.casefold()
).map(tuple)
YEARS = st.none() | st.integers(-3000, 2100)
FILTERS = st.builds(
    lambda artist, years, orientation, unseen: Filters(
        artist=artist, year_from=years[0], year_to=years[1], orientation=orientation, unseen=unseen
    ),
    st.none() | WORDS,
    st.tuples(YEARS, YEARS).map(lambda y: tuple(sorted(y)) if None not in y else y),
    st.sampled_from([None, "landscape", "portrait", "square"]),
    st.booleans(),
)
EXAMPLES = st.lists(
    st.builds(Example, st.sampled_from([None, "aic:1", "met:a-b"])), max_size=2
).map(tuple)


@settings(max_examples=60, deadline=None)
@given(st.builds(Query, PHRASES, PHRASES, EXAMPLES, FILTERS))
def test_every_query_can_be_written_and_read_back(query: Query) -> None:
    assert parse_query(written(query)) == query


def test_the_keys_of_json_mean_the_same_as_the_words() -> None:
    command = Search.model_validate(
        {
            "query": "sea year:1700-1750",
            "not": "people, boats",
            "like": "aic:1",
            "artist": "Turner",
            "year_from": 1800,
            "unseen": True,
        }
    )
    meant = "“sea” -“people” -“boats” like:aic:1 artist:“Turner” year:1800..1750 unseen"
    assert written(query_of(command)) == meant


def test_more_like_this_starts_from_its_work() -> None:
    command = Similar.model_validate({"artwork": "aic:1", "query": "at night, without people"})
    assert written(query_of(command)) == "“at night” -“people” like:aic:1"


def test_a_query_is_said_back_as_one_would_say_it() -> None:
    assert spoken(parse_query("stormy sea -people -boats")) == "stormy sea without people or boats"
    assert spoken(parse_query("artist:turner 2:sea, sky")) == "sea, sky by turner"
    assert spoken(parse_query("like this")) == ""


def test_what_the_page_on_search_shows_means_something() -> None:
    page = (Path(__file__).parents[2] / "docs" / "search.md").read_text(encoding="utf-8")
    table = page.split("| written | means |")[1].split("\n\n")[0]
    written_forms = [form for line in table.splitlines()[2:] for form in CODE.findall(line)]
    assert len(written_forms) >= 14
    for form in written_forms:
        assert not parse_query(form).empty, form


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("zeig mir bitte Schnee", "Schnee"),
        ("ich möchte gern Blumen sehen", "Blumen"),
        ("montre-moi la lune", "la lune"),
        ("je voudrais voir la mer", "la mer"),
        ("muéstrame flores", "flores"),
        ("quiero ver flores", "flores"),
        ("fammi vedere il mare", "il mare"),
        ("mostrami il mare", "il mare"),
        ("laat me de zee zien", "de zee"),
        ("ik wil graag bloemen zien", "bloemen"),
        ("zeig mir", "zeig mir"),
        ("montre de poche", "montre de poche"),
        ("Zeigefinger", "Zeigefinger"),
        ("ich sehe was", "ich sehe was"),
    ],
)
def test_a_request_is_no_part_of_what_is_asked_for(typed: str, words: str) -> None:
    """On the pages and behind “search”, where no table of phrases is asked."""
    assert parse_query(typed).words == words
