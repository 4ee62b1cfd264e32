"""Whether the broker lets the agent in, and its messages through."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import reduce

from glance_agent.cli.doctor.finding import Finding, Patient
from glance_agent.config.settings import Config
from glance_agent.domain.errors import GlanceError
from glance_agent.domain.said import say, without_stop
from glance_agent.domain.spelling import host_and_port
from glance_agent.doors.mqtt.client import reachable
from glance_agent.doors.mqtt.probe import largest_payload
from glance_agent.doors.mqtt.reasons import LinkError
from glance_agent.doors.mqtt.rights import forbidden

PATIENCE_SECONDS = 15


async def check(patient: Patient) -> AsyncIterator[Finding]:
    """Connect with the credentials of the configuration, publish a probe, and leave again."""
    connection = await _connection(patient.config)
    yield connection
    if connection.ok:
        yield await _rights(patient.config)
        yield await _messages(patient.config)


async def _connection(config: Config) -> Finding:
    mqtt = config.mqtt
    where = host_and_port(mqtt.host, mqtt.effective_port)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await reachable(mqtt)
    except (LinkError, TimeoutError, GlanceError) as error:
        silent = say("it does not answer; check mqtt.host and mqtt.port")
        why = say("{where}: {why}.", where=where, why=_without_stop(error) or silent)
        return Finding(say("broker"), False, why)
    return Finding(say("broker"), True, say("{where} lets us in", where=where))


async def _rights(config: Config) -> Finding:
    """Whether the broker's access list lets the agent read and publish what it has to."""
    user = config.mqtt.username
    who = say("the account {name}", name=user) if user else say("a client like us")
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            missing = await forbidden(config.mqtt)
    except (LinkError, TimeoutError) as error:
        why = _without_stop(error) or say("the broker does not answer")
        return Finding(say("rights"), False, say("{why}.", why=why))
    if missing:
        said = say(
            "{who} may not {what}: allow it as in config/mosquitto.acl",
            who=who,
            what=reduce(_nor, missing),
        )
        return Finding(say("rights"), False, said)
    return Finding(say("rights"), True, say("{who} may read commands, and publish", who=who))


async def _messages(config: Config) -> Finding:
    """Whether what the agent publishes comes through the broker, however large."""
    mqtt = config.mqtt
    largest = max(display.max_image_bytes for display in config.displays)
    wanted = min(largest, mqtt.max_payload_bytes or largest)
    try:
        through = await largest_payload(mqtt, wanted)
    except LinkError as error:
        return Finding(say("messages"), False, say("{why}.", why=_without_stop(error)))
    if through is None:
        said = say(
            "none comes back on {topic}: allow it as in config/mosquitto.acl",
            topic=f"{mqtt.base_topic}/probe/+",
        )
        return Finding(say("messages"), False, said)
    if through < wanted:
        said = say(
            "the broker takes {most} bytes at most, and pictures may have {wanted}: raise its "
            "limit (docs/broker.md), or set mqtt.max_payload_bytes = {exactly}",
            most=through,
            wanted=wanted,
            exactly=str(through),
        )
        return Finding(say("messages"), False, said)
    said = say("those of {most} bytes come through the broker", most=through)
    return Finding(say("messages"), True, said)


def _nor(one: str, other: str) -> str:
    return say("{one}; nor {other}", one=one, other=other)


def _without_stop(error: Exception) -> str:
    """What an error says, as part of a sentence."""
    return without_stop(error.said if isinstance(error, GlanceError) else str(error))
