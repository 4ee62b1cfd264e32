"""What is checked in a real Home Assistant, in order; each goes on where the last one ended."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.homeassistant.house import NOT_STATES, PATIENCE_SECONDS, House, tell

SENTENCES = Path(__file__).parent / "voice"
MAY_BE_UNKNOWN = {"button", "event", "notify", "text"}
"""Platforms that have no state before something happens; a text is what was typed last."""
UNKNOWN_AT_FIRST = ("match", "quiet", "change")


def starts_quietly(house: House) -> None:
    """the package, sentences and automations load without a warning"""
    assert not house.ha.logs(), house.ha.logs()
    for entity in ("script.glance_request", "automation.glance_voice_english"):
        assert house.ha.state(entity), entity


def every_entity_exists(house: House) -> None:
    """every entity of the discovery payloads exists under its proposed id"""
    house.agent.start()
    topics = "homeassistant/device/+/config"
    house.until(lambda: len(house.ha.retained(topics)) == 3, "the discovery payloads")
    for topic, payload in house.ha.retained(topics).items():
        unknown = house.ha.lint(topic, payload.decode())
        assert not unknown, unknown
        components = json.loads(payload)["components"].values()
        house.expected |= {c["default_entity_id"] for c in components if "unique_id" in c}
    house.until(lambda: house.entities().keys() == house.expected, "the entities")
    devices = {device["name"]: device for device in house.ha.devices()}
    assert devices.keys() == {"Glance", "Glance wall", "Glance Schlafzimmer"}
    agent, bedroom = devices["Glance"], devices["Glance Schlafzimmer"]
    assert bedroom["via_device_id"] == devices["Glance wall"]["via_device_id"] == agent["id"]
    assert house.area_of(bedroom) == "Bedroom"


def states_are_sensible(house: House) -> None:
    """no entity is unavailable, and every one that has a state has a sensible one"""
    house.until(lambda: bool(house.title()) and house.title()["state"] != "unknown", "a picture")
    house.until(lambda: house.ha.state("sensor.glance_embedded")["state"] == "100", "embedding")
    house.until(house.all_are_there, "states")
    pictures = [entity for entity in house.expected if entity.startswith("image.")]
    house.until(lambda: "unknown" not in {house.entities()[p] for p in pictures}, "pictures")
    unknown = {
        entity
        for entity, state in house.entities().items()
        if state == "unknown" and entity.split(".")[0] not in MAY_BE_UNKNOWN
    }
    # The last answer, and the match of a picture that no query chose, do not exist yet; nothing
    # is quiet, and nothing changes by itself.
    assert unknown <= {
        "sensor.glance_answer",
        "sensor.glance_error",
        *(f"sensor.glance_{d}_{s}" for d in ("wall", "bedroom") for s in UNKNOWN_AT_FIRST),
    }, unknown
    tell("         " + ", ".join(f"{e}={s}" for e, s in sorted(house.entities().items()) if s))


def the_image_is_served(house: House) -> None:
    """the image entity serves the very picture that the agent published"""
    topic = "glance/display/wall/image"
    house.until(lambda: bool(house.ha.retained(topic)), "a picture")
    house.ha.settle()
    data, kind = house.ha.image("image.glance_wall_picture")
    assert data == house.ha.retained(topic)[topic]
    assert data[:2] == b"\xff\xd8"
    assert kind == "image/jpeg"


def next_and_previous(house: House) -> None:
    """button.press: next shows another work, previous goes back to it"""
    first, position = house.title()["state"], house.position()
    house.press("next")
    house.until(lambda: house.position() == position + 1, "the next picture")
    assert house.title()["state"] != first
    house.press("previous")
    house.until(lambda: house.title()["state"] == first, "the picture before")


def search_shows_the_best(house: House) -> None:
    """text.set_value: a search shows its best match, with match and reason"""
    position = house.position()
    search = {"entity_id": "text.glance_wall_search", "value": "blue water"}
    house.ha.call("text", "set_value", search)
    house.until(lambda: house.position() == position + 1, "a search")
    match = house.ha.state("sensor.glance_wall_match")["state"]
    assert 0 <= int(match) <= 100
    assert house.ha.state("sensor.glance_answer")["attributes"]["verb"] == "search"
    assert house.ha.state("sensor.glance_error")["state"] == "No error"


def a_long_request(house: House) -> None:
    """notify.send_message: a request of more than 255 characters, and JSON for one display"""
    position, other = house.position("bedroom"), house.position()
    words = "a quiet evening by the sea, " * 12
    request = {"entity_id": "notify.glance_bedroom_request", "message": words}
    house.ha.call("notify", "send_message", request)
    house.until(lambda: house.position("bedroom") == position + 1, "the request")
    request["message"] = json.dumps({"command": "next"})
    house.ha.call("notify", "send_message", request)
    house.until(lambda: house.position("bedroom") == position + 2, "the command")
    assert house.position() == other


def more_like_this(house: House) -> None:
    """button.press: more like this shows another work and says why"""
    before = house.title()["state"]
    house.press("similar")
    house.until(lambda: house.title()["state"] != before, "something similar")
    assert before[:20] in house.ha.state("sensor.glance_wall_why")["state"]


def reactions_are_events(house: House) -> None:
    """button.press: like, dislike and hide are remembered and become events"""
    event = "event.glance_reaction"
    for verb in ("like", "dislike", "hide"):
        house.press(verb)
        house.ha.wait_state(event, verb, attribute="event_type", timeout=PATIENCE_SECONDS)
        if verb != "hide":
            wanted = verb == "like"
            house.until(
                lambda wanted=wanted: house.title()["attributes"]["liked"] is wanted,  # type: ignore[misc]
                verb,
            )


def shown_is_an_event(house: House) -> None:
    """a new picture is an event of its own display and a device trigger"""
    other = house.ha.state("event.glance_bedroom_shown")["state"]
    before = house.ha.state("event.glance_wall_shown")["state"]
    house.press("next")
    house.until(lambda: house.ha.state("event.glance_wall_shown")["state"] != before, "the event")
    assert house.ha.state("event.glance_bedroom_shown")["state"] == other
    for device in house.ha.devices():
        triggers = house.ha.ws("device_automation/trigger/list", device_id=device["id"])
        assert [t for t in triggers if (t["domain"], t.get("subtype")) == ("mqtt", "artwork")]


def moods(house: House) -> None:
    """select and text: a preset, words of one's own, and no mood any more"""
    select, words = "select.glance_wall_mood", "text.glance_wall_words"
    house.ha.call("select", "select_option", {"entity_id": select, "option": "Calm"})
    house.ha.wait_state(words, "calm, quiet, soft light", timeout=PATIENCE_SECONDS)
    house.ha.call("text", "set_value", {"entity_id": words, "value": "late autumn"})
    house.ha.wait_state(select, "unknown", timeout=PATIENCE_SECONDS)
    assert house.setting()["mood"] == "late autumn"
    house.ha.call("select", "select_option", {"entity_id": select, "option": "No mood"})
    house.ha.wait_state(words, "", timeout=PATIENCE_SECONDS)
    assert house.setting()["mood"] is None


