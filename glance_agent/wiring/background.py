"""Threads for work that nobody waits for; those that answer people go first."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

NICENESS = 10
"""Added to the niceness of the process; a thread of the usual one gets nine times the time."""


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
