"""The verbs for a person at a terminal: here are main, run, doctor and demo.

Commands print and set exit codes; nothing else in the package does. Heavy rooms are imported
inside the commands, so that `--help` answers at once.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from typer.main import get_command

from glance_agent.cli import collection as collection_cli
from glance_agent.cli import display as display_cli
from glance_agent.cli import encoder as encoder_cli
from glance_agent.cli import homeassistant as homeassistant_cli
from glance_agent.cli import library as library_cli
from glance_agent.cli import models as models_cli
from glance_agent.cli import opinions as opinions_cli
from glance_agent.cli import rendering as rendering_cli
from glance_agent.cli import schema as schema_cli
from glance_agent.cli import sources as sources_cli
from glance_agent.cli import speaking as speaking_cli
from glance_agent.cli import taste as taste_cli
from glance_agent.cli import web as web_cli
from glance_agent.cli import working as working_cli
from glance_agent.cli.faults import as_sentence, leaves
from glance_agent.cli.garbage import for_long
from glance_agent.cli.helping import helped
from glance_agent.cli.logs import log_to_stderr
from glance_agent.cli.mistyped import in_our_words
from glance_agent.cli.standard_output import standard_output
from glance_agent.cli.terminal import (
    EXIT_CONFIGURATION,
    EXIT_FAILED,
    ConfigOption,
    JsonOption,
    complain,
    in_language,
    interrupted_at_once,
    load_config,
    out,
    read_from,
    say,
)
from glance_agent.domain.errors import ConfigError, GlanceError
from glance_agent.domain.said import in_a_row
from glance_agent.domain.said import say as told
from glance_agent.domain.spelling import host_and_port
from glance_agent.domain.version import __version__

if TYPE_CHECKING:
    from typer.models import CommandInfo

    from glance_agent.cli.demo import DemoStep
    from glance_agent.cli.doctor.finding import Finding

app = typer.Typer(
    name="glance-agent",
    help="Art on the wall that understands you.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
config_app = typer.Typer(help="Look at the configuration.", no_args_is_help=True)
app.add_typer(collection_cli.app)
app.add_typer(display_cli.app)
app.add_typer(rendering_cli.app)
app.add_typer(opinions_cli.app)
app.add_typer(speaking_cli.app)
app.add_typer(encoder_cli.app)
app.add_typer(working_cli.app)
app.add_typer(library_cli.app)
app.add_typer(library_cli.copies, name="library")
app.add_typer(config_app, name="config")
app.add_typer(homeassistant_cli.app, name="homeassistant")
app.add_typer(models_cli.app, name="models")
app.add_typer(schema_cli.app, name="schema")
app.add_typer(sources_cli.app, name="sources")
app.add_typer(taste_cli.app, name="taste")
app.add_typer(web_cli.app, name="web")


def main() -> None:
    """Run the command line; errors of ours and of the machine are sentences, never tracebacks."""
    # One thread is the quickest for matrices of this size as soon as anything else is running:
    # several wait for one another whenever one of them has lost its core.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Nobody's plugin changes our models; to look for one reads what every package says of itself.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    log_to_stderr("warning")
    try:
        with standard_output():
            command = helped(get_command(with_one_verb(sys.argv[1:2])))
            in_our_words(command)(prog_name="glance-agent")
    except* (GlanceError, OSError) as group:
        logging.getLogger("glance_agent").debug("where it happened", exc_info=group)
        errors = list(leaves(group))
        for sentence in dict.fromkeys(map(as_sentence, errors)):
            complain(sentence)
        is_config = any(isinstance(e, ConfigError) or getattr(e, "refused", False) for e in errors)
        sys.exit(EXIT_CONFIGURATION if is_config else EXIT_FAILED)


def with_one_verb(asked: list[str]) -> typer.Typer:
    """The program with only the verb that is asked for, where it is one: Typer would else read the
    options of all of them."""
    for group in app.registered_groups:
        inner = group.typer_instance
        verbs = inner.registered_commands if inner else ()
        names = {group.name} if group.name else {_name(one) for one in verbs}
        if names & set(asked):
            found = copy(app)
            found.registered_groups, found.registered_commands = [group], []
            return found
    return app


def _name(command: CommandInfo) -> str:
    return command.name or (command.callback.__name__.replace("_", "-") if command.callback else "")


def _print_version(wanted: bool) -> None:
    if wanted:
        say(__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Say the version."),
    ] = False,
) -> None:
    pass


@app.command()
def run(config: ConfigOption = None) -> None:
    """Run the agent until it is stopped."""
    from glance_agent.wiring.running import run as run_agent

    settings = load_config(config)
    log_to_stderr(settings.log.level, lasting=True)
    for_long(run_agent(settings))


# -- looking after it ------------------------------------------------------------------------


@config_app.command("check")
def config_check(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Read the configuration and say whether it can be used."""
    from glance_agent.config.naming import collisions
    from glance_agent.displays.registry import USUAL
    from glance_agent.doors.mqtt.tls import check_credentials
    from glance_agent.doors.web.settings import check_token
    from glance_agent.store.opening import check_driver
    from glance_agent.wiring.encoding import check_model
    from glance_agent.wiring.fonts import check_fonts

    settings = load_config(config)
    check_credentials(settings.mqtt)
    check_token(settings.web)
    check_model(settings.model)
    check_fonts(settings)
    check_driver(settings.library.place)
    if colliding := collisions(settings.displays):
        raise ConfigError(in_a_row(*colliding))
    where = host_and_port(settings.mqtt.host, settings.mqtt.effective_port)
    displays = [d.name for d in settings.displays]
    sources = [s.name for s in settings.sources]
    if as_json:
        print(json.dumps({"broker": where, "displays": displays, "sources": sources}))
        return
    kinds = [d.name if d.kind == USUAL else f"{d.name} ({d.kind})" for d in settings.displays]
    say(
        told(
            "The configuration is fine. Broker {broker}; displays: {displays}; sources: {sources}.",
            broker=where,
            displays=", ".join(kinds),
            sources=", ".join(sources) or told("none"),
        )
    )


