"""A house for the opt-in run: a real Home Assistant, and the agent as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60.0
NOT_STATES = {"unavailable"}

CONFIG = """\
[mqtt]
port = {port}

[library]
path = "{folder}/glance.db"

[[displays]]
name = "wall"

[[displays]]
name = "bedroom"
title = "Schlafzimmer"
area = "Bedroom"
width_px = 480
height_px = 640
"""


def tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class Agent:
    """The agent as a process of its own, and what it wrote."""

    def __init__(self, python: str, folder: Path, port: int) -> None:
        self.python = python
        self.config = folder / "glance.toml"
        self.log = folder / "agent.log"
        self.library = folder / "glance.db"
        self.installed = folder / "installed"
        """On the path of the program, for what a test installs beside it."""
        self.config.write_text(CONFIG.format(port=port, folder=folder), encoding="utf-8")
        self.process: subprocess.Popen[bytes] | None = None

    def verb(self, *words: str) -> list[str]:
        return [self.python, "-m", "glance_agent", *words, "--config", str(self.config)]

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.verb("run"), cwd=ROOT, stdout=log, stderr=log, env=self._environment()
            )

    def _environment(self) -> dict[str, str]:
        """What is installed beside it comes before the program's own folder."""
        path = os.pathsep.join((str(self.installed), str(ROOT)))
        return {**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"}

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(20)
        self.process = None

    def run(self, *words: str) -> str:
        done = subprocess.run(self.verb(*words), cwd=ROOT, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()


class House:
    """Home Assistant with the agent, and what a person does in it."""

    def __init__(self, ha: Any, agent: Agent) -> None:
        self.ha = ha
        self.agent = agent
        self.expected: set[str] = set()

    def until(self, true: Callable[[], bool], what: str) -> None:
        end = time.time() + PATIENCE_SECONDS
        while not true():
            assert time.time() < end, f"not within {PATIENCE_SECONDS:.0f} s: {what}"
            time.sleep(0.2)

    def entities(self) -> dict[str, str]:
        """The states of all of the agent's entities."""
        states = {s["entity_id"]: s["state"] for s in self.ha.states()}
        return {e["entity_id"]: states.get(e["entity_id"], "") for e in self.ha.entities()}

    def all_are_there(self) -> bool:
        states = self.entities()
        return states.keys() == self.expected and not NOT_STATES & set(states.values())

    def title(self, display: str = "wall") -> Any:
        return self.ha.state(f"sensor.glance_{display}_title")

    def position(self, display: str = "wall") -> int:
        return int(self.title(display)["attributes"]["position"])

    def press(self, button: str, display: str = "wall") -> None:
        self.ha.call("button", "press", {"entity_id": f"button.glance_{display}_{button}"})

    def setting(self, display: str = "wall") -> dict[str, Any]:
        topic = f"glance/display/{display}/settings"
        found: dict[str, Any] = json.loads(self.ha.retained(topic)[topic])
        return found

    def displays(self) -> list[dict[str, Any]]:
        """The devices that are displays."""
        return [device for device in self.ha.devices() if device["via_device_id"]]

    def area_of(self, device: dict[str, Any]) -> str | None:
        """What the room is called that a device is in."""
        areas = {area["area_id"]: area["name"] for area in self.ha.ws("config/area_registry/list")}
        return areas.get(device["area_id"])

    def token_of_a_guest(self) -> str:
        """An access token of a user without administrator's rights."""
        user = self.ha.ws("config/auth/create", name="Guest", group_ids=["system-users"])["user"]
        name = {"username": "guest", "password": "a long enough password"}
        create = "config/auth_provider/homeassistant/create"
        self.ha.ws(create, user_id=user["id"], **name)
        client = f"http://127.0.0.1:{self.ha.info['port']}/"
        handler = {"client_id": client, "handler": ["homeassistant", None], "redirect_uri": client}
        flow = self.ha.rest("POST", "/auth/login_flow", handler)["flow_id"]
        login = {"client_id": client, **name}
        code = self.ha.rest("POST", f"/auth/login_flow/{flow}", login)["result"]
        form = {"grant_type": "authorization_code", "code": code, "client_id": client}
        address = f"{client}auth/token"
        with urllib.request.urlopen(address, urllib.parse.urlencode(form).encode()) as answer:
            return str(json.load(answer)["access_token"])
