"""What people say is understood as the command that they mean."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from glance_agent.commands.parse import BadCommand, parse_command
from glance_agent.commands.speech.phrasebook import Phrasebook, phrasebooks
from glance_agent.domain.command import COMMANDS, Command, Say
from glance_agent.domain.display_names import Place
from glance_agent.domain.topics import Topics
from glance_agent.embedding.dictionary import is_word
from glance_agent.search.politeness import without_request

HERE = Path(__file__).parent
PLACES = (
    Place("wall", ("Living room",)),
    Place("bedroom"),
    Place("kitchen", ("Küche",)),
    Place("frame-2", ("TV in the hall",)),
)


FEW = (Place("canvas"),)
"""A house that has no display of the name “wall”."""


def sentences(name: str) -> list[tuple[str, str]]:
    """The sentences of a file, each with what is expected of it."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    pairs = (line.split(" => ") for line in lines if line and not line.startswith("#"))
    return [(said, expected.strip()) for said, expected in pairs]


def parsed(text: str, places: Sequence[Place] = PLACES) -> Command | BadCommand:
    """The command that a sentence is."""
    return parse_command(
        Topics("glance"), "glance/command", text.encode(), places=places, is_word=is_word
    )


def answer_to(text: str) -> str:
    """What the tables name as the answer to a sentence that is no command."""
    command = parsed(text)
    return command.answer if isinstance(command, Say) else ""


def understood(text: str, places: Sequence[Place] = PLACES, due: str = "") -> str:
    """What a sentence is understood as, as the files spell it; `say [the past]` names what is
    answered, where what is `due` does."""
    command = parsed(text, places)
    if isinstance(command, BadCommand):
        return f"refused: {command.error.code}"
    keys: dict[str, Any] = command.model_dump(
        exclude_unset=True, exclude_none=True, exclude={"language"}
    )
    keys.pop("verb", None)
    if command.verb == "say":
        keys.pop("text", None)
    if command.verb == "search" and "query" in keys:
        keys["query"] = without_request(keys["query"])
    spelled = [
        f"{key}: {_spelled(value)}".strip() for key, value in keys.items() if key != "display"
    ]
    where = [f"display: {command.display}"] if command.display else []
    answer = f" [{answer_to(text)}]" if due.endswith("]") else ""
    return "; ".join([command.verb, *spelled, *where]) + answer


def _spelled(value: Any) -> str:
    return (
        str(value).lower()
        if isinstance(value, bool)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )


EVERYDAY = sorted(f"everyday/{file.name}" for file in (HERE / "everyday").iterdir())
"""Commands for one display and for all, how they are, and wishes that sound like these."""
AT_HOME = sorted(f"at_home/{file.name}" for file in (HERE / "at_home").iterdir())
"""What a stranger says to the picture on the wall, and talk that is not for it."""
BEYOND = sorted(f"beyond/{file.name}" for file in (HERE / "beyond").iterdir())
"""What no picture answers, and wishes that sound like it."""
LANGUAGES = sorted(f"languages/{file.name}" for file in (HERE / "languages").iterdir())
"""The sentences of languages that are no part of the other files."""


@pytest.mark.parametrize(
    "name",
    [
        *("sentences.txt", "more_sentences.txt", "blind_sentences.txt"),
        *(*LANGUAGES, *EVERYDAY, *AT_HOME, *BEYOND),
    ],
)
def test_the_sentences_of_a_file_are_understood(name: str) -> None:
    """A test of its own for each of thousands took longer than to understand it."""
    given = sentences(name)
    assert given
    heard = [(said, understood(said, due=due)) for said, due in given]
    assert [one for one, due in zip(heard, given, strict=True) if one != due] == []


@pytest.mark.parametrize(
    ("said", "query"),
    [
        ("sunflowers up on our wall", "sunflowers"),
        ("Sonnenblumen an unsere Wand", "Sonnenblumen"),
        ("Sonnenblumen an die Wand hängen", "Sonnenblumen"),
        ("kannst du Sonnenblumen an die Wand hängen?", "Sonnenblumen"),
        ("des tournesols contre le mur", "des tournesols"),
        ("girasoles en el muro", "girasoles"),
        ("girasoli su questa parete", "girasoli"),
        ("zonnebloemen aan onze muur", "zonnebloemen"),
        ("search sunflowers on our wall", "sunflowers"),
        ("search Sonnenblumen auf die Wand", "Sonnenblumen"),
        ("search des tournesols sur le mur", "des tournesols"),
        ("search girasoles a la pared", "girasoles"),
        ("search girasoli sul muro", "girasoli"),
        ("search zonnebloemen op de muur", "zonnebloemen"),
    ],
)
def test_where_pictures_hang_is_no_part_of_a_wish(said: str, query: str) -> None:
    assert understood(said, FEW) == f"search; query: {query}"


@pytest.mark.parametrize(
    "said",
    [
        "no apagues la pantalla",
        "no pases al siguiente",
        "non spegnerlo",
        "non spegnere lo schermo",
        "non andare indietro",
        "non annullare",
        "mach es nicht aus",
        "n'éteins pas l'écran",
        "zet het niet uit",
        "don't turn it off",
    ],
)
def test_what_is_not_to_be_done_is_not_done(said: str) -> None:
    assert understood(said).startswith("search; query: ")


@pytest.mark.parametrize("said", ["no, apaga la pantalla", "non, éteins", "No! Spegnilo."])
def test_a_no_before_a_comma_is_no_not(said: str) -> None:
    assert understood(said) == "power; on: false"


def test_every_table_has_sentences_of_its_own() -> None:
    tables = {book.language for book in phrasebooks()} - {"en", "de"}
    assert {f"languages/{code}.txt" for code in tables} == set(LANGUAGES)


def test_every_table_has_everyday_sentences() -> None:
    assert {f"everyday/{book.language}.txt" for book in phrasebooks()} == set(EVERYDAY)


def test_every_table_is_tried_at_home() -> None:
    assert {f"at_home/{book.language}.txt" for book in phrasebooks()} == set(AT_HOME)
    assert [name for name in AT_HOME if len(sentences(name)) < 40] == []


def test_every_table_has_what_it_cannot_do_and_wishes_that_sound_like_it() -> None:
    assert {f"beyond/{book.language}.txt" for book in phrasebooks()} == set(BEYOND)
    for name in BEYOND:
        cannot = [said for said, expected in sentences(name) if expected.startswith("say")]
        assert len(cannot) >= 25, name
        assert len(sentences(name)) - len(cannot) >= 25, name
        answers = {answer_to(said) for said in cannot}
        assert answers == {"beyond me", "not later"}, name


@pytest.mark.parametrize("name", [*LANGUAGES, *EVERYDAY])
def test_a_language_has_sentences_enough(name: str) -> None:
    searched = [expected.startswith("search; query") for _, expected in sentences(name)]
    assert searched.count(False) >= 60
    assert searched.count(True) >= 25


@pytest.mark.parametrize("book", phrasebooks())
def test_every_table_says_every_verb_that_people_say(book: Phrasebook) -> None:
    said = {row.verb for row in book.rows} | {"search"}
    assert said == COMMANDS.keys() - {"show", "ingest"}


def test_no_row_of_a_table_is_of_a_verb_that_is_not_there() -> None:
    for file in (files("glance_agent.commands") / "phrases").iterdir():
        rows = tomllib.loads(file.read_text("utf-8"))["rows"]
        assert {row["verb"] for row in rows} <= COMMANDS.keys(), file.name
