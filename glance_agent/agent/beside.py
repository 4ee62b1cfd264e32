"""Work beside the event loop: in the worker's thread, or in a task that never fails unseen."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

_log = logging.getLogger(__name__)
_T = TypeVarTuple("_T")
_R = TypeVar("_R")


async def in_worker(worker: Executor, work: Callable[[*_T], _R], *arguments: *_T) -> _R:
    """What the work returns or raises, done in the worker's thread."""
    return await asyncio.get_running_loop().run_in_executor(worker, work, *arguments)


def beside(work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
    """The work as a task; what ends it before its time is logged with its traceback."""
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(_told)
    return task


def _told(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("%s failed", task.get_name(), exc_info=error)
