"""The threads of a run over a source: they step back behind those that answer people."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from threading import Event
from typing import Any, NamedTuple, TypeVar

from glance_agent.domain.library_place import LibraryPlace
from glance_agent.ingest.ingest import WAITING
from glance_agent.store.database import Database
from glance_agent.store.opening import Patience, open_library

_T = TypeVar("_T")
NICENESS = 10
"""Added to the niceness of the process; a thread of the usual one gets nine times the time."""


class RunThreads(NamedTuple):
    """A thread and a connection that only it uses, and threads that wait for decoders."""

    executor: Executor
    database: Any
    decoders: Executor
    given_up: Event
    """Set when nobody waits for them any more."""


@asynccontextmanager
async def threads_of(place: LibraryPlace, patience: Patience | None) -> AsyncIterator[RunThreads]:
    """The threads of one run over the library there, outlasting with `patience` its server's
    absence. Raises StoreError."""
    decoders = ThreadPoolExecutor((os.cpu_count() or 1) + WAITING, "decode")
    given_up = Event()
    with background(1, "ingest") as thread:
        executor = _Outlasting(thread, patience) if patience else thread
        opened = executor.submit(open_library, place, durable=False)
        try:
            yield RunThreads(executor, await asyncio.wrap_future(opened), decoders, given_up)
        finally:
            given_up.set()
            executor.submit(_close, opened)
            # Nobody waits for a picture that is still being decoded.
            decoders.shutdown(wait=False, cancel_futures=True)


def background(threads: int, name: str) -> ThreadPoolExecutor:
    """An executor whose threads yield to all others where there is too little processor for all."""
    return ThreadPoolExecutor(threads, name, initializer=_step_back)


def _step_back() -> None:
    """Lower the priority of this thread alone, which Linux can; elsewhere all stay equal."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        with contextlib.suppress(OSError):
            niceness = os.getpriority(os.PRIO_PROCESS, thread) + NICENESS
            os.setpriority(os.PRIO_PROCESS, thread, min(niceness, 19))


class _Outlasting(Executor):
    """A thread in which each step is outlasted by patience: what the server interrupted is done
    again in its turn, and nothing overtakes it."""

    def __init__(self, thread: Executor, patience: Patience) -> None:
        self._thread = thread
        self._patience = patience

    def submit(self, fn: Callable[..., _T], /, *arguments: Any, **named: Any) -> Future[_T]:
        return self._thread.submit(self._patience.outlast, partial(fn, *arguments, **named))


def _close(opened: Future[Database]) -> None:
    """Close a library also where nobody waits any more for its opening."""
    if not opened.cancelled() and opened.exception() is None:
        opened.result().close()
