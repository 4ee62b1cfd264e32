"""The terminal's verbs for the library's file: backup and restore."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glance_agent.cli.terminal import ConfigOption, JsonOption, counted, load_config, say
from glance_agent.domain.errors import StoreError

if TYPE_CHECKING:
    from glance_agent.store.backup import Copied

app = typer.Typer()


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where the copy goes; the one before is replaced.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy the library into one file, while the agent runs or not, and check the copy."""
    from glance_agent.store.backup import back_up

    library = load_config(config).library.path
    done = back_up(library, file)
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

    library = load_config(config).library.path
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


def _held(copied: Copied) -> str:
    likes, dislikes = counted(copied.likes, "like"), counted(copied.dislikes, "dislike")
    return f"{counted(copied.works, 'work')}, {likes} and {dislikes}"
