"""The terminal's verbs for saying things in one's own words: say, help."""

from __future__ import annotations

from typing import Annotated

import typer

from glance_agent.cli.asking import UserOption, on_display
from glance_agent.cli.terminal import ConfigOption, DisplayOption, JsonOption

app = typer.Typer()


@app.command("say")
def say_it(
    words: Annotated[list[str], typer.Argument(help="Anything: “I love this”, “stormy sea” …")],
    display: DisplayOption = None,
    user: UserOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say in your own words what the running agent should do, or what you want to see."""
    keys = {"text": " ".join(words), "user": user}
    on_display(config, "say", keys, display=display, as_json=as_json)


@app.command("help")
def what_can_be_said(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """What can be said to the running agent."""
    on_display(config, "help", {}, display=None, as_json=as_json)
