"""Commands as a person types them, carried out within this process, which is a second quicker."""

from __future__ import annotations

import io
import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from glance_agent.cli import main as cli


@dataclass(frozen=True)
class Done:
    """What came of a command."""

    returncode: int
    stdout: str
    stderr: str


def typed(*words: str | Path, folder: Path | None = None, **environ: str) -> Done:
    """Type a command in a folder, else where the tests run, with these variables.

    Lines of the log go to pytest; everything else is as in a process of its own, but for the
    encoding of its output, which `test_terminal.py` looks at.
    """
    said, complained = io.StringIO(), io.StringIO()
    with (
        _as_it_was(),
        redirect_stdout(said),
        redirect_stderr(complained),
        patch.object(sys, "argv", ["glance-agent", *map(str, words)]),
        patch.dict(os.environ, environ),
        chdir(folder or Path.cwd()),
    ):
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
    return Done(code, said.getvalue(), complained.getvalue())


@contextmanager
def _as_it_was() -> Iterator[None]:
    """What a program sets for itself ends with it."""
    log = logging.getLogger("glance_agent")
    level, hooks = log.level, (sys.excepthook, threading.excepthook)
    try:
        yield
    finally:
        log.setLevel(level)
        logging.captureWarnings(False)
        sys.excepthook, threading.excepthook = hooks
