"""The script of the package: what it sends for what it is given, in a house with two displays."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

from glance_agent.commands.parse import BadCommand, parse_command
from glance_agent.domain.display_names import Place
from glance_agent.domain.topics import Topics
from glance_agent.homeassistant.display_controls import display_controls
from tests.homeassistant.rendering import command as published

PACKAGE = Path(__file__).parents[2] / "config" / "home_assistant" / "packages" / "glance.yaml"
DOCUMENT = yaml.load(PACKAGE.read_text(encoding="utf-8"), yaml.CSafeLoader)
SCRIPT = DOCUMENT["script"]["glance_request"]
PLACES = (Place("wall"), Place("tv", ("Telly", "Den")))

AREAS = {"bedroom": "Bedroom", "kueche": "Küche"}
DEVICES = {
    "notify.glance_request": ("hub", None, None),
    "notify.glance_wall_request": ("wall", "hub", "kueche"),
    "notify.glance_tv_request": ("tv", "hub", "bedroom"),
    "notify.other": ("other", None, "bedroom"),
}
"""Entity -> its device, the device that it is linked to, its area."""


NEXT_ON_TV = {"verb": "next", "display": "tv"}


def area_id(name: str) -> str | None:
    by_name = {n.lower(): i for i, n in AREAS.items()}
    return by_name.get(name.lower()) or (name if name in AREAS else None)


def area_name(of: str) -> str | None:
    in_area = {device: area for device, _, area in DEVICES.values()}
    return AREAS.get(in_area.get(of) or of)


def house(*, there: bool) -> jinja2.Environment:
    """The functions of Home Assistant's templates that the script asks."""
    made = jinja2.Environment()
    artworks = {"entity_id": "sensor.artworks", "attributes": {"base_topic": "glance"}}
    made.globals |= {
        "states": {"sensor": [artworks] if there else []},
        "device_id": lambda e: "hub" if e == "sensor.artworks" else DEVICES[e][0],
        "device_attr": lambda e, _: DEVICES[e][1],
        "device_entities": lambda d: [e for e, (of, *_) in DEVICES.items() if of == d],
        "integration_entities": lambda _: list(DEVICES),
        "area_id": area_id,
        "area_name": area_name,
        "is_number": _is_number,
        "now": lambda: _Now,
    }
    made.filters["to_json"] = lambda value: json.dumps(value, ensure_ascii=False)
    made.filters["regex_replace"] = lambda s, find, by: re.sub(find, by, s)
    made.tests["match"] = lambda s, find: re.match(find, s) is not None
    return made


class _Now:
    @staticmethod
    def timestamp() -> float:
        return 1_700_000_000.0


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def native(text: str) -> Any:
    """What Home Assistant makes of a rendered template: Python's own kinds where it is one."""
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError):
        return text.strip()


def sent(*, there: bool = True, **data: Any) -> tuple[str, bytes]:
    """The entity that is told (none: the command topic), and what it publishes."""
    given = house(there=there)
    known: dict[str, Any] = dict(data)
    for name, template in SCRIPT["variables"].items():
        known[name] = (
            native(given.from_string(template).render(known))
            if isinstance(template, str)
            else template
        )
    payload = known["payload"]
    text = payload if isinstance(payload, str) else json.dumps(payload)
    entity = known["entity"] or ""
    display = re.fullmatch(r"notify[.]glance_(\w+)_request", entity)
    if display is None:
        return entity, text.encode()
    request = display_controls(Topics(), display[1], {})["request"]
    return entity, published(request, text)


