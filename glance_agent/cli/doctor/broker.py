"""Whether the broker lets the agent in, and its messages through."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from glance_agent.cli.doctor.finding import Finding, Patient
from glance_agent.config.settings import Config
from glance_agent.domain.errors import GlanceError
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
        said = str(error).rstrip(".") or "it does not answer; check mqtt.host and mqtt.port"
        return Finding("broker", False, f"{where}: {said}.")
    return Finding("broker", True, f"{where} lets us in")


async def _rights(config: Config) -> Finding:
    """Whether the broker's access list lets the agent read and publish what it has to."""
    who = f"the account {config.mqtt.username}" if config.mqtt.username else "a client like us"
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            missing = await forbidden(config.mqtt)
    except (LinkError, TimeoutError) as error:
        said = str(error).rstrip(".") or "the broker does not answer"
        return Finding("rights", False, f"{said}.")
    if missing:
        said = f"{who} may not {'; nor '.join(missing)}: allow it as in config/mosquitto.acl"
        return Finding("rights", False, said)
    return Finding("rights", True, f"{who} may read commands, and publish")


async def _messages(config: Config) -> Finding:
    """Whether what the agent publishes comes through the broker, however large."""
    mqtt = config.mqtt
    largest = max(display.max_image_bytes for display in config.displays)
    wanted = min(largest, mqtt.max_payload_bytes or largest)
    try:
        through = await largest_payload(mqtt, wanted)
    except LinkError as error:
        return Finding("messages", False, f"{str(error).rstrip('.')}.")
    if through is None:
        said = f"none comes back on {mqtt.base_topic}/probe/+: allow it as in config/mosquitto.acl"
        return Finding("messages", False, said)
    if through < wanted:
        said = (
            f"the broker takes {through:,} bytes at most, and pictures may have {wanted:,}: raise "
            f"its limit (docs/broker.md), or set mqtt.max_payload_bytes = {through}"
        )
        return Finding("messages", False, said)
    return Finding("messages", True, f"those of {through:,} bytes come through the broker")
