"""The terminal's verb `taste`: what someone seems to like, in words and on a contact sheet."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from glance_agent.cli import taste_reactions, taste_replay
from glance_agent.cli.files import leave_file, write_file
from glance_agent.cli.garbage import for_long
from glance_agent.cli.taste_reactions import UserOption
from glance_agent.cli.terminal import (
    ConfigOption,
    JsonOption,
    columns,
    decimal,
    in_language,
    load_config,
    out,
    percent,
    say,
)
from glance_agent.domain.errors import GlanceError
from glance_agent.domain.said import listed
from glance_agent.domain.said import say as told

if TYPE_CHECKING:
    from glance_agent.domain.artwork import Artwork
    from glance_agent.taste.report import TasteReport
    from glance_agent.wiring.rooms import Rooms

app = typer.Typer(invoke_without_command=True, help="What the agent believes that someone likes.")
app.add_typer(taste_reactions.app)
app.add_typer(taste_replay.app)
COLUMNS = 6
CELL_PX = 220
PREPARE_SECONDS = 60.0


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


def _file_name(user: str) -> str:
    return re.sub(r"[^a-z0-9_-]+", "-", user.lower()).strip("-") or "user"


def _likes_most(titles: str) -> str:
    return told("Likes most: {titles}.", titles=titles)


def _dislikes_most(titles: str) -> str:
    return told("Dislikes most: {titles}.", titles=titles)
