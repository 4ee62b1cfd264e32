"""Sentences that remember what they are made of, said in English and in German."""

from __future__ import annotations

import ast
import copy
import json
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from glance_agent.domain.errors import CommandError, ConfigError, ErrorCode, SourceError
from glance_agent.domain.languages import (
    Languages,
    Sentence,
    in_language,
    known_languages,
    spoken_language,
    words_of,
)
from glance_agent.domain.reply import Reply, refusal, spoken
from glance_agent.domain.said import (
    Said,
    at_the_start,
    in_a_row,
    kept_of,
    listed,
    many,
    said_of,
    say,
)
from glance_agent.domain.secret import read_secret
from tests.source_code import nodes

TITLE = "Water {Lilies}"
LABEL = say("“{title}” by {artist}", title=TITLE, artist="Claude Monet")


def works(count: int) -> Said:
    return many("1 work is hidden.", "{n} works are hidden.", n=count)


@pytest.mark.parametrize(
    ("said", "english", "german"),
    [
        (LABEL, "“Water {Lilies}” by Claude Monet", "„Water {Lilies}“ von Claude Monet"),
        (
            say("Showing {best}.", best=LABEL),
            "Showing “Water {Lilies}” by Claude Monet.",
            "Ich zeige „Water {Lilies}“ von Claude Monet.",
        ),
        (works(1), "1 work is hidden.", "Ein Werk ist ausgeblendet."),
        (works(1234), "1,234 works are hidden.", "1.234 Werke sind ausgeblendet."),
        (listed(["a"]), "a", "a"),
        (listed(["a", "{0}"]), "a and {0}", "a und {0}"),
        (listed(["a", "b", "c"], "or"), "a, b, or c", "a, b oder c"),
        (listed(["a", "b", "c", "{1}"]), "a, b, c, and {1}", "a, b, c und {1}"),
        (
            in_a_row(say("Going on."), "", "As it is."),
            "Going on. As it is.",
            "Es geht weiter. As it is.",
        ),
        (
            at_the_start(say("the server is just stopping")),
            "The server is just stopping",
            "Der Server hält gerade an",
        ),
        (
            at_the_start(
                say("{advice} ({why}).", advice=say("the server is just stopping"), why="a")
            ),
            "The server is just stopping (a).",
            "Der Server hält gerade an (a).",
        ),
        (
            at_the_start(
                say("library.url leads to a server that may only be read, such as a standby")
            ),
            "library.url leads to a server that may only be read, such as a standby",
            "library.url führt zu einem Server",
        ),
        (at_the_start("gone."), "Gone.", "Gone."),
        (say("No catalogue has this {n}.", n=1000), "No catalogue has this 1,000.", "1.000"),
    ],
)
def test_it_is_said_in_any_language(said: str, english: str, german: str) -> None:
    assert said == english
    assert in_language(said, "en") == english
    assert in_language(said, None) == english
    assert german in in_language(said, "de")
    assert in_language(said, "xx") == english


def test_what_holds_sentences_is_said_with_all_of_them() -> None:
    class Told(BaseModel):
        why: Sentence
        more: tuple[Sentence, ...] = ()

    told = Told(why=say("Going on."), more=(say("Switched on."), "plain"))
    assert in_language({"a": [told]}, "de") == {
        "a": [{"why": "Es geht weiter.", "more": ["Eingeschaltet.", "plain"]}]
    }
    assert told.model_dump_json() == '{"why":"Going on.","more":["Switched on.","plain"]}'


@given(st.text(), st.integers(0, 10**6))
def test_it_is_kept_and_comes_back(text: str, count: int) -> None:
    said = in_a_row(
        say("Showing {best}.", best=listed([LABEL, text])),
        many("1 work is liked.", "{n} works are liked.", n=count),
    )
    back = said_of(json.loads(json.dumps(kept_of(said))))
    assert back == said
    assert in_language(back, "de") == in_language(said, "de")
    for copied in (pickle.loads(pickle.dumps(said)), copy.deepcopy(said)):
        assert (copied, in_language(copied, "de")) == (said, in_language(said, "de"))


@pytest.mark.parametrize("kept", [None, 1.5, {}, {"text": "a", "values": 1}, [], {"values": {}}])
def test_nothing_else_is_a_kept_text(kept: object) -> None:
    with pytest.raises(ValueError, match="no kept text"):
        said_of(kept)


def test_a_reply_is_said_as_a_whole() -> None:
    error = CommandError(ErrorCode.NO_PREVIOUS, say("Nothing is hidden."), say("Send “next”."))
    reply = refusal("previous", error).model_copy(update={"note": say("Going on.")})
    german = spoken(reply, "de")
    assert (german.message, german.note) == ("Nichts ist ausgeblendet.", "Es geht weiter.")
    assert german.error is not None
    assert (german.error.message, german.error.hint) == (german.message, "Sende „next“.")
    assert spoken(german, "en") == german, "what is said is said"
    assert Reply.model_validate_json(german.model_dump_json()) == german


def test_languages_of_a_house() -> None:
    house = Languages("de-AT", {"mia": "en", "bo": "xx"})
    assert [house.of(user) for user in ("mia", "bo", "household")] == ["en", "de", "de"]
    assert (house.told, Languages().told, Languages().of("mia")) == ("de", "en", None)
    assert [spoken_language(tag) for tag in ("DE_de", "de", "", None, "xx", "eng")] == [
        *("de", "de"),
        *(None,) * 4,
    ]
    assert known_languages()[0] == "en"
    assert words_of("en") is None


def test_errors_are_said_in_any_language_also_within_others() -> None:
    away = SourceError(say("{host} cannot be used now: {why}.", host="x.org", why=say("missing")))
    assert str(away) == "x.org cannot be used now: missing."
    assert in_language(away.said, "de") == "x.org ist gerade nicht zu gebrauchen: fehlt."
    told = say("The library cannot be used now: {why}", why=away)
    assert str(told) == "The library cannot be used now: x.org cannot be used now: missing."
    assert in_language(told, "fr").endswith("inutilisable pour le moment\u00a0: manquant.")


def test_whatever_stands_in_a_sentence_can_be_kept() -> None:
    odd = say("The library {path} cannot be opened: {why}.", path=Path("/x"), why=OSError("no"))
    assert str(odd) == "The library /x cannot be opened: no."
    assert said_of(json.loads(json.dumps(kept_of(odd)))) == odd


def test_no_sentence_tells_a_systems_reason_in_english_alone() -> None:
    """`said_by_system` says the usual ones in any language."""
    for path, node in nodes("strerror"):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("say", "many"):
            values = [part for value in node.keywords for part in ast.walk(value)]
            names = {part.attr for part in values if isinstance(part, ast.Attribute)}
            assert "strerror" not in names, f"{path}:{node.lineno}"


def test_a_secret_that_is_not_there_is_said_in_the_language_of_the_house(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        read_secret(tmp_path / "key")
    said = in_language(refused.value.said, "fr")
    assert said.endswith(in_language(say("No such file or directory"), "fr") + ".")
    assert "No such" not in said
