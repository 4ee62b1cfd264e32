"""The Glance frame: an ESP32 with a battery and 13.3" of e-paper in six colours (Spectra 6).

Its firmware asks for a few facts, compares the picture's id with the last one, fetches raw pixels
where it is another, says how it is, and sleeps as long as it was told. It reads what it is sent
without looking at the status: where there is no picture, it is sent nothing at all.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from io import BytesIO
from typing import Any, ClassVar, Final, Literal, Self

from PIL import Image
from pydantic import Field, model_validator

from glance_agent.displays.appearance import HeightPx, Panel, WidthPx
from glance_agent.displays.display import Diagnosis
from glance_agent.displays.pull import DeviceRoute, Moment, PulledDisplay
from glance_agent.displays.settings import MinInterval, PulledSettings, WakeSeconds
from glance_agent.domain.device import DeviceReport, number_of, said_by_device
from glance_agent.domain.device_http import DeviceAnswer, DeviceRequest, json_answer
from glance_agent.domain.foreign import line
from glance_agent.domain.frame import Frame
from glance_agent.domain.languages import in_language
from glance_agent.domain.said import say

PANEL_PX: Final = (1200, 1600)
LONGEST_SLEEP_SECONDS: Final = 86_400
"""Its firmware sleeps no longer."""
VOLTS: Final = (2.5, 4.6)
"""Outside of these its sensor is not connected."""
NOTHING: Final = DeviceAnswer(status=404)


class GlanceDisplaySettings(PulledSettings):
    """A Glance frame, 13.3" with Spectra 6."""

    kind: Literal["glance"] = Field(description="Which kind of display.")
    width_px: WidthPx = 1200
    height_px: HeightPx = 1600
    panel: Panel = Field("spectra6", description="What it shows colours with: spectra6.")
    min_interval_seconds: MinInterval = 900
    wake_seconds: WakeSeconds = 3_600

    @model_validator(mode="after")
    def _is_what_it_shows(self) -> Self:
        if self.panel != "spectra6":
            raise ValueError(
                say("a Glance frame has the inks of “spectra6”, not of “{panel}”", panel=self.panel)
            )
        if self.format != "png":
            raise ValueError(say("a Glance frame is sent its pixels: leave encoding out"))
        if self.sent_px != PANEL_PX:
            raise ValueError(
                say(
                    "a Glance frame has 1200 x 1600 pixels: write width_px = 1200 and "
                    "height_px = 1600, or where it hangs on its side 1600, 1200 and rotation = "
                    "90 or 270"
                )
            )
        return self


class GlanceDisplay(PulledDisplay[GlanceDisplaySettings]):
    """Answers the frame of one display."""

    settings_class = GlanceDisplaySettings
    says = ("battery", "charging", "signal", "firmware", "interval_seconds")
    turned_away: ClassVar[DeviceAnswer] = NOTHING

    def __init__(self, settings: GlanceDisplaySettings) -> None:
        super().__init__(settings)
        self._pixels: tuple[str, bytes] = ("", b"")
        self._promised: Frame | None = None

    @classmethod
    def routes(cls) -> Sequence[DeviceRoute]:
        """Those of its own server; facts and pixels are asked for without a name."""
        return (
            DeviceRoute("GET", "/api/current.json", _nobody, cls.current),
            DeviceRoute("GET", "/api/image.bin", _nobody, cls.image),
            DeviceRoute("POST", "/api/device-status", _in_body, cls.status),
            DeviceRoute("POST", "/api/logs", _in_body, cls.log),
            DeviceRoute("GET", "/api/commands/{device}", _in_path, cls.commands),
            DeviceRoute("GET", "/api/firmware/version", _nobody, cls.firmware),
        )

    async def current(self, _request: DeviceRequest, moment: Moment) -> DeviceAnswer:
        """What hangs, and for how long to sleep."""
        frame = self.exact(moment)
        if frame is None or moment.glance is None:
            return NOTHING
        self._promised = frame
        wait = min(self.sleeps(moment), LONGEST_SLEEP_SECONDS)
        self.report(DeviceReport(interval_seconds=wait))
        return json_answer(
            {
                "hasImage": True,
                "title": line(in_language(moment.glance.artwork.title, moment.language), 200),
                "imageId": _id(frame),
                "timestamp": round(moment.glance.shown_at.timestamp() * 1000),
                "sleepDuration": wait * 1_000_000,
                "rotation": 0,
                "devServerHost": None,
            }
        )

    async def image(self, _request: DeviceRequest, moment: Moment) -> DeviceAnswer:
        """Three bytes a pixel, red, green and blue, in pure inks: what the frame was told of last,
        also where another one hangs since."""
        frame = self._promised or self.exact(moment)
        if frame is None:
            return NOTHING
        if self._pixels[0] != _id(frame):
            self._pixels = _id(frame), await asyncio.to_thread(_pixels, frame.data)
        return DeviceAnswer(self._pixels[1])

    async def status(self, request: DeviceRequest, _moment: Moment) -> DeviceAnswer:
        """How the frame is."""
        told = request.json().get("status")
        said: dict[str, Any] = told if isinstance(told, dict) else {}
        charging = said.get("isCharging")
        signal = number_of(said.get("signalStrength"), -150, -1)
        self.report(
            DeviceReport(
                voltage=number_of(said.get("batteryVoltage"), *VOLTS),
                battery=number_of(said.get("batteryPercent"), 0, 100),
                charging=charging if isinstance(charging, bool) else None,
                signal=None if signal is None else int(signal),
                firmware=said_by_device(said.get("firmwareVersion")),
                width=PANEL_PX[0],
                height=PANEL_PX[1],
            )
        )
        brownouts = number_of(said.get("brownoutCount"), 1, 10**6)
        if brownouts is not None:
            self.say_once("its battery is too weak to draw (brownouts): charge or replace it")
        return json_answer({"success": True})

    async def log(self, _request: DeviceRequest, _moment: Moment) -> DeviceAnswer:
        """What it logs is for who builds it; how it is, it says by itself."""
        return json_answer({"success": True})

    async def commands(self, _request: DeviceRequest, _moment: Moment) -> DeviceAnswer:
        """Nothing is ever asked of it."""
        return json_answer({"commands": []})

    async def firmware(self, _request: DeviceRequest, _moment: Moment) -> DeviceAnswer:
        """There is no newer one: it takes any version that is not its own for newer, so that none
        is named."""
        return NOTHING

    async def examine(self) -> Diagnosis | None:
        """Nothing can be reached by us: the frame asks."""
        return Diagnosis(True, say("asks by itself, as {device}", device=self.settings.device))


def _nobody(_request: DeviceRequest) -> None:
    """The frame does not say who asks."""


def _in_body(request: DeviceRequest) -> str:
    named = request.json().get("deviceId")
    return named if isinstance(named, str) else ""


def _in_path(request: DeviceRequest) -> str:
    return request.parts["device"]


def _id(frame: Frame) -> str:
    """Another picture has another id, of less than 64 characters."""
    return hashlib.sha256(frame.data).hexdigest()[:32]


def _pixels(png: bytes) -> bytes:
    """The pixels of a picture of ours."""
    return Image.open(BytesIO(png)).convert("RGB").tobytes()


DISPLAY = GlanceDisplay
