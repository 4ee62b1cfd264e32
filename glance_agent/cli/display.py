"""The terminal's verbs for what hangs on a display: next, previous, show, similar, mood, …

They ask the running agent, as a phone does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from glance_agent.cli.asking import (
    ArtworkArgument,
    SideOption,
    UserOption,
    in_library,
    on_display,
)
from glance_agent.cli.rendering import render_into
from glance_agent.cli.terminal import ConfigOption, DisplayOption, JsonOption

app = typer.Typer()


@app.command("next")
def next_one(
    mood: Annotated[str | None, typer.Option(help="Words that colour this one choice.")] = None,
    display: DisplayOption = None,
    user: UserOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Another picture, chosen by taste."""
    on_display(config, "next", {"mood": mood, "user": user}, display=display, as_json=as_json)


@app.command()
def previous(
    display: DisplayOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """The picture before this one."""
    on_display(config, "previous", {}, display=display, as_json=as_json)


@app.command()
def undo(
    display: DisplayOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Take the last change of a display back."""
    on_display(config, "undo", {}, display=display, as_json=as_json)


@app.command()
def show(
    artwork: Annotated[str, typer.Argument(help="The id of an artwork, or a picture's address.")],
    display: DisplayOption = None,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="Write the rendered picture here instead.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put an artwork on a display of the running agent, or render it into a file."""
    is_address = artwork.startswith(("http://", "https://")) and out_file is None
    keys = {"image_url" if is_address else "artwork": artwork}
    if out_file is None:
        on_display(config, "show", keys, display=display, as_json=as_json)
        return
    render_into(out_file, artwork, display, config=config, as_json=as_json)


@app.command()
def similar(
    artwork: ArtworkArgument = None,
    query: Annotated[str | None, typer.Option(help="Words to look for beside it.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many results.")] = 10,
    side: SideOption = None,
    display: DisplayOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """More like an artwork, printed; more like what is on a display, shown there."""
    keys = {"artwork": artwork, "query": query, "limit": limit, "side": side}
    if artwork is None or display is not None:
        on_display(config, "similar", keys, display=display, as_json=as_json)
    else:
        in_library(config, "similar", {**keys, "show": False}, as_json=as_json)


@app.command()
def describe(
    artwork: ArtworkArgument = None,
    side: SideOption = None,
    display: DisplayOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what an artwork is, or what is on a display."""
    keys = {"artwork": artwork, "side": side}
    if artwork is None or display is not None:
        on_display(config, "describe", keys, display=display, as_json=as_json)
    else:
        in_library(config, "describe", keys, as_json=as_json)


@app.command()
def mood(
    words: Annotated[
        list[str] | None, typer.Argument(help="What colours later choices; none ends the mood.")
    ] = None,
    minutes: Annotated[float | None, typer.Option(help="How long; until changed.")] = None,
    display: DisplayOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Colour every later choice by some words, or end that."""
    keys = {"mood": " ".join(words or []), "minutes": minutes}
    on_display(config, "mood", keys, display=display, as_json=as_json)


@app.command()
def slideshow(
    setting: Annotated[str, typer.Argument(help="on, off, or the seconds that each one stays.")],
    display: DisplayOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change pictures by themselves, or not."""
    on_display(config, "slideshow", setting, display=display, as_json=as_json)


@app.command()
def pause(
    display: DisplayOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Change nothing by itself; what is asked for still hangs."""
    on_display(config, "pause", {}, display=display, as_json=as_json)


@app.command()
def resume(
    display: DisplayOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Change by itself again."""
    on_display(config, "resume", {}, display=display, as_json=as_json)


@app.command()
def power(
    setting: Annotated[str, typer.Argument(help="on or off.")],
    display: DisplayOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Switch a display off, which is brought nothing then, or on again."""
    on_display(config, "power", setting, display=display, as_json=as_json)


@app.command()
def discovery(
    percent: Annotated[str, typer.Argument(help="0 is only what is liked, 100 is surprise me.")],
    display: DisplayOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set how much surprise there is in choices."""
    on_display(config, "discovery", percent, display=display, as_json=as_json)
