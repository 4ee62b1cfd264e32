"""Lines of the log have a time of their own where nobody else gives them one."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

LINE = "WARNING x: hello\\u001b"
TIMED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d " + re.escape(LINE))
PROGRAM = """
import logging
from glance_agent.cli.logs import log_to_stderr
log_to_stderr("error")
log_to_stderr("info", lasting={lasting})
logging.getLogger("x").warning("hello\\x1b")
"""


def logged(*, lasting: bool = True, journal: str | None = None) -> str:
    """The line that a program writes; `journal` names the stream of one, or is “this one”."""
    reading, writing = os.pipe()
    stat = os.fstat(writing)
    told = f"{stat.st_dev}:{stat.st_ino}" if journal == "this one" else journal
    environ = {name: text for name, text in os.environ.items() if name != "JOURNAL_STREAM"}
    environ |= {"JOURNAL_STREAM": told} if told else {}
    with os.fdopen(reading) as lines:
        with os.fdopen(writing, "w") as stream:
            program = PROGRAM.format(lasting=lasting)
            subprocess.run([sys.executable, "-c", program], stderr=stream, env=environ, check=True)
        return lines.read().rstrip("\n")


@pytest.mark.parametrize("journal", [None, "8:1"])
def test_a_program_that_lasts_says_when(journal: str | None) -> None:
    assert TIMED.fullmatch(logged(journal=journal))


def test_the_journal_knows_when() -> None:
    assert logged(journal="this one") == LINE


def test_who_types_a_command_sees_it_happen() -> None:
    assert logged(lasting=False) == LINE
