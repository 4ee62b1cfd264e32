"""The terminal's verb that shows what a display would show, in a file: render."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glance_agent.cli.asking import require_display, understood
from glance_agent.cli.terminal import (
    ConfigOption,
    DisplayOption,
    JsonOption,
    load_config,
    say,
    write_file,
)

if TYPE_CHECKING:
    from glance_agent.config.settings import Config
    from glance_agent.domain.frame import Frame

app = typer.Typer()


@app.command()
def render(
    artwork: Annotated[str, typer.Argument(help="The id of an artwork, or words of its title.")],
    out_file: Annotated[Path, typer.Option("--out", help="Where to write what is sent.")],
    display: DisplayOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write what a display would be sent of an artwork into a file; nothing on it changes."""
    render_into(out_file, artwork, display, config=config, as_json=as_json)


def render_into(
    out_file: Path, artwork: str, display: str | None, *, config: Path | None, as_json: bool
) -> None:
    """Render a work by the profile of a display, and say what was written. Raises GlanceError."""
    settings = load_config(config)
    require_display(settings, display, one=True)
    understood(settings, "show", {"artwork": artwork})
    name = display or settings.displays[0].name
    frame = asyncio.run(_rendered(settings, artwork, name))
    write_file(out_file, frame.data)
    size = f"{frame.width_px}x{frame.height_px}"
    told = {"type": frame.content_type, "size": size, "bytes": len(frame.data)}
    if as_json:
        print(json.dumps({"artwork": artwork, "display": name, "file": str(out_file), **told}))
    else:
        say(f"Wrote {out_file}: {frame.content_type}, {size}, {len(frame.data)} bytes.")


async def _rendered(settings: Config, artwork: str, display: str) -> Frame:
    from glance_agent.agent.fitting import Fitting
    from glance_agent.wiring.displays import profiles_of
    from glance_agent.wiring.rooms import open_rooms

    with open_rooms(settings) as rooms:
        work = rooms.showing.artwork(artwork, display)

        async def locate(artwork_id: str) -> str | None:
            return rooms.library.location(artwork_id)

        fitting = Fitting(rooms.sources, locate, decoder=rooms.decoders.for_people)
        async with rooms.web:
            data = await fitting.original(work)
            return await fitting.fitted(data, profiles_of(settings)[display], work)
