"""Start glance-agent as an app of Home Assistant.

The broker comes from the Supervisor's MQTT service, everything else from the app's options.
Both are handed over as GLANCE_… variables; the library stays in /data, which is backed up.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

OPTIONS = Path("/data/options.json")
LIBRARY = "/data/glance.db"
SUPERVISOR = "supervisor"
RETRY_SECONDS = 10
ATTEMPTS = 30


def broker(supervisor: str, token: str) -> dict[str, Any]:
    """The Supervisor's MQTT service: host, port, ssl, username, password. Raises OSError."""
    connection = HTTPConnection(supervisor, timeout=10)
    try:
        connection.request("GET", "/services/mqtt", headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        if answer.status != HTTPStatus.OK:
            raise OSError(f"the Supervisor answers {answer.status}")
        found: dict[str, Any] = json.load(answer)["data"]
    finally:
        connection.close()
    return found


def variables(options: Mapping[str, Any], service: Mapping[str, Any]) -> dict[str, str]:
    """The agent's configuration as variables."""
    given = {
        "GLANCE_MQTT__HOST": service["host"],
        "GLANCE_MQTT__PORT": service["port"],
        "GLANCE_MQTT__USERNAME": service.get("username"),
        "GLANCE_MQTT__PASSWORD": service.get("password"),
        "GLANCE_MQTT__TLS": "true" if service.get("ssl") else None,
        "GLANCE_MQTT__BASE_TOPIC": options.get("base_topic"),
        "GLANCE_LOG__LEVEL": options.get("log_level"),
        "GLANCE_LIBRARY__PATH": LIBRARY,
        "GLANCE_DISPLAYS": json.dumps(options["displays"]),
        "GLANCE_SOURCES": json.dumps(_sources(options.get("folders", []))),
    }
    return {name: str(value) for name, value in given.items() if value not in (None, "")}


def _sources(folders: list[dict[str, str]]) -> list[dict[str, str]]:
    """The starter gallery, and the folders of the options."""
    return [{"name": "starter", "kind": "starter"}, *({"kind": "folder", **f} for f in folders)]


def wait_for_broker(supervisor: str, token: str) -> dict[str, Any]:
    """The MQTT service, as soon as there is one; SystemExit where none comes."""
    for _ in range(ATTEMPTS):
        try:
            return broker(supervisor, token)
        except (OSError, HTTPException, ValueError, KeyError) as error:
            # The Supervisor starts, or the broker's app does.
            sys.stderr.write(f"No MQTT service yet ({error}); trying again.\n")
        time.sleep(RETRY_SECONDS)
    raise SystemExit("There is no MQTT service: install and start the Mosquitto broker app.")


def main() -> None:
    """Replace this process by the agent, so that it hears the Supervisor's signals itself."""
    options = json.loads(OPTIONS.read_text(encoding="utf-8"))
    service = wait_for_broker(SUPERVISOR, os.environ["SUPERVISOR_TOKEN"])
    environ = {**os.environ, **variables(options, service)}
    os.execvpe("glance-agent", ["glance-agent", "run"], environ)  # noqa: S606, S607


if __name__ == "__main__":
    main()
