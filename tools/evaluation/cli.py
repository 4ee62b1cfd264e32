"""`python -m tools.evaluation`: how well search finds and taste learns, in figures."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from glance_agent.cli.terminal import JsonOption, err, grid, out, say
from glance_agent.domain.errors import ConfigError
from tools.evaluation.kept import Engine, Keeping

if TYPE_CHECKING:
    from tools.evaluation.run import Report

app = typer.Typer()
PAINTINGS = Path("../shared/paintings")


@app.command()
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
    model: Annotated[str, typer.Option(help="Which installed model.")] = "glance-mini",
    index: Annotated[Engine, typer.Option(help="What looks through the vectors.")] = Engine.EXACT,
    part: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=100,
            help="Do as in a library of more than 100,000 works, and weigh and rescore one in so "
            "many of the works that are weighed there.",
        ),
    ] = None,
    near: Annotated[
        bool, typer.Option(help="With --part: weigh as many in a mood as for a taste.")
    ] = False,
    tastes_alone: Annotated[bool, typer.Option(help="Leave search out.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Measure search, likeness and taste on labelled pictures."""
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
    keeping = Keeping(index, part, near)
    plan = Plan(paintings or PAINTINGS, split, lives, keeping, tastes_alone)
    report = evaluate(encoder, plan, lambda step: err.print(f"… {step}"))
    written = write(report, to)
    if as_json:
        print(json.dumps(report))
        return
    _show(report)
    if "works" not in report:
        say(f"No paintings in {plan.paintings}: only the starter gallery was evaluated.")
    say(f"Written: {', '.join(str(path) for path in written)}")


def _show(report: Report) -> None:
    """The tables, for people."""
    for name, works in (("gallery", "the starter gallery"), ("search", "the paintings")):
        if name in report:
            out.print(_search_table(works, report[name]))
            title = f"Search, {works}: does it know when nothing matches?"
            out.print(grid(title, {"": report[f"{name} verdicts"]}))
            title = f"Search, {works}: of the works with a match from …, the share that is right"
            out.print(grid(title, report[f"{name} matches"]))
    if "prompting" in report:
        figures = report["prompting"]
        say(
            f"Short words raw {figures['raw']}, in sentences {figures['in sentences']} "
            f"(precision@10, vectors alone); in use: {figures['in use']}."
        )
    if "likeness" in report:
        out.print(grid("Nearest ten by picture: share of the same …", report["likeness"]))
    for group, figures in report.get("taste", {}).items():
        out.print(grid(f"Taste: {group}", figures))
    if "moods" in report:
        out.print(grid("Moods: share of the showings", report["moods"]))


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
