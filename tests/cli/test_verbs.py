"""Every verb of the contract is at the terminal, and means there what it means to a phone."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from glance_agent.cli.main import app
from glance_agent.domain.command import COMMANDS
from tests.broker import Broker
from tests.home import Home, agent
from tests.phone import Message, Phone

RUNNER = CliRunner()
NAMED_SHELL = "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION"
"""Lets the shell be named, since a test runs in none."""
FIELDS = {"blue": "Blue Field", "red": "Red Field"}


async def asked(config: Path, *words: str) -> dict[str, Any]:
    """What a verb answers a program; it runs in a thread, with a loop of its own."""
    options = ["--json", "--config", str(config)]
    done = await asyncio.to_thread(RUNNER.invoke, app, [*words, *options])
    found: dict[str, Any] = json.loads(done.stdout)
    assert (done.exit_code == 0) == found["ok"], done.output
    return found


def test_the_terminal_has_every_verb_of_the_contract() -> None:
    assert COMMANDS.keys() <= typer.main.get_command(app).commands.keys()  # type: ignore[attr-defined]


async def test_what_hangs_on_a_display_is_changed_by_the_running_agent(
    home: Home, broker: Broker
) -> None:
    config = home.toml(broker.port)
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await phone.expect("display/wall/artwork")
        blue, red = home.work("blue"), home.work("red")
        assert (await asked(config, "show", blue))["artwork"]["id"] == blue
        assert (await asked(config, "show", red, "-d", "hall"))["display"] == "hall"
        assert (await asked(config, "describe"))["artwork"]["title"] == FIELDS["blue"]
        assert (await asked(config, "describe", "-d", "hall"))["artwork"]["id"] == red
        assert (await asked(config, "like", "--user", "mia"))["artwork"]["id"] == blue
        assert home.rows("SELECT user, kind, artwork_id FROM reactions") == [("mia", "like", blue)]
        assert (await asked(config, "dislike", "--user", "mia"))["ok"]
        assert (await asked(config, "forget", "--user", "mia"))["ok"]
        assert home.rows("SELECT user FROM reactions") == []
        following = (await asked(config, "next", "--mood", "green"))["artwork"]["id"]
        assert following == home.showings()[-1] != blue
        assert (await asked(config, "previous"))["artwork"]["id"] == blue
        assert (await asked(config, "similar", "--limit", "3"))["artwork"]["id"] != blue
        assert len((await asked(config, "search", "red", "-d", "wall"))["results"]) == 10
        assert (await asked(config, "status", "--publish"))["verb"] == "status"


async def test_the_settings_of_a_display_are_set(home: Home, broker: Broker) -> None:
    config = home.toml(broker.port)
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await phone.expect("display/wall/settings")
        for words, setting in (
            (["mood", "calm", "evening", "--minutes", "5"], {"mood": "calm evening"}),
            (["mood", "off"], {"mood": None, "mood_until": None}),
            (["slideshow", "120"], {"slideshow": True, "interval_seconds": 120}),
            (["slideshow", "off"], {"slideshow": False}),
            (["pause"], {"paused": True}),
            (["resume"], {"paused": False}),
            (["power", "off"], {"power": False}),
            (["power", "on"], {"power": True}),
            (["discovery", "70"], {"discovery": 70}),
        ):
            mark = len(phone.messages)
            assert (await asked(config, *words))["ok"]
            await phone.expect("display/wall/settings", partial(_says, setting), after=mark)


def _says(setting: dict[str, Any], message: Message) -> bool:
    return setting.items() <= message.json().items()


async def test_a_work_that_is_named_needs_no_agent(home: Home) -> None:
    config, blue = home.toml(1), home.work("blue")
    assert (await asked(config, "describe", blue))["artwork"]["title"] == FIELDS["blue"]
    assert len((await asked(config, "similar", blue, "--limit", "3"))["results"]) == 3
    assert home.showings() == []
    for verb in ("like", "dislike", "forget", "hide"):
        assert (await asked(config, verb, blue))["verb"] == verb
    assert home.rows("SELECT hidden FROM artworks WHERE id = ?", blue) == [(1,)]
    assert not (await asked(config, "describe", "paint:none"))["ok"]
    for verb in ("describe", "similar"):
        aside = await asked(config, verb, blue, "--side", "left")
        assert aside["error"]["message"].startswith("“side” is for what hangs"), verb


# -- help and completion -------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["-h"], ["next", "-h"], ["taste", "export", "-h"]])
def test_every_verb_has_a_short_help(words: list[str]) -> None:
    done = RUNNER.invoke(app, words, prog_name="glance-agent")
    assert done.exit_code == 0
    assert f"Usage: glance-agent {' '.join(words[:-1])}".strip() in done.output


def completed(typed: str, **environ: str) -> list[str]:
    """What a shell (bash) is offered for the last word."""
    done = subprocess.run(
        [sys.executable, "-m", "glance_agent"],
        env={
            **os.environ,
            "_GLANCE_AGENT_COMPLETE": "complete_bash",
            "COMP_WORDS": typed,
            "COMP_CWORD": str(len(typed.split(" ")) - 1),
            **environ,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_a_shell_completes_verbs_and_displays(home: Home) -> None:
    assert "next" in completed("glance-agent ne")
    config = str(home.toml(1))
    assert completed("glance-agent next --display ", GLANCE_CONFIG=config) == ["wall", "hall"]
    assert completed("glance-agent next --display h", GLANCE_CONFIG=config) == ["hall"]
    assert completed("glance-agent next --display ", GLANCE_CONFIG="/none.toml") == []


def test_completion_can_be_installed(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "glance_agent", "--install-completion", "bash"],
        env={
            **os.environ,
            "HOME": str(tmp_path),
            "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "glance-agent" in (tmp_path / ".bashrc").read_text(encoding="utf-8")
