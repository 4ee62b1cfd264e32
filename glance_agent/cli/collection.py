"""The terminal's verbs for the collection: ingest, search, like, show, status."""

from __future__ import annotations

import asyncio
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from glance_agent.cli import systemd_unit
from glance_agent.cli.terminal import (
    EXIT_FAILED,
    ConfigOption,
    DisplayOption,
    JsonOption,
    ask_agent,
    because,
    complain,
    err,
    load_config,
    out,
    say,
    write_file,
)
from glance_agent.domain.errors import ConfigError, GlanceError
from glance_agent.ingest.left_out import facts, lines

if TYPE_CHECKING:
    from glance_agent.config.load import Config
    from glance_agent.domain.display import Reply
    from glance_agent.ingest.progress import Progress
    from glance_agent.wiring.rooms import Rooms

app = typer.Typer()


@app.command()
def ingest(
    path: Annotated[
        Path | None, typer.Argument(help="A folder with pictures.", readable=False)
    ] = None,
    source: Annotated[str | None, typer.Option(help="A source of the configuration.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most this many new works.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring pictures into the library: a folder, one source, or all of them."""
    from glance_agent.wiring.rooms import open_rooms

    if path and source:
        raise ConfigError("Name a folder or a source, not both.")
    settings = load_config(config)
    with open_rooms(settings) as rooms:
        names = [_remembered(rooms, path)] if path else [source] if source else []
    with open_rooms(settings) as rooms:
        last = asyncio.run(_ingest(rooms, _wanted(rooms, names), limit, quiet=as_json))
        left_out = {p.source: rooms.library.left_out(p.source) for p in last}
    if as_json:
        told = [(p.event().payload, facts(left_out[p.source])) for p in last]
        print(json.dumps([{**event, "left_out_items": items} for event, items in told]))
    else:
        for progress in last:
            say("\n".join([progress.summary(), *lines(progress.source, left_out[progress.source])]))
    if any(p.stopped_by for p in last):
        raise typer.Exit(EXIT_FAILED)


def _remembered(rooms: Rooms, path: Path) -> str:
    """The source that this folder is, remembered under a name of its own where it is new."""
    from glance_agent.sources.folders.folder import is_utf8
    from glance_agent.sources.settings import FolderSettings

    folder = _readable(path)
    if not is_utf8(str(folder)):
        raise ConfigError(f"The path of {path} is not UTF-8: rename what it consists of.")
    if said := systemd_unit.advice(folder):
        complain(said)
    folders = (s for s in rooms.config.sources if isinstance(s, FolderSettings))
    configured = {s.name: str(s.path) for s in folders}
    for name, known in {**rooms.library.folders(), **configured}.items():
        if Path(known).resolve() == folder:
            return str(name)
    stem = re.sub(r"[^a-z0-9_-]+", "-", folder.name.lower()).strip("-")[:24] or "folder"
    name, number = stem, 1
    while name in rooms.sources:
        number += 1
        name = f"{stem}-{number}"
    rooms.library.remember_folder(name, str(folder))
    return name


def _readable(path: Path) -> Path:
    """The folder itself. Raises ConfigError where it is none, or may not be looked into."""
    folder = path.expanduser()
    try:
        folder = folder.resolve()
        with os.scandir(folder):
            return folder
    except (FileNotFoundError, NotADirectoryError):
        raise ConfigError(f"There is no folder {path}.") from None
    except OSError as error:
        service = systemd_unit.advice(folder)
        said = f"The folder {folder} cannot be read: {because(error)}"
        raise ConfigError(f"{said}\n{service}" if service else said) from error


def _wanted(rooms: Rooms, names: list[str]) -> list[str]:
    """What to run over: the sources that are named, else all there is to do."""
    unknown = [name for name in names if name not in rooms.sources]
    if unknown:
        sources = ", ".join(rooms.sources) or "none are configured"
        raise ConfigError(f"There is no source {unknown[0]}. Sources: {sources}.")
    duties = names or rooms.duties()
    if not duties:
        raise ConfigError(
            "No source of pictures is configured. Add one with: glance-agent sources add; or "
            "bring in a folder with: glance-agent ingest FOLDER"
        )
    return duties


async def _ingest(
    rooms: Rooms, names: list[str], limit: int | None, *, quiet: bool
) -> list[Progress]:
    from rich.progress import BarColumn, MofNCompleteColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    from glance_agent.wiring.ingestion import Ingestion

    results: list[Progress] = []
    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bars = Bar(*columns, "{task.fields[rate]}", console=err, disable=quiet)
    async with rooms.web:
        with bars as bar:
            for name in names:
                task = bar.add_task(name, total=None, rate="")
                async for progress in Ingestion(rooms).run(name, limit):
                    rate = f"{progress.rate:.1f}/s"
                    bar.update(task, completed=progress.done, total=progress.total, rate=rate)
                results.append(progress)
    return results


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(help="What to look for.")],
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many results.")] = 10,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find artworks by words, and print them with their match."""
    from pydantic import ValidationError

    from glance_agent.domain.command import MAX_QUERY_CHARS, Search
    from glance_agent.wiring.rooms import open_rooms

    try:
        command = Search(query=" ".join(words), limit=limit, show=False)
    except ValidationError:
        raise ConfigError(f"Search for words: 1 to {MAX_QUERY_CHARS} characters.") from None
    with open_rooms(load_config(config)) as rooms:
        reply = rooms.answers.answer(command).reply
    _print_reply(reply, as_json=as_json)


@app.command()
def like(
    artwork: Annotated[str, typer.Argument(help="The id of an artwork.")],
    user: Annotated[str, typer.Option(help="Who likes it.")] = "household",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remember that someone likes an artwork."""
    from pydantic import ValidationError

    from glance_agent.domain.command import Like
    from glance_agent.wiring.rooms import open_rooms

    try:
        command = Like(artwork=_artwork_id(artwork), user=user)
    except ValidationError:
        raise GlanceError("A user is called by a name of 1 to 64 characters.") from None
    with open_rooms(load_config(config)) as rooms:
        reply = rooms.answers.answer(command).reply
    _print_reply(reply, as_json=as_json)


@app.command()
def show(
    artwork: Annotated[str, typer.Argument(help="The id of an artwork.")],
    display: DisplayOption = None,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="Write the rendered picture here instead.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put an artwork on a display of the running agent, or render it into a file."""
    settings = load_config(config)
    name = display or settings.displays[0].name
    if settings.display(name) is None:
        names = ", ".join(d.name for d in settings.displays)
        raise ConfigError(f"There is no display {name}. Displays: {names}.")
    if out_file is not None:
        write_file(out_file, asyncio.run(_rendered(settings, _artwork_id(artwork), name)))
        if as_json:
            print(json.dumps({"artwork": artwork, "display": name, "file": str(out_file)}))
        else:
            say(f"Wrote {out_file}.")
        return
    command = {"command": "show", "artwork": _artwork_id(artwork), "display": name}
    reply = ask_agent(settings, command)
    if as_json:
        print(json.dumps(reply))
    else:
        say(reply["message"])
    if not reply["ok"]:
        raise typer.Exit(EXIT_FAILED)


async def _rendered(settings: Config, artwork: str, display: str) -> bytes:
    from glance_agent.agent.frames import Easel
    from glance_agent.domain.display import Glance, shown
    from glance_agent.wiring.rooms import open_rooms, utc_now
    from glance_agent.wiring.running import surfaces_of

    with open_rooms(settings) as rooms:
        work = rooms.curator.artwork(artwork, display)

        async def locate(artwork_id: str) -> str | None:
            return rooms.library.location(artwork_id)

        decoder = rooms.decoders.for_people
        easel = Easel(surfaces_of(settings), rooms.sources, locate, decoder=decoder)
        glance = Glance(
            display=display,
            artwork=shown(work, liked=None),
            shown_at=utc_now(),
            why="",
            position=1,
        )
        async with rooms.web:
            return (await easel.frame(glance)).data


@app.command()
def status(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Say what is in the library and what the displays show."""
    from glance_agent.wiring.looking import look_around, without_their_pictures

    settings = load_config(config)
    with look_around(settings) as rooms:
        facts = rooms.facts()
        away = [*facts.get("away", ()), *without_their_pictures(rooms)]
        glances = {d.name: rooms.curator.current(d.name) for d in settings.displays}
    if as_json:
        state = {name: g.state() if g else None for name, g in glances.items()}
        told = {**facts, **({"away": away} if away else {}), "showing": state}
        print(json.dumps(told))
        return
    say(f"{facts['artworks']} artworks, {facts['embedded']} of them embedded.")
    say(f"Model: {facts['model'] or 'none (searching by keywords)'}.")
    for source in away:
        complain(f"{source}.")
    for name, glance in glances.items():
        what = f"{glance.artwork.label} - {glance.why}" if glance else "nothing yet"
        say(f"{name}: {what}")


def _artwork_id(text: str) -> str:
    from glance_agent.domain.artwork import is_artwork_id

    if not is_artwork_id(text):
        raise GlanceError(f"“{text}” is not an artwork id, such as starter:calm-sea.")
    return text


def _print_reply(reply: Reply, *, as_json: bool) -> None:
    """A reply as people read it: the sentence, and a table of what was found."""
    if as_json:
        print(json.dumps(reply.model_dump(mode="json")))
    elif not reply.ok:
        hint = f" {reply.error.hint}" if reply.error else ""
        complain(f"{reply.message}{hint}")
    else:
        if reply.results:
            out.print(_results_table(reply))
        say(reply.message)
    if not reply.ok:
        raise typer.Exit(EXIT_FAILED)


def _results_table(reply: Reply) -> Table:
    """What was found, best first; the work, why, and its id below one another, to fit anywhere."""
    table = Table("match", "work, why, and id", box=SIMPLE_HEAD, pad_edge=False)
    for result in reply.results:
        work = Text(result.artwork.label, style="bold", overflow="fold")
        work.append(f"\n{result.why}\n{result.artwork.id}", style="not bold")
        table.add_row(f"{result.match:.2f}", work)
    return table
