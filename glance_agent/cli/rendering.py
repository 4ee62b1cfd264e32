"""The terminal's verb that shows what a display would show, in a file: render."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

import typer

from glance_agent.cli.asking import require_display, understood
from glance_agent.cli.files import write_file
from glance_agent.cli.garbage import for_long
from glance_agent.cli.terminal import ConfigOption, DisplayOption, JsonOption, load_config, say
from glance_agent.domain.errors import ConfigError
from glance_agent.domain.foreign import shown
from glance_agent.domain.said import say as told

if TYPE_CHECKING:
    from glance_agent.config.settings import Config
    from glance_agent.domain.frame import Frame
    from glance_agent.domain.panel import PanelProfile

app = typer.Typer()


@app.command()
def render(
    artwork: Annotated[str, typer.Argument(help="The id of an artwork, or words of its title.")],
    out_file: Annotated[Path, typer.Option("--out", help="Where to write what is sent.")],
    at: Annotated[
        str | None, typer.Option("--at", help="As at this time of the day, such as 22:30.")
    ] = None,
    night: Annotated[bool, typer.Option("--night", help="As in the display's night.")] = False,
    display: DisplayOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write what a display would be sent of an artwork into a file; nothing on it changes."""
    when = When(at, night)
    render_into(out_file, artwork, display, when=when, config=config, as_json=as_json)


class When(NamedTuple):
    """When a picture is to be rendered for: a time of the day, or at night; else by day."""

    at: str | None = None
    night: bool = False


BY_DAY: Final = When()


def render_into(
    out_file: Path,
    artwork: str,
    display: str | None,
    *,
    when: When = BY_DAY,
    config: Path | None,
    as_json: bool,
) -> None:
    """Render a work by the profile of a display, and say what was written. Raises GlanceError."""
    settings = load_config(config)
    require_display(settings, display, one=True)
    understood(settings, "show", {"artwork": artwork})
    name = display or settings.displays[0].name
    frame = for_long(_rendered(settings, artwork, name, _profile(settings, name, when)))
    write_file(out_file, frame.data)
    size = f"{frame.width_px}x{frame.height_px}"
    facts = {"type": frame.content_type, "size": size, "bytes": len(frame.data)}
    if as_json:
        print(json.dumps({"artwork": artwork, "display": name, "file": str(out_file), **facts}))
    else:
        say(
            told(
                "Wrote {path}: {kind}, {size}, {bytes} bytes.",
                path=out_file,
                kind=frame.content_type,
                size=size,
                bytes=len(frame.data),
            )
        )


def _profile(settings: Config, display: str, when: When) -> PanelProfile:
    """What the display's pictures are rendered by then. Raises ConfigError."""
    from glance_agent.wiring.clockwork import zone_of
    from glance_agent.wiring.displays import timed_profiles_of

    profile = timed_profiles_of(settings)[display]
    if when.night and profile.night is None:
        raise ConfigError(
            told(
                "The display {name} has no night: give it one, such as {example}.",
                name=display,
                example='night = {from = "21:00", to = "07:00", brightness = 0.4}',
            )
        )
    if when.night and when.at is not None:
        raise ConfigError(told("Give either --at or --night."))
    if when.night:
        return profile.at_night()
    if when.at is None:
        return profile.profile
    now = datetime.combine(datetime.now(UTC), _time_of_day(when.at), zone_of(settings))
    return profile.at(now, now)


def _time_of_day(text: str) -> time:
    try:
        return datetime.strptime(text.strip(), "%H:%M").time()
    except ValueError:
        raise ConfigError(
            told("“{text}” is no time of the day: write 22:30.", text=shown(text))
        ) from None


async def _rendered(settings: Config, artwork: str, display: str, profile: PanelProfile) -> Frame:
    from glance_agent.agent.fitting import Fitting
    from glance_agent.wiring.rooms import open_rooms

    with open_rooms(settings) as rooms:
        work = rooms.showing.artwork(artwork, display)

        async def locate(artwork_id: str) -> str | None:
            return rooms.library.location(artwork_id)

        fitting = Fitting(rooms.sources, locate, decoder=rooms.decoders.for_people)
        async with rooms.web:
            data = await fitting.original(work)
            return await fitting.fitted(data, profile, work)
