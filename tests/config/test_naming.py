"""What displays are called: rooms that they share, and names that cannot be told apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from glance_agent.cli.main import app
from glance_agent.commands.parse import BadCommand, parse_command
from glance_agent.config.naming import called, collisions, display_names
from glance_agent.config.settings import Config
from glance_agent.domain.display_names import Place
from glance_agent.domain.errors import ConfigError
from glance_agent.domain.topics import Topics
from glance_agent.wiring.hanging import places_of


def house(*displays: dict[str, Any]) -> Config:
    return Config.model_validate({"displays": displays})


def test_a_display_is_called_by_its_title_and_its_room() -> None:
    config = house({"name": "wall", "title": "The big one", "area": "Küche"}, {"name": "hall"})
    assert called(config.displays) == {"wall": ("The big one", "Küche"), "hall": ()}
    assert display_names(config.displays).groups == {}


def test_a_room_of_several_displays_is_a_group() -> None:
    config = house(
        {"name": "wall", "area": "Living room"},
        {"name": "hall", "area": "Hall"},
        {"name": "tv", "title": "Telly", "area": "living Room"},
    )
    assert display_names(config.displays).groups == {"living-room": ("wall", "tv")}
    names = called(config.displays)
    assert (names["wall"], names["tv"], names["hall"]) == ((), ("Telly",), ("Hall",))
    assert "living-room" in names


@pytest.mark.parametrize(
    "display",
    [{"name": "hall", "area": "Wall"}, {"name": "hall", "group": "wall-side", "area": "Wall side"}],
)
def test_a_room_takes_no_name_that_is_there_already(display: dict[str, Any]) -> None:
    config = house({"name": "wall"}, display, {**display, "name": "tv"})
    groups = display_names(config.displays).groups
    assert set(groups) == ({"wall-side"} if "group" in display else set())


@pytest.mark.parametrize(
    ("sentence", "display"),
    [
        ("next in the bedroom", "tv"),
        ("nächstes Bild im Schlafzimmer", "tv"),
        ("a calm lake in the kitchen", "kitchen"),
        ("zeig mir Rosen in der Küche", "kitchen"),
        ("next", None),
    ],
)
def test_sentences_know_the_rooms(sentence: str, display: str | None) -> None:
    config = house(
        {"name": "wall"},
        {"name": "tv", "area": "Schlafzimmer"},
        {"name": "left", "area": "Kitchen"},
        {"name": "right", "area": "Kitchen"},
    )
    said = parse_command(Topics(), "glance/command", sentence.encode(), places=places_of(config))
    assert not isinstance(said, BadCommand)
    assert said.display == display


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"name": "a-b"}, {"name": "a_b"}),
        ({"name": "wall", "title": "Küche"}, {"name": "hall", "title": "kuche"}),
        ({"name": "wall"}, {"name": "hall", "title": "Wall"}),
        ({"name": "wall", "title": "Hall"}, {"name": "hall"}),
        ({"name": "wall", "title": "Down"}, {"name": "hall", "group": "down"}),
        ({"name": "wall"}, {"name": "all"}),
    ],
)
def test_names_that_sound_the_same_are_refused(
    first: dict[str, Any], second: dict[str, Any], tmp_path: Path
) -> None:
    assert len(collisions(house(first, second).displays)) == 1
    path = tmp_path / "glance.toml"
    tables = ("\n".join(f'{k} = "{v}"' for k, v in d.items()) for d in (first, second))
    path.write_text("\n".join(f"[[displays]]\n{table}" for table in tables), encoding="utf-8")
    said = CliRunner().invoke(app, ["config", "check", "--config", str(path)])
    assert isinstance(said.exception, ConfigError)
    told = str(said.exception)
    assert any(
        each in told for each in ("choose another name", "give one of them", "give it another")
    )


def test_names_that_differ_are_fine() -> None:
    config = house(
        {"name": "wall", "title": "Wall", "area": "Kitchen", "group": "down"},
        {"name": "hall", "area": "Kitchen", "group": "down"},
    )
    assert collisions(config.displays) == []


def test_a_place_says_all_that_it_is_called() -> None:
    assert str(Place("tv", ("Telly", "Bedroom"))) == "tv (Telly, Bedroom)"
