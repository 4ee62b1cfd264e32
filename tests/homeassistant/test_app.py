"""The app: its manifest, and its start against a stand-in for the Supervisor."""

from __future__ import annotations

import importlib.util
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from glance_agent.config.load import load
from glance_agent.domain.version import __version__

APP = Path(__file__).parents[2] / "config" / "home_assistant" / "app"
MANIFEST = yaml.load((APP / "config.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
SERVICE = {
    "host": "core-mosquitto",
    "port": 1883,
    "ssl": False,
    "protocol": "3.1.1",
    "username": "addons",
    "password": "secret words",
}
KNOWN_KEYS = {
    "name", "version", "slug", "description", "url", "arch", "startup", "boot", "services",
    "map", "ingress", "ingress_port", "panel_icon", "panel_title", "backup", "backup_exclude",
    "options", "schema",
}  # fmt: skip


def start() -> Any:
    """The app's start script as a module."""
    spec = importlib.util.spec_from_file_location("glance_app_run", APP / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


run = start()


class Supervisor(BaseHTTPRequestHandler):
    """Answers as the Supervisor does when there is an MQTT service and the token is right."""

    def do_GET(self) -> None:
        allowed = self.headers["Authorization"] == "Bearer the-token"
        there = self.path == "/services/mqtt"
        self.send_response(200 if allowed and there else 401 if there else 404)
        self.end_headers()
        if allowed and there:
            self.wfile.write(json.dumps({"result": "ok", "data": SERVICE}).encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def supervisor() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Supervisor)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_broker_comes_from_the_supervisor() -> None:
    with supervisor() as address:
        assert run.broker(address, "the-token") == SERVICE
        assert run.wait_for_broker(address, "the-token") == SERVICE


def test_without_a_service_it_ends_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "ATTEMPTS", 2)
    monkeypatch.setattr(run, "RETRY_SECONDS", 0)
    with supervisor() as address, pytest.raises(SystemExit, match="Mosquitto broker app"):
        run.wait_for_broker(address, "a wrong token")


def test_the_agent_can_be_configured_by_the_variables() -> None:
    words, chosen = run.command(Path("no such file"), MANIFEST["options"])
    assert words == ["glance-agent", "run"]
    config = load(None, {**chosen, **run.of_broker(SERVICE)})
    assert (config.mqtt.host, config.mqtt.username) == ("core-mosquitto", "addons")
    assert config.mqtt.secret() == "secret words"
    assert config.mqtt.tls is False
    assert [(d.name, d.width_px) for d in config.displays] == [("wall", 1280)]
    assert [(s.name, s.kind) for s in config.sources] == [
        ("starter", "starter"),
        ("media", "folder"),
    ]
    assert config.library.path == Path("/data/glance.db")


def test_a_broker_with_tls_and_without_a_password() -> None:
    service = {**SERVICE, "ssl": True, "port": 8883, "username": None, "password": ""}
    config = load(None, run.of_broker(service))
    assert config.mqtt.tls is True
    assert config.mqtt.secret() is None


def test_a_configuration_of_ones_own_takes_the_place_of_the_options(tmp_path: Path) -> None:
    own = tmp_path / "glance.toml"
    text = '[mqtt]\nhost = "elsewhere"\nbase_topic = "art"\n[[displays]]\nname = "hall"\n'
    own.write_text(text, encoding="utf-8")
    words, chosen = run.command(own, MANIFEST["options"])
    assert words == ["glance-agent", "run", "--config", str(own)]
    config = load(own, {**chosen, **run.of_broker(SERVICE)})
    assert (config.mqtt.host, config.mqtt.base_topic) == ("core-mosquitto", "art")
    assert [d.name for d in config.displays] == ["hall"]
    assert config.library.path == Path("/data/glance.db")


def test_ingress_needs_no_token_and_all_others_do(tmp_path: Path) -> None:
    token = tmp_path / "web_token"
    first = run.of_ingress(token)
    config = load(None, {**first, **run.of_broker(SERVICE)})
    assert (config.web.host, config.web.port) == ("0.0.0.0", MANIFEST["ingress_port"])
    assert MANIFEST["ingress"] is True
    assert config.web.trusted == ("172.30.32.2",)
    secret = config.web.secret()
    assert secret is not None
    assert len(secret) >= 32
    assert token.stat().st_mode & 0o777 == 0o600
    assert load(None, run.of_ingress(token)).web.secret() == secret, "it stays the same"


def test_the_manifest_is_complete() -> None:
    assert set(MANIFEST) <= KNOWN_KEYS
    assert MANIFEST["version"] == __version__
    assert MANIFEST["services"] == ["mqtt:need"]
    assert set(MANIFEST["options"]) == set(MANIFEST["schema"])
    assert set(MANIFEST["arch"]) == {"aarch64", "amd64"}


def test_the_image_installs_the_wheel_of_the_readme_and_starts_the_script() -> None:
    lines = (APP / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert "COPY glance_agent-*.whl /tmp/" in lines
    assert "COPY run.py /run.py" in lines
    assert 'CMD ["python", "/run.py"]' in lines
    readme = (APP / "README.md").read_text(encoding="utf-8")
    assert "--wheel-dir config/home_assistant/app ." in readme
