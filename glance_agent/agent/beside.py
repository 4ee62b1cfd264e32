"""Work beside the event loop, in a task that never fails unseen."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from glance_agent.domain.errors import StoreError

_log = logging.getLogger(__name__)


def beside(work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
    """The work as a task; what ends it before its time is logged, a mistake with its traceback."""
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(_told)
    return task


def _told(task: asyncio.Task[None]) -> None:
    if task.cancelled() or (error := task.exception()) is None:
        return
    if isinstance(error, StoreError):
        # The library's upkeep ends the agent where it is gone; a traceback says nothing more.
        _log.log(error.log_level, "%s failed: %s", task.get_name(), error)
    else:
        _log.error("%s failed", task.get_name(), exc_info=error)
