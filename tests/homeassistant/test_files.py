"""The files for Home Assistant: readable, complete, and speaking our own contract."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

from glance_agent.command import COMMANDS
from glance_agent.discovery import DiscoveryFacts, DisplayFacts, discovery_messages

CONFIG = Path(__file__).parents[2] / "config" / "home_assistant"
FILES = sorted(CONFIG.rglob("*.yaml"))
BLUEPRINTS = sorted((CONFIG / "blueprints").rglob("*.yaml"))


class Loader(yaml.SafeLoader):
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
    facts = DiscoveryFacts("a1b2c3d4e5f6", "0.1.0", (DisplayFacts("wall"),), moods={"Calm": "calm"})
    _, payload = discovery_messages(facts, {})[0]
    assert payload is not None
    there = {c.get("default_entity_id") for c in payload["components"].values()}
    text = (CONFIG / "dashboards" / "glance.yaml").read_text(encoding="utf-8")
    used = set(re.findall(r"\b[a-z]+\.glance_[a-z_]+", text))
    assert used
    assert used <= there
