"""The terminal's verb `taste`: what someone seems to like; export, import and forget."""

from __future__ import annotations

import json
import re
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from glance_agent.cli import taste_replay
from glance_agent.cli.faults import because
from glance_agent.cli.files import leave_file, write_file
from glance_agent.cli.garbage import for_long
from glance_agent.cli.terminal import (
    EXIT_FAILED,
    ConfigOption,
    JsonOption,
    columns,
    complain,
    decimal,
    in_language,
    load_config,
    out,
    percent,
    reactions_of,
    say,
    utf8,
    works_of,
)
from glance_agent.domain.errors import GlanceError
from glance_agent.domain.said import listed
from glance_agent.domain.said import say as told
from glance_agent.domain.values import user_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glance_agent.config.settings import Config
    from glance_agent.domain.artwork import Artwork
    from glance_agent.store.history import History
    from glance_agent.store.library import Library
    from glance_agent.taste.report import TasteReport
    from glance_agent.wiring.rooms import Rooms

app = typer.Typer(invoke_without_command=True, help="What the agent believes that someone likes.")
app.add_typer(taste_replay.app)
COLUMNS = 6
CELL_PX = 220
PREPARE_SECONDS = 60.0


def _user(text: str | None) -> str | None:
    """The name as it is kept. Raises BadParameter."""
    return None if text is None else user_name(utf8(text))


UserOption = Annotated[str, typer.Option(help="Whose taste.", callback=_user)]
EveryoneOption = Annotated[
    str | None, typer.Option("--user", help="Only this person's.", callback=_user)
]
FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="A JSON file; - for the pipe.")]


@app.callback()
def taste(
    context: typer.Context,
    user: UserOption = "household",
    sheet: Annotated[
        Path | None, typer.Option("--out", help="Where the contact sheet goes, a PNG.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what the agent believes that someone likes, in words and on a contact sheet."""
    if context.invoked_subcommand is not None:
        _refuse_misplaced(context)
        return
    from glance_agent.wiring.rooms import open_rooms

    with open_rooms(load_config(config)) as rooms:
        report = _report(rooms, user)
        works = {work.id: work for work in rooms.library.get_many(report.named())}
        others = [name for name in rooms.history.users() if name != user]
        if as_json:
            print(json.dumps(report.facts(works)))
        else:
            _tell(report, works, others)
        if report.sides and (sheet or not as_json):
            drawn = for_long(_drawn(rooms, report, works))
            path = sheet or leave_file(f"taste-{_file_name(user)}.png", drawn)
            if sheet:
                write_file(sheet, drawn)
            if not as_json:
                say(told("The pictures are in {path}.", path=path))


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


def _refuse_misplaced(context: typer.Context) -> None:
    """An option before the verb would be lost: `taste --user mia forget` must not forget others."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    if any(source is not None and source.name == "COMMANDLINE" for source in sources.values()):
        verb = context.invoked_subcommand
        raise GlanceError(told("Options of `taste {verb}` stand after `{verb}`.", verb=verb))


# -- what is believed --------------------------------------------------------------------------


def _report(rooms: Rooms, user: str) -> TasteReport:
    from glance_agent.search.query_embedding import Understanding
    from glance_agent.store.query_vectors import QueryVectorCache
    from glance_agent.taste.profiles import Profiles
    from glance_agent.taste.report import believed
    from glance_agent.wiring.clock import utc_now

    tastes, view = Profiles(rooms.history, clock=utc_now), rooms.index.now()
    understanding = Understanding(rooms.encoder, QueryVectorCache(rooms.library.db))
    understanding.prepare(PREPARE_SECONDS)
    return believed(tastes.refresh(user, view), tastes.collection(view), understanding.references())


def _tell(report: TasteReport, works: dict[str, Artwork], others: list[str]) -> None:
    if not (report.sides or report.dislikes):
        say(
            told(
                "Nothing is known of what {user} likes. Send “like” when a picture pleases.",
                user=report.user,
            )
        )
    if report.sides:
        table = Table(
            *columns(told("share"), told("stands for it"), told("in words")),
            *columns(told("likes"), told("dislikes like it")),
        )
        for side in report.sides:
            cells = (
                _plain(in_language(works[side.medoid].label)),
                in_language(listed(map(told, side.words))) or "–",
            )
            table.add_row(percent(side.share), *cells, str(len(side.likes)), str(side.passed))
        out.print(table)
    for most, strongest in ((_likes_most, report.likes), (_dislikes_most, report.dislikes)):
        if strongest:
            titles = (f"{in_language(works[a].label)} ({decimal(e, 1, '+')})" for a, e in strongest)
            say(most("; ".join(titles)))
    if others:
        say(told("Others of whom something is known: {others}.", others=", ".join(others)))


def _plain(text: str) -> str:
    return text.replace("[", r"\[")


# -- the contact sheet -------------------------------------------------------------------------


async def _drawn(rooms: Rooms, report: TasteReport, works: dict[str, Artwork]) -> bytes:
    """A PNG: a row for each taste, the work that stands for it first; then what is disliked."""
    from io import BytesIO

    from PIL import Image

    from glance_agent.pictures.contact_sheet import contact_sheet

    blank = (Image.new("RGB", (CELL_PX, CELL_PX), (24, 24, 27)), "")
    items: list[tuple[Image.Image, str]] = []
    async with rooms.web:
        for row in report.rows(works, COLUMNS, percent):
            cells = [
                (await _picture(rooms, works[a]) or blank[0], in_language(said)) for a, said in row
            ]
            items += [*cells, *[blank] * (-len(cells) % COLUMNS)]
    sheet = contact_sheet(
        items,
        columns=COLUMNS,
        cell_px=CELL_PX,
        title=in_language(told("What {user} seems to like", user=report.user)),
    )
    data = BytesIO()
    sheet.save(data, "PNG")
    return data.getvalue()


async def _picture(rooms: Rooms, work: Artwork) -> Any:
    """A small picture of a work, or None where it cannot be had now."""
    from glance_agent.domain.errors import BadPicture, SourceError
    from glance_agent.wiring.kept_pictures import pictures_of

    async def liked() -> frozenset[str]:
        return rooms.library.liked_locations()

    source = pictures_of(rooms, liked).get(work.source)
    location = rooms.library.location(work.id)
    if source is None or location is None:
        return None
    try:
        return rooms.decoders.for_people.small(await source.read(location), CELL_PX)
    except (BadPicture, SourceError):
        return None


# -- the library and files --------------------------------------------------------------------


@contextmanager
def _past(config: Config) -> Iterator[tuple[Library, History]]:
    """What is kept, without a model: beside a running agent, and at once."""
    from glance_agent.store.history import History
    from glance_agent.store.library import Library
    from glance_agent.store.opening import open_library

    with closing(open_library(config.library.place)) as database:
        yield Library(database), History(database)


def _file_name(user: str) -> str:
    return re.sub(r"[^a-z0-9_-]+", "-", user.lower()).strip("-") or "user"


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


def _likes_most(titles: str) -> str:
    return told("Likes most: {titles}.", titles=titles)


def _dislikes_most(titles: str) -> str:
    return told("Dislikes most: {titles}.", titles=titles)