def meant(**data: Any) -> dict[str, Any]:
    """The command that the agent reads, without what no one gave."""
    _, payload = sent(**data)
    said = parse_command(Topics(), "glance/command", payload, places=PLACES)
    assert not isinstance(said, BadCommand), (said, payload)
    found = said.model_dump(mode="json", exclude_none=True, exclude_unset=True)
    found.pop("transaction")
    return {"verb": said.verb, **found}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"request": "say", "query": "Next, please", "display": "tv"}, NEXT_ON_TV),
        ({"request": "next"}, {"verb": "next"}),
        ({"request": "next", "display": "tv"}, {"verb": "next", "display": "tv"}),
        ({"request": "next", "user": "mia"}, {"verb": "next", "user": "mia"}),
        ({"request": "say", "query": "Next, please"}, {"verb": "next"}),
        ({"request": "search", "query": 1984}, {"verb": "search", "query": "1984"}),
        (
            {"request": "search", "query": "sea", "limit": 3, "show": False},
            {"verb": "search", "query": "sea", "limit": 3, "show": False},
        ),
        (
            {"request": "like", "artwork": "starter:calm-sea"},
            {"verb": "like", "artwork": "starter:calm-sea"},
        ),
        ({"request": "show", "query": "Calm Sea"}, {"verb": "show", "query": "Calm Sea"}),
        ({"request": "mood", "query": "calm"}, {"verb": "mood", "mood": "calm"}),
        ({"request": "no_mood"}, {"verb": "mood", "mood": ""}),
        (
            {"request": "start_slideshow", "minutes": 1.5},
            {"verb": "slideshow", "on": True, "interval_seconds": 90},
        ),
        ({"request": "start_slideshow", "minutes": ""}, {"verb": "slideshow", "on": True}),
        ({"request": "stop_slideshow"}, {"verb": "slideshow", "on": False}),
        ({"request": "discovery", "percent": 40}, {"verb": "discovery", "percent": 40}),
        ({"request": "pause"}, {"verb": "pause"}),
        # What is missing or odd means something all the same.
        ({"query": "stormy sea"}, {"verb": "search", "query": "stormy sea"}),
        ({}, {"verb": "describe"}),
        ({"request": " Next "}, {"verb": "next"}),
        ({"request": "next", "display": None, "user": "", "room": None}, {"verb": "next"}),
        # Rooms: an area that a display is in; else what the agent knows.
        ({"request": "next", "room": "bedroom"}, {"verb": "next", "display": "tv"}),
        ({"request": "next", "room": "KÜCHE"}, {"verb": "next", "display": "wall"}),
        ({"request": "next", "room": "telly"}, {"verb": "next", "display": "tv"}),
        ({"request": "similar", "room": "den"}, {"verb": "similar", "display": "tv"}),
        (
            {"request": "say", "query": "search boats in the bedroom"},
            {"verb": "search", "query": "boats", "display": "tv"},
        ),
        (
            {"request": "say", "query": "search Boote in der Küche"},
            {"verb": "search", "query": "Boote", "display": "wall"},
        ),
        ({"request": "like", "language": "de"}, {"verb": "like", "language": "de"}),
        # Who asks without naming a room means the display where they are, if there is one.
        ({"request": "next", "near": "bedroom"}, {"verb": "next", "display": "tv"}),
        ({"request": "next", "near": "attic"}, {"verb": "next"}),
        (
            {"request": "next", "near": "bedroom", "room": "Küche"},
            {"verb": "next", "display": "wall"},
        ),
        (
            {"request": "next", "near": "bedroom", "display": "wall"},
            {"verb": "next", "display": "wall"},
        ),
    ],
)
def test_the_agent_is_asked_what_was_meant(data: dict[str, Any], expected: dict[str, Any]) -> None:
    found = meant(**data)
    assert {key: value for key, value in found.items() if value is not None} == expected


@pytest.mark.parametrize(
    "data",
    [
        {"request": "dance"},
        {"request": "start_slideshow", "minutes": "soon"},
        {"request": "search", "query": "sea", "limit": "many"},
        {"request": "discovery"},
        {"request": "next", "room": "attic"},
    ],
)
def test_what_is_wrong_is_refused_by_the_agent_with_a_sentence(data: dict[str, Any]) -> None:
    _, payload = sent(**data)
    said = parse_command(Topics(), "glance/command", payload, places=PLACES)
    assert isinstance(said, BadCommand)
    assert said.transaction is not None
    assert said.error.message


def test_without_the_agents_entities_its_topic_is_told() -> None:
    entity, payload = sent(request="next", near="bedroom", there=False)
    assert entity == ""
    assert json.loads(payload)["command"] == "next"


def test_twenty_at_once_are_queued() -> None:
    assert SCRIPT["mode"] == "queued"
    assert SCRIPT["max"] > 20


def test_the_answer_carries_all_that_the_contract_has() -> None:
    steps = [step["variables"] for step in SCRIPT["sequence"] if "variables" in step]
    results = [{"match": 0.91, "why": "A strong match", "artwork": {"id": "starter:sea"}}]
    answer = {
        "ok": True,
        "verb": "search",
        "sure": False,
        "message": "Showing Sea.",
        "artwork": {"id": "starter:sea", "title": "Sea", "artist": None},
        "results": results,
    }
    reply = rendered(steps, answer=answer, wanted="search")
    assert {k: reply[k] for k in ("ok", "id", "title", "match", "sure", "why", "results")} == {
        "ok": True,
        "id": "starter:sea",
        "title": "Sea",
        "match": 0.91,
        "sure": False,
        "why": "A strong match",
        "results": results,
    }
    assert reply["speech"] == "Showing Sea."


@pytest.mark.parametrize(
    ("verb", "language", "said"),
    [
        ("timeout", "en", "The art display did not answer."),
        ("away", "en", "The art agent is away; it hears of this when it is back."),
        (
            "away",
            "de",
            "Die Bilderwand ist gerade nicht da; sie hört davon, wenn sie wieder da ist.",
        ),
        ("timeout", "pl", "The art display did not answer."),
    ],
)
def test_an_agent_that_is_away_is_said_to_be(verb: str, language: str, said: str) -> None:
    steps = [step["variables"] for step in SCRIPT["sequence"] if "variables" in step]
    answer = {"ok": False, "verb": verb}
    reply = rendered(steps, answer=answer, wanted="next", language=language)
    assert (reply["ok"], reply["speech"]) == (False, said)


def test_the_agent_says_itself_what_went_wrong() -> None:
    steps = [step["variables"] for step in SCRIPT["sequence"] if "variables" in step]
    answer = {"ok": False, "verb": "search", "message": "Nichts passt."}
    for language in ("en", "de"):
        reply = rendered(steps, answer=answer, wanted="say", language=language)
        assert reply["speech"] == "Nichts passt."


def rendered(steps: list[dict[str, Any]], **known: Any) -> dict[str, Any]:
    """The reply that the last steps of the script make of an answer."""
    environment = house(there=True)

    def value(template: Any) -> Any:
        if isinstance(template, dict):
            return {key: value(inner) for key, inner in template.items()}
        return native(environment.from_string(template).render(known))

    for step in steps:
        for name, template in step.items():
            known[name] = value(template)
    reply: dict[str, Any] = known["reply"]
    return reply