def numbers_and_the_switch(house: House) -> None:
    """number and switch: interval, discovery and slideshow change the settings"""
    number, switch = "number.glance_wall_interval", {"entity_id": "switch.glance_wall_slideshow"}
    house.ha.call("number", "set_value", {"entity_id": number, "value": 3600})
    house.ha.wait_state(number, "3600", timeout=PATIENCE_SECONDS)
    assert house.setting()["slideshow"] is False
    house.ha.call("switch", "turn_on", switch)
    house.ha.wait_state(switch["entity_id"], "on", timeout=PATIENCE_SECONDS)
    house.ha.call("switch", "turn_off", switch)
    house.ha.wait_state(switch["entity_id"], "off", timeout=PATIENCE_SECONDS)
    discovery = "number.glance_wall_discovery"
    house.ha.call("number", "set_value", {"entity_id": discovery, "value": 55})
    house.ha.wait_state(discovery, "55", timeout=PATIENCE_SECONDS)
    assert house.setting()["interval_seconds"] == 3600


def describe_answers(house: House) -> None:
    """button.press: describe answers with the title"""
    house.press("describe")
    title = house.title()["state"][:20]
    house.ha.wait_state(
        "sensor.glance_answer", lambda said: title in said, timeout=PATIENCE_SECONDS
    )


