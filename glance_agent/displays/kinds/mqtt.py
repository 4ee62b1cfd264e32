"""The usual kind: a program or panel that reads the picture from its topic, by itself."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from glance_agent.displays.display import Display
from glance_agent.displays.settings import PanelSettings


class MqttDisplaySettings(PanelSettings):
    """A display that reads its picture, a retained JPEG, from its topic."""

    kind: Literal["mqtt"] = Field("mqtt", description="Which kind of display.")


class MqttDisplay(Display[MqttDisplaySettings]):
    """What MQTT carries to everyone is all that it needs."""

    settings_class = MqttDisplaySettings


DISPLAY = MqttDisplay
