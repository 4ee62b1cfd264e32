"""The terminal's verbs for what people think of works: like, forget, hide, likes, unhide, …"""

from __future__ import annotations

from typing import Annotated

import typer

from glance_agent.cli.asking import ArtworkArgument, SideOption, UserOption, in_library, on_display
from glance_agent.cli.terminal import ConfigOption, DisplayOption, JsonOption

app = typer.Typer()

LimitOption = Annotated[int, typer.Option(min=1, max=100, help="How many at most.")]


def _opinion(verb: str, told: str) -> None:
    """Add the command by which somebody says this of a work."""

    @app.command(verb, help=told)
    def think(
        artwork: ArtworkArgument = None,
        display: DisplayOption = None,
        side: SideOption = None,
        user: UserOption = None,
        config: ConfigOption = None,
        as_json: JsonOption = False,
    ) -> None:
        keys = {"artwork": artwork, "user": user, "side": side}
        if artwork is None or display is not None:
            # What hangs on a display, the agent knows.
            on_display(config, verb, keys, display=display, as_json=as_json)
        else:
            in_library(config, verb, keys, as_json=as_json)


_opinion("like", "Remember that someone likes an artwork.")
_opinion("dislike", "Remember that an artwork is not for someone.")
_opinion("forget", "Take back what someone said of an artwork; all of it at once: taste forget.")
_opinion("hide", "Never show an artwork again, to anyone.")


@app.command()
def unhide(
    artwork: Annotated[
        list[str] | None,
        typer.Argument(help="Its id or words of its title; the one hidden last when not given."),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a hidden artwork be shown again."""
    in_library(config, "unhide", " ".join(artwork or []), as_json=as_json)


@app.command()
def hidden(
    limit: LimitOption = 100, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """List what is hidden, the latest first."""
    keys = {"hidden": True, "show": False, "limit": limit}
    in_library(config, "search", keys, as_json=as_json)


@app.command()
def likes(
    user: UserOption = None,
    limit: LimitOption = 100,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what someone likes, the latest first; of the household, what anyone likes."""
    keys = {"liked": True, "show": False, "limit": limit, "user": user}
    in_library(config, "search", keys, as_json=as_json)
