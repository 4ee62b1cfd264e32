"""The paho client: how it is made, and what it says when it connects."""

from __future__ import annotations

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from glance_agent.doors.mqtt.reasons import accept_every_reason
from glance_agent.doors.mqtt.settings import MqttSettings
from glance_agent.doors.mqtt.tls import tls_context

RECEIVE_MAXIMUM = 50
MAXIMUM_PACKET_BYTES = 1024 * 1024
CONNECT_TIMEOUT_SECONDS = 10.0


def new_client(
    settings: MqttSettings, client_id: str, version: int, will_topic: str | None
) -> paho.Client:
    """A client that waits to be connected; without a will it leaves no session behind.

    Raises ConfigError where the password or a certificate cannot be read.
    """
    accept_every_reason()
    client = paho.Client(
        CallbackAPIVersion.VERSION2,
        client_id=client_id,
        clean_session=None if version == paho.MQTTv5 else will_topic is None,
        protocol=MQTTProtocolVersion(version),
        reconnect_on_failure=False,
        manual_ack=True,
    )
    client.connect_timeout = CONNECT_TIMEOUT_SECONDS
    if will_topic is not None:
        client.will_set(will_topic, b"offline", qos=1, retain=True)
    if settings.username is not None:
        client.username_pw_set(settings.username, settings.secret())
    if settings.tls:
        client.tls_set_context(tls_context(settings))
    return client


def connect(client: paho.Client, settings: MqttSettings) -> None:
    """Look the name up, open TCP and TLS, and send CONNECT: blocks. Raises OSError, ValueError."""
    version5 = client.protocol == paho.MQTTv5
    properties = None
    if version5:
        properties = properties_of(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = settings.session_expiry_seconds
        properties.ReceiveMaximum = RECEIVE_MAXIMUM
        properties.MaximumPacketSize = MAXIMUM_PACKET_BYTES
    client.connect(
        settings.host,
        settings.effective_port,
        keepalive=settings.keepalive_seconds,
        clean_start=False if version5 else paho.MQTT_CLEAN_START_FIRST_ONLY,
        properties=properties,
    )


def properties_of(packet: int) -> Properties:
    """The properties of MQTT 5 for a packet of this kind, none set yet."""
    return Properties(packet)  # type: ignore[no-untyped-call]  # paho has no types for it
