"""What every command of the terminal shares: its options, its configuration, its printing."""

from __future__ import annotations

import errno
import io
import logging
import os
import re
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO, TypeVar, cast

import typer

from glance_agent.cli.garbage import for_long
from glance_agent.cli.plain_output import PlainConsole, PlainStream
from glance_agent.domain.errors import GlanceError
from glance_agent.domain.private import write_private
from glance_agent.domain.said import Said, in_a_row, many
from glance_agent.domain.said import say as told
from glance_agent.domain.spelling import host_and_port
from glance_agent.domain.system_words import said_by_system

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
        raise typer.BadParameter("This is not UTF-8.") from None
    return text


class OutputError(GlanceError):
    """What is printed cannot be written."""


class _Output:
    """Standard output, which says in a sentence that it cannot be written to."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with self._told():
            return self._stream.write(text)

    def flush(self) -> None:
        with self._told():
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            # What is still in the buffer would fail once more, with a traceback, at the end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
            if error.errno == errno.EPIPE:
                # Whoever read it has seen enough, as with “| head”.
                raise SystemExit(EXIT_FAILED) from None
            raise OutputError(
                told("The output cannot be written: {why}.", why=said_by_system(error))
            ) from error


@contextmanager
def standard_output() -> Iterator[None]:
    """Lets text and colours out of this process, and nothing that acts in a terminal.

    Prints "?" for what the output's encoding lacks, and raises OutputError where it fails.
    """
    stream, errors = sys.stdout, sys.stderr
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")
    output: Any = PlainStream(cast(TextIO, _Output(stream)))
    plain_errors: Any = PlainStream(errors)
    sys.stdout, sys.stderr = output, plain_errors
    try:
        try:
            yield
        finally:
            output.flush()
    finally:
        sys.stdout, sys.stderr = stream, errors


def leaves(group: BaseExceptionGroup[Any]) -> Iterator[BaseException]:
    """The single errors of a group, however deep."""
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from leaves(error)
        else:
            yield error


def as_sentence(error: BaseException) -> str:
    """What a person is told of an error, with what to do next."""
    if not isinstance(error, OSError):
        return error.said if isinstance(error, GlanceError) else str(error)
    named = isinstance(error.filename, str | bytes) and error.filename
    if not named and error.errno == errno.ENOENT:
        # Only where a program stands is asked for without a name.
        return told("The folder that you are in is not there any more: change to another one.")
    if not named:
        return because(error)
    return told("{path}: {why}", path=os.fsdecode(named), why=because(error))


def because(error: OSError) -> str:
    """The system's own reason, and what to do about it."""
    why = told("{why}.", why=said_by_system(error))
    return in_a_row(why, _advice(error.errno))


def _advice(number: int | None) -> str:
    match number:
        case errno.EACCES | errno.EPERM:
            return told(
                "The user {user} may not do this: run it as another user, or allow it.",
                user=_user(),
            )
        case errno.EROFS:
            return told("Nothing can be written there: name another place.")
        case errno.ENOSPC:
            return told("Make room on this disk.")
        case errno.EDQUOT:
            return told("Make room: the user {user} may keep no more on this disk.", user=_user())
        case errno.EIO:
            return told("The disk reports errors: look into the kernel's log.")
        case errno.EMFILE:
            return told("Raise the limit on open files (ulimit -n).")
    return ""


def _user() -> str:
    """Who runs this, by name where the machine knows one."""
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"number {os.geteuid()}"


def write_file(path: Path, data: bytes) -> None:
    """Write what a command makes. Raises GlanceError, which names the place."""
    try:
        write_private(path, data)
    except OSError as error:
        raise GlanceError(
            told("{path} cannot be written: {why}", path=path, why=because(error))
        ) from error


def leave_file(name: str, data: bytes) -> Path:
    """Write what nobody named a place for: where the person stands, or where there is room.

    The place is to be said. Raises GlanceError.
    """
    path = Path(name)
    try:
        write_private(path, data)
    except OSError:
        # As with “sudo -u glance-agent” in somebody's home, where that user may write nothing.
        path = Path(tempfile.mkdtemp(prefix="glance-agent-")) / name
        write_file(path, data)
    return path


def load_config(path: Path | None) -> Config:
    """The configuration that is named, else the one in its usual place. Raises ConfigError."""
    from glance_agent.config.load import load

    config = load(read_from(path), os.environ)
    _spoken.append(config.language or "")
    return config


_spoken: list[str] = []
"""What the configuration says of the language, last of all where one has been read."""


def spoken() -> str:
    """The language of what is printed for people: that of the configuration, else of the machine's
    locale, as gettext finds it; English where it is none of ours."""
    from glance_agent.domain.languages import ENGLISH, spoken_language

    configured = spoken_language(_spoken[-1]) if _spoken else None
    return configured or _of_locale(os.environ) or ENGLISH


def _of_locale(environ: Mapping[str, str]) -> str | None:
    from glance_agent.domain.languages import spoken_language

    named = next(filter(None, map(environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    if named.partition(".")[0] in ("", "C", "POSIX"):
        return None
    # In LANGUAGE stand several, the first of which that is spoken holds.
    for tag in (*environ.get("LANGUAGE", "").split(":"), named):
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


def complain(text: str) -> None:
    """Print a sentence about something that went wrong."""
    text = in_language(text)
    err.print(text, style="red", highlight=False, markup=False, soft_wrap=not err.is_terminal)


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


def grid(title: str, figures: dict[str, dict[str, float]]) -> Table:
    """A table of figures: a row each, under the names of the first row's."""
    from rich.table import Table

    table = Table(title=in_language(title), title_justify="left")
    table.add_column("")
    for column in next(iter(figures.values())):
        table.add_column(column, justify="right")
    for row, values in figures.items():
        table.add_row(row, *(f"{value:.3g}" for value in values.values()))
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


def works_of(count: int) -> str:
    """`1 work`, `2 works`, `1,200 works`."""
    return many("1 work", "{n} works", n=count)


def reactions_of(count: int) -> str:
    """The same of likes and dislikes together."""
    return many("1 reaction", "{n} reactions", n=count)


def columns(*names: str) -> list[str]:
    """The heads of a table, for whoever reads it here."""
    return [in_language(name) for name in names]
