"""Standard output: nothing that acts in a terminal gets out, and what fails is a sentence."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from glance_agent.cli.plain_output import PlainStream
from glance_agent.cli.terminal import EXIT_FAILED
from glance_agent.domain.errors import GlanceError
from glance_agent.domain.said import say as told
from glance_agent.domain.system_words import said_by_system


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
