"""Strangers' escapes, turned writing and line ends reach no terminal and no log."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from glance_agent.cli.plain_output import PlainConsole, PlainFormatter, PlainStream
from tests.home import move_in, picture

HOSTILE = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202egpj.exe\u2066\rERROR forged"
WRITTEN = r"\u001b[2J\u001b]0;owned\u0007\u009b31m\u202egpj.exe\u2066\u000dERROR forged"
ACTING = set(HOSTILE) - set(WRITTEN) | {"\x1b", "\ud800"}


def console(monkeypatch: pytest.MonkeyPatch) -> tuple[PlainConsole, io.StringIO]:
    """A console on what it takes for a terminal with colours, and what was written there."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "xterm-256color")
    found, there = PlainConsole(), io.StringIO()
    found.file = there
    return found, there


def test_all_that_is_printed_is_text(monkeypatch: pytest.MonkeyPatch) -> None:
    out, there = console(monkeypatch)
    table = Table(HOSTILE, title=HOSTILE)
    table.add_row(HOSTILE)
    for printed in (HOSTILE, Text(HOSTILE), table):
        out.print(printed, markup=False, highlight=False)
    assert there.getvalue().count(r"]0;owned\u009b31m\u202egpj") == 5
    out.print("[bold]ours[/]")
    assert "\x1b[1mours\x1b[0m" in there.getvalue()
    assert not ACTING & set(there.getvalue().replace("\x1b[", ""))


def test_bars_move_and_their_words_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    out, there = console(monkeypatch)
    with Progress("{task.description}", console=out, redirect_stdout=False) as bars:
        bars.add_task(HOSTILE, total=1)
        bars.refresh()
        out.print(HOSTILE, markup=False)
    written = there.getvalue()
    assert "\x1b[?25l" in written
    assert r"]0;owned\u009b31m" in written
    assert "\x1b]0;" not in written
    assert "\u202e" not in written


def test_what_is_written_past_the_console_is_text_or_a_colour() -> None:
    below = io.StringIO()
    stream = PlainStream(below)
    text = f"\x1b[31mred\x1b[0m {HOSTILE}\n"
    assert stream.write(text) == len(text)
    assert below.getvalue() == f"\x1b[31mred\x1b[0m {WRITTEN}\n"


@given(st.text(st.characters(codec=None)))
def test_no_text_acts(text: str) -> None:
    below = io.StringIO()
    PlainStream(below).write(text)
    assert not {"\x07", "\x9b", "\r", "\u202e", "\ud800"} & set(below.getvalue())
    below.getvalue().encode()


def line_of(message: str, *arguments: object, error: BaseException | None = None) -> str:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("a", logging.ERROR, "", 0, message, arguments, info)
    record.exc_text = HOSTILE if error else None  # as another handler may have left it
    return PlainFormatter("%(levelname)s %(name)s: %(message)s").format(record)


def test_a_record_is_one_line() -> None:
    assert line_of("%s", f"{HOSTILE}\nERROR a: forged") == (
        f"ERROR a: {WRITTEN}" + r"\u000aERROR a: forged"
    )


def test_a_traceback_pretends_to_be_nothing_else() -> None:
    try:
        raise ValueError(f"x\nERROR a: forged {HOSTILE}")
    except ValueError as error:
        first, *others = line_of("failed", error=error).split("\n")
    assert first == "ERROR a: failed"
    assert all(line.startswith("  ") for line in others)
    assert others[-1] == f"  ERROR a: forged {WRITTEN}"


# -- the program ---------------------------------------------------------------------------------


def glance(*arguments: str, **environ: str) -> str:
    """All that a command writes, to a terminal that knows colours."""
    done = subprocess.run(
        [sys.executable, "-m", "glance_agent", *arguments],
        capture_output=True,
        check=False,
        env={**os.environ, "COLUMNS": "300", "FORCE_COLOR": "1", **environ},
    )
    return (done.stdout + done.stderr).decode()


def test_names_and_settings_of_strangers_do_nothing(
    tmp_path: Path, stocked: Path, pictures: Path
) -> None:
    name = HOSTILE.replace("/", "")
    home = move_in(tmp_path / "home", stocked, pictures)
    folder = tmp_path / name
    folder.mkdir()
    (folder / f"{name}.jpg").write_bytes(picture("red"))
    (folder / f"{name}.jpg.json").write_text("{")
    config = str(home.toml(1))
    wrong = tmp_path / "wrong.toml"
    wrong.write_text('[mqtt]\nhost = "a\\u001b]0;b\\u0007\\u202e c"\n')
    written = "".join(
        [
            glance("ingest", str(folder), GLANCE_CONFIG=config),
            glance("search", name, GLANCE_CONFIG=config),
            glance("config", "check", GLANCE_CONFIG=str(wrong)),
        ]
    )
    assert "is passed over" in written
    assert r"\u001b]0;owned" in written
    assert r"a\u001b]0;b\u0007\u202e c" in written
    assert not {"\x07", "\x9b", "\u202e", "\u2066"} & set(written)
    assert "\x1b]" not in written
    assert "\x1b[2J" not in written
