"""What the broker's access list does not let the agent do: tried, with messages that do no harm."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import Final

from glance_agent.domain.said import say
from glance_agent.domain.strict_json import as_json
from glance_agent.domain.topics import Topics
from glance_agent.doors.mqtt.client import open_beside
from glance_agent.doors.mqtt.link import Link, Received
from glance_agent.doors.mqtt.settings import MqttSettings

ECHO_SECONDS: Final = 5.0
"""How long our own command may take to come back."""
NOBODY: Final = "doctor"
"""The name of no display and no event: nobody listens to them by name."""


async def forbidden(settings: MqttSettings) -> list[str]:
    """What the account may not do, as “publish glance/event/+”; raises LinkError.

    A broker of MQTT 3.1.1 confirms what it does not let through: publishing is tried with MQTT 5
    wherever the broker speaks it.
    """
    found = [one async for one in _not_published(settings.model_copy(update={"protocol": "auto"}))]
    if not await _hears_commands(settings):
        topics = Topics(settings.base_topic)
        read, sent = topics.command_filters[0], topics.command
        found.append(say("read {topic}, or publish {sent}", topic=read, sent=sent))
    return found


async def _not_published(settings: MqttSettings) -> AsyncIterator[str]:
    """Empty messages on topics of each kind, not retained."""
    topics = Topics(settings.base_topic)
    tried = {
        topics.event(NOBODY): topics.event("+"),
        f"{topics.response}/{NOBODY}": f"{topics.response}/#",
        topics.image(NOBODY): f"{topics.base}/display/+/+",
    }
    link = await open_beside(settings, lambda received: None)
    try:
        sent = {link.publish(topic, b"", retain=False): kind for topic, kind in tried.items()}
        await link.confirmed()
        for publication, kind in sent.items():
            if publication.refused is not None:
                yield say("publish {topic}", topic=kind)
    finally:
        await link.close(1.0)


async def _hears_commands(settings: MqttSettings) -> bool:
    """Whether a command that we send, which changes nothing, comes back as it would to an agent."""
    topics = Topics(settings.base_topic)
    command = as_json({"command": "describe", "transaction": f"doctor-{secrets.token_hex(6)}"})
    came = asyncio.Event()

    def heard(received: Received) -> None:
        received.link.acknowledge(received)
        if received.payload == command.encode():
            came.set()

    link: Link = await open_beside(settings, heard)
    try:
        link.subscribe(topics.command_filters)
        link.publish(topics.command, command, retain=False)
        async with asyncio.timeout(ECHO_SECONDS):
            await came.wait()
    except TimeoutError:
        return False
    finally:
        await link.close(1.0)
    return True
