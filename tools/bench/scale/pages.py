"""Which pages of a library SQLite asks its disk for, step by step, and how long a slow one takes.

`python -m tools.bench.scale.pages --library FOLDER` opens a library that was made there by
`tools.bench.scale --library FOLDER`, anew for each step as after a start, and counts the pages that
nobody has read since: a system keeps what was read once. `--page-ms 1` has each of them take so
long. Pages do not depend on what else a machine is doing.

The counting stands between SQLite and its file (sqlite.org/c3ref/io_methods.html): every connection
gets methods of its own, in which reading is ours. What lies in the log of writes is not counted.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import sqlite3
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any
from unittest.mock import patch

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import _sqlite3

from glance_agent.config.load import load
from glance_agent.domain.command import Like
from glance_agent.domain.picture_verbs import Next, Search, Similar
from glance_agent.store import sqlite
from glance_agent.wiring import rooms as wiring
from glance_agent.wiring.rooms import Rooms, open_rooms
from tools.bench.scale.libraries import WordEncoder

PAGE_BYTES = 4096
STEPS: dict[str, Any] = {
    "search: words that few labels carry": Search(query="etching boats"),
    "search: a word that many labels carry": Search(query="landscape with boats"),
    "search: sea": Search(query="sea"),
    "search: an avoided word": Search(query="boats -people"),
    "search: years": Search(query="year:1880-1910 boats"),
    "search: an artist": Search(query="artist:lindqvist17 boats"),
    "search: an artist by name": Search(query="boats by Lindqvist17"),
    "search: misspelt": Search(query="a stormy seascpae"),
    "next, with a taste": Next(user="anna"),
    "next, of nobody": Next(user="carl"),
    "next, in a mood": Next(user="carl", mood="calm"),
    "next, with a taste and in a mood": Next(user="anna", mood="calm"),
    "like": Like(user="ben"),
    "similar": Similar(artwork="bench:5"),
}
_POINTER = ctypes.c_void_p
_READ = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, _POINTER, ctypes.c_int, ctypes.c_int64)
_KEPT: list[object] = []
"""What files point to for as long as they are open."""
_FILE_POINTER = 7
"""`SQLITE_FCNTL_FILE_POINTER`."""


class _Methods(ctypes.Structure):
    """`sqlite3_io_methods` of version 3."""

    _fields_ = [
        ("version", ctypes.c_int),
        ("close", _POINTER),
        ("read", _READ),
        *((f"method{n}", _POINTER) for n in range(16)),
    ]


class _File(ctypes.Structure):
    """`sqlite3_file`."""

    _fields_ = [("methods", ctypes.POINTER(_Methods))]


class PagesRead:
    """The pages that were read of one file, each once; any thread reads."""

    def __init__(self, page_seconds: float = 0.0) -> None:
        self.pages: set[int] = set()
        self.asked_by = Counter[str]()
        """How many new pages each statement has read."""
        self._page_seconds = page_seconds
        self._library = ctypes.CDLL(_sqlite3.__file__)

    def forget(self) -> None:
        """As if the disk had to be asked for everything again."""
        self.pages.clear()
        self.asked_by.clear()

    def watch(self, connection: sqlite3.Connection) -> None:
        """Count what this connection reads from now on."""
        # Python's connection begins with what all objects have, and then the one of SQLite.
        handle = _POINTER.from_address(id(connection) + object.__basicsize__)
        pointer = ctypes.POINTER(_File)()
        self._library.sqlite3_file_control.argtypes = [
            _POINTER,
            ctypes.c_char_p,
            ctypes.c_int,
            _POINTER,
        ]
        self._library.sqlite3_file_control(handle, b"main", _FILE_POINTER, ctypes.byref(pointer))
        file = pointer.contents
        before = file.methods.contents
        ours = _Methods.from_buffer_copy(before)
        read = before.read

        def counted(of: Any, into: Any, count: int, offset: int) -> int:
            self._note(offset, count)
            return int(read(of, into, count, offset))

        ours.read = _READ(counted)
        file.methods = ctypes.pointer(ours)
        _KEPT.extend([ours, ours.read])

    def _note(self, offset: int, count: int) -> None:
        pages = range(offset // PAGE_BYTES, -(-(offset + count) // PAGE_BYTES))
        for page in pages:
            if page not in self.pages:
                self.pages.add(page)
                self.asked_by[_statement()] += 1
                if self._page_seconds:
                    time.sleep(self._page_seconds)


def _statement() -> str:
    """The statement that is being carried out, or whoever looks at its rows, by Python's frames."""
    frame: Any = sys._getframe()
    while frame is not None:
        code, sql = frame.f_code, frame.f_locals.get("sql")
        if isinstance(sql, str):
            return " ".join(sql.split())
        if "glance_agent" in code.co_filename and not code.co_filename.endswith("sqlite.py"):
            return f"{Path(code.co_filename).name}: {code.co_name}"
        frame = frame.f_back
    return "?"


def main() -> None:
    """Measure each step by itself."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--dimension", type=int, default=512)
    parser.add_argument("--page-ms", type=float, default=0.0, help="what each page takes")
    parser.add_argument("--only", default="", help="steps whose names hold this")
    parser.add_argument("--statements", type=int, default=0, help="show so many that read most")
    options = parser.parse_args()
    encoder = WordEncoder(options.dimension)
    with patch.object(wiring, "encoder_of", lambda _: encoder):
        with open_rooms(load(options.library / "glance.toml", {})) as rooms:
            rooms.follower.keep(stopping=True)
        for name in (name for name in STEPS if options.only in name):
            _step(options, name)


def _step(options: argparse.Namespace, name: str) -> None:
    pages = PagesRead(options.page_ms / 1000)
    connect = sqlite.connect

    def watched(path: Path, **how: Any) -> sqlite.Connection:
        connection = connect(path, **how)
        if path.name == "glance.db":
            connection.execute("SELECT count(*) FROM sqlite_master")
            pages.watch(connection)
        return connection

    with (
        patch.object(sqlite, "connect", watched),
        patch("glance_agent.store.reading.connect", watched),
        patch("glance_agent.store.connection.connect", watched),
        open_rooms(load(options.library / "glance.toml", {})) as rooms,
    ):
        command = STEPS[name]
        _ready(rooms, command)
        pages.forget()
        rooms.follower.prepare()
        ahead = len(pages.pages)
        pages.asked_by.clear()
        started = time.perf_counter()
        rooms.answers.answer(command)
        wall = time.perf_counter() - started
        first, by = len(pages.pages) - ahead, pages.asked_by.most_common(options.statements)
        rooms.answers.answer(Next(user="carl"))
        then = len(pages.pages) - ahead - first
        print(f"{name:40}{first:6} pages, {wall:5.2f} s; `next`: {then}; before: {ahead}")
        for sql, count in by:
            print(f"{count:12}  {sql[:150]}")


def _ready(rooms: Rooms, command: Any) -> None:
    """What an agent does before anybody asks: words of the model, measures, tastes."""
    showing = rooms.showing
    understanding = showing.understanding
    understanding.prepare(60.0)
    if (measurement := showing.measurement()) is not None:
        showing.adopt_background(measurement, measurement.measured())
    showing.adopt_tastes(lesson.learn() for lesson in showing.lessons(showing.unlearned()))
    unread = rooms.answers.unread(command)
    if unread:
        understanding.learn(understanding.read(unread))
        understanding.keep()


if __name__ == "__main__":
    main()
