"""What is typed wrong, said in the language of the machine: Typer's own sentences, in ours."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from glance_agent.cli.helping import Part, name_headings
from glance_agent.cli.terminal import in_language, spoken
from glance_agent.domain.said import Said
from glance_agent.domain.said import say as told


def in_our_words(command: Part) -> Part:
    """The command line, whose complaints about what was typed are in the language of the machine.

    Those of verbs pass through the command above all of them.
    """
    for name in ("make_context", "invoke"):
        setattr(command, name, partial(_complaining, getattr(command, name)))
    return command


def _complaining(do: Callable[..., Any], *given: Any, **named: Any) -> Any:
    try:
        return do(*given, **named)
    except Exception as error:
        _translate(error)
        raise


def _translate(error: Any) -> None:
    """Have a complaint of Typer, whose classes have no public names, say itself in our words."""
    if not hasattr(error, "format_message"):
        return
    name_headings()
    said = in_our_language(error.format_message(), getattr(error, "message", ""))
    error.format_message = lambda: said


def in_our_language(message: str, why: str = "") -> str:
    """A complaint of Typer for whoever reads it here; one that is not known stays.

    `why` is what of it was said by us, or by whoever checked a value.
    """
    from glance_agent.domain.languages import ENGLISH

    if spoken() == ENGLISH:
        return message
    for pattern, sentence in _COMPLAINTS:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            parts = found.groupdict()
            if "why" in parts:
                parts["why"] = in_language(why) if isinstance(why, Said) else _why(parts["why"])
            return in_language(sentence(**parts))
    return message


def _why(said: str) -> str:
    """What is wrong with a value."""
    for pattern, sentence in _REASONS:
        if found := re.fullmatch(pattern, said, re.DOTALL):
            return in_language(sentence(**found.groupdict()))
    return said


_Sentences = tuple[tuple[str, Callable[..., Said]], ...]
"""What Typer says, and what that is in words of ours; names of options stay as they are typed."""
_COMPLAINTS: _Sentences = (
    (
        r"No such option: (?P<name>\S+?)\.?",
        lambda name: told("No such option: {name}", name=name),
    ),
    (
        r"No such option: (?P<name>\S+?) \(Possible options: (?P<near>.*)\)",
        lambda name, near: told("No such option: {name} ({near}?)", name=name, near=near),
    ),
    (
        r"No such option: (?P<name>\S+?)\.? Did you mean (?P<near>.*)\?",
        lambda name, near: told("No such option: {name} ({near}?)", name=name, near=near),
    ),
    (
        r"No such command '(?P<name>.*?)'\.",
        lambda name: told("No such command: {name}", name=name),
    ),
    (
        r"No such command '(?P<name>.*?)'\. Did you mean (?P<near>.*)\?",
        lambda name, near: told("No such command: {name} ({near}?)", name=name, near=near),
    ),
    (r"Missing command\.?", lambda: told("The command is missing.")),
    (
        r"Missing (?:argument|option|parameter) '(?P<name>.*?)'\..*",
        lambda name: told("{name} is missing.", name=name),
    ),
    (
        r"Option '(?P<name>\S+)' requires (?:an argument|\d+ arguments)\.",
        lambda name: told("{name} needs a value.", name=name),
    ),
    (
        r"Option '(?P<name>\S+)' does not take a value\.",
        lambda name: told("{name} takes no value.", name=name),
    ),
    (
        r"Got unexpected extra arguments?(?:\(s\))? \((?P<what>.*)\)",
        lambda what: told("What stands at the end is too much: {what}", what=what),
    ),
    (
        r"Invalid value for (?P<name>.*?): (?P<why>.*)",
        lambda name, why: told("{name} does not fit: {why}", name=name.strip("'"), why=why),
    ),
)
_REASONS: _Sentences = (
    (
        r"Input should be a valid integer.*|.* is not a valid int(?:eger)?\.",
        lambda: told("This is no whole number."),
    ),
    (
        r"Input should be greater than or equal to (?P<n>\S+)",
        lambda n: told("The least is {n}.", n=n),
    ),
    (
        r"Input should be less than or equal to (?P<n>\S+)",
        lambda n: told("The most is {n}.", n=n),
    ),
)
