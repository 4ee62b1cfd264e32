"""In which language whoever sends a command is answered."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from glance_agent.commands.parse import BadCommand, parse_command
from glance_agent.commands.talking import COURTESIES, EXAMPLES, friendly
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.display_names import Place
from glance_agent.domain.languages import (
    LATELY_SECONDS,
    MOST_LATELY,
    Languages,
    LatelySpoken,
    in_language,
    known_languages,
)
from glance_agent.domain.reply import spoken
from glance_agent.domain.said import say
from glance_agent.domain.topics import Topics
from tests.commands.test_sentences import answer_to

NOBODY = Languages()
HOUSE = Languages("de", {"mia": "en"})


def language(said: str, house: Languages = NOBODY, verb: str = "") -> str | None:
    topic = f"glance/command/{verb}".rstrip("/")
    return parse_command(Topics("glance"), topic, said.encode(), languages=house).language


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("zeig mir Sonnenblumen", "de"),
        ("gefällt mir", "de"),
        ("gefällt mir nicht, weiter", "de"),
        ("Display aus", "de"),
        ("danke", "de"),
        ("ciao", "it"),
        ("merci", "fr"),
        ("hola", "es"),
        ("dank je wel", "nl"),
        ("montre-moi des tournesols", "fr"),
        ("siguiente", "es"),
        ("volgende", "nl"),
        ("next", None),
        ("show me sunflowers", None),
        ("Sonnenblumen", None),
        ("ok", None),
        ("👍", None),
        ("stürmische See", None),
    ],
)
def test_a_sentence_that_one_language_alone_has_is_answered_in_it(
    said: str, heard: str | None
) -> None:
    assert language(said) == heard


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("suivante dans la cuisine", "Il n’y a pas d’écran «\u00a0cuisine\u00a0»."),
        ("nächstes in der Küche", "Es gibt keinen Bildschirm „Küche“."),
        ("siguiente en la cocina", "No hay ninguna pantalla «cocina»."),
        ("avanti in cucina", "Non c’è nessun display «cucina»."),
        ("volgende in de keuken", "Er is geen scherm ‘keuken’."),
        ("next in the kitchen", "There is no display “kitchen”."),
        ("zet het scherm in de keuken uit", "Er is geen scherm ‘keuken’."),
    ],
)
def test_who_names_a_room_that_is_none_of_the_house_is_told_so_in_their_words(
    said: str, answer: str
) -> None:
    places = (Place("wall"), Place("bedroom"))
    bad = parse_command(Topics("glance"), "glance/command", said.encode(), places=places)
    assert isinstance(bad, BadCommand)
    assert in_language(bad.error.message, bad.language) == answer
    house = Languages("fr")
    bad = parse_command(
        Topics("glance"), "glance/command", said.encode(), places=places, languages=house
    )
    assert bad.language == "fr"


@pytest.mark.parametrize(
    ("tongue", "answer"),
    [
        ("de", "„artwork“ muss sein: die Kennung eines Werks, etwa „starter:calm-sea“."),
        ("nl", "‘artwork’ moet zijn: het kenmerk van een werk, zoals ‘starter:calm-sea’."),
    ],
)
def test_an_example_ends_what_a_value_has_to_be(tongue: str, answer: str) -> None:
    bad = parse_command(Topics("glance"), "glance/command/show", b'{"artwork": "nix"}')
    assert isinstance(bad, BadCommand)
    assert in_language(bad.error.message, tongue) == answer


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("Sonnenblumen im Schlafzimmer", "de"),
        ("des tournesols dans la chambre", "fr"),
        ("girasoles en el dormitorio", "es"),
        ("girasoli in camera da letto", "it"),
        ("zonnebloemen in de slaapkamer", "nl"),
        ("sunflowers in the bedroom", None),
        ("next im Schlafzimmer", "de"),
        ("Rosen überall", "de"),
    ],
)
def test_a_room_tells_the_language_of_a_wish(said: str, heard: str | None) -> None:
    places = (Place("wall"), Place("bedroom"))
    command = parse_command(Topics("glance"), "glance/command", said.encode(), places=places)
    assert command.language == heard


@pytest.mark.parametrize(
    ("said", "verb"),
    [("¿cómo va?", "status"), ("¿cómo va todo?", "status"), ("¿cómo va esto?", "help")],
)
def test_how_it_goes_is_no_call_for_help(said: str, verb: str) -> None:
    command = parse_command(Topics("glance"), "glance/command", said.encode())
    assert (command.verb, command.language) == (verb, "es")


def test_a_doubtful_misspelling_is_asked_about_in_its_language() -> None:
    bad = parse_command(Topics("glance"), "glance/command", "ne montre plus jamias ça".encode())
    assert isinstance(bad, BadCommand)
    assert bad.language == "fr"


def test_about_a_year_is_said_in_the_language_of_the_answer() -> None:
    boats = Artwork(id="a:1", title="Boats", artist="Felice Beato", date="about 1865")
    assert boats.label == "“Boats” by Felice Beato, about 1865"
    assert in_language(boats.label, "de") == "„Boats“ von Felice Beato, um 1865"
    assert in_language(boats.label, "it") == "«Boats» di Felice Beato, 1865 circa"
    told = Artwork(id="a:1", date="about the time of the war").label
    assert in_language(told, "de") == "„Ohne Titel“, about the time of the war"


def test_what_several_languages_have_is_answered_in_the_one_spoken_last() -> None:
    now = [0.0]
    house = Languages(lately=LatelySpoken(lambda: now[0]))
    assert language("ok", house) is None
    assert language("zeig mir Sonnenblumen", house) == "de"
    assert {language(said, house) for said in ("ok", "no", "pause", "👍", "Seerosen")} == {"de"}
    assert language("", house, "next") is None
    assert language('{"text": "ok", "user": "mia"}', house, "say") is None
    assert language("show me sunflowers", house) is None
    assert language("ok", house) is None
    assert language("merci", house) == "fr"
    now[0] = LATELY_SECONDS - 1
    assert language("stop", house) == "fr"
    now[0] = LATELY_SECONDS
    assert language("stop", house) is None
    assert language("stop", replace(house, everybody="it")) == "it"


def test_what_is_said_to_all_displays_is_said_to_each() -> None:
    for first, then in (
        ("Rosen auf allen Bildschirmen", "ok"),
        ("alles aus", "pause"),
        ("zeig mir Rosen", '{"command": "say", "text": "pause", "display": "all"}'),
    ):
        house = Languages(lately=LatelySpoken(lambda: 0.0))
        places = (Place("wall"), Place("hall"))
        heard = [
            parse_command(
                Topics("glance"), "glance/command", said.encode(), places=places, languages=house
            ).language
            for said in (first, then)
        ]
        assert heard == ["de", "de"], first


def test_ok_is_no_greeting() -> None:
    for said in ("ok", "okay", "yes", "d'accord", "in Ordnung", "va bene", "vale", "ja"):
        assert friendly(answer_to(said)).reply.message.startswith("All right."), said
    assert friendly(answer_to("hello")).reply.message.startswith("Hello!")


def test_each_display_is_spoken_to_in_a_language_of_its_own() -> None:
    lately = LatelySpoken(lambda: 0.0)
    lately.spoke("household", "hall", "de")
    assert lately.of("household", "hall") == "de"
    assert lately.of("household", None) is None
    for n in range(MOST_LATELY):
        lately.spoke(f"user {n}", None, "fr")
    assert lately.of("household", "hall") is None


def test_what_a_command_says_comes_first_then_its_user_then_the_house() -> None:
    for keys, house, answered in (
        ({"language": "de-DE"}, NOBODY, "de"),
        ({"language": "xx"}, HOUSE, "de"),
        ({"language": "en"}, HOUSE, "en"),
        ({}, HOUSE, "de"),
        ({"user": "Mia"}, HOUSE, "en"),
        ({"user": "Mia", "language": "de"}, HOUSE, "de"),
        ({}, NOBODY, None),
    ):
        assert language(json.dumps(keys), house, "next") == answered, keys
    assert language("gefällt mir", Languages("en")) == "en"
    assert language('{"text": "gefällt mir", "language": "en"}', NOBODY, "say") == "en"


@pytest.mark.parametrize(
    "keys", ['{"language": "de", "colour": 1}', '{"language": "de", "user": 1}']
)
def test_what_is_refused_is_refused_in_the_language_that_it_names(keys: str) -> None:
    command = parse_command(Topics("glance"), "glance/command/next", keys.encode())
    assert isinstance(command, BadCommand)
    assert command.language == "de"


@pytest.mark.parametrize("wrong", ["1", '"d"', '"deutsch bitte"', "[]"])
def test_a_language_is_a_code(wrong: str) -> None:
    command = parse_command(
        Topics("glance"), "glance/command/next", f'{{"language": {wrong}}}'.encode()
    )
    assert isinstance(command, BadCommand)
    assert command.error.code == "bad_value"


@pytest.mark.parametrize("code", known_languages())
def test_what_is_proposed_is_understood(code: str) -> None:
    """Examples of what can be said are phrases of the same language."""
    proposed = {
        verb: in_language(said, code)[1:-1].strip("\u00a0 ") for verb, said in EXAMPLES.items()
    }
    proposed["next "] = _quoted(in_language(COURTESIES["there is more"], code))[-1]
    off = "It is off; “turn the display on” brings the picture."
    proposed["power "] = _quoted(in_language(say(off), code))[0]
    again = "“Play everything” chooses from all again."
    proposed["slideshow "] = _quoted(in_language(say(again), code))[0]
    proposed["similar "] = _quoted(in_language(COURTESIES["brightness"], code))[-1]
    proposed["previous "] = _quoted(in_language(COURTESIES["the past"], code))[0]
    proposed["slideshow  "] = _quoted(in_language(COURTESIES["at a time of day"], code))[0]
    proposed["describe "] = _quoted(in_language(COURTESIES["only the label"], code))[0]
    proposed["power  "] = _quoted(in_language(COURTESIES["good night"], code))[0]
    heard = {
        said: parse_command(Topics("glance"), "glance/command", said.encode()).verb
        for said in proposed.values()
    }
    assert heard == {said: verb.strip() for verb, said in proposed.items()}


def _quoted(text: str) -> list[str]:
    found = re.findall(r"“(.*?)”|„(.*?)“|«(.*?)»|‘(.*?)’", text)
    return ["".join(one).strip("\u00a0 ") for one in found]


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("ciao", "Ciao! Dimmi che cosa"),
        ("merci beaucoup", "Avec plaisir"),
        ("danke", "Gern geschehen!"),
        ("¡hola!", "¡Hola! Dime"),
        ("dank je wel", "Graag gedaan!"),
        ("thanks", "You are welcome!"),
    ],
)
def test_whoever_greets_is_greeted_in_their_language(said: str, answer: str) -> None:
    command = parse_command(Topics("glance"), "glance/command", said.encode())
    assert not isinstance(command, BadCommand)
    reply = friendly(answer_to(said)).reply
    assert spoken(reply, command.language).message.startswith(answer)
    assert spoken(reply, "nl").message != reply.message
