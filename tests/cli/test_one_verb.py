"""Only the verb that is asked for is read, and is what it would be among all others."""

from __future__ import annotations

import pytest
import typer

from glance_agent.cli.main import app, with_one_verb

ALL = typer.main.get_group(app).commands


@pytest.mark.parametrize("verb", ALL)
def test_a_verb_alone_is_the_one_that_it_is_among_all(verb: str) -> None:
    alone = typer.main.get_group(with_one_verb([verb])).commands
    assert [o.name for o in alone[verb].params] == [o.name for o in ALL[verb].params]
    assert alone[verb].help == ALL[verb].help


def test_others_are_not_read() -> None:
    assert "ingest" not in typer.main.get_group(with_one_verb(["show"])).commands


@pytest.mark.parametrize("asked", [[], ["--help"], ["no-such-verb"], ["run"]])
def test_whatever_else_is_asked_is_asked_of_all(asked: list[str]) -> None:
    assert with_one_verb(asked) is app
