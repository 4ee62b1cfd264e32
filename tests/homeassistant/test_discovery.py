"""The discovery payloads: accepted, stable, and speaking our own contract."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glance_agent.commands.parse import BadCommand, parse_command
from glance_agent.domain.command import Discovery, Ingest, Mood, Pause, Power, Resume, Slideshow
from glance_agent.domain.display_names import Place
from glance_agent.domain.errors import ErrorCode
from glance_agent.domain.picture_verbs import Next, Search, Similar
from glance_agent.domain.topics import Topics
from glance_agent.homeassistant.discovery import (
    LET_GO,
    DiscoveryFacts,
    DisplayFacts,
    discovery_messages,
    published,
    removal_messages,
)
from glance_agent.homeassistant.display_controls import NO_MOOD
from glance_agent.homeassistant.settings import MOODS as DEFAULT_MOODS
from tests.homeassistant.lint import problems
from tests.homeassistant.rendering import command, state

PAYLOADS = Path(__file__).parent / "payloads"
WALL, BEDROOM = DisplayFacts("wall"), DisplayFacts("bedroom", "Schlafzimmer", "image/png")
MOODS = {"Calm": "calm, quiet", "Über “alles” {{ x }}": 'a "b" \\ {% c %} 🎨'}
ONE = DiscoveryFacts("a1b2c3d4e5f6", "0.1.0", (WALL,))
TWO = DiscoveryFacts(
    "a1b2c3d4e5f6",
    "0.1.0",
    (WALL, BEDROOM),
    topics=Topics("home/glance"),
    moods=MOODS,
    web_url="http://glance.local:8787/",
    latest_version="0.2.0",
)


def components(facts: DiscoveryFacts, display: str) -> dict[str, dict[str, Any]]:
    """The components of one display by their short names, wherever they are listed."""
    return {
        key.rpartition("_")[2]: component
        for message in discovery_messages(facts, {})
        if message.payload
        for key, component in message.payload["components"].items()
        if key.rpartition("_")[0] == display
    }


# -- the payloads --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "messages"),
    [
        ("one_display", discovery_messages(ONE, {})),
        ("two_displays", discovery_messages(TWO, {})),
        ("bedroom_gone", discovery_messages(ONE, published(TWO))),
        ("removal", removal_messages(published(TWO))),
    ],
)
def test_payloads_are_the_kept_ones(name: str, messages: list[Any]) -> None:
    """A difference is a change for everyone's Home Assistant: look at it, then copy it."""
    kept = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
    assert [list(message) for message in messages] == kept


UPGRADED = PAYLOADS / "first_display_in_the_agent.json"
"""What Home Assistant was told while the agent's device carried the first display."""
NOW = DiscoveryFacts(
    "a1b2c3d4e5f6",
    "0.1.0",
    (WALL, DisplayFacts("bedroom", "Schlafzimmer")),
    moods=DEFAULT_MOODS,
    latest_version="0.2.0",
)
"""The same house today."""


def ids_of(messages: list[list[Any]]) -> dict[str, tuple[str, str]]:
    """Unique id -> platform and proposed entity id, of all that Home Assistant is told."""
    return {
        component["unique_id"]: (component["platform"], component["default_entity_id"])
        for _, payload in messages
        for component in payload["components"].values()
        if "unique_id" in component
    }


def test_every_entity_that_people_have_stays_the_same() -> None:
    before = ids_of(json.loads(UPGRADED.read_text(encoding="utf-8")))
    now = ids_of([list(message) for message in discovery_messages(NOW, {})])
    assert len(before) == 60
    assert {unique: now.get(unique) for unique in before} == before


def test_entities_are_called_in_the_language_of_the_house_and_stay_the_same() -> None:
    english, german = components(TWO, "wall"), components(replace(TWO, language="de"), "wall")
    assert (english["similar"]["name"], german["similar"]["name"]) == (
        "More like this",
        "Mehr davon",
    )
    named = [
        german[key]["name"] != component["name"]
        for key, component in english.items()
        if "name" in component
    ]
    assert sum(named) > 20
    for key, component in english.items():
        assert {**component, "name": ""} == {**german[key], "name": ""}


