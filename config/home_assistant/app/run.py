"""Start glance-agent as an app of Home Assistant.

The broker comes from the Supervisor's MQTT service, everything else from the app's options, or
from a glance.toml in the app's configuration folder where there is one. Broker, options and what
ingress needs are handed over as GLANCE_… variables; the library stays in /data, which is backed up.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

OPTIONS = Path("/data/options.json")
LIBRARY = "/data/glance.db"
WEB_TOKEN = Path("/data/web_token")
INGRESS = "172.30.32.2"
"""Where the Supervisor's ingress asks from, which has signed people in."""
OWN_CONFIGURATION = Path("/config/glance.toml")
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


def of_broker(service: Mapping[str, Any]) -> dict[str, str]:
    """Variables for the broker, and for where the library is."""
    return _set(
        {
            "GLANCE_MQTT__HOST": service["host"],
            "GLANCE_MQTT__PORT": service["port"],
            "GLANCE_MQTT__USERNAME": service.get("username"),
            "GLANCE_MQTT__PASSWORD": service.get("password"),
            "GLANCE_MQTT__TLS": "true" if service.get("ssl") else None,
            "GLANCE_LIBRARY__PATH": LIBRARY,
        }
    )


def of_ingress(token: Path) -> dict[str, str]:
    """Variables for the pages, which ingress alone reaches without the token in this file."""
    if not token.exists():
        descriptor = os.open(token, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
    return {
        "GLANCE_WEB__HOST": "0.0.0.0",  # noqa: S104 - the network of apps, behind the token
        "GLANCE_WEB__PORT": "8787",
        "GLANCE_WEB__TRUSTED": json.dumps([INGRESS]),
        "GLANCE_WEB__TOKEN_FILE": str(token),
    }


def of_options(options: Mapping[str, Any]) -> dict[str, str]:
    """Variables for what is set on the app's page."""
    return _set(
        {
            "GLANCE_MQTT__BASE_TOPIC": options.get("base_topic"),
            "GLANCE_LOG__LEVEL": options.get("log_level"),
            "GLANCE_DISPLAYS": json.dumps(options["displays"]),
            "GLANCE_SOURCES": json.dumps(_sources(options.get("folders", []))),
        }
    )


def _set(values: Mapping[str, Any]) -> dict[str, str]:
    """The values that say something, as text."""
    return {name: str(value) for name, value in values.items() if value not in (None, "")}


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


def command(own: Path, options: Mapping[str, Any]) -> tuple[list[str], dict[str, str]]:
    """What to run, with which variables: a configuration file takes the place of the options."""
    if own.exists():
        return ["glance-agent", "run", "--config", str(own)], {}
    return ["glance-agent", "run"], of_options(options)


def main() -> None:
    """Replace this process by the agent, so that it hears the Supervisor's signals itself."""
    options = json.loads(OPTIONS.read_text(encoding="utf-8"))
    service = wait_for_broker(SUPERVISOR, os.environ["SUPERVISOR_TOKEN"])
    words, chosen = command(OWN_CONFIGURATION, options)
    given = {**chosen, **of_broker(service), **of_ingress(WEB_TOKEN)}
    os.execvpe(words[0], words, {**os.environ, **given})  # noqa: S606


if __name__ == "__main__":
    main()
