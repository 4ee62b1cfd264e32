"""The terminal's verbs for what people think of works: like, forget, hide, likes, unhide, …"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from glance_agent.cli.asking import ArtworkArgument, UserOption, in_library, on_display
from glance_agent.cli.terminal import ConfigOption, DisplayOption, JsonOption

app = typer.Typer()

LimitOption = Annotated[int, typer.Option(min=1, max=100, help="How many at most.")]


@app.command()
def like(
    artwork: ArtworkArgument = None,
    display: DisplayOption = None,
    user: UserOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remember that someone likes an artwork."""
    _think("like", artwork, user, config, display=display, as_json=as_json)


@app.command()
def dislike(
    artwork: ArtworkArgument = None,
    display: DisplayOption = None,
    user: UserOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remember that an artwork is not for someone."""
    _think("dislike", artwork, user, config, display=display, as_json=as_json)


@app.command()
def forget(
    artwork: ArtworkArgument = None,
    display: DisplayOption = None,
    user: UserOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take back what someone said of an artwork; all of it at once: taste forget."""
    _think("forget", artwork, user, config, display=display, as_json=as_json)


@app.command()
def hide(
    artwork: ArtworkArgument = None,
    display: DisplayOption = None,
    user: UserOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Never show an artwork again, to anyone."""
    _think("hide", artwork, user, config, display=display, as_json=as_json)


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


def _think(
    verb: str,
    artwork: str | None,
    user: str | None,
    config: Path | None,
    *,
    display: str | None,
    as_json: bool,
) -> None:
    """Of a work that is named: in the library; of what hangs on a display: by the agent."""
    if artwork is None or display is not None:
        keys = {"artwork": artwork, "user": user}
        on_display(config, verb, keys, display=display, as_json=as_json)
    else:
        in_library(config, verb, {"artwork": artwork, "user": user}, as_json=as_json)
