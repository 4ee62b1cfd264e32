"""The files for Home Assistant: readable, complete, and speaking our own contract."""

from __future__ import annotations

import ast
import re
from datetime import time
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

from glance_agent.commands.parse import BadCommand, parse_command
from glance_agent.domain.command import COMMANDS
from glance_agent.domain.device import DeviceReport
from glance_agent.domain.schema import asyncapi
from glance_agent.domain.topics import Topics
from glance_agent.homeassistant.discovery import DiscoveryFacts, DisplayFacts, discovery_messages

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "config" / "home_assistant"
DOCS = ROOT / "docs"
FILES = sorted(CONFIG.rglob("*.yaml"))
BLUEPRINT = CONFIG / "blueprints" / "automation" / "glance_agent"
BLUEPRINTS = sorted((CONFIG / "blueprints").rglob("*.yaml"))


class Loader(yaml.CSafeLoader):
    """YAML with Home Assistant's `!input`, and without keys that occur twice."""


def _input(loader: Loader, node: yaml.ScalarNode) -> str:
    return f"!input {loader.construct_scalar(node)}"


def _mapping(loader: Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    assert len(keys) == len(set(keys)), f"a key occurs twice: {keys}"
    return dict(loader.construct_pairs(node, deep=True))


Loader.add_constructor("!input", _input)
Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader)


def strings(node: Any) -> list[str]:
    """Every text in a document."""
    if isinstance(node, dict):
        return [text for value in node.values() for text in strings(value)]
    if isinstance(node, list):
        return [text for value in node for text in strings(value)]
    return [node] if isinstance(node, str) else []


def components() -> list[dict[str, Any]]:
    """What Home Assistant is told of an agent with one display."""
    facts = DiscoveryFacts(
        "a1b2c3d4e5f6",
        "0.1.0",
        (DisplayFacts("wall", says=tuple(DeviceReport.model_fields)),),
        moods={"Calm": "calm"},
        latest_version="0.2.0",
    )
    payloads = [payload for _, payload in discovery_messages(facts, {}) if payload]
    return [c for payload in payloads for c in payload["components"].values()]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(CONFIG).as_posix())
def test_every_file_is_yaml_with_templates_that_parse(path: Path) -> None:
    parser = jinja2.Environment(autoescape=True)
    for text in strings(read(path)):
        parser.parse(text)


def test_no_empty_mapping_in_the_package() -> None:
    """Home Assistant's merge of packages drops them."""

    def empty(node: Any) -> bool:
        if isinstance(node, dict):
            return not node or any(empty(value) for value in node.values())
        return isinstance(node, list) and any(empty(value) for value in node)

    assert not empty(read(CONFIG / "packages" / "glance.yaml"))


def test_the_mood_begins_where_a_state_becomes_another() -> None:
    triggers = read(BLUEPRINT / "mood.yaml")["triggers"]
    assert {trigger["trigger"] for trigger in triggers} == {"state", "time"}


MOOD_CASES: list[tuple[str, dict[str, Any], bool]] = [
    ("day", {}, False),  # as it should be already
    ("evening", {}, True),
    ("rain, night", {}, True),
    ("roses", {}, False),  # a person's
    ("Evening", {}, False),
    ("", {}, False),  # a person ended it
    ("", {"first": True}, True),
    ("", {"by_hand": True}, True),
    ("", {"sunrise": True}, True),
    ("", {"morning": True}, True),
    ("roses", {"morning": True}, False),
    ("storm, morning", {}, True),
    ("roses", {"by_hand": True}, False),
    ("unavailable", {"first": True}, False),
]


@pytest.mark.parametrize(("now", "how", "sets"), MOOD_CASES)
def test_the_mood_that_a_person_set_is_never_overridden(
    now: str, how: dict[str, Any], sets: bool
) -> None:
    document = read(BLUEPRINT / "mood.yaml")
    environment = jinja2.Environment()
    environment.globals |= {
        "states": lambda _: now,
        "is_state": lambda _, state: state == "above_horizon",
        "this": {"attributes": {"last_triggered": None if how.get("first") else "before"}},
        "trigger": {
            "platform": None if how.get("by_hand") else "state",
            "entity_id": "sun.sun" if how.get("sunrise") else "text.mood",
            "id": "morning" if how.get("morning") else "0",
        },
    }
    words = ("morning", "day", "evening", "night", "rain", "snow", "storm")
    known: dict[str, Any] = {"mood": "text.mood", "words": "day", **{w: w for w in words}}
    for name in ("own", "new"):
        template = environment.from_string(document["variables"][name])
        known[name] = ast.literal_eval(template.render(known).strip())
    (condition,) = document["conditions"]
    assert environment.from_string(condition).render(known) == str(sets)


NO_TIME: list[str] = []
SUN_ALONE = (NO_TIME, NO_TIME, "18:00:00", NO_TIME)
MORNING = ("06:30:00", NO_TIME, "18:00:00", NO_TIME)
ALL_FOUR = ("06:30:00", "10:00:00", "18:00:00", "22:00:00")
LATE = (NO_TIME, NO_TIME, "18:00:00", "00:30:00")
NIGHT = (NO_TIME, NO_TIME, "18:00:00", "22:00:00")


