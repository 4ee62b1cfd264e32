"""The terminal lets people in, and a running agent honours it at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from glance_agent.cli.main import app
from tests.broker import Broker, free_port
from tests.doors.web.served import agent_with_pages
from tests.home import Home

SECRET = "the long token of the configuration"


def said(config: Path, *words: str) -> Any:
    """What a verb prints as JSON."""
    done = CliRunner().invoke(app, ["web", *words, "--config", str(config), "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


async def test_a_running_agent_honours_what_the_terminal_writes(home: Home, broker: Broker) -> None:
    port = free_port()
    web = {"token": SECRET, "url": "http://frame.local:8787/"}
    async with agent_with_pages(home, broker.port, port, **web) as session:
        config = home.folder / "glance.toml"
        invited = said(config, "invite", "--name", "Ann")
        base, _, secret = invited["address"].partition("/#t=")
        assert (base, invited["role"]) == ("http://frame.local:8787", "use")
        async with session.post("/api/session", json={"secret": secret}) as answer:
            assert answer.status == 200
            jar = {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}
        token = said(config, "token", "kitchen frame")["token"]
        bearer = {"Authorization": f"Bearer {token}"}
        listed = {(key["name"], key["kind"], key["role"]) for key in said(config, "list")}
        assert listed == {("Ann", "session", "use"), ("kitchen frame", "token", "view")}
        body = {"show": False, "query": "red"}
        for headers in (jar, bearer):
            async with session.post("/api/command/search", json=body, headers=headers) as answer:
                assert answer.status == 200, await answer.text()
        for name, headers in (("Ann", jar), ("kitchen frame", bearer)):
            assert said(config, "revoke", name) == {"name": name, "revoked": 1}
            async with session.post("/api/command/search", json=body, headers=headers) as answer:
                assert answer.status == 401
    assert not [row for row in home.rows("SELECT hash FROM web_keys") if token in row[0]]


@pytest.mark.parametrize("name", ["", "   ", "x" * 65, "a\x1bb"])
def test_a_name_has_to_be_one(home: Home, name: str) -> None:
    config = str(home.toml(1, web={"enabled": True}))
    done = CliRunner().invoke(app, ["web", "token", name, "--config", config])
    assert done.exit_code == 2
    assert "A name has" in done.output


def test_an_invitation_is_an_address_and_a_code(home: Home) -> None:
    config = str(home.toml(1, web={"enabled": True, "url": "http://frame.local:8787"}))
    done = CliRunner().invoke(app, ["web", "invite", "--config", config])
    assert "http://frame.local:8787/#t=" in done.output
    assert "█" in done.output or "▄" in done.output


@pytest.mark.parametrize(
    ("web", "said_of_it"),
    [
        ({"enabled": True, "host": "0.0.0.0"}, "token_file"),
        ({"enabled": True, "host": "frame.local"}, "token_file"),
        ({"enabled": True, "host": "0.0.0.0", "token": "  "}, "token is empty"),
        ({"enabled": True, "token": ""}, "token is empty"),
        ({"enabled": True, "token_file": "nowhere"}, "cannot be read"),
        ({"enabled": True, "trusted": ["proxy"]}, "no address"),
        ({"enabled": True, "url": "http://x/?a=b"}, "“?”"),
        ({"enabled": True, "frame_ancestors": ["http://x; script-src *"]}, "no web address"),
        ({"enabled": True, "frame_ancestors": ["http://x/path;y"]}, "origin"),
    ],
)
def test_the_check_of_the_configuration_says_what_is_not_safe(
    home: Home, web: dict[str, Any], said_of_it: str
) -> None:
    config = str(home.toml(1, web=web))
    done = CliRunner().invoke(app, ["config", "check", "--config", config])
    assert said_of_it in f"{done.output}{done.exception}"
    assert done.exit_code
