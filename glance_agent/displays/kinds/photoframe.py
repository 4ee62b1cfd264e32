"""The firmware esp32-photoframe, on frames of 7.3" and 13.3": it fetches a picture from an address.

Where a PNG has the panel's own size, three bytes a pixel and pure inks alone, the frame shows it as
it is; everything else it dithers itself. By the ETag it knows whether to fetch and draw at all.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Sequence
from io import BytesIO
from typing import ClassVar, Final, Literal, Self

from PIL import Image
from pydantic import Field, SecretStr, model_validator

from glance_agent.displays.appearance import HeightPx, Panel, Progressive, WidthPx
from glance_agent.displays.display import Diagnosis
from glance_agent.displays.pull import DeviceRoute, Moment, PulledDisplay, guessable
from glance_agent.displays.settings import MinInterval, PulledSettings
from glance_agent.domain.device import DeviceReport, number_of, said_by_device
from glance_agent.domain.device_http import DeviceAnswer, DeviceRequest, json_answer
from glance_agent.domain.frame import Frame
from glance_agent.domain.said import say

PANELS: Final = ("spectra6", "acep7", "lcd")


class PhotoframeDisplaySettings(PulledSettings):
    """A frame with the firmware esp32-photoframe (PhotoPainter, reTerminal, Waveshare, 13.3")."""

    kind: Literal["photoframe"] = Field(description="Which kind of display.")
    width_px: WidthPx = 800
    height_px: HeightPx = 480
    panel: Panel = Field(
        "spectra6",
        description="What it shows colours with: spectra6 or acep7; with lcd the frame dithers by "
        "itself, with the inks that it was calibrated for.",
    )
    progressive: Progressive = False
    min_interval_seconds: MinInterval = 900
    token: SecretStr | None = Field(
        None, description="The access token that the frame shows, where one is set there."
    )

    @model_validator(mode="after")
    def _is_what_it_reads(self) -> Self:
        if self.panel not in PANELS:
            raise ValueError(
                say(
                    "esp32-photoframe has no panel with the inks of “{panel}”: write panel = "
                    "“spectra6”, “acep7”, or “lcd” where the frame is to dither by itself",
                    panel=self.panel,
                )
            )
        if self.progressive or (self.panel != "lcd" and self.format != "png"):
            raise ValueError(
                say(
                    "esp32-photoframe reads plain JPEG, and pictures in inks as PNG: leave "
                    "progressive and encoding out"
                )
            )
        if (fault := guessable(self.token)) is not None:
            raise ValueError(fault)
        return self


class PhotoframeDisplay(PulledDisplay[PhotoframeDisplaySettings]):
    """Answers the frame of one display."""

    settings_class = PhotoframeDisplaySettings
    says: ClassVar[tuple[str, ...]] = ("firmware",)

    def __init__(self, settings: PhotoframeDisplaySettings) -> None:
        super().__init__(settings)
        self._made: tuple[bytes, bytes] = (b"", b"")

    @classmethod
    def routes(cls) -> Sequence[DeviceRoute]:
        """The address that is entered in the frame, with its id in it."""
        path = "/photoframe/{device}"
        return (DeviceRoute("GET", path, lambda request: request.parts["device"], cls.picture),)

    async def picture(self, request: DeviceRequest, moment: Moment) -> DeviceAnswer:
        """The picture that hangs; 304 where the frame has it on its panel."""
        if not self._is_itself(request):
            self.say_once("its access token is not the one of the setting token")
            return json_answer({"status": "error", "message": "The access token is wrong."}, 401)
        self._heard(request)
        frame = self.exact(moment) if self.settings.is_paper else moment.frame
        if frame is None:
            return json_answer({"status": "error", "message": "There is no picture yet."}, 503)
        tag = f'"{hashlib.sha256(frame.data).hexdigest()[:32]}"'
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if tag in (one.strip() for one in request.header("if-none-match").split(",")):
            return DeviceAnswer(b"", frame.content_type, 304, headers)
        return DeviceAnswer(await self._sent(frame), frame.content_type, 200, headers)

    async def examine(self) -> Diagnosis | None:
        """Nothing can be reached by us: the frame asks."""
        path = f"/photoframe/{self.settings.device}"
        return Diagnosis(True, say("asks by itself, at {path}", path=path))

    def _is_itself(self, request: DeviceRequest) -> bool:
        if self.settings.token is None:
            return True
        wanted = f"Bearer {self.settings.token.get_secret_value().strip()}"
        return hmac.compare_digest(request.header("authorization").encode(), wanted.encode())

    def _heard(self, request: DeviceRequest) -> None:
        """Tell what the frame says of itself, and where its panel is another one."""
        size = [number_of(request.header(f"x-display-{key}"), 16, 7680) for key in _SIZE]
        across, down = (int(one) if one is not None else None for one in size)
        if None not in (across, down) and (across, down) != self.settings.sent_px:
            self.say_once(
                f"its panel has {across} x {down} pixels: write them as width_px and height_px; "
                "where it hangs upright, the other way round and rotation = 90 or 270"
            )
        firmware = said_by_device(request.header("x-firmware-version"))
        self.report(DeviceReport(firmware=firmware, width=across, height=down))

    async def _sent(self, frame: Frame) -> bytes:
        """The picture's bytes; inks as three bytes a pixel, made once."""
        if not self.settings.is_paper:
            return frame.data
        if self._made[0] != frame.data:
            self._made = frame.data, await asyncio.to_thread(_in_full, frame.data)
        return self._made[1]


_SIZE: Final = ("width", "height")


def _in_full(png: bytes) -> bytes:
    """The same picture with red, green and blue for each pixel, as PNG."""
    out = BytesIO()
    Image.open(BytesIO(png)).convert("RGB").save(out, "PNG", compress_level=3)
    return out.getvalue()


DISPLAY = PhotoframeDisplay
