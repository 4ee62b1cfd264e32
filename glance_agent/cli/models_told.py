"""What the terminal says of models: what they are, what they cost, how far work on them is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from glance_agent.cli.terminal import columns, complain, decimal, err, in_language, out, say
from glance_agent.domain.said import in_a_row
from glance_agent.domain.said import say as told

if TYPE_CHECKING:
    from rich.progress import TaskID

    from glance_agent.config.tables import ModelSettings
    from glance_agent.embedding.bench import Measured
    from glance_agent.embedding.models.catalogue import CatalogueModel
    from glance_agent.embedding.models.directory import ModelDirectory
    from glance_agent.embedding.models.inventory import InstalledModel
    from glance_agent.embedding.models.weights import DownloadProgress


def facts(entry: CatalogueModel, state: str, used: str) -> dict[str, object]:
    """A model as programs read it; `used` is the name of the one that answers."""
    return {
        "name": entry.name,
        "title": entry.title,
        "state": state,
        "used": entry.name == used,
        "bytes": entry.bytes,
        "ram_mb": entry.ram_mb,
        "dimension": entry.dimension,
        "licence": entry.licence,
        "warning": entry.warning,
        "repository": entry.repository,
        "revision": entry.revision,
    }


def show(model: InstalledModel, *, used: bool) -> None:
    """A model in three lines: its name and state, what it is, what it costs."""
    e = model.entry
    state = told("{state}, used", state=model.state) if used else model.state
    out.print(f"[bold]{e.name}[/]  {in_language(state)}", highlight=False)
    costs = _costs(e.bytes, e.ram_mb)
    licence = told("Licence: {licence}", licence=_of_catalogue(e.licence))
    costs = in_a_row(told("{why}.", why=costs), licence)
    for text in (*([in_language(_of_catalogue(e.title))] if e.title else []), in_language(costs)):
        out.print(Padding(Text(text), (0, 0, 0, 4)))


def _of_catalogue(text: str) -> str:
    """What the catalogue in the package says of a model, in any language; of models that others
    have described, as it stands there."""
    return text if "{" in text or "}" in text else told(text)


def _costs(size: int | None, memory_mb: int | None) -> str:
    """What a model takes on disk, and of memory where that is known."""
    disk = told("size not known yet")
    if size:
        disk = told("{megabytes} MB on disk", megabytes=f"{size / 1e6:.0f}")
    if not memory_mb:
        return disk
    return told("{disk}, about {megabytes} MB of memory", disk=disk, megabytes=memory_mb)


def warn(entry: CatalogueModel) -> None:
    """Say what its licence does not allow, where that is much."""
    if entry.warning:
        complain(told("Licence: {warning}", warning=_of_catalogue(entry.warning)))


def say_pins(model_directory: ModelDirectory, entry: CatalogueModel) -> None:
    """Show what was not in the catalogue and is pinned now."""
    pins = model_directory.locked().get(entry.name, {})
    for path, pin in pins.get("files", {}).items():
        say(
            told(
                "Pinned {path} at {revision}: {bytes} bytes, {sha256}",
                path=path,
                revision=pins["revision"][:12],
                bytes=pin["bytes"],
                sha256=pin["sha256"],
            )
        )


def say_ready(name: str, settings: ModelSettings) -> None:
    """What there is to do now, if anything."""
    if name == settings.name:
        say(told("{name} is ready. To use it, restart the agent.", name=name))
    else:
        say(told("{name} is ready. To use it, set model.name = “{name}”.", name=name))


def say_measured(
    measured: Sequence[tuple[CatalogueModel, Measured]],
    best: CatalogueModel | None,
    better: CatalogueModel | None,
) -> None:
    """What models cost on this machine; which is recommended, and which would be worth fetching."""
    table = Table(
        *columns(told("Model"), told("ms a picture"), told("ms a query"), told("MB resident"))
    )
    for entry, cost in measured:
        table.add_row(
            entry.name,
            decimal(cost.ms_per_image, 1),
            decimal(cost.ms_per_query, 1),
            f"{cost.resident_mb:.0f}",
        )
    out.print(table)
    none = told("None fits into the free memory.")
    say(told("Recommended here: {name}.", name=best.name) if best else none)
    if better:
        say(
            told(
                "{name} is more capable, and its ~{megabytes} MB would fit. To fetch it: "
                "glance-agent models pull {name}",
                name=better.name,
                megabytes=better.ram_mb,
            )
        )


@contextmanager
def status(verb: str) -> Iterator[Callable[[str], None]]:
    """A spinner on standard error that says which file is at work."""
    verb = in_language(verb)
    with err.status(verb) as spinner:
        yield lambda what: spinner.update(f"{verb} {what}")


@contextmanager
def progress_bar() -> Iterator[Callable[[DownloadProgress], None]]:
    """A bar per file, with rate and remaining time, on standard error."""
    from rich.progress import BarColumn, DownloadColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Bar("{task.description}", *columns, console=err) as bar:
        tasks: dict[str, TaskID] = {}

        def report(progress: DownloadProgress) -> None:
            if progress.path not in tasks:
                tasks[progress.path] = bar.add_task(progress.path)
            task = tasks[progress.path]
            bar.update(task, completed=progress.done_bytes, total=progress.total_bytes)

        yield report
