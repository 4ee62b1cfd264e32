"""The terminal's verb for further machines: work."""

from __future__ import annotations

import json
import signal
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from glance_agent.cli.garbage import for_long
from glance_agent.cli.logs import log_to_stderr
from glance_agent.cli.terminal import (
    EXIT_FAILED,
    ConfigOption,
    JsonOption,
    load_config,
    say,
    works_of,
)
from glance_agent.domain.said import say as told

if TYPE_CHECKING:
    from glance_agent.config.settings import Config
    from glance_agent.ingest.progress import Progress

app = typer.Typer()


@app.command()
def work(
    once: Annotated[
        bool, typer.Option("--once", help="Stop when nothing waits, instead of waiting for more.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Embed works that wait for it, beside the agents of a library and all others who do so.

    Any number of machines may work on a library in PostgreSQL: each takes a few works at a time,
    and takes up what others leave behind. It shows nothing and needs no broker. The model of the
    configuration has to be the one that the agents want; pictures that only another machine can
    read are left to that one.
    """
    settings = load_config(config)
    log_to_stderr(settings.log.level, lasting=True)
    if not for_long(_work(settings, once=once, as_json=as_json)):
        raise typer.Exit(EXIT_FAILED)


def _summary(progress: Progress) -> str:
    """What a run has done, by what it is called at the terminal."""
    if not (progress.done or progress.stopped_by):
        return told("Nothing waits to be embedded here.")
    return replace(progress, source=told("embedding")).summary()


async def _work(settings: Config, *, once: bool, as_json: bool) -> bool:
    """Work until stopped; whether nothing went wrong in the last run."""
    import asyncio

    from glance_agent.wiring import working

    stopping, fine = asyncio.Event(), True

    def tell(progress: Progress, elsewhere: dict[str, int]) -> None:
        nonlocal fine
        fine = progress.stopped_by is None
        if not (once or progress.done or progress.stopped_by):
            return
        if as_json:
            both = {**progress.event().payload, "left_to_others": elsewhere}
            print(json.dumps(both), flush=True)
            return
        say(_summary(progress))
        for source, count in elsewhere.items():
            say(
                told(
                    "{works} of {source} left to a machine that can read the pictures.",
                    works=works_of(count),
                    source=source,
                )
            )

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await working.work(settings, tell, stopping, once=once)
    return fine or stopping.is_set()
