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
    ended_by_interrupt,
    load_config,
    reactions_of,
    say,
    works_of,
)
from glance_agent.domain.errors import StoreError
from glance_agent.domain.library_place import (
    SCHEMES,
    LibraryPlace,
    PostgresPlace,
)
from glance_agent.domain.said import in_a_row, many
from glance_agent.domain.said import say as told

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
        told(
            "{file} holds {what}, and can be read from end to end. Pictures and models "
            "are not in it.",
            file=file,
            what=_held(done),
        )
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
    from glance_agent.wiring.clock import utc_now

    library = _file_of(load_config(config))
    try:
        with claimed(library):
            done = put_back(file, library, now=utc_now())
    except StoreError as error:
        if not error.busy:
            raise
        raise StoreError(
            told(
                "The agent is running: stop it first, for example with: {command}. ({why})",
                command="systemctl stop glance-agent",
                why=error,
            )
        ) from error
    aside = str(done.aside) if done.aside else None
    if as_json:
        known = {"works": done.works, "reactions": done.reactions, "aside": aside}
        print(json.dumps(known))
        return
    kept = told("What was there before is kept as {file}.", file=aside) if aside else ""
    say(in_a_row(told("Restored {what}.", what=_held(done)), kept))


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

    tell = complain if not as_json else (lambda said: None)
    with ended_by_interrupt():
        done = copy_library(
            _place_of(source, password_file),
            _place_of(target, password_file),
            lambda table, rows: tell(told("{table}: {rows} rows copied", table=table, rows=rows)),
            complain,
        )
    if as_json:
        print(json.dumps({"rows": done.rows, "copied_now": done.now}))
        return
    rows = done.rows
    say(
        told(
            "{works}, {reactions} and {rows} rows in all are alike in both. Give the "
            "new place to the agent as library.path or library.url.",
            works=works_of(rows["artworks"]),
            reactions=reactions_of(rows["reactions"]),
            rows=sum(rows.values()),
        )
    )


def _place_of(text: str, password_file: Path | None) -> LibraryPlace:
    """Where a library is, as it was typed. Raises StoreError where an address makes no sense."""
    if not text.startswith(tuple(f"{scheme}:" for scheme in SCHEMES)):
        return Path(text)
    try:
        place = PostgresPlace(text, password_file)
    except ValueError as error:
        raise StoreError(told("The address of the library: {why}.", why=error.args[0])) from None
    return PostgresPlace(text) if urlsplit(text).password else place


def _file_of(config: Config) -> Path:
    """The library's file. Raises StoreError where a server keeps it, which is backed up there."""
    place = config.library.place
    if isinstance(place, Path):
        return place
    raise StoreError(
        told(
            "The library is in {place}: back it up with pg_dump and bring it back with "
            "pg_restore, as docs/scale.md says, or copy it into a file with: "
            "glance-agent library copy",
            place=place,
        )
    )


def _held(copied: Copied) -> str:
    likes = many("1 like", "{n} likes", n=copied.likes)
    dislikes = many("1 dislike", "{n} dislikes", n=copied.dislikes)
    works = works_of(copied.works)
    return told("{works}, {likes} and {dislikes}", works=works, likes=likes, dislikes=dislikes)