def voice(house: House) -> None:
    """conversation.process: sentence triggers, then intents, in English and German"""
    # A wish that the model has no picture of is answered honestly.
    found = ("Ich zeige", "Nichts passt wirklich", "Nichts von")
    asked: tuple[tuple[str, str, str | tuple[str, ...]], ...] = (
        ("show me paintings of the sea", "en", "Showing"),
        ("show me art by Vermeer", "en", "Nothing by Jan Vermeer here"),
        ("what is this painting", "en", "This is"),
        ("I love this painting", "en", "Glad you like"),
        ("undo the last change of the painting", "en", "Took back"),
        ("zeig mir ein Gemälde mit Schnee", "de", found),
        ("was ist das für ein Gemälde", "de", "Das ist"),
        ("schalte die Bilderschau aus", "de", "Die Diashow ist aus"),
    )
    for off in (False, True):
        if off:
            for state in house.ha.states("automation.glance*"):
                house.ha.call("automation", "turn_off", {"entity_id": state["entity_id"]})
        for text, language, expected in asked:
            started = time.time()
            answer = house.ha.conversation(text, language=language)["response"]
            said = answer["speech"]["plain"]["speech"]
            tell(f"         {time.time() - started:.2f} s  {text} -> {said}")
            assert answer["response_type"] == "action_done", answer
            assert said.startswith(expected), said


def voice_knows_rooms(house: House) -> None:
    """conversation.process: an area of Home Assistant is the display in it; others are refused"""
    wall, bedroom = house.position(), house.position("bedroom")
    house.ha.conversation("next painting in the bedroom", language="en")
    house.until(lambda: house.position("bedroom") == bedroom + 1, "the bedroom's next picture")
    house.ha.conversation("show me a painting of the sea in the Bedroom", language="en")
    house.until(lambda: house.position("bedroom") == bedroom + 2, "the bedroom's search")
    assert house.position() == wall
    house.ha.ws("config/area_registry/create", name="Cellar")
    answer = house.ha.conversation("next painting in the cellar", language="en")["response"]
    assert "There is no display" in answer["speech"]["plain"]["speech"], answer


def unwanted_sentences_stay_the_houses(house: House) -> None:
    """conversation.process: what belongs to the house changes nothing here"""
    before = house.position(), house.ha.state("sensor.glance_answer")["last_updated"]
    for language in ("en", "de"):
        text = (SENTENCES / f"{language}_unwanted.txt").read_text(encoding="utf-8")
        for said in text.splitlines():
            if said and not said.startswith("#"):
                house.ha.conversation(said, language=language)
    assert (house.position(), house.ha.state("sensor.glance_answer")["last_updated"]) == before


def twenty_at_once(house: House) -> None:
    """script.glance_request: twenty calls at once are all answered, each with its own answer"""
    asked = [{"request": "search", "query": f"blue {n}", "show": False} for n in range(20)]

    def ask(data: dict[str, Any]) -> Any:
        return house.ha.call("script", "glance_request", data, response=True)

    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(ask, asked))
    assert [reply["ok"] for reply in replies] == [True] * 20, replies
    assert all(reply["id"] and reply["results"] for reply in replies)


def the_script_returns_the_answer(house: House) -> None:
    """script.glance_request returns ok, title, artist and speech"""
    data = {"request": "next", "display": "bedroom"}
    reply = house.ha.call("script", "glance_request", data, response=True)
    assert reply["ok"] is True
    house.until(lambda: house.title("bedroom")["state"] == reply["title"], "the picture")
    failed = house.ha.call(
        "script", "glance_request", {"request": "next", "display": "attic"}, response=True
    )
    assert failed["ok"] is False
    assert "attic" in failed["speech"]


def anybody_may_ask(house: House) -> None:
    """the script and the buttons also work for a person who is no administrator"""
    owner, position = house.ha.info["token"], house.position()
    house.ha.info["token"] = house.token_of_a_guest()
    try:
        asked = {"request": "next"}
        house.ha.rest("POST", "/api/services/script/glance_request?return_response", asked)
        press = {"entity_id": "button.glance_wall_next"}
        house.ha.rest("POST", "/api/services/button/press", press)
    finally:
        house.ha.info["token"] = owner
    house.until(lambda: house.position() == position + 2, "two pictures")


