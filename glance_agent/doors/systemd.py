"""The systemd door: says when the agent is ready, and that it is alive (sd_notify(3)).

The protocol is one datagram per message; the two libraries for it on the package index have
had no release for years.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping


def notify(message: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Tell systemd; False where nobody listens."""
    address = environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as door:
        door.connect(address)
        door.sendall(message.encode())
    return True


def watchdog_seconds(environ: Mapping[str, str] = os.environ) -> float | None:
    """How often systemd wants to hear from us, if it does."""
    microseconds = environ.get("WATCHDOG_USEC", "")
    return int(microseconds) / 1e6 if microseconds.isdigit() and int(microseconds) else None


async def feed_watchdog(
    alive: Iterable[Callable[[], Awaitable[None]]], every_seconds: float
) -> None:
    """Feed the watchdog for as long as the loop runs and each of these answers.

    One that hangs leaves its `alive` waiting, so that systemd starts the agent anew.
    """
    asked = tuple(alive)
    while True:
        await asyncio.gather(*(ask() for ask in asked))
        notify("WATCHDOG=1")
        await asyncio.sleep(every_seconds / 2)
