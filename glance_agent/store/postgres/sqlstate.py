"""What a server means that lets nobody in, in whichever language it says so: its SQLSTATE.

libpq keeps to itself by which code an attempt was refused, and gives only the server's words. Its
trace has the code. So an attempt whose words are not known is made once more, and traced into
memory, which nobody else reads: what it sends is in there.
"""

from __future__ import annotations

import os
import re
import select
import time
from typing import Final

from psycopg import Error, pq

SECONDS: Final = 2.0
"""So long it may take; the server has just answered."""
MOST: Final = 64
"""So many different sentences are looked into at most: libpq's side of a trace is never freed."""
_OF_THE_SERVER: Final = re.compile(r": \S+:  \S")
"""The server's words have two blanks behind how severe it is; those of libpq have none."""
_CODE: Final = re.compile(rb'\bErrorResponse\b.*? C "([0-9A-Z]{5})"')


class Meanings:
    """The codes of what servers have said, as far as they were found out."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def code_of(self, words: str, conninfo: str) -> str | None:
        """The code of what was said when somebody tried to get in with `conninfo`; None where it
        cannot be found out. Raises nothing."""
        if words not in self._known and said_by_server(words) and len(self._known) < MOST:
            code = _asked(conninfo)
            if code is None:
                return None
            self._known[words] = code
        return self._known.get(words)


def said_by_server(words: str) -> bool:
    """Whether that is what a server has said, and not what libpq found."""
    return _OF_THE_SERVER.search(words) is not None


def _asked(conninfo: str) -> str | None:
    """By which code an attempt is refused."""
    try:
        trace = os.memfd_create("libpq")
    except (AttributeError, OSError):
        return None
    try:
        connection = pq.PGconn.connect_start(conninfo.encode())
        connection.trace(trace)
        _tried(connection)
        connection.untrace()
        connection.finish()
        found = _CODE.findall(os.pread(trace, os.fstat(trace).st_size, 0))
    except Error:
        return None
    finally:
        os.close(trace)
    return str(found[-1], "ascii") if found else None


def _tried(connection: pq.abc.PGconn) -> None:
    """Go on until the server has let us in or not, or says nothing more."""
    until = time.monotonic() + SECONDS
    status = connection.connect_poll()
    while status in (pq.PollingStatus.READING, pq.PollingStatus.WRITING):
        reads = [connection.socket] if status == pq.PollingStatus.READING else []
        writes = [connection.socket] if not reads else []
        if not any(select.select(reads, writes, [], max(0.0, until - time.monotonic()))):
            return
        status = connection.connect_poll()
