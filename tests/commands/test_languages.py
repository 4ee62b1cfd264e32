"""In which language whoever sends a command is answered."""

from __future__ import annotations

import json

import pytest

from glance_agent.commands.parse import BadCommand, parse_command
from glance_agent.domain.languages import Languages
from glance_agent.domain.topics import Topics

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
        ("next", None),
        ("show me sunflowers", None),
        ("Sonnenblumen", None),
        ("ok", None),
        ("stürmische See", None),
    ],
)
def test_a_sentence_that_one_language_alone_has_is_answered_in_it(
    said: str, heard: str | None
) -> None:
    assert language(said) == heard


def test_what_a_command_says_comes_first_then_its_user_then_the_house() -> None:
    for keys, house, spoken in (
        ({"language": "de-DE"}, NOBODY, "de"),
        ({"language": "xx"}, HOUSE, "de"),
        ({"language": "en"}, HOUSE, "en"),
        ({}, HOUSE, "de"),
        ({"user": "Mia"}, HOUSE, "en"),
        ({"user": "Mia", "language": "de"}, HOUSE, "de"),
        ({}, NOBODY, None),
    ):
        assert language(json.dumps(keys), house, "next") == spoken, keys
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
