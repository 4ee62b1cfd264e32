"""A small web server in a thread, for encoders that ask from the thread they are called in."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aiohttp import web

from tests.spawned import PATIENCE_SECONDS


@contextmanager
def served(make: Callable[[], web.Application]) -> Iterator[str]:
    """Serves the application that is made in the server's own loop; gives its address."""
    ready, done, address = threading.Event(), threading.Event(), []

    async def serve() -> None:
        runner = web.AppRunner(make(), access_log=None, shutdown_timeout=0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address.append(f"http://127.0.0.1:{runner.addresses[0][1]}")
        ready.set()
        await asyncio.to_thread(done.wait)
        await runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(PATIENCE_SECONDS)
    try:
        yield address[0]
    finally:
        done.set()
        thread.join()