def test_what_moves_to_another_device_is_let_go_of_before_it_comes_there() -> None:
    told = json.loads(UPGRADED.read_text(encoding="utf-8"))
    before = {
        topic: {key: component["platform"] for key, component in payload["components"].items()}
        for topic, payload in told
    }
    agent, _ = before
    messages = discovery_messages(NOW, before)
    (let_go,) = [at for at, message in enumerate(messages) if message.payload == LET_GO]
    assert messages[let_go].topic == agent
    assert all(m.payload and m.payload.get("components") for m in messages[let_go + 1 :])
    dropped = [
        key
        for message in messages
        for key, component in (message.payload or {}).get("components", {}).items()
        if component.keys() == {"platform"}
    ]
    # Of a trigger there is nothing to remember.
    assert dropped == ["wall_changed"]
    assert discovery_messages(NOW, published(NOW)) == messages[let_go + 1 :]


def test_the_order_of_displays_does_not_matter() -> None:
    swapped = replace(TWO, displays=TWO.displays[::-1])
    told = discovery_messages(swapped, published(TWO))
    assert sorted(told) == sorted(discovery_messages(TWO, {}))


def test_a_display_says_where_it_hangs_and_what_runs_it() -> None:
    hung = replace(TWO, displays=(replace(WALL, area="Living\nroom"), BEDROOM))
    agent, wall, bedroom = [m.payload["device"] for m in discovery_messages(hung, {}) if m.payload]
    assert wall["suggested_area"] == "Living room"
    assert "suggested_area" not in bedroom
    assert "suggested_area" not in agent
    assert {d["sw_version"] for d in (agent, wall, bedroom)} == {"0.1.0"}
    assert wall["via_device"] == bedroom["via_device"] == agent["identifiers"][0]
    assert {d["configuration_url"] for d in (agent, wall, bedroom)} == {TWO.web_url}


@pytest.mark.parametrize(("url", "told"), [("https://x.org/help", True), ("x.org", False)])
def test_help_is_where_the_package_says(url: str, told: bool) -> None:
    for message in discovery_messages(replace(TWO, support_url=url), {}):
        assert message.payload is not None
        assert message.payload["origin"].get("support_url") == (url if told else None)


words = st.text(max_size=80)
displays = st.lists(
    st.builds(
        DisplayFacts,
        st.from_regex(r"[a-z0-9_-]{1,32}", fullmatch=True),
        st.none() | words,
        st.sampled_from(["image/jpeg", "image/png"]),
        st.none() | words,
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda display: display.name,
).map(tuple)
some_facts = st.builds(
    DiscoveryFacts,
    instance=st.from_regex(r"[0-9a-f]{12}", fullmatch=True),
    version=st.just("0.1.0"),
    displays=displays,
    topics=st.sampled_from([Topics(), Topics("house/art-1"), Topics("Glänz")]),
    moods=st.dictionaries(
        words.map(str.strip).filter(lambda name: name and name.lower() != "none"),
        words.filter(str.strip),
        max_size=3,
    ),
    web_url=st.none() | st.sampled_from(["http://x.local/", "x.local", ""]),
    latest_version=st.none() | words.filter(bool),
)


# What a slow machine needs: generating the facts takes longer than judging them.
patient = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])


@patient
@given(some_facts, some_facts)
def test_nothing_ever_breaks_a_rule(before: DiscoveryFacts, after: DiscoveryFacts) -> None:
    sent = [*discovery_messages(after, published(before)), *removal_messages(published(after))]
    for topic, payload in sent:
        assert problems(topic, payload) == []
        assert len(json.dumps(payload).encode()) < 50_000


