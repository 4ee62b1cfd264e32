"""Every MQTT topic, in one place."""

from __future__ import annotations

from dataclasses import dataclass

EVERYWHERE = "all"
"""In the place of a display's name: every display."""


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics below one base topic, such as `glance`."""

    base: str = "glance"

    @property
    def command(self) -> str:
        return f"{self.base}/command"

    @property
    def command_filters(self) -> tuple[str, ...]:
        """What the agent subscribes to: MQTT's `/#` also matches the level above it."""
        return (f"{self.command}/#",)

    @property
    def response(self) -> str:
        return f"{self.base}/response"

    @property
    def error(self) -> str:
        return f"{self.base}/error"

    @property
    def status(self) -> str:
        return f"{self.base}/status"

    @property
    def agent(self) -> str:
        return f"{self.base}/agent"

    def probe(self, name: str) -> str:
        """Where `doctor` sends messages to itself."""
        return f"{self.base}/probe/{name}"

    def event(self, name: str) -> str:
        """The topic of an event: `shown`, `reaction`, `ingest` or `model`."""
        return f"{self.base}/event/{name}"

    def artwork(self, display: str) -> str:
        return f"{self.base}/display/{display}/artwork"

    def image(self, display: str) -> str:
        return f"{self.base}/display/{display}/image"

    def device(self, display: str) -> str:
        return f"{self.base}/display/{display}/device"

    def power(self, display: str) -> str:
        """Where it is said whether a display is wanted to be on: `on` or `off`."""
        return f"{self.base}/display/{display}/power"

    def settings(self, display: str) -> str:
        return f"{self.base}/display/{display}/settings"
