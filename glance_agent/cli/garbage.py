"""When garbage is looked for: seldom while a verb is loaded, as usual in what goes on for long.

What is loaded stays until the end; to look through it again and again took a quarter of the time of
a verb that is done at once, most of it when the process ended.
"""

from __future__ import annotations

import atexit
import gc
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

_T = TypeVar("_T")
_USUAL: Final = gc.get_threshold()
LOADED: Final = 300_000
"""More than so many new objects are no longer those of a verb that is being loaded."""


def seldom() -> None:
    """Look for garbage seldom from now on, and not at the end of the process."""
    gc.set_threshold(LOADED)
    atexit.register(gc.freeze)


def for_long(work: Coroutine[Any, Any, _T]) -> _T:
    """Run what may go on for long, and look for garbage as usual meanwhile."""
    import asyncio

    if gc.get_threshold() != _USUAL:
        gc.freeze()
        gc.set_threshold(*_USUAL)
    return asyncio.run(work)
