"""Asking a running agent from the terminal: one command out, its answer back."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from glance_agent.domain.errors import GlanceError
from glance_agent.domain.event import Event
from glance_agent.domain.said import say
from glance_agent.domain.strict_json import as_json
from glance_agent.domain.topics import Topics
from glance_agent.doors.mqtt.link import Link, Received
from glance_agent.doors.mqtt.reasons import LinkError
from glance_agent.doors.mqtt.settings import MqttSettings
from glance_agent.doors.mqtt.versions import PROTOCOLS

BROKER_SECONDS: Final = 3.0
"""How long work that is only told of waits for the broker."""


async def ask(
    settings: MqttSettings, command: dict[str, Any], *, timeout_seconds: float
) -> dict[str, Any] | None:
    """The agent's reply to a command; None where no agent answers in time.

    Raises LinkError where the broker cannot be reached, and GlanceError where it says that it
    does not take the command.
    """
    topics = Topics(settings.base_topic)
    transaction = f"terminal-{secrets.token_hex(8)}"
    answered: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    def on_message(received: Received) -> None:
        received.link.acknowledge(received)
        reply = _object(received.payload)
        if reply.get("transaction") == transaction and not answered.done():
            answered.set_result(reply)

    link = await open_beside(settings, on_message)
    try:
        link.subscribe((topics.response,))
        payload = as_json(command | {"transaction": transaction})
        link.publish(topics.command, payload, retain=False)
        async with asyncio.timeout(timeout_seconds):
            await link.confirmed()
            if link.sending.refused:
                raise GlanceError(_not_taken(settings, topics.command, link.sending.refused))
            return await answered
    except TimeoutError:
        return None
    finally:
        await link.close(1.0)


def _object(payload: bytes) -> dict[str, Any]:
    """The JSON object of a payload that anyone may have sent; an empty one where it is none."""
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _not_taken(settings: MqttSettings, topic: str, reasons: Iterable[str]) -> str:
    who = f"the account {settings.username}" if settings.username else "a client without an account"
    return (
        f"The broker does not let {who} write to {topic} ({', '.join(sorted(reasons))}). "
        "Allow it as in config/mosquitto.acl."
    )


async def reachable(settings: MqttSettings) -> None:
    """Connect and leave again; raises LinkError."""
    link = await open_beside(settings, lambda received: None)
    await link.close(1.0)


async def clear(settings: MqttSettings, topics: Iterable[str]) -> None:
    """Delete what is retained on these topics; raises LinkError."""
    link = await open_beside(settings, lambda received: None)
    for topic in topics:
        link.publish(topic, b"", retain=True)
    arrived = await link.confirmed()
    await link.close(1.0)
    if not arrived:
        raise LinkError(say("the broker closed the connection"))


@asynccontextmanager
async def telling(settings: MqttSettings) -> AsyncIterator[Callable[[Event], Awaitable[None]]]:
    """Publishes events beside the agent; where the broker cannot be reached, nobody hears them."""
    topics, link = Topics(settings.base_topic), None
    with suppress(LinkError, TimeoutError, GlanceError):
        async with asyncio.timeout(BROKER_SECONDS):
            link = await open_beside(settings, lambda received: None)

    async def tell(event: Event) -> None:
        if link is not None:
            link.publish(topics.event(event.name), as_json(event.payload), retain=False)

    try:
        yield tell
    finally:
        if link is not None:
            await link.close(1.0)


async def open_beside(settings: MqttSettings, on_message: Callable[[Received], None]) -> Link:
    """A connection beside the agent's own: another client id, no session left behind.

    Raises LinkError.
    """
    settings = settings.model_copy(update={"session_expiry_seconds": 0})
    try:
        return await _attempt(settings, on_message, PROTOCOLS[settings.protocol][0])
    except LinkError as error:
        if not (error.old_broker or error.unanswered):
            raise
        return await _attempt(settings, on_message, PROTOCOLS[settings.protocol][-1])


async def _attempt(
    settings: MqttSettings, on_message: Callable[[Received], None], version: int
) -> Link:
    link = Link(
        settings,
        f"glance-terminal-{secrets.token_hex(6)}",
        version=version,
        will_topic=None,
        on_message=on_message,
    )
    await link.open()
    return link
