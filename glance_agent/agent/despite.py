"""Steps that nobody asked for: a library that stands in the way is said, and life goes on."""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from typing import TypeVar

from glance_agent.domain.errors import StoreError, Trouble

_log = logging.getLogger(__name__)
_T = TypeVar("_T")


async def despite_the_library(step: Awaitable[_T], what: str) -> _T | None:
    """What a step of the background gives; None where the library cannot be used now.

    Raises StoreError where it is gone or another one: nothing that is done then is kept.
    """
    try:
        return await step
    except StoreError as error:
        if error.trouble is Trouble.REPLACED:
            raise
        _log.log(error.log_level, "%s: the library cannot be used now: %s", what, error)
        return None