@patient
@given(some_facts, some_facts)
def test_what_has_gone_is_dropped_by_name(before: DiscoveryFacts, after: DiscoveryFacts) -> None:
    known = {topic: set(told) for topic, told in published(before).items()}
    for topic, payload in discovery_messages(after, published(before)):
        if payload is None:
            del known[topic]
            continue
        if payload == LET_GO:
            moved = set.union(*map(set, published(after).values()))
            known[topic] -= moved - set(published(after)[topic])
            continue
        told = payload["components"]
        assert not known.get(topic, set()) - told.keys(), "left out is not taken away"
        known[topic] = {key for key, component in told.items() if component.keys() > {"platform"}}
    assert known == {topic: set(told) for topic, told in published(after).items()}


def test_nothing_is_dropped_when_nothing_has_gone() -> None:
    assert discovery_messages(TWO, published(TWO)) == discovery_messages(TWO, {})


def test_unique_ids_hold_no_version_and_no_title() -> None:
    renamed = DiscoveryFacts("a1b2c3d4e5f6", "9.9.9", (DisplayFacts("wall", "Kitchen"),))
    first, second = (
        {name: component.get("unique_id") for name, component in components(facts, "wall").items()}
        for facts in (ONE, renamed)
    )
    assert first == second


# -- states ----------------------------------------------------------------------------------

LONG = "ü" * 5_000
ARTWORKS: list[dict[str, Any]] = [
    {},
    dict.fromkeys(["id", "title", "artist", "date", "year_from", "why", "match", "colours"]),
    {"id": "starter:x", "title": "None", "artist": "", "year_from": -300, "match": 0, "why": "“x”"},
    {
        **dict.fromkeys(["title", "artist", "date", "medium", "source", "credit", "licence"], LONG),
        **dict.fromkeys(["why", "shown_at", "page_url", "image_url"], LONG),
        "id": "starter:" + "x" * 160,
        "colours": ["#aabbcc"] * 50,
        "match": 1.0,
    },
]


@pytest.mark.parametrize("artwork", ARTWORKS)
def test_every_state_of_a_work_fits(artwork: dict[str, Any]) -> None:
    for name in ("title", "artist", "year", "why", "match"):
        said = state(components(TWO, "wall")[name]["value_template"], artwork)
        assert 0 < len(said) <= 255
    attributes = state(components(TWO, "wall")["title"]["json_attributes_template"], artwork)
    assert isinstance(json.loads(attributes), dict)
    assert len(attributes.encode()) < 16_384


def test_states_say_what_they_should() -> None:
    artwork = {"title": "Sea", "artist": None, "date": None, "year_from": 1906, "match": 0.874}
    said = {
        name: state(component["value_template"], artwork)
        for name, component in components(TWO, "wall").items()
        if component.get("state_topic", "").endswith("/artwork")
        if "value_template" in component
    }
    assert said == {
        "title": "Sea",
        "artist": "None",
        "year": "1906",
        "why": "None",
        "match": "87",
        "liked": "OFF",
    }


@pytest.mark.parametrize(("liked", "said"), [(True, "ON"), (False, "OFF"), (None, "OFF")])
def test_liked_is_what_somebody_said(liked: bool | None, said: str) -> None:
    assert state(components(TWO, "wall")["liked"]["value_template"], {"liked": liked}) == said


@pytest.mark.parametrize(
    ("mood", "chosen", "free"),
    [
        (None, NO_MOOD, ""),
        ("calm, quiet", "Calm", "calm, quiet"),
        (MOODS["Über “alles” {{ x }}"], "Über “alles” {{ x }}", MOODS["Über “alles” {{ x }}"]),
        ("my own words", "None", "my own words"),
    ],
)
def test_a_mood_is_shown_as_preset_and_as_words(mood: str | None, chosen: str, free: str) -> None:
    settings = {"mood": mood, "slideshow": True, "interval_seconds": 300, "discovery": 0}
    wall = components(TWO, "wall")
    assert state(wall["mood"]["value_template"], settings) == chosen
    assert state(wall["words"]["value_template"], settings) == free
    assert state(wall["slideshow"]["value_template"], settings) == "ON"
    assert state(wall["interval"]["value_template"], settings) == "300"
    assert state(wall["discovery"]["value_template"], settings) == "0"


