"""The terminal's verbs for sources: list, test, add."""

from __future__ import annotations

import json
import re
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from glance_agent.cli.faults import because
from glance_agent.cli.garbage import for_long
from glance_agent.cli.terminal import (
    EXIT_FAILED,
    ConfigOption,
    JsonOption,
    columns,
    complain,
    in_language,
    load_config,
    out,
    read_from,
    say,
    utf8,
)
from glance_agent.domain.errors import ConfigError, GlanceError
from glance_agent.domain.reasons import in_words
from glance_agent.domain.said import in_a_row
from glance_agent.domain.said import say as told
from glance_agent.domain.wording import said_date, said_title
from glance_agent.ingest.left_out import facts, lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glance_agent.ingest.preview import SourcePreviews

app = typer.Typer(help="Where pictures come from.", no_args_is_help=True)
PREVIEWED = 3


@app.command("list")
def list_sources(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Print the sources: what they are, how often they look, what they brought and left out."""
    from glance_agent.wiring.gathering import watched_of
    from glance_agent.wiring.rooms import open_rooms

    settings = load_config(config)
    with open_rooms(settings) as rooms:
        counts, names = rooms.library.counts_by_source(), list(rooms.sources)
        left_out = {name: rooms.library.left_out(name) for name in names}
        away, watched = rooms.away(), watched_of(settings, rooms.library.folders())
    chosen = {source.name: source for source in settings.sources}
    rows = [
        {
            "name": name,
            "kind": chosen[name].kind if name in chosen else "folder",
            "works": counts.get(name, 0),
            "left_out": facts(left_out[name]),
            "every_hours": getattr(chosen.get(name), "every_hours", None),
            "watched": name in watched,
            "limit": getattr(chosen.get(name), "limit", None),
        }
        for name in names
    ]
    if as_json:
        print(json.dumps({"sources": rows, "away": away}))
        return
    table = Table(
        *columns(told("name"), told("kind"), told("works"), told("left out")),
        *columns(told("looks every"), told("at once")),
    )
    for row in rows:
        often = f"{row['every_hours']} h" if row["every_hours"] else in_language(told("at start"))
        often = in_language(told("at every change")) if row["watched"] else often
        most = str(row["limit"]) if row["limit"] else in_language(told("all"))
        counted = (str(row["works"]), str(len(left_out[str(row["name"])])))
        table.add_row(str(row["name"]), str(row["kind"]), *counted, often, most)
    out.print(table)
    for name, items in left_out.items():
        for line in lines(name, items):
            say(line)
    for host in away:
        say(told("{why}.", why=host))


@app.command("test")
def try_source(
    name: Annotated[str, typer.Argument(help="A source of the configuration.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch three works of a source and print them; nothing is kept."""
    from glance_agent.ingest.preview import preview
    from glance_agent.wiring.rooms import open_rooms

    with open_rooms(load_config(config)) as rooms:
        if name not in rooms.sources:
            raise ConfigError(
                told(
                    "There is no source {name}. Sources: {sources}.",
                    name=name,
                    sources=", ".join(rooms.sources),
                )
            )

        async def looked() -> SourcePreviews:
            async with rooms.web:
                return await preview(rooms.sources[name], PREVIEWED, rooms.decoders.for_people.look)

        previews = for_long(looked())
    if as_json:
        print(json.dumps(previews.facts()))
    else:
        _print_previews(previews)
    if not previews.works:
        raise typer.Exit(EXIT_FAILED)


def _print_previews(previews: SourcePreviews) -> None:
    table = Table(
        *columns(told("id"), told("title"), told("artist")),
        *columns(told("date"), told("licence"), told("picture")),
    )
    for work in previews.works:
        art = work.artwork
        size = f"{work.size_px[0]} x {work.size_px[1]}, {work.bytes // 1000} kB"
        title, date = in_language(said_title(art.title)), in_language(said_date(art.date) or "")
        cells = (art.id, title, art.artist or "", date, art.licence or "", size)
        table.add_row(*(cell.replace("[", r"\[") for cell in cells))
    if previews.works:
        out.print(table)
    for reason, count in previews.left_out.most_common():
        say(told("Left out: {count} {reason}.", count=count, reason=in_words(reason)))
    if previews.stopped_by:
        complain(previews.stopped_by)
    elif not previews.works:
        complain(told("Nothing could be taken from this source."))


@app.command("add")
def add_source(
    kind: Annotated[str, typer.Argument(help="cleveland, smk, met, iiif, wikimedia, folder …")],
    values: Annotated[
        list[str] | None,
        typer.Argument(help="Its settings, as in query=sea limit=200.", callback=utf8),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Its name; the kind when not given.", callback=utf8)
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Add a source to the configuration file."""
    from glance_agent.cli.systemd_unit import advice
    from glance_agent.sources.registry import source_kinds

    kinds = source_kinds()
    if kind not in kinds:
        near = get_close_matches(kind, kinds, n=1)
        raise ConfigError(
            in_a_row(
                told("There is no kind of source {kind}.", kind=kind),
                told("Did you mean {name}?", name=near[0]) if near else "",
                told("Kinds: {kinds}.", kinds=", ".join(kinds)),
            )
        )
    path = read_from(config)
    if path is None or not path.is_file():
        raise ConfigError(told("Name the configuration file to add to with --config."))
    table = {"name": name or kind, "kind": kind, **_settings(values or [])}
    _append(path, _with_starter(path, table))
    if kind == "folder" and (
        said := advice(path.resolve().parent / Path(table["path"]).expanduser())
    ):
        complain(said)
    say(told("Added to {path}: {what}", path=path, what=(kinds[kind].__doc__ or kind).strip()))
    say(told("Try it with: glance-agent sources test {name}", name=table["name"]))


def _settings(values: Sequence[str]) -> dict[str, Any]:
    """The settings in `key=value` form; what TOML reads as a number, truth or list is one."""
    found: dict[str, Any] = {}
    for text in values:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise ConfigError(told("“{text}” is not a setting; write it as key=value.", text=text))
        try:
            found[key] = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            found[key] = value
    return found


def _with_starter(path: Path, table: dict[str, Any]) -> str:
    """The tables to add; a file without any source has the starter gallery unsaid."""
    import tomlkit

    tables, before = [table], path.read_text(encoding="utf-8-sig")
    if "sources" not in tomllib.loads(before):
        tables.insert(0, {"name": "starter", "kind": "starter"})
    elif not re.search(r"^\s*\[\[\s*sources\s*\]\]", before, re.MULTILINE):
        raise ConfigError(
            told(
                "{path} has its sources on one line, as in “sources = []”, where none can "
                "be added: remove that line, and write each source below its own "
                "[[sources]].",
                path=path,
            )
        )
    return "".join("\n" + tomlkit.dumps({"sources": [table]}) for table in tables)


def _append(path: Path, tables: str) -> None:
    """Add to the file, and take it back where the configuration would not be valid."""
    before = path.read_text(encoding="utf-8")
    try:
        path.write_text(before.rstrip("\n") + "\n" + tables, encoding="utf-8")
        load_config(path)
    except OSError as error:
        raise ConfigError(
            told("{path} cannot be written: {why}", path=path, why=because(error))
        ) from error
    except GlanceError:
        path.write_text(before, encoding="utf-8")
        raise
