"""What must not harm a real Home Assistant: crashes, restarts, and things that go."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.homeassistant.house import NOT_STATES, PATIENCE_SECONDS, Agent, House

BEFORE = Path(__file__).parent / "payloads" / "first_display_in_the_agent.json"
"""What Home Assistant was told while the agent's device carried the first display."""
INSTANCE = "a1b2c3d4e5f6"
"""Whose discovery that is."""


def words_that_are_no_words(house: House) -> None:
    """a number as a query stays words, and a broken request is answered with a sentence"""
    for words in ("1984", "None"):
        with house.ha.record("glance/command") as record:
            house.ha.call("script", "glance_request", {"request": "search", "query": words})
            sent = json.loads(record.wait("glance/command", timeout=PATIENCE_SECONDS).payload)
        assert sent["query"] == words
    request = {"entity_id": "notify.glance_wall_request", "message": "{next"}
    house.ha.call("notify", "send_message", request)
    house.ha.wait_state(
        "sensor.glance_error", lambda said: "not valid JSON" in said, timeout=PATIENCE_SECONDS
    )


def a_newer_version_waits(house: House) -> None:
    """a newer version that has been installed is an update, until it is the one that runs"""
    about = house.agent.installed / "glance_agent-999.0.dist-info" / "METADATA"
    about.parent.mkdir(parents=True)
    about.write_text("Metadata-Version: 2.1\nName: glance-agent\nVersion: 999.0\n")
    house.ha.publish("homeassistant/status", "online")
    update = house.ha.wait_state("update.glance_version", "on", timeout=PATIENCE_SECONDS)
    assert update["attributes"]["latest_version"] == "999.0"
    shutil.rmtree(about.parent)
    house.ha.publish("homeassistant/status", "online")
    house.until(house.all_are_there, "no update any more")


def a_neighbour(house: House) -> None:
    """a second agent, whose base topic begins like the first one's, is asked by its own"""
    folder = house.agent.config.parent / "attic"
    folder.mkdir()
    attic = Agent(house.agent.python, folder, house.ha.info["mqtt_port"])
    text = attic.config.read_text(encoding="utf-8")
    base = '[mqtt]\nbase_topic = "glance/attic"'
    attic.config.write_text(text.replace("[mqtt]", base), encoding="utf-8")
    attic.start()
    try:
        asked_by_its_own(house)
    finally:
        attic.end()
        attic.run("homeassistant", "remove")
    house.until(house.all_are_there, "the first one alone")


def asked_by_its_own(house: House) -> None:
    """The script asks the agent that `base` names, and without it the first one."""
    title = "sensor.glance_attic_wall_title"
    house.until(lambda: len(house.ha.devices()) == 6, "the devices of both")
    house.until(
        lambda: (house.ha.state(title) or {}).get("state") not in {None, "unknown", "unavailable"},
        "a picture",
    )
    position = house.position()
    asked = {"request": "next", "base": "glance/attic"}
    reply = house.ha.call("script", "glance_request", asked, response=True)
    assert reply["ok"] is True, reply
    house.until(lambda: house.ha.state(title)["state"] == reply["title"], "its next picture")
    assert house.position() == position
    assert house.ha.call("script", "glance_request", {"request": "next"}, response=True)["ok"]
    house.until(lambda: house.position() == position + 1, "our next picture")


def displays_change_places(house: House) -> None:
    """displays in another order: areas, names and renamed ids stay where they are"""
    renamed = "sensor.title_of_the_hall"
    area = house.ha.ws("config/area_registry/create", name="Hall")["area_id"]
    (wall,) = [d for d in house.displays() if d["name"] == "Glance wall"]
    house.ha.ws("config/device_registry/update", device_id=wall["id"], area_id=area)
    rename = {"entity_id": "sensor.glance_wall_title", "new_entity_id": renamed}
    house.ha.ws("config/entity_registry/update", **rename)
    expected = (house.expected - {"sensor.glance_wall_title"}) | {renamed}
    whole = house.agent.config.read_text(encoding="utf-8")
    start, *displays = whole.split("[[displays]]")
    swapped = "[[displays]]".join((start, *(f"{d.rstrip()}\n\n" for d in reversed(displays))))
    for text in (swapped, whole):
        house.agent.end()
        house.agent.config.write_text(text, encoding="utf-8")
        house.agent.start()
        house.until(lambda: house.entities().keys() == expected, "the entities")
        house.until(lambda: not NOT_STATES & set(house.entities().values()), "states")
        (wall,) = [d for d in house.displays() if d["name"] == "Glance wall"]
        assert house.area_of(wall) == "Hall"
    back = {"entity_id": renamed, "new_entity_id": "sensor.glance_wall_title"}
    house.ha.ws("config/entity_registry/update", **back)
    house.until(house.all_are_there, "the usual ids")


