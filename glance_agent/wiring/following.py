"""A library that a server keeps: waited for when the agent starts, listened to while it runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.library_place import LibraryPlace, PostgresPlace
from glance_agent.domain.said import at_the_start
from glance_agent.doors.systemd import notify
from glance_agent.store.opening import news_of, open_library, watch_of

FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 30.0
LISTENING_SECONDS = 1.0
"""How long a thread listens at a time; it takes as long at most to stop."""
WATCH_SECONDS = 2.0
"""How often it is looked whether the server is there, while it is and while it is not."""
AT_MOST_EVERY_SECONDS = 1.0
"""How often what others wrote is taken up at most: who ingests writes several times a second."""
_log = logging.getLogger(__name__)


@asynccontextmanager
async def not_kept_waiting(place: LibraryPlace, stopping: asyncio.Event) -> AsyncIterator[None]:
    """Within it an agent that is to stop does not wait for a server that says nothing."""
    if not isinstance(place, PostgresPlace):
        yield
        return

    async def end() -> None:
        await stopping.wait()
        place.reach.is_over = True

    ending = asyncio.create_task(end())
    try:
        yield
    finally:
        ending.cancel()
        place.reach.is_over = False


async def there(place: LibraryPlace, stopping: asyncio.Event) -> bool:
    """Wait until the library can be opened; False where the agent is to stop before.

    Only what may pass by itself is waited for: a server that does not answer, and not one that
    lets nobody in. Raises StoreError.
    """
    if not isinstance(place, PostgresPlace):
        return True
    seconds, said = FIRST_WAIT_SECONDS, ""
    while not stopping.is_set():
        try:
            await asyncio.to_thread(lambda: open_library(place).close())
        except StoreError as error:
            if error.trouble is not Trouble.UNREACHABLE or error.refused:
                raise
            if str(error) != said:
                said = str(error)
                _log.error("%s It is tried again until it can be.", said)
        else:
            return True
        notify(f"EXTEND_TIMEOUT_USEC={int((seconds + 30) * 1e6)}")
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), seconds)
        seconds = min(2 * seconds, LONGEST_WAIT_SECONDS)
    return False


async def watch_over(
    place: PostgresPlace,
    *,
    gone: Callable[[], Awaitable[None]],
    back: Callable[[], Awaitable[None]],
) -> None:
    """Look every other second whether the server of a claimed library is there, for ever.

    What becomes of it is said once: `gone` is called when it is away, `back` when it is there
    again. Raises StoreError where another agent has taken the library meanwhile.
    """
    watch, away = watch_of(place), False
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        try:
            await asyncio.to_thread(watch.confirm)
        except StoreError as error:
            if error.trouble is Trouble.REPLACED:
                raise
            if not away:
                _log.error("%s It is tried again until it can be.", at_the_start(error.said))
                await gone()
            away = True
        else:
            if away:
                _log.warning("The library %s can be reached again.", place)
                await back()
            away = False


async def listen(place: PostgresPlace, wake: Callable[[], None]) -> None:
    """Call `wake` when anybody has written, for ever.

    While the server does not answer nothing is heard; then it is looked at after a while as ever.
    """
    with closing(news_of(place)) as news:
        while True:
            try:
                heard = await asyncio.to_thread(news.wait, LISTENING_SECONDS)
            except StoreError:  # which `watch_over` says
                await asyncio.sleep(WATCH_SECONDS)
                continue
            if heard:
                wake()
                await asyncio.sleep(AT_MOST_EVERY_SECONDS)
