"""No phrase of any language takes what somebody wishes for in this language or another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.test_sentences import understood

LISTS = Path(__file__).parents[2] / "tools" / "embedded_model" / "languages"
EVERY = 27
"""So manieth of the things is wished for."""
PRAISE = {"hoch", "spitze", "stark", "schoen", "bella", "ugly", "schrecklich"}
PRAISE |= {"fantastico", "fantástico"}
"""What is thought of a picture, in the language itself or in another, where it is said alone."""
COMMANDS = {"halt", "más"}
"""“Stop” in German, “more” in Spanish."""
BEGUN = (
    "show me",
    "I want",
    "i want",
    "ich will",
    "show me",
    "zeig mir",
    "montre-moi",
    "muéstrame",
    "enséñame",
    "mostrami",
    "mostra-me",
    "je veux",
    "montre-moi",
    "quiero",
    "enséñame",
    "voglio",
    "mostrami",
    "ik wil",
    "laat",
)
"""What a request begins with, and is left out of it."""
LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da")


def wishes(name: str, language: str) -> Iterator[str]:
    """What is wished for in a list of the tools, whose columns are languages."""
    for line in (LISTS / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if " | " in line and not line.startswith("#"):
            cell = line.split(" | ")[LANGUAGES.index(language)]
            yield from (said.strip() for said in cell.split("/"))


def asked(language: str) -> list[str]:
    things = list(wishes("things", language))
    return [*wishes("wishes", language), *wishes("absent", language), *things[::EVERY]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_wished_for_is_searched_for(language: str) -> None:
    """A feeling alone, such as “calm”, is a mood in every language that has a table."""
    meant = {said: understood(said) for said in asked(language)}
    assert len(meant) > 200
    taken = {
        said: verb
        for said, verb in meant.items()
        if verb != f"search; query: {said}" and not verb.startswith("mood; mood: ")
        if said not in PRAISE | COMMANDS and not said.startswith(BEGUN)
    }
    assert taken == {}


@pytest.mark.parametrize(
    "said",
    ["Schloss", "butter", "Muscheln", "toro", "nudo", "cancello", "neige en hiver", "donne anziane",
     "monstres marins", "dame noble", "montre de poche", "amore e psiche",
     "Meer", "meer", "diable"],
)  # fmt: skip
def test_a_word_that_people_write_is_no_misspelt_command(said: str) -> None:
    assert understood(said) == f"search; query: {said}"
