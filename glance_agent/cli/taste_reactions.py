"""The terminal's verbs `taste export`, `import` and `forget`: likes and dislikes as kept."""

from __future__ import annotations

import json
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glance_agent.cli.faults import because
from glance_agent.cli.files import write_file
from glance_agent.cli.terminal import (
    EXIT_FAILED,
    ConfigOption,
    JsonOption,
    complain,
    load_config,
    reactions_of,
    say,
    utf8,
    works_of,
)
from glance_agent.domain.errors import GlanceError
from glance_agent.domain.said import say as told
from glance_agent.domain.values import user_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glance_agent.config.settings import Config
    from glance_agent.store.history import History
    from glance_agent.store.library import Library

app = typer.Typer()


def _user(text: str | None) -> str | None:
    """The name as it is kept. Raises BadParameter."""
    return None if text is None else user_name(utf8(text))


UserOption = Annotated[str, typer.Option(help="Whose taste.", callback=_user)]
EveryoneOption = Annotated[
    str | None, typer.Option("--user", help="Only this person's.", callback=_user)
]
FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="A JSON file; - for the pipe.")]


@app.command("export")
def export_reactions(
    file: FileArgument, user: EveryoneOption = None, config: ConfigOption = None
) -> None:
    """Write all likes and dislikes to a file, as JSON."""
    from glance_agent.taste.export import written

    with _past(load_config(config)) as (library, history):
        users = [user] if user else history.users()
        reactions = [r for name in users for r in history.reactions(name)]
        works = library.get_many(dict.fromkeys(r.artwork_id for r in reactions))
    text = written(reactions, {work.id: work.title for work in works})
    if file == "-":
        sys.stdout.write(text)
        return
    write_file(Path(file), text.encode())
    say(told("Wrote {reactions} to {file}.", reactions=reactions_of(len(reactions)), file=file))


@app.command("import")
def import_reactions(
    file: FileArgument,
    user: EveryoneOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take in likes and dislikes from such a file; the newer of two holds, so twice is once."""
    from datetime import UTC, datetime

    from glance_agent.taste.export import read

    reading = read(_text_of(file), now=datetime.now(UTC))
    told_of = [r for r in reading.reactions if user is None or r.user == user]
    with _past(load_config(config)) as (library, history):
        known = {work.id for work in library.get_many({r.artwork_id for r in told_of})}
        done = history.merge(told_of)
    unknown = sorted({r.artwork_id for r in told_of} - known)
    if as_json:
        print(json.dumps({**done, "unknown": unknown, "problems": reading.problems}))
    else:
        _say_merged(done, unknown)
    for problem in reading.problems:
        complain(problem)
    if reading.problems:
        raise typer.Exit(EXIT_FAILED)


@app.command()
def forget(
    user: UserOption = "household",
    yes: Annotated[bool, typer.Option("--yes", help="Do it, without asking.")] = False,
    config: ConfigOption = None,
) -> None:
    """Forget all that someone liked and disliked, and what was read from it."""
    with _past(load_config(config)) as (_, history):
        count = reactions_of(len(history.reactions(user)))
        if not yes:
            raise GlanceError(
                told(
                    "This forgets {count} of {user} for good. `taste export` keeps a copy; to "
                    "go ahead, add --yes.",
                    count=count,
                    user=user,
                )
            )
        history.forget_user(user)
    say(
        told(
            "Forgotten: {count} of {user}. A running agent follows within seconds.",
            count=count,
            user=user,
        )
    )


@contextmanager
def _past(config: Config) -> Iterator[tuple[Library, History]]:
    """What is kept, without a model: beside a running agent, and at once."""
    from glance_agent.store.history import History
    from glance_agent.store.library import Library
    from glance_agent.store.opening import open_library

    with closing(open_library(config.library.place)) as database:
        yield Library(database), History(database)


def _text_of(file: str) -> str:
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return data.decode()
    except OSError as error:
        raise GlanceError(
            told("{file} cannot be read: {why}", file=file, why=because(error))
        ) from error
    except UnicodeDecodeError as error:
        raise GlanceError(
            told("{file} is no text in UTF-8, so it holds no reactions.", file=file)
        ) from error


def _say_merged(done: dict[str, int], unknown: list[str]) -> None:
    say(
        told(
            "Reactions: {added} added, {changed} changed, {unchanged} unchanged, {older} older.",
            **{what: done[what] for what in ("added", "changed", "unchanged", "older")},
        )
    )
    if unknown:
        some = ", ".join(unknown[:5]) + (" …" if len(unknown) > 5 else "")
        works = works_of(len(unknown))
        say(told("{works} not in the library yet: {some}", works=works, some=some))
        say(told("What was said of them is kept, and counts once they are there."))
