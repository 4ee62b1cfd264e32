"""The committed documents: equal to the code, and saying what the parser does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from glance_agent.agent.model_download import Amount
from glance_agent.cli.main import app
from glance_agent.commands.parse import BadCommand, parse_command
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.command import COMMANDS, keys_of
from glance_agent.domain.display import Glance, shown
from glance_agent.domain.errors import ERROR_MEANINGS, ConfigError, ErrorCode
from glance_agent.domain.published import DisplayArtwork, IngestEvent, ModelEvent
from glance_agent.domain.schema import asyncapi, command_schema
from glance_agent.domain.topics import Topics
from glance_agent.ingest.progress import Progress

jsonschema = pytest.importorskip("jsonschema")
SCHEMAS = Path(__file__).parents[2] / "config" / "schema"


def read(name: str) -> Any:
    return json.loads((SCHEMAS / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("base", ["#", "", "a b", "/glance"])
def test_the_base_topic_is_one_that_could_be_configured(base: str) -> None:
    said = CliRunner().invoke(app, ["schema", "asyncapi", "--base", base])
    assert isinstance(said.exception, ConfigError)
    assert "mqtt.base_topic: “" in str(said.exception)
    assert said.stdout == ""


def test_the_asyncapi_document_is_the_code() -> None:
    """To bring it up to date: glance-agent schema asyncapi > config/schema/asyncapi.json"""
    assert asyncapi("glance") == read("asyncapi.json")


@pytest.mark.parametrize("verb", COMMANDS)
def test_the_schema_of_a_command_is_the_code(verb: str) -> None:
    """To bring it up to date: glance-agent schema command VERB > config/schema/commands/…"""
    assert command_schema(verb) == read(f"commands/{verb}.json")


def test_there_is_one_schema_per_verb() -> None:
    assert {p.stem for p in (SCHEMAS / "commands").iterdir()} == set(COMMANDS)


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for inner in node.values():
            yield from references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from references(inner)


def test_every_reference_leads_somewhere() -> None:
    document = asyncapi("glance")
    for reference in set(references(document)):
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_every_topic_is_below_the_base() -> None:
    addresses = {channel["address"] for channel in asyncapi("my/art")["channels"].values()}
    assert all(address.startswith("my/art/") for address in addresses)
    assert {"my/art/status", "my/art/command", "my/art/command/next/{display}"} <= addresses


def test_every_error_code_is_explained() -> None:
    assert set(ERROR_MEANINGS) == set(ErrorCode)
    said = asyncapi("glance")["components"]["schemas"]["ErrorCode"]
    assert set(said["enum"]) == {code.value for code in ErrorCode}


@pytest.mark.parametrize("verb", COMMANDS)
def test_every_key_of_a_verb_is_there(verb: str) -> None:
    schema = command_schema(verb)
    assert set(schema["properties"]) == {"command", *keys_of(COMMANDS[verb])}
    jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize(
    ("verb", "payload", "good"),
    [
        ("search", {"query": "sea", "not": "boats", "limit": 3}, True),
        ("search", {"like": "starter:calm-sea"}, True),
        ("search", {}, False),
        ("search", {"query": "sea", "limit": 0}, False),
        ("search", {"query": "sea", "colour": "red"}, False),
        ("search", {"query": "x" * 501}, False),
        ("next", {}, True),
        ("next", {"display": "Wall"}, False),
        ("show", {}, False),
        ("show", {"artwork": "starter:calm-sea"}, True),
        ("show", {"artwork": "calm sea"}, False),
        ("slideshow", {"interval_seconds": 9}, False),
        ("slideshow", {"on": True, "transaction": 7}, True),
        ("slideshow", {}, False),
        ("discovery", {}, False),
        ("discovery", {"percent": 100}, True),
        ("mood", {"mood": "calm", "minutes": 0}, False),
    ],
)
def test_schema_and_parser_agree(verb: str, payload: dict[str, Any], good: bool) -> None:
    said = parse_command(Topics(), f"glance/command/{verb}", json.dumps(payload).encode())
    assert isinstance(said, BadCommand) is not good
    assert jsonschema.Draft202012Validator(command_schema(verb)).is_valid(payload) is good


@pytest.mark.parametrize("verb", COMMANDS)
def test_schema_and_parser_agree_on_what_a_verb_needs(verb: str) -> None:
    said = parse_command(Topics(), f"glance/command/{verb}", b"{}")
    good = not isinstance(said, BadCommand)
    assert jsonschema.Draft202012Validator(command_schema(verb)).is_valid({}) is good


def test_what_is_published_has_the_documented_shape() -> None:
    work = shown(Artwork(id="starter:calm-sea", title="Calm sea"), liked=None)
    glance = Glance(
        display="wall",
        artwork=work,
        shown_at=datetime(2026, 1, 1, tzinfo=UTC),
        why="Chosen for you",
        position=1,
    )
    state = glance.state()
    assert state.keys() <= DisplayArtwork.model_fields.keys()
    DisplayArtwork.model_validate(state)
    event = Progress("starter", total=3).event().payload
    assert event.keys() == IngestEvent.model_fields.keys()
    IngestEvent.model_validate(event)
    fetching = Amount("clip-vit-b32", 0.0).event("failed", "The hub is away.", 60.0).payload
    assert fetching.keys() == ModelEvent.model_fields.keys()
    ModelEvent.model_validate(fetching)