@app.command()
def doctor(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Examine everything the agent needs, and say what to do about what is missing."""
    # What is missing is told as a finding; a line of the log beside it would say it twice.
    logging.getLogger("glance_agent").setLevel(logging.CRITICAL)
    with interrupted_at_once():
        findings = for_long(_examined(config, quiet=as_json))
    if as_json:
        print(
            json.dumps([{"what": f.what, "ok": f.ok, "said": "\n".join(f.lines)} for f in findings])
        )
    if not all(f.ok for f in findings):
        raise typer.Exit(EXIT_FAILED)


def _mark(ok: bool) -> str:
    """Whether all is well, as wide as either."""
    marks = {True: in_language(told("ok")), False: in_language(told("no"))}
    colour = "green" if ok else "red"
    return f"[{colour}]{marks[ok]:{max(map(len, marks.values()))}}[/]"


def _line(finding: Finding) -> str:
    return told("{what}: {said}", what=finding.what, said=finding.said)


async def _examined(config: Path | None, *, quiet: bool) -> list[Finding]:
    """What an examination finds, each finding printed as soon as it is known."""
    from glance_agent.cli.doctor.examination import examine
    from glance_agent.cli.doctor.finding import Patient

    findings = []
    async for finding in examine(Patient(load_config(config), read_from(config))):
        findings.append(finding)
        if not quiet:
            out.print(_mark(finding.ok), end="  ")
            say("\n".join(map(in_language, (_line(finding), *finding.also))))
    return findings


# -- the demonstration -----------------------------------------------------------------------


@app.command()
def demo(
    folder: Annotated[
        Path, typer.Option("--out", help="Where the demonstration leaves its files.")
    ] = Path("demo-output"),
) -> None:
    """Play through a search, a like and more with a broker of its own; needs no network."""
    log_to_stderr("error")
    for_long(_demo(folder))


async def _demo(folder: Path) -> None:
    from glance_agent.cli.demo import DemoStep, demonstrate, write_contact_sheet

    steps: list[DemoStep] = []
    async for event in demonstrate(folder):
        if isinstance(event, DemoStep):
            steps.append(event)
            _print_step(event)
        else:
            say(
                told(
                    "Indexed {embedded} works of the starter gallery ({model}).",
                    embedded=event["embedded"],
                    model=event["model"],
                )
            )
    sheet = write_contact_sheet(folder, steps[0])
    say(told("The results of “{words}” are in {path}.", words=steps[0].sent, path=sheet))


def _print_step(step: DemoStep) -> None:
    table = Table(show_header=False, box=None, padding=(0, 1))
    shown = step.display
    table.add_row("sent", f"glance/command  {step.sent}")
    table.add_row("answer", step.reply["message"])
    table.add_row("display", f"“{shown['title']}” by {shown['artist']} ({shown['id']})")
    table.add_row("why", shown["why"])
    if step.reply["results"]:
        best = step.reply["results"][:3]
        matches = ", ".join(f"{r['artwork']['title']} {r['match']:.2f}" for r in best)
        table.add_row("match", matches)
    took = f"{step.reply['took_ms']} ms in the agent, {step.round_trip_ms:.0f} ms over MQTT"
    table.add_row("took", took)
    out.print(table)
    out.print()
