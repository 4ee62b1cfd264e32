"""`--help` in the language of the machine: what verbs and options are, out of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from glance_agent.cli.terminal import in_language, spoken
from glance_agent.domain.said import say as told

Part = Any
"""A command of Typer, whose own copy of Click has no public name."""
HELP_ITSELF = "Show this message and exit."


def helped(command: Part) -> Part:
    """The command line, each part of which explains itself to whoever reads it here.

    Nothing is read for that before somebody asks for it.
    """
    for part in parts_of(command):
        part.format_help = partial(_explain, part, part.format_help)
        part.format_usage = partial(_show_usage, part)
    return command


def parts_of(command: Part) -> Iterator[Part]:
    """A command, and all those below it."""
    yield command
    for below in getattr(command, "commands", {}).values():
        yield from parts_of(below)


def texts_of(command: Part) -> Iterator[str]:
    """What a command and its options say of themselves, in English."""
    for told_by in (command, *command.params):
        if text := getattr(told_by, "help", None):
            yield text


def _explain(command: Part, explain: Any, context: Any, formatter: Any) -> None:
    from glance_agent.domain.languages import ENGLISH

    if spoken() != ENGLISH:
        name_headings()
        itself = command.get_help_option(context)
        below = getattr(command, "commands", {}).values()
        for told_by in (command, *command.params, *below, *([itself] if itself else [])):
            if text := getattr(told_by, "help", None):
                told_by.help = in_language(told(text))
    explain(context, formatter)


def _show_usage(command: Part, context: Any, formatter: Any) -> None:
    """How a command is typed, below the word for that."""
    typed = " ".join(command.collect_usage_pieces(context))
    prefix = in_language(told("Usage:"))
    formatter.write_usage(context.command_path, typed, prefix=f"{prefix} ")


def name_headings() -> None:
    """The headings of what Typer prints, and what it says below a complaint."""
    from typer import rich_utils

    rich_utils.ARGUMENTS_PANEL_TITLE = in_language(told("Arguments"))
    rich_utils.OPTIONS_PANEL_TITLE = in_language(told("Options"))
    rich_utils.COMMANDS_PANEL_TITLE = in_language(told("Commands"))
    rich_utils.REQUIRED_LONG_STRING = in_language(told("[required]"))
    rich_utils.DEFAULT_STRING = in_language(told("[default: {value}]", value="{}"))
    rich_utils.ERRORS_PANEL_TITLE = in_language(told("Error"))
    rich_utils.ABORTED_TEXT = in_language(told("Aborted."))
    asked = "[blue]'{command_path} {help_option}'[/]"
    rich_utils.RICH_HELP = in_language(told("Try {command} for help.", command=asked))