def test_a_display_sees_only_its_own_events() -> None:
    event = {"event_type": "shown", "display": "bedroom", "title": "Sea", "id": "starter:sea"}
    assert state(components(TWO, "wall")["shown"]["value_template"], event) == ""
    seen = json.loads(state(components(TWO, "bedroom")["shown"]["value_template"], event))
    assert (seen["event_type"], seen["title"], seen["artwork"]) == ("shown", "Sea", "starter:sea")
    trigger = components(TWO, "bedroom")["changed"]
    assert state(trigger["value_template"], event) == trigger["payload"]


@pytest.mark.parametrize("artwork", ARTWORKS)
def test_the_attributes_of_events_fit(artwork: dict[str, Any]) -> None:
    shown = {"event_type": "shown", "display": "wall", **artwork}
    reaction = {"event_type": "like", "display": "wall", "user": "anna", "artwork": artwork}
    for display, name, event in (("wall", "shown", shown), ("", "reaction", reaction)):
        seen = state(components(TWO, display)[name]["value_template"], event)
        assert json.loads(seen)["event_type"] == event["event_type"]
        assert len(seen.encode()) < 16_384


def test_a_reaction_says_who_and_what() -> None:
    work = {"id": "starter:sea", "title": "Sea", "artist": None, "description": "long" * 9_999}
    event = {"event_type": "like", "display": "wall", "user": "anna", "artwork": work}
    seen = json.loads(state(components(TWO, "")["reaction"]["value_template"], event))
    assert seen == {
        "event_type": "like",
        "display": "wall",
        "user": "anna",
        "artwork": "starter:sea",
        "title": "Sea",
        "artist": "",
    }


@pytest.mark.parametrize(
    ("facts", "name", "said"),
    [
        ({"artworks": 0, "embedded": 0}, "embedded", "None"),
        ({"artworks": 1000, "embedded": 999}, "embedded", "99"),
        ({"artworks": 0}, "artworks", "0"),
        ({"model": None}, "model", "None"),
        ({"free_disk_bytes": 12_345_678_901}, "disk", "12.3"),
        ({}, "disk", "None"),
        ({}, "problem", "OFF"),
        ({"model_error": None, "away": []}, "problem", "OFF"),
        ({"model_error": "It is not installed."}, "problem", "ON"),
        ({"away": ["a.org is left alone"]}, "problem", "ON"),
        ({"model": "clip"}, "readiness", "ready"),
        ({"model_wanted": "clip"}, "readiness", "waiting"),
        ({"model_wanted": "clip", "model_error": "The hub is away."}, "readiness", "failed"),
        ({}, "fetching", "idle"),
        ({"ingesting": "starter"}, "fetching", "fetching"),
        ({"ok": True, "message": "Showing."}, "answer", "Showing."),
        ({"ok": True, "message": "Showing."}, "error", "No error"),
        ({"ok": False, "message": "No artwork fits."}, "error", "No artwork fits."),
    ],
)
def test_diagnostics_say_what_they_should(facts: dict[str, Any], name: str, said: str) -> None:
    assert state(components(TWO, "")[name]["value_template"], facts) == said


def test_an_update_says_what_to_do() -> None:
    said = json.loads(state(components(TWO, "")["version"]["value_template"], {"version": "0.1.0"}))
    assert (said["installed_version"], said["latest_version"]) == ("0.1.0", "0.2.0")
    assert "restart" in said["release_summary"]


def test_a_script_can_find_the_device_by_its_base_topic() -> None:
    template = components(TWO, "")["artworks"]["json_attributes_template"]
    assert json.loads(state(template, {"artworks": 3})) == {"base_topic": "home/glance"}