def an_upgrade(house: House) -> None:
    """the first display leaves the agent's device: ids, names and areas of its entities stay"""
    house.agent.end()
    house.agent.run("homeassistant", "remove")
    house.until(lambda: not house.entities(), "nothing left")
    told = json.loads(BEFORE.read_text(encoding="utf-8").replace(INSTANCE, instance(house)))
    # No newer version waits here.
    del told[0][1]["components"]["version"]
    for topic, payload in told:
        house.ha.publish(topic, json.dumps(payload), retain=True)
    title, picture = "sensor.glance_wall_title", "image.glance_wall_picture"
    house.until(lambda: {title, picture} <= house.entities().keys(), "the entities of before")
    area = house.ha.ws("config/area_registry/create", name="Attic")["area_id"]
    update = "config/entity_registry/update"
    house.ha.ws(update, entity_id=title, name="What hangs", area_id=area)
    house.ha.ws(update, entity_id=picture, new_entity_id="image.renamed")
    before = {e["unique_id"]: e for e in house.ha.entities()}
    remember(house, told)
    house.agent.start()
    house.until(lambda: len(house.displays()) == 2, "the devices of the displays")
    house.until(lambda: house.ha.state("image.renamed")["state"] not in NOT_STATES, "a picture")
    now = {e["unique_id"]: e for e in house.ha.entities()}
    kept = ("entity_id", "name", "area_id")
    assert {u: [now[u][k] for k in kept] for u in before} == {
        u: [e[k] for k in kept] for u, e in before.items()
    }
    displays = {d["id"] for d in house.displays()}
    assert {now[u]["device_id"] for u in before if "_wall_" in u} <= displays
    house.ha.ws(update, entity_id="image.renamed", new_entity_id=picture)
    house.until(house.all_are_there, "the usual ids")


def instance(house: House) -> str:
    """The id of the agent's installation, as its library keeps it."""
    with closing(sqlite3.connect(house.agent.library)) as db:
        return str(db.execute("SELECT value FROM facts WHERE name = 'instance_id'").fetchone()[0])


def remember(house: House, told: list[list[Any]]) -> None:
    """The agent knows what Home Assistant was told, as if it had told it itself."""
    published = {
        topic: {key: component["platform"] for key, component in payload["components"].items()}
        for topic, payload in told
    }
    with closing(sqlite3.connect(house.agent.library)) as db, db:
        row = ("homeassistant", json.dumps(published))
        db.execute("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", row)


def a_killed_agent(house: House) -> None:
    """killing the agent makes all unavailable, a restart brings all back"""
    title = house.title()["state"]
    house.agent.end(signal.SIGKILL)
    house.until(lambda: set(house.entities().values()) == NOT_STATES, "unavailable")
    house.agent.start()
    house.until(house.all_are_there, "everything back")
    assert house.title()["state"] == title


def a_restarted_home_assistant(house: House) -> None:
    """Home Assistant restarting gets everything again, and its birth is answered"""
    title = house.title()["state"]
    with house.ha.record("homeassistant/device/+/config") as record:
        house.ha.restart_ha()
        record.wait("homeassistant/device/+/config", timeout=PATIENCE_SECONDS, count=3)
    house.until(house.all_are_there, "everything again")
    house.until(lambda: house.title()["state"] == title, "the same picture")


def a_forgetful_broker(house: House) -> None:
    """a broker that comes back empty gets everything again"""
    house.ha.stop_broker()
    house.ha.start_broker(wipe=True)
    house.until(house.all_are_there, "everything again")
    house.ha.settle()
    data, _ = house.ha.image("image.glance_wall_picture")
    assert data == house.ha.retained("glance/display/wall/image")["glance/display/wall/image"]


def a_display_goes(house: House) -> None:
    """a display taken out of the configuration takes its device with it"""
    house.agent.end()
    text = house.agent.config.read_text(encoding="utf-8")
    start = text.rindex("[[displays]]")
    house.agent.config.write_text(text[:start], encoding="utf-8")
    house.agent.start()
    house.expected = {entity for entity in house.expected if "_bedroom_" not in entity}
    house.until(house.all_are_there, "no bedroom")
    assert {device["name"] for device in house.ha.devices()} == {"Glance", "Glance wall"}


def removal_leaves_nothing(house: House) -> None:
    """homeassistant remove leaves neither device nor entity nor retained discovery"""
    house.agent.end()
    house.until(lambda: set(house.entities().values()) == NOT_STATES, "offline")
    said = house.agent.run("homeassistant", "remove")
    assert said.startswith("Removed 2 devices"), said
    house.until(lambda: not house.ha.devices() and not house.entities(), "nothing left")
    assert not house.ha.retained("homeassistant/device/#")
    assert house.agent.run("homeassistant", "remove").startswith("Home Assistant was never told")


def nothing_was_logged(house: House) -> None:
    """Home Assistant's log holds no warning about any of this"""
    # The broker was stopped on purpose; and of sentences that are not ours, some name what this
    # house has not: a satellite with timers, a list of things to buy.
    logged = [
        entry
        for entry in house.ha.logs()
        if ("onnect" not in entry.text or "mqtt" not in entry.logger)
        and "Intent handling error" not in entry.text
    ]
    assert not logged, "\n".join(str(entry) for entry in logged)


TROUBLES: list[Callable[[House], None]] = [
    words_that_are_no_words,
    a_newer_version_waits,
    a_neighbour,
    displays_change_places,
    an_upgrade,
    a_killed_agent,
    a_restarted_home_assistant,
    a_forgetful_broker,
    a_display_goes,
    removal_leaves_nothing,
    nothing_was_logged,
]
