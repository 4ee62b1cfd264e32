"""The terminal's verb `eval`: how well search finds and taste learns, in figures."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from glance_agent.cli.terminal import ConfigOption, JsonOption, err, load_config, out, say
from glance_agent.domain.errors import ConfigError

if TYPE_CHECKING:
    from glance_agent.wiring.rooms import Rooms
    from tools.evaluation.run import Report

app = typer.Typer()
PAINTINGS = Path("../shared/paintings")


@app.command("eval")
def evaluate(
    paintings: Annotated[
        Path | None,
        typer.Option(envvar="GLANCE_PAINTINGS", help="A folder with labelled paintings."),
    ] = None,
    split: Annotated[str, typer.Option(help="Which split of the paintings.")] = "dev",
    lives: Annotated[int, typer.Option(min=1, help="Lives of each simulated person.")] = 3,
    to: Annotated[Path, typer.Option("--out", help="Where JSON and plot go.")] = Path(
        "eval-output"
    ),
    replay: Annotated[
        bool, typer.Option("--replay", help="Leave one like out, in the configured library.")
    ] = False,
    model: Annotated[str, typer.Option(help="Which installed model.")] = "glance-mini",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure search, likeness and taste on labelled pictures."""
    if replay:
        _replay(config, as_json=as_json)
        return
    from glance_agent.embedding.encoder import open_encoder
    from tools.evaluation.paintings import available
    from tools.evaluation.run import Plan, evaluate, write

    if paintings is not None and not available(paintings):
        raise ConfigError(
            f"There are no labelled paintings in {paintings}: it needs paintings.jsonl.gz and "
            "images.tar. Without --paintings the starter gallery is evaluated."
        )
    encoder = open_encoder(
        model, None, threads=os.cpu_count() or 1, memory_arena=True, prepacking=True
    )
    plan = Plan(paintings or PAINTINGS, split, lives)
    report = evaluate(encoder, plan, lambda step: err.print(f"… {step}"))
    written = write(report, to)
    if as_json:
        print(json.dumps(report))
        return
    _show(report)
    if "search" not in report:
        say(f"No paintings in {plan.paintings}: only the starter gallery was evaluated.")
    say(f"Written: {', '.join(str(path) for path in written)}")


def _show(report: Report) -> None:
    """The tables, for people."""
    for name, works in (("gallery", "the starter gallery"), ("search", "the paintings")):
        if name in report:
            out.print(_search_table(works, report[name]))
            title = f"Search, {works}: does it know when nothing matches?"
            out.print(_grid(title, {"": report[f"{name} verdicts"]}))
            title = f"Search, {works}: of the works with a match from …, the share that is right"
            out.print(_grid(title, report[f"{name} matches"]))
    if "prompting" in report:
        figures = report["prompting"]
        say(
            f"Short words raw {figures['raw']}, in sentences {figures['in sentences']} "
            f"(precision@10, vectors alone); in use: {figures['in use']}."
        )
    if "likeness" in report:
        out.print(_grid("Nearest ten by picture: share of the same …", report["likeness"]))
    for group, figures in report.get("taste", {}).items():
        out.print(_grid(f"Taste: {group}", figures))


def _search_table(name: str, figures: dict[str, dict[str, dict[str, float]]]) -> Table:
    table = Table(title=f"Search, {name}: precision@10 / nDCG@10", title_justify="left")
    table.add_column("questions")
    rivals = list(next(iter(figures.values())))
    for rival in rivals:
        table.add_column(rival, justify="right")
    for kind, by_rival in figures.items():
        count = int(next(iter(by_rival.values()))["questions"])
        cells = [f"{v['precision@10']:.2f} / {v['nDCG@10']:.2f}" for v in by_rival.values()]
        table.add_row(f"{kind} ({count})", *cells)
    return table


def _grid(title: str, figures: dict[str, dict[str, float]]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for column in next(iter(figures.values())):
        table.add_column(column, justify="right")
    for row, values in figures.items():
        table.add_row(row, *(f"{value:.3g}" for value in values.values()))
    return table


def _replay(config: Path | None, *, as_json: bool) -> None:
    from glance_agent.wiring.rooms import open_rooms

    with open_rooms(load_config(config)) as rooms:
        found = {user: _replayed(rooms, user) for user in rooms.history.users()}
    told = {user: figures for user, figures in found.items() if figures is not None}
    if as_json:
        print(json.dumps(told))
    elif told:
        out.print(_grid("Leave one like out: 1 is best, 0.5 is chance", told))
    else:
        say("Nobody has liked three works yet; there is nothing to replay.")


def _replayed(rooms: Rooms, user: str) -> dict[str, Any] | None:
    from datetime import UTC, datetime

    from glance_agent.taste.profile import collection_of
    from glance_agent.taste.replay import replayed

    rows = rooms.index.snapshot()
    return replayed(
        user,
        rooms.history.reactions(user),
        rooms.history.showings(None, 1_000),
        collection=collection_of(rows.matrix, rows.row_of),
        now=datetime.now(UTC),
    )