def test_the_error_carries_its_code_and_hint() -> None:
    error = {"code": "no_match", "message": "No artwork fits.", "hint": "Ask again."}
    template = components(TWO, "")["error"]["json_attributes_template"]
    failed = state(template, {"ok": False, "verb": "search", "error": error})
    assert json.loads(failed) == {"code": "no_match", "verb": "search", "hint": "Ask again."}
    fine = state(template, {"ok": True, "verb": "next", "error": None})
    assert json.loads(fine) == {"code": None, "verb": "next", "hint": ""}


# -- commands ----------------------------------------------------------------------------------


def understood(facts: DiscoveryFacts, display: str, name: str, value: Any = "") -> Any:
    """The command that the agent reads when a person uses an entity."""
    component = components(facts, display)[name]
    return parse_command(
        facts.topics,
        component["command_topic"],
        command(component, value),
        places=[Place(shown.name) for shown in facts.displays],
    )


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("next", "", Next(display="bedroom")),
        ("similar", "", Similar(display="bedroom")),
        ("search", "stormy sea", Search(query="stormy sea", display="bedroom")),
        ("search", "Next, please", Next(display="bedroom")),
        ("search", "lilies on the wall display", Search(query="lilies", display="wall")),
        ("search", "“odd” \\ words", Search(query="“odd” \\ words", display="bedroom")),
        ("request", "another one please", Next(display="bedroom")),
        ("request", "calm “sea”", Search(query="calm “sea”", display="bedroom")),
        ("request", "words " * 80, Search(query=("words " * 80).strip(), display="bedroom")),
        ("request", '{"command": "next"}', Next(display="bedroom")),
        ("request", '{"command": "next", "display": "wall"}', Next(display="wall")),
        ("request", '{"command": "next", "display": null}', Next()),
        ("mood", "Calm", Mood(mood="calm, quiet", display="bedroom")),
        ("mood", NO_MOOD, Mood(display="bedroom")),
        ("words", "{odd} words", Mood(mood="{odd} words", display="bedroom")),
        ("words", "", Mood(display="bedroom")),
        ("slideshow", "ON", Slideshow(on=True, display="bedroom")),
        ("slideshow", "OFF", Slideshow(on=False, display="bedroom")),
        ("pause", "ON", Pause(display="bedroom")),
        ("pause", "OFF", Resume(display="bedroom")),
        ("power", "ON", Power(on=True, display="bedroom")),
        ("power", "OFF", Power(on=False, display="bedroom")),
        ("interval", 60, Slideshow(interval_seconds=60, display="bedroom")),
        ("interval", 59.6, Slideshow(interval_seconds=60, display="bedroom")),
        ("discovery", 40, Discovery(percent=40, display="bedroom")),
        ("discovery", 39.5, Discovery(percent=40, display="bedroom")),
    ],
)
def test_the_agent_understands_every_entity(name: str, value: Any, expected: object) -> None:
    assert understood(TWO, "bedroom", name, value) == expected


@pytest.mark.parametrize(
    "broken", ["{", "{}", "{next}", '{"command": "next"', "{'command': 'next'}"]
)
def test_a_broken_request_is_answered_by_the_agent(broken: str) -> None:
    said = understood(TWO, "bedroom", "request", broken)
    assert isinstance(said, BadCommand)
    assert said.error.code == ErrorCode.BAD_JSON


@pytest.mark.parametrize("preset", MOODS)
def test_any_preset_comes_through_unharmed(preset: str) -> None:
    assert understood(TWO, "wall", "mood", preset) == Mood(mood=MOODS[preset], display="wall")


def test_the_agent_understands_its_own_button_and_requests() -> None:
    assert understood(TWO, "", "fetch") == Ingest()
    assert understood(TWO, "", "request", '{"command": "next", "display": null}') == Next()
    assert understood(TWO, "", "request", "another one please") == Next()


def test_the_agent_understands_every_button() -> None:
    buttons = [n for n, c in components(TWO, "wall").items() if c["platform"] == "button"]
    assert len(buttons) == 9
    for name in buttons:
        said = understood(TWO, "wall", name)
        assert not isinstance(said, BadCommand)
        assert said.verb == name
        assert said.display == "wall"
