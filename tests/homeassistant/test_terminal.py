"""The terminal's verbs for phones and for the documents of the contract."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from glance_agent.cli.main import app
from glance_agent.commands.parse import BadCommand, parse_command
from glance_agent.domain.errors import GlanceError
from glance_agent.domain.topics import Topics

SCHEMAS = Path(__file__).parents[2] / "config" / "schema"


def said(*words: str) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == 0, result.output
    return result.output


def test_the_documents_are_printed() -> None:
    assert said("schema", "asyncapi") == (SCHEMAS / "asyncapi.json").read_text(encoding="utf-8")
    command = said("schema", "command", "search")
    assert command == (SCHEMAS / "commands" / "search.json").read_text(encoding="utf-8")
    channels = json.loads(said("schema", "asyncapi", "--base", "art"))["channels"]
    assert channels["status"]["address"] == "art/status"


def test_an_unknown_verb_is_answered_with_the_known_ones() -> None:
    result = CliRunner().invoke(app, ["schema", "command", "dance"])
    assert isinstance(result.exception, GlanceError)
    assert "search" in str(result.exception)


def test_phone_says_what_to_enter(tmp_path: Path) -> None:
    path = tmp_path / "glance.toml"
    path.write_text('[mqtt]\nhost = "broker.local"\nbase_topic = "art"\n', encoding="utf-8")
    text = said("homeassistant", "phone", "--config", str(path))
    assert "mqtt://broker.local:1883" in text
    assert "█" in text, "a code to scan"
    assert "art/display/wall/image" in text
    sent = [word for word in text.split() if word.startswith("art/command/")]
    assert len(sent) == 10
    for topic in sent:
        payload = {"search": b"sea", "mood": b"calm", "slideshow": b"on"}
        command = parse_command(Topics("art"), topic, payload.get(topic.split("/")[2], b""))
        assert not isinstance(command, BadCommand), topic


def test_phone_takes_the_name_by_which_phones_reach_the_broker(tmp_path: Path) -> None:
    path = tmp_path / "glance.toml"
    path.write_text('[mqtt]\nhost = "127.0.0.1"\n', encoding="utf-8")
    assert "--host" in said("homeassistant", "phone", "--config", str(path))
    text = said("homeassistant", "phone", "--host", "art.local", "--config", str(path))
    assert "mqtt://art.local:1883" in text
    assert "127.0.0.1" not in text


@pytest.mark.parametrize("verb", ["homeassistant", "schema"])
def test_help_loads_nothing_heavy(verb: str) -> None:
    script = (
        f"import sys; sys.argv = ['glance-agent', '{verb}', '--help']\n"
        "from glance_agent.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'onnxruntime', 'numpy', 'PIL', 'aiohttp', 'sqlite_utils', 'segno'}\n"
        "loaded = heavy & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
