"""The terminal's verbs for models: list, pull, import, check, remove, bench, prune."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from glance_agent.cli.garbage import for_long
from glance_agent.cli.models_told import (
    facts,
    progress_bar,
    say_measured,
    say_pins,
    say_ready,
    show,
    status,
    warn,
)
from glance_agent.cli.terminal import (
    ConfigOption,
    JsonOption,
    load_config,
    say,
)
from glance_agent.domain.errors import ModelError
from glance_agent.domain.said import many
from glance_agent.domain.said import say as told

if TYPE_CHECKING:
    from glance_agent.config.settings import Config
    from glance_agent.config.tables import ModelSettings
    from glance_agent.embedding.encoder import OnnxEncoder
    from glance_agent.embedding.models.catalogue import CatalogueModel
    from glance_agent.embedding.models.directory import ModelDirectory
    from glance_agent.embedding.models.selftest import Examined

app = typer.Typer(help="Fetch, check and measure models.", no_args_is_help=True)
NameArgument = Annotated[str, typer.Argument(help="A model, as `models list` names it.")]


@app.command("list")
def list_models(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Print every known model: licence, size, and whether it is installed."""
    from glance_agent.embedding.models.inventory import listing

    settings, model_directory = _model_directory(config)
    models = listing(model_directory)
    if as_json:
        print(json.dumps([facts(m.entry, m.state, settings.name) for m in models]))
        return
    for m in models:
        show(m, used=m.entry.name == settings.name)


@app.command()
def pull(name: NameArgument, config: ConfigOption = None) -> None:
    """Download a model, or go on where a download was interrupted; verify and test it."""
    settings, model_directory = load_config(config), _model_directory(config)[1]
    warn(model_directory.find(name))
    examined = for_long(_pull(model_directory, name, settings))
    say_pins(model_directory, model_directory.find(name))
    say(examined.sentence(name))
    say_ready(name, settings.model)


@app.command("import")
def import_model(
    folder: Annotated[Path, typer.Argument(help="A folder or USB stick with the files.")],
    name: Annotated[str, typer.Argument(help="Which model the files are of.")],
    config: ConfigOption = None,
) -> None:
    """Copy a model's files from a folder, verified as a download is; needs no network."""
    from glance_agent.embedding.models.inventory import bring_in

    if not folder.is_dir():
        raise ModelError(told("There is no folder {folder}.", folder=folder))
    settings, model_directory = _model_directory(config)
    entry = model_directory.find(name)
    warn(entry)
    with status(told("Copying")) as note:
        bring_in(model_directory, entry, folder, note)
    entry = model_directory.find(name)
    say_pins(model_directory, entry)
    _test(model_directory, entry, settings)
    say_ready(name, settings)


@app.command()
def check(
    name: Annotated[str | None, typer.Argument(help="A model; the used one by default.")] = None,
    config: ConfigOption = None,
) -> None:
    """Hash a model's files again, and examine whether it embeds as it should."""
    from glance_agent.embedding.models.inventory import verify

    settings, model_directory = _model_directory(config)
    entry = model_directory.find(name or settings.name)
    with status(told("Reading")) as note:
        verify(model_directory, entry, note)
    _test(model_directory, entry, settings)


@app.command()
def remove(name: NameArgument, config: ConfigOption = None) -> None:
    """Delete a downloaded model; files that another model uses stay."""
    from glance_agent.embedding.models import inventory

    settings, model_directory = _model_directory(config)
    entry = model_directory.find(name)
    if not entry.embedded and not any(model_directory.here_bytes(entry).values()):
        raise ModelError(told("{name} is not installed, so there is nothing to remove.", name=name))
    freed = inventory.remove(model_directory, entry)
    say(
        told(
            "{name} is removed; {megabytes} MB became free.",
            name=name,
            megabytes=f"{freed / 1e6:.0f}",
        )
    )
    if name == settings.name:
        say(
            told(
                "The agent is set to use it: set another model.name, or it searches by "
                "keywords only."
            )
        )


@app.command()
def bench(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Measure every installed model on this machine, and recommend one for its memory."""
    from glance_agent.embedding.bench import available_mb, measure, recommended, worth_fetching
    from glance_agent.embedding.models.inventory import listing

    settings, model_directory = _model_directory(config)
    models = listing(model_directory)
    measured = []
    for m in models:
        if m.installed and not m.refused:
            with status(told("Measuring")) as note:
                note(m.entry.name)
                cost = measure(m.entry.name, model_directory.directory, threads=settings.threads)
            measured.append((m.entry, cost))
    free_mb = available_mb()
    best = recommended(measured, free_mb)
    better = worth_fetching((m.entry for m in models if not m.installed), best, free_mb)
    if not as_json:
        say_measured(measured, best and best[0], better)
        return
    found = {
        "models": [{"name": entry.name, **asdict(cost)} for entry, cost in measured],
        "recommended": best and best[0].name,
        "worth_fetching": better and better.name,
    }
    print(json.dumps(found))


@app.command()
def prune(config: ConfigOption = None) -> None:
    """Delete the vectors of models that are no longer used from the library."""
    from glance_agent.embedding.pairing import AbsentEncoder
    from glance_agent.store.spaces import Spaces
    from glance_agent.wiring.rooms import open_rooms

    with open_rooms(load_config(config)) as rooms:
        used = [rooms.encoder, *([rooms.successor] if rooms.successor else [])]
        if any(isinstance(encoder, AbsentEncoder) for encoder in used):
            raise ModelError(told("The model cannot be used now, so no vectors are deleted."))
        gone = Spaces(rooms.library.db).prune([encoder.space for encoder in used])
    say(
        many(
            "1 vector of earlier models is deleted.",
            "{n} vectors of earlier models are deleted.",
            n=gone,
        )
    )


def _model_directory(config: Path | None) -> tuple[ModelSettings, ModelDirectory]:
    """The model settings and the models directory they name."""
    from glance_agent.embedding.models.directory import ModelDirectory, default_models_directory

    settings = load_config(config).model
    return settings, ModelDirectory(settings.directory or default_models_directory())


async def _pull(model_directory: ModelDirectory, name: str, config: Config) -> Examined:
    """Fetch and examine, with a bar for whom is here, and events for who listens on MQTT."""
    from glance_agent.agent.model_download import Amount, watched
    from glance_agent.doors.mqtt.client import telling
    from glance_agent.embedding.obtaining import Obtaining

    obtaining = Obtaining(
        name, model_directory, lambda: _opened(model_directory, name, config.model), os.environ
    )
    amount = Amount(name, monotonic())
    async with telling(config.mqtt) as tell:
        try:
            with progress_bar() as report:
                work = obtaining.passed(amount.note, report)
                _, examined = await watched(work, amount, tell, monotonic)
        except ModelError as error:
            await tell(amount.event("failed", str(error)))
            raise
        await tell(amount.event("finished"))
    return examined


def _test(model_directory: ModelDirectory, entry: CatalogueModel, settings: ModelSettings) -> None:
    """Examine a model; one that fails is refused from now on, and the figure is said."""
    from glance_agent.embedding.obtaining import proved

    model_directory.accept(entry)
    _, examined = proved(model_directory, entry, _opened(model_directory, entry.name, settings))
    say(examined.sentence(entry.name))


def _opened(model_directory: ModelDirectory, name: str, settings: ModelSettings) -> OnnxEncoder:
    from glance_agent.embedding.encoder import open_encoder

    return open_encoder(
        name,
        model_directory.directory,
        threads=settings.threads,
        memory_arena=settings.memory_arena,
        prepacking=settings.prepacking,
    )
