"""A library that answers without its sources says the same as with them."""

from __future__ import annotations

from pathlib import Path

from glance_agent.config.load import load
from glance_agent.domain.picture_verbs import Search
from glance_agent.domain.wall_rule import USUAL, WallRule
from glance_agent.wiring.asked import open_answers
from glance_agent.wiring.rooms import open_rooms
from glance_agent.wiring.source_names import names_of, rules_of
from tests.home import Home

SOURCES = """
[[sources]]
name = "family"
kind = "folder"
path = "family"
min_px = 7
[[sources]]
name = "starter"
kind = "starter"
[[sources]]
name = "met"
kind = "met"
[[sources]]
name = "phones"
kind = "immich"
url = "http://127.0.0.1:2283"
api_key = "secret"
max_aspect = 9.0
"""


def test_names_and_rules_are_known_without_opening_a_source(tmp_path: Path) -> None:
    file = tmp_path / "glance.toml"
    file.write_text(SOURCES, encoding="utf-8")
    config, by_hand = load(file, {}), ["attic", "family"]
    assert rules_of(config, by_hand) == {
        "attic": USUAL,
        "family": WallRule(7, USUAL.max_aspect, USUAL.screenshots),
        "phones": WallRule(USUAL.min_px, 9.0, USUAL.screenshots),
    }
    with open_rooms(config, thinks=False) as rooms:
        assert set(names_of(config, ())) == set(rooms.sources)


def test_the_answer_is_that_of_the_open_rooms(home: Home) -> None:
    config, wish = home.config(1), Search(query="red field", show=False)
    with open_rooms(config) as rooms:
        expected = rooms.answers.answer(wish).reply
    with open_answers(config) as answers:
        reply = answers.answer(wish).reply
    assert [(r.artwork.id, r.match, r.why) for r in reply.results] == [
        (r.artwork.id, r.match, r.why) for r in expected.results
    ]
