"""The terminal's verbs for the library's file: backup and restore."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from glance_agent.cli.terminal import (
    ConfigOption,
    JsonOption,
    complain,
    counted,
    ended_by_interrupt,
    load_config,
    say,
)
from glance_agent.domain.errors import StoreError
from glance_agent.domain.library_place import (
    SCHEMES,
    LibraryPlace,
    PostgresPlace,
)

if TYPE_CHECKING:
    from glance_agent.config.settings import Config
    from glance_agent.store.backup import Copied

app = typer.Typer()
copies = typer.Typer(help="Copy a library from one place to another.", no_args_is_help=True)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where the copy goes; the one before is replaced.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy the library into one file, while the agent runs or not, and check the copy."""
    from glance_agent.store.backup import back_up

    done = back_up(_file_of(load_config(config)), file)
    if as_json:
        print(json.dumps({"file": str(file), "works": done.works, "reactions": done.reactions}))
        return
    say(
        f"{file} holds {_held(done)}, and can be read from end to end. Pictures and models are not "
        "in it."
    )


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A backup, as “backup” makes it.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a backup in the place of the library, which is kept aside; stop the agent first."""
    from glance_agent.store.backup import restore as put_back
    from glance_agent.store.claim import claimed
    from glance_agent.wiring.rooms import utc_now

    library = _file_of(load_config(config))
    try:
        with claimed(library):
            done = put_back(file, library, now=utc_now())
    except StoreError as error:
        if not error.busy:
            raise
        said = "The agent is running: stop it first, for example with: systemctl stop glance-agent"
        raise StoreError(f"{said}. ({error})") from error
    aside = str(done.aside) if done.aside else None
    if as_json:
        told = {"works": done.works, "reactions": done.reactions, "aside": aside}
        print(json.dumps(told))
        return
    kept = f" What was there before is kept as {aside}." if aside else ""
    say(f"Restored {_held(done)}.{kept}")


@copies.command()
def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="A file, or postgresql://…")],
    target: Annotated[str, typer.Argument(metavar="TO", help="The same; nothing is there yet.")],
    password_file: Annotated[
        Path | None,
        typer.Option(help="A file whose first line is the password of addresses without one."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Copy a library from a file into PostgreSQL or back, and compare the two; stop the agent
    first. A copy that was interrupted goes on."""
    from glance_agent.store.copying import copy_library

    told = complain if not as_json else (lambda said: None)
    with ended_by_interrupt():
        done = copy_library(
            _place_of(source, password_file),
            _place_of(target, password_file),
            lambda table, rows: told(f"{table}: {rows:,} rows copied"),
            complain,
        )
    if as_json:
        print(json.dumps({"rows": done.rows, "copied_now": done.now}))
        return
    rows = done.rows
    reactions = counted(rows["reactions"], "reaction")
    say(
        f"{counted(rows['artworks'], 'work')}, {reactions} and {sum(rows.values()):,} rows in all "
        "are alike in both. Give the new place to the agent as library.path or library.url."
    )


def _place_of(text: str, password_file: Path | None) -> LibraryPlace:
    """Where a library is, as it was typed. Raises StoreError where an address makes no sense."""
    if not text.startswith(tuple(f"{scheme}:" for scheme in SCHEMES)):
        return Path(text)
    try:
        place = PostgresPlace(text, password_file)
    except ValueError as error:
        raise StoreError(f"The address of the library: {error}.") from None
    return PostgresPlace(text) if urlsplit(text).password else place


def _file_of(config: Config) -> Path:
    """The library's file. Raises StoreError where a server keeps it, which is backed up there."""
    place = config.library.place
    if isinstance(place, Path):
        return place
    raise StoreError(
        f"The library is in {place}: back it up with pg_dump and bring it back with pg_restore, "
        "as docs/scale.md says, or copy it into a file with: glance-agent library copy"
    )


def _held(copied: Copied) -> str:
    likes, dislikes = counted(copied.likes, "like"), counted(copied.dislikes, "dislike")
    return f"{counted(copied.works, 'work')}, {likes} and {dislikes}"