@pytest.mark.parametrize(
    ("times", "now", "dark", "part"),
    [
        (SUN_ALONE, "05:00:00", True, "night"),
        (SUN_ALONE, "05:00:00", False, "day"),
        (SUN_ALONE, "17:30:00", True, "night"),  # in winter
        (SUN_ALONE, "18:00:00", False, "evening"),
        (SUN_ALONE, "18:00:00", True, "night"),
        (MORNING, "06:29:59", True, "night"),
        (MORNING, "06:30:00", True, "morning"),  # before the sun
        (MORNING, "17:59:59", True, "morning"),
        (MORNING, "18:00:00", False, "evening"),
        (MORNING, "23:00:00", True, "night"),
        (ALL_FOUR, "06:30:00", True, "morning"),
        (ALL_FOUR, "10:00:00", False, "day"),
        (ALL_FOUR, "17:00:00", True, "day"),
        (ALL_FOUR, "18:00:00", True, "evening"),  # the night begins at a time of its own
        (ALL_FOUR, "22:00:00", False, "night"),
        (ALL_FOUR, "05:00:00", False, "night"),
        (LATE, "00:10:00", True, "evening"),
        (LATE, "00:30:00", True, "night"),
        (LATE, "08:00:00", False, "day"),
        (NIGHT, "03:00:00", True, "night"),
        (NIGHT, "10:00:00", False, "day"),
        (NIGHT, "19:00:00", True, "evening"),
    ],
)
def test_the_mood_has_the_parts_of_the_day_that_times_give_it(
    times: tuple[str | list[str], ...], now: str, dark: bool, part: str
) -> None:
    variables = read(BLUEPRINT / "mood.yaml")["variables"]
    environment = jinja2.Environment()
    environment.globals |= {
        "now": lambda: time.fromisoformat(now),
        "is_state": lambda _, state: (state == "below_horizon") is dark,
    }
    names = ("morning", "day", "evening", "night")
    known: dict[str, Any] = {name: name for name in names}
    known |= dict(zip((f"{name}_from" for name in names), times, strict=True))
    for name in ("clock", "part", "hour"):
        known[name] = environment.from_string(variables[name]).render(known).strip()
    assert known["hour"] == part


@pytest.mark.parametrize("path", BLUEPRINTS, ids=lambda p: p.stem)
def test_a_blueprint_uses_all_its_inputs_and_no_others(path: Path) -> None:
    document = read(path)
    inputs = set(document["blueprint"]["input"])
    used = set(re.findall(r"!input (\w+)", path.read_text(encoding="utf-8")))
    assert used == inputs
    assert document["blueprint"]["domain"] == "automation"
    assert {"triggers", "actions", "mode"} <= document.keys()


def test_blueprints_and_script_ask_for_verbs_that_exist() -> None:
    path = CONFIG / "blueprints" / "automation" / "glance_agent" / "trigger_to_command.yaml"
    blueprint = read(path)["blueprint"]
    assert set(blueprint["input"]["command"]["selector"]["select"]["options"]) <= set(COMMANDS)
    script = read(CONFIG / "packages" / "glance.yaml")["script"]["glance_request"]
    requests = set(script["fields"]["request"]["selector"]["select"]["options"])
    assert requests - {"no_mood", "start_slideshow", "stop_slideshow"} <= set(COMMANDS)


def test_the_dashboard_shows_entities_that_exist() -> None:
    there = {component.get("default_entity_id") for component in components()}
    text = (CONFIG / "dashboards" / "glance.yaml").read_text(encoding="utf-8")
    used = set(re.findall(r"\b[a-z]+\.glance_[a-z_]+", text))
    assert used
    assert used <= there


@pytest.mark.parametrize(
    "name", ["docs/home-assistant.md", "docs/phones.md", "config/home_assistant/app/README.md"]
)
def test_every_topic_of_the_pages_is_one_of_ours(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    channels = asyncapi("glance")["channels"].values()
    known = {re.sub(r"\{\w+\}", "[a-z0-9_-]+", channel["address"]) for channel in channels}
    topics = set(re.findall(r"`(glance/[a-z0-9_/-]+)`", text))
    unknown = {t for t in topics if not any(re.fullmatch(k, t) for k in known)}
    assert unknown == set()


def test_every_plain_payload_of_the_phones_page_is_understood() -> None:
    text = (DOCS / "phones.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| .* \| `(glance/command[a-z/]*)` \| (.*) \|$", text, re.MULTILINE)
    assert len(rows) == 16
    for topic, said in rows:
        payloads = [p for p in re.findall(r"`([^`]+)`", said) if not p.startswith(topic[:15])]
        if "empty" in said:
            payloads.append("")
        assert payloads
        for payload in payloads:
            command = parse_command(Topics(), topic, payload.encode())
            assert not isinstance(command, BadCommand), (topic, payload)


def test_every_file_that_the_pages_name_is_there() -> None:
    for page in (DOCS / "home-assistant.md", DOCS / "phones.md"):
        text = page.read_text(encoding="utf-8")
        for link in re.findall(r"\]\(([^)]+)\)", text):
            assert (page.parent / link).exists(), link
        ours = r"`((?:packages|dashboards|custom_sentences|blueprints)/[^`]*)`"
        for path in re.findall(ours, text):
            assert (CONFIG / path).exists(), path


def test_every_entity_of_the_page_exists() -> None:
    names = {component["name"] for component in components() if "name" in component}
    text = (DOCS / "home-assistant.md").read_text(encoding="utf-8")
    table = text[text.index("| entity |") : text.index("In the agent's configuration")]
    cells = re.findall(r"^\| (.*?) \|", table, re.MULTILINE)
    said = {name for cell in cells for name in cell.split(", ")}
    assert said - {"entity", "---"} == names