def blueprints(house: House) -> None:
    """the blueprints: a button searches, presence starts and stops, the hour sets the mood"""
    position = house.position("bedroom")
    house.ha.rest("POST", "/api/events/button_on_the_wall", {})
    house.until(lambda: house.position("bedroom") == position + 1, "the button's search")
    assert house.ha.state("sensor.glance_bedroom_match")["state"] != "unknown"
    presence(house)
    hour = {"entity_id": "automation.mood_of_the_hour", "skip_condition": False}
    words = {"entity_id": "text.glance_bedroom_words", "value": "roses"}
    house.ha.call("text", "set_value", words)
    house.until(lambda: house.setting("bedroom")["mood"] == "roses", "the mood of a person")
    house.ha.call("automation", "trigger", hour)
    house.ha.settle()
    assert house.setting("bedroom")["mood"] == "roses"
    house.ha.call("text", "set_value", words | {"value": ""})
    house.until(lambda: not house.setting("bedroom")["mood"], "no mood")
    house.ha.call("automation", "trigger", hour)
    house.until(lambda: house.setting("bedroom")["mood"] == "any hour", "the mood")


def presence(house: House) -> None:
    """The slideshow goes on when somebody is there, unless a person turned it off."""
    switch = {"entity_id": "switch.glance_bedroom_slideshow"}

    def somebody(place: str) -> None:
        house.ha.rest("POST", "/api/states/device_tracker.somebody", {"state": place})

    def runs(wanted: bool, what: str) -> None:
        house.until(lambda: house.setting("bedroom")["slideshow"] is wanted, what)

    somebody("home")
    house.ha.call("switch", "turn_on", switch)
    runs(True, "a slideshow")
    somebody("unavailable")
    house.ha.settle()
    runs(True, "a slideshow while the tracker is unavailable")
    somebody("home")
    somebody("Work")
    runs(False, "no slideshow while nobody is there")
    somebody("home")
    runs(True, "a slideshow again")
    house.ha.call("switch", "turn_off", switch)
    runs(False, "what a person wanted")
    somebody("Work")
    house.ha.settle()
    somebody("home")
    house.ha.settle()
    runs(False, "what a person turned off stays off")


def a_picture_elsewhere(house: House) -> None:
    """the blueprint: a new picture is told to what comes next"""
    house.press("next", "bedroom")

    def told() -> bool:
        notes = house.ha.ws("persistent_notification/get")
        at = "http://homeassistant.local:8123/api/image_proxy/image.glance_bedroom_picture"
        title = house.title("bedroom")["state"]
        return any(n["message"].startswith(f"{title} at {at}") for n in notes)

    house.until(told, "what comes next, with title and address")


def a_button_while_away(house: House) -> None:
    """script and blueprint: that the agent is away is said, at once"""
    house.agent.end()
    house.until(lambda: set(house.entities().values()) == NOT_STATES, "offline")
    started = time.time()
    reply = house.ha.call("script", "glance_request", {"request": "next"}, response=True)
    assert "away" in reply["speech"], reply
    assert time.time() - started < 5
    house.ha.rest("POST", "/api/events/button_on_the_wall", {})
    house.until(
        lambda: any("away" in n["message"] for n in house.ha.ws("persistent_notification/get")),
        "a notification",
    )
    house.agent.start()
    house.until(house.all_are_there, "the agent")


CHECKS: list[Callable[[House], None]] = [
    starts_quietly,
    every_entity_exists,
    states_are_sensible,
    the_image_is_served,
    next_and_previous,
    search_shows_the_best,
    a_long_request,
    more_like_this,
    reactions_are_events,
    shown_is_an_event,
    moods,
    numbers_and_the_switch,
    describe_answers,
    voice,
    voice_knows_rooms,
    unwanted_sentences_stay_the_houses,
    twenty_at_once,
    the_script_returns_the_answer,
    anybody_may_ask,
    blueprints,
    a_picture_elsewhere,
    a_button_while_away,
]
