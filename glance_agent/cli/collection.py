"""The terminal's verbs for the collection: ingest, search, status."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Coroutine
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from glance_agent.cli.asking import carry_out, on_display, understood
from glance_agent.cli.faults import because
from glance_agent.cli.garbage import for_long
from glance_agent.cli.terminal import (
    EXIT_FAILED,
    ConfigOption,
    JsonOption,
    complain,
    decimal,
    err,
    load_config,
    say,
    works_of,
)
from glance_agent.domain.errors import ConfigError, GlanceError
from glance_agent.domain.said import say as told
from glance_agent.ingest.left_out import facts, lines

if TYPE_CHECKING:
    from glance_agent.domain.display import Glance
    from glance_agent.ingest.progress import Progress
    from glance_agent.store.opening import Patience
    from glance_agent.wiring.rooms import Rooms

app = typer.Typer()
_T = TypeVar("_T")


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
    from glance_agent.store.opening import is_there, patience_with
    from glance_agent.wiring.rooms import open_rooms

    if path and source:
        raise ConfigError(told("Name a folder or a source, not both."))
    settings = load_config(config)
    place = settings.library.place
    is_new = not is_there(place)
    with (
        open_rooms(settings, thinks=False) as rooms,
        patience_with([place], complain) as patience,
    ):
        names = [_remembered(rooms, path)] if path else [source] if source else []
        wanted = _wanted(rooms, names)
        last = _until_interrupted(_ingest(rooms, wanted, limit, patience, quiet=as_json), patience)
        left_out = patience.outlast(
            lambda: {p.source: rooms.library.left_out(p.source) for p in last}
        )
    if as_json:
        both = [(p.event().payload, facts(left_out[p.source])) for p in last]
        print(json.dumps([{**event, "left_out_items": items} for event, items in both]))
    else:
        for progress in last:
            for line in (progress.summary(), *lines(progress.source, left_out[progress.source])):
                say(line)
        if is_new:
            say(told("The library is new: {path}", path=settings.library.path.absolute()))
    if any(p.stopped_by for p in last):
        raise typer.Exit(EXIT_FAILED)


def _remembered(rooms: Rooms, path: Path) -> str:
    """The source that this folder is, remembered under a name of its own where it is new."""
    from glance_agent.cli.systemd_unit import advice
    from glance_agent.sources.folders.walking import is_utf8
    from glance_agent.sources.settings import FolderSettings

    if str(path) in rooms.sources and not path.exists():
        command = f"glance-agent ingest --source {path}"
        raise ConfigError(
            told(
                "There is no folder {path}. The source of that name: {command}",
                path=path,
                command=command,
            )
        )
    folder = _readable(path)
    if not is_utf8(str(folder)):
        raise ConfigError(
            told("The path of {path} is not UTF-8: rename what it consists of.", path=path)
        )
    if said := advice(folder):
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
    rooms.learn_sources()
    return name


def _readable(path: Path) -> Path:
    """The folder itself. Raises ConfigError where it is none, or may not be looked into."""
    from glance_agent.cli.systemd_unit import advice

    folder = path.expanduser()
    try:
        folder = folder.resolve()
        with os.scandir(folder):
            return folder
    except (FileNotFoundError, NotADirectoryError):
        raise ConfigError(told("There is no folder {path}.", path=path)) from None
    except OSError as error:
        service = advice(folder)
        why = because(error)
        said = told("The folder {folder} cannot be read: {why}", folder=folder, why=why)
        both = told("{first}\n{then}", first=said, then=service) if service else said
        raise ConfigError(both) from error


def _wanted(rooms: Rooms, names: list[str]) -> list[str]:
    """What to run over: the sources that are named, else all there is to do."""
    unknown = [name for name in names if name not in rooms.sources]
    if unknown:
        sources = ", ".join(rooms.sources) or told("none")
        raise ConfigError(
            told(
                "There is no source {name}. Sources: {sources}.",
                name=unknown[0],
                sources=sources,
            )
        )
    duties = names or rooms.duties()
    if not duties:
        raise ConfigError(
            told(
                "No source of pictures is configured. Add one with: glance-agent sources "
                "add; or bring in a folder with: glance-agent ingest FOLDER"
            )
        )
    return duties


def _until_interrupted(work: Coroutine[Any, Any, _T], patience: Patience) -> _T:
    """What the work gives. Ctrl-C ends it at once, whoever is waiting for a server."""
    import asyncio  # a fortieth of what a search takes, and of no use to it

    async def interruptible() -> _T:
        working = asyncio.ensure_future(work)

        def interrupt() -> None:
            patience.give_up()
            working.cancel()

        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupt)
        return await working

    try:
        return for_long(interruptible())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def _ingest(
    rooms: Rooms, names: list[str], limit: int | None, patience: Patience, *, quiet: bool
) -> list[Progress]:
    from rich.progress import BarColumn, MofNCompleteColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    from glance_agent.wiring.ingestion import Ingestion

    results: list[Progress] = []
    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bars = Bar(*columns, "{task.fields[rate]}", console=err, disable=quiet)
    ingestion = Ingestion(rooms, patience=patience, waits=complain)
    async with rooms.web:
        # Who interrupts it waits for no picture that is still being decoded.
        with closing(rooms.decoders), bars as bar:
            for name in names:
                task = bar.add_task(name, total=None, rate="")
                async for progress in ingestion.run(name, limit):
                    rate = f"{decimal(progress.rate, 1)}/s"
                    bar.update(task, completed=progress.done, total=progress.total, rate=rate)
                results.append(progress)
    return results


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(help="What to look for.")],
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many results.")] = 10,
    display: Annotated[
        str | None, typer.Option("--display", "-d", help="Show the best one on this display.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find artworks by words, and print them with their match."""
    keys = {"query": " ".join(words), "limit": limit}
    settings = load_config(config)
    try:
        command = understood(settings, "search", {**keys, "show": False}, as_json=as_json)
    except ConfigError:
        raise
    except GlanceError as error:
        raise ConfigError(error.said) from None
    if display is not None:
        on_display(config, "search", keys, display=display, as_json=as_json)
    else:
        carry_out(settings, command, as_json=as_json)


