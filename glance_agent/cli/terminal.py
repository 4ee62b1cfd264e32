"""What every command of the terminal shares: its options, its configuration, its printing."""

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from glance_agent.cli.plain_output import PlainConsole
from glance_agent.domain.errors import ConfigError, GlanceError
from glance_agent.domain.said import Said, many
from glance_agent.domain.said import say as told

if TYPE_CHECKING:
    from rich.table import Table

    from glance_agent.config.settings import Config

USUAL_PLACES = (Path("/etc/glance-agent/glance.toml"), Path("config/glance.toml"))
EXIT_FAILED = 1
EXIT_CONFIGURATION = 2

out = PlainConsole()
err = PlainConsole(stderr=True)

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", envvar="GLANCE_CONFIG", help="The TOML configuration file."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]


def _displays(context: typer.Context, incomplete: str) -> list[str]:
    """The displays and groups of the configuration; none where it cannot be read."""
    try:
        known = load_config(context.params.get("config")).display_names
        names = [*known.displays, *known.groups]
    except (GlanceError, OSError):
        return []
    return [name for name in names if name.startswith(incomplete)]


DisplayOption = Annotated[
    str | None,
    typer.Option("--display", "-d", help="Which display.", autocompletion=_displays),
]


_Text = TypeVar("_Text", str, list[str], None)


def utf8(text: _Text) -> _Text:
    """The text of an argument that goes into a file, a code or the library. Raises BadParameter."""
    try:
        "".join(text or "").encode()
    except UnicodeEncodeError:
        raise typer.BadParameter(told("This is not UTF-8.")) from None
    return text


def load_config(path: Path | None) -> Config:
    """The configuration that is named, else the one in its usual place. Raises ConfigError, which
    is said in the language of that configuration, too."""
    from glance_agent.config.load import language_of, load

    place = read_from(path)
    try:
        config = load(place, os.environ)
    except ConfigError:
        _spoken.append(language_of(place, os.environ) or "")
        raise
    _spoken.append(config.language or "")
    return config


_spoken: list[str] = []
"""What the configuration says of the language, last of all where one has been read."""


def spoken() -> str:
    """The language of what is printed for people: that of the configuration, else of the machine's
    locale, as gettext finds it; English where it is none of ours."""
    from glance_agent.domain.languages import ENGLISH, spoken_language

    configured = spoken_language(_spoken[-1]) if _spoken else None
    return configured or of_machine() or ENGLISH


def of_machine() -> str | None:
    """The language of the machine's locale, as gettext finds it; None where it is none of ours."""
    from glance_agent.domain.languages import spoken_language

    named = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    if named.partition(".")[0] in ("", "C", "POSIX"):
        return None
    # In LANGUAGE stand several, the first of which that is spoken holds.
    for tag in (*os.environ.get("LANGUAGE", "").split(":"), named):
        if language := spoken_language(re.split(r"[.@]", tag)[0]):
            return language
    return None


def read_from(path: Path | None) -> Path | None:
    """The configuration file that is named, else the one in its usual place; None for neither."""
    return path or next((place for place in USUAL_PLACES if _is_file(place)), None)


def _is_file(place: Path) -> bool:
    """Whether a file is there. Raises PermissionError where it may not be looked for.

    Below a folder that the person stands in, but may not enter, nothing is meant to be found.
    """
    try:
        return place.is_file()
    except PermissionError:
        if place.is_absolute():
            raise
        return False


def say(text: str) -> None:
    """Print a sentence as it is: no colours guessed into it, no markup read out of it."""
    text = in_language(text)
    out.print(text, highlight=False, markup=False, soft_wrap=not out.is_terminal)


def in_language(text: str) -> str:
    """The text for whoever reads it here; what cannot be said in other languages stays."""
    if not isinstance(text, Said):
        return text
    from glance_agent.domain.languages import in_language as said_in

    said: str = said_in(text, spoken())
    return said


def decimal(value: float, places: int, sign: str = "") -> str:
    """A number with so many decimals, as whoever reads it here writes it; with `+` as `sign` it
    has one in any case."""
    return _as_written(f"{value:{sign}.{places}f}")


def percent(share: float) -> str:
    """A share from 0 to 1, in percent."""
    from glance_agent.domain.languages import words_of

    words = words_of(spoken())
    return (words.percent if words else "{n}%").format(n=f"{share * 100:.0f}")


def _as_written(number: str) -> str:
    from glance_agent.domain.languages import words_of

    words = words_of(spoken())
    return number.replace(".", words.decimal) if words else number


def complain(text: str) -> None:
    """Print a sentence about something that went wrong."""
    text = in_language(text)
    err.print(text, style="red", highlight=False, markup=False, soft_wrap=not err.is_terminal)


def grid(title: str, figures: dict[str, dict[str, float]]) -> Table:
    """A table of figures: a row each, under the names of the first row's."""
    from rich.table import Table

    table = Table(title=in_language(title), title_justify="left")
    table.add_column("")
    for column in next(iter(figures.values())):
        table.add_column(column, justify="right")
    for row, values in figures.items():
        table.add_row(row, *(_as_written(f"{value:.3g}") for value in values.values()))
    return table


@contextmanager
def ended_by_interrupt() -> Iterator[None]:
    """Within it Ctrl-C ends the program as it stands, whoever is waiting for an answer."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def interrupted_at_once() -> Iterator[None]:
    """Within it Ctrl-C interrupts a loop also where it waits for an answer itself; else it would
    only be told when that has come."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def works_of(count: int) -> str:
    """`1 work`, `2 works`, `1,200 works`."""
    return many("1 work", "{n} works", n=count)


def reactions_of(count: int) -> str:
    """The same of likes and dislikes together."""
    return many("1 reaction", "{n} reactions", n=count)


def columns(*names: str) -> list[str]:
    """The heads of a table, for whoever reads it here."""
    return [in_language(name) for name in names]
