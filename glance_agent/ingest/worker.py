"""Blocking work off the event loop, in the threads of an executor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar, TypeVarTuple

_T = TypeVarTuple("_T")
_R = TypeVar("_R")


async def in_worker(worker: Executor | None, work: Callable[[*_T], _R], *arguments: *_T) -> _R:
    """What the work returns or raises; without a worker, in a thread of the loop's own."""
    return await asyncio.get_running_loop().run_in_executor(worker, work, *arguments)