@app.command()
def status(
    publish: Annotated[
        bool, typer.Option("--publish", help="Have the agent publish every state again.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what is in the library and what the displays show."""
    if publish:
        on_display(config, "status", {}, display=None, as_json=as_json)
        return
    from glance_agent.store.display_leases import holders
    from glance_agent.store.opening import unserved
    from glance_agent.store.source_leases import listers
    from glance_agent.wiring.facts import facts_of
    from glance_agent.wiring.looking import look_around, without_their_pictures

    settings = load_config(config)
    with look_around(settings) as rooms:
        facts = facts_of(rooms)
        away = [*facts.get("away", ()), *without_their_pictures(rooms)]
        glances = {d.name: rooms.showing.current(d.name) for d in settings.displays}
        held_by, listed_by = holders(rooms.library.db), listers(rooms.library.db)
        unsearched = unserved(rooms.library.db) if "search" in facts else None
    if as_json:
        state = {name: g.state() if g else None for name, g in glances.items()}
        known = {**facts, **({"away": away} if away else {}), "showing": state}
        known |= {"held_by": held_by} if held_by else {}
        known |= {"brought_in_by": listed_by} if listed_by else {}
        print(json.dumps(known))
        return
    works, embedded = works_of(facts["artworks"]), facts["embedded"]
    say(told("{works}, {embedded} of them embedded.", works=works, embedded=embedded))
    none = told("none (searching by keywords)")
    say(told("Model: {name}.", name=facts["model"] or none))
    if unsearched is not None:
        complain(unsearched)
    elif "search" in facts:
        say(told("The server of the library looks for pictures, by pgvector."))
    for source in away:
        complain(told("{why}.", why=source))
    for source, who in listed_by.items():
        say(told("{source} is being brought in by {who}.", source=source, who=who))
    for name, glance in glances.items():
        say(_hanging(name, glance, held_by.get(name)))


def _hanging(display: str, glance: Glance | None, by: str | None) -> str:
    """What hangs on a display, and which agent has it where several share the library."""
    what = told("nothing yet")
    if glance is not None:
        what = told("{label} - {why}", label=glance.artwork.label, why=glance.why)
    if by is None:
        return told("{what}: {said}", what=display, said=what)
    return told("{display}: {what} (by {agent})", display=display, what=what, agent=by)
