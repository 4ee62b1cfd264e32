"""A verb of the contract from the terminal: asked of the running agent, or done in the library.

What is typed goes the way of a message, so that both say the same about what cannot be.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from glance_agent.cli.garbage import for_long
from glance_agent.cli.terminal import (
    EXIT_FAILED,
    columns,
    complain,
    decimal,
    load_config,
    of_machine,
    out,
    say,
)
from glance_agent.domain.errors import ConfigError, GlanceError
from glance_agent.domain.said import in_a_row
from glance_agent.domain.said import say as told
from glance_agent.domain.spelling import host_and_port

if TYPE_CHECKING:
    from pathlib import Path

    from glance_agent.config.settings import Config
    from glance_agent.domain.command import Command
    from glance_agent.domain.reply import Reply
    from glance_agent.search.query_embedding import Understanding

PATIENCE_SECONDS = 1.0
UserOption = Annotated[str | None, typer.Option("--user", help="Who says it; the household.")]
ArtworkArgument = Annotated[
    str | None, typer.Argument(help="The id of an artwork; what is on the display when not given.")
]
SideOption = Annotated[
    str | None,
    typer.Option(help="left, right or both where two hang; both when not given."),
]


@contextmanager
def _unlogged() -> Iterator[None]:
    """What fails is told by an error; a line of the log beside it would say it twice."""
    log = logging.getLogger("glance_agent")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)


def ask_agent(settings: Config, command: dict[str, Any]) -> dict[str, Any]:
    """The running agent's reply to a command. Raises GlanceError where there is none."""
    from glance_agent.doors.mqtt.client import ask
    from glance_agent.doors.mqtt.reasons import LinkError

    where = host_and_port(settings.mqtt.host, settings.mqtt.effective_port)
    try:
        with _unlogged():
            reply = for_long(ask(settings.mqtt, command, timeout_seconds=10))
    except LinkError as error:
        raise GlanceError(
            told("No connection to the broker at {where}: {why}.", where=where, why=error)
        ) from error
    if reply is None:
        raise GlanceError(
            told(
                "No agent answers at {where}. Start one with: glance-agent run. Where one runs, "
                "the account of mqtt.username may not be allowed to send it commands or to read "
                "its answers: compare the broker's access list with config/mosquitto.acl.",
                where=where,
            )
        )
    return reply


def understood(
    settings: Config, verb: str, payload: dict[str, Any] | str, *, as_json: bool = False
) -> Command:
    """The command that a verb and its keys (or plain text) are. Raises GlanceError.

    Keys without a value count as not given. Where nothing says its language, that is the machine's;
    JSON is in English then.
    """
    from glance_agent.commands.parse import BadCommand, parse_command
    from glance_agent.domain.languages import in_language
    from glance_agent.domain.topics import Topics
    from glance_agent.embedding.dictionary import is_word
    from glance_agent.wiring.hanging import places_of

    topics = Topics(settings.mqtt.base_topic)
    text = payload if isinstance(payload, str) else json.dumps(payload)
    said = parse_command(
        topics,
        f"{topics.command}/{verb}",
        text.encode("utf-8", "replace"),
        places=places_of(settings),
        is_word=is_word,
        languages=settings.spoken,
    )
    if isinstance(said, BadCommand):
        why = in_language(in_a_row(said.error.message, said.error.hint), said.language)
        raise GlanceError(why)
    if said.language or as_json or (machine := of_machine()) is None:
        return said
    return said.model_copy(update={"language": machine})


def on_display(
    config: Path | None,
    verb: str,
    payload: dict[str, Any] | str,
    *,
    display: str | None,
    as_json: bool,
) -> None:
    """Have the running agent carry a command out, and print its answer. Raises GlanceError."""
    from glance_agent.domain.reply import Reply

    settings = load_config(config)
    require_display(settings, display)
    command = understood(settings, verb, payload, as_json=as_json)
    keys = command.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)
    where = {"display": display} if display else {}
    reply = ask_agent(settings, {**where, **keys, "command": command.verb})
    if as_json:
        print(json.dumps(reply))
        if not reply.get("ok"):
            raise typer.Exit(EXIT_FAILED)
        return
    print_reply(Reply.model_validate(reply), command.language, as_json=False)


def in_library(
    config: Path | None, verb: str, payload: dict[str, Any] | str, *, as_json: bool
) -> None:
    """Carry a command out in the library, and print the answer. Raises GlanceError.

    A running agent takes up within seconds what is changed.
    """
    settings = load_config(config)
    command = understood(settings, verb, payload, as_json=as_json)
    carry_out(settings, command, as_json=as_json)


def carry_out(settings: Config, command: Command, *, as_json: bool) -> None:
    """Carry a command out in the library, and print the answer. Raises GlanceError."""
    from glance_agent.wiring.asked import open_answers

    with open_answers(settings) as answers:
        if command.has_words_read:
            _measure(answers.understanding)
        reply = answers.answer(command).reply
    print_reply(reply, command.language, as_json=as_json)


def _measure(understanding: Understanding) -> None:
    """Know all that matches are measured by, so that the agent would answer the same."""
    if not understanding.prepare(PATIENCE_SECONDS):
        complain(told("Matches are measured for the first time; that takes a moment."))
        while not understanding.prepare(PATIENCE_SECONDS):
            pass


def require_display(settings: Config, display: str | None, *, one: bool = False) -> None:
    """Raises ConfigError where the configuration has no display or group of this name.

    With `one` it has to be a single display.
    """
    names = settings.display_names
    if not names.meant(display) or (one and display not in (None, *names.displays)):
        raise ConfigError(
            told("There is no display {display}. {said}", display=display, said=names.said())
        )


def print_reply(reply: Reply, language: str | None, *, as_json: bool) -> None:
    """A reply as people read it: the sentence, and a table of what was found."""
    if as_json:
        print(json.dumps(reply.model_dump(mode="json")))
    elif not reply.ok:
        complain(f"{reply.message} {reply.error.hint if reply.error else ''}".strip())
    else:
        if reply.results:
            out.print(_results_table(reply, language))
        say(reply.message)
    if not reply.ok:
        raise typer.Exit(EXIT_FAILED)


def _results_table(reply: Reply, language: str | None) -> Table:
    """What was found; the work, why, and its id below one another, to fit anywhere."""
    from glance_agent.domain.languages import in_language

    order = told("varied: not in the order of match") if reply.varied else ""
    table = Table(
        *columns(told("match"), told("work, why, and id")),
        box=SIMPLE_HEAD,
        pad_edge=False,
        caption=columns(order)[0] or None,
        caption_justify="left",
    )
    for result in reply.results:
        work = Text(in_language(result.artwork.label, language), style="bold", overflow="fold")
        work.append(f"\n{result.why}\n{result.artwork.id}", style="not bold")
        table.add_row(decimal(result.match, 2), work)
    return table
