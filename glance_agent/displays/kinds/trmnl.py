"""TRMNL and what speaks like it: e-paper that fetches a black and white picture and sleeps.

The interface is that of TRMNL's firmware for servers of one's own (BYOS): a device is given a key
by its MAC address, then asks what to show and when to ask again, and fetches that. By the name of
a picture the device knows whether to draw it; its last ten characters are a time, or the device
forgets what it keeps. It is never answered with the status 500, at which it forgets its Wi-Fi.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Sequence
from typing import Any, Final, Literal, Self

from pydantic import Field, SecretStr, model_validator

from glance_agent.displays.appearance import HeightPx, Panel, WidthPx
from glance_agent.displays.display import Diagnosis
from glance_agent.displays.pull import DeviceRoute, Moment, PulledDisplay, guessable
from glance_agent.displays.settings import MinInterval, PulledSettings, WakeSeconds
from glance_agent.domain.device import DeviceReport, number_of, said_by_device
from glance_agent.domain.device_http import DeviceAnswer, DeviceRequest, json_answer
from glance_agent.domain.foreign import line
from glance_agent.domain.frame import Frame
from glance_agent.domain.panel import Format
from glance_agent.domain.said import say

OG_PX: Final = (800, 480)
OG_BYTES: Final = 90_000
"""The first TRMNL takes no longer picture."""
PANELS: Final = ("mono", "grey4", "grey8", "grey16", "grey")
MOST_LOGGED: Final = 5
_log = logging.getLogger(__name__)


class TrmnlDisplaySettings(PulledSettings):
    """A TRMNL, or a reader or program that speaks like one (Kindle, Kobo, KOReader, Seeed)."""

    kind: Literal["trmnl"] = Field(description="Which kind of display.")
    width_px: WidthPx = 800
    height_px: HeightPx = 480
    panel: Panel = Field(
        "mono",
        description="What it shows: mono, or greys where its firmware knows them (grey4, grey16, "
        "grey for 8 bits).",
    )
    min_interval_seconds: MinInterval = 60
    wake_seconds: WakeSeconds = 900
    token: SecretStr | None = Field(
        None,
        description="The access token that it shows; where none is set it is given one of its own.",
    )

    @model_validator(mode="after")
    def _is_what_it_reads(self) -> Self:
        if fault := _fault(self):
            raise ValueError(fault)
        return self

    @property
    def format(self) -> Format:
        """BMP for the first model, which all its firmware reads; else PNG."""
        if self.encoding == "auto":
            return "bmp" if self.panel == "mono" and self.sent_px == OG_PX else "png"
        return self.encoding

    @property
    def _most_bytes(self) -> int:
        most = super()._most_bytes
        return min(most, OG_BYTES) if self.sent_px == OG_PX else most


def _fault(settings: TrmnlDisplaySettings) -> str | None:
    """Why no device of this kind reads such pictures, and what to write instead."""
    if settings.panel not in PANELS:
        return say(
            "TRMNL shows black, white and greys, not {panel}: write panel = “mono”, or “grey4”, "
            "“grey16” or “grey” where its firmware knows greys",
            panel=settings.panel,
        )
    if settings.format == "jpeg":
        return say("TRMNL reads BMP and PNG: write encoding = “png”, or leave it out")
    if settings.format == "bmp" and (settings.panel != "mono" or settings.sent_px != OG_PX):
        return say(
            "TRMNL reads BMP of 800 x 480 pixels in black and white alone: write encoding = “png”"
        )
    return guessable(settings.token)


class TrmnlDisplay(PulledDisplay[TrmnlDisplaySettings]):
    """Answers the device of one display."""

    settings_class = TrmnlDisplaySettings
    says = ("battery", "charging", "signal", "firmware", "interval_seconds")

    @classmethod
    def routes(cls) -> Sequence[DeviceRoute]:
        """Those of TRMNL's servers, and one for pictures."""
        return (
            DeviceRoute("GET", "/api/setup", _said_by_head, cls.set_up),
            DeviceRoute("GET", "/api/display", _said_by_head, cls.show),
            DeviceRoute("POST", "/api/log", _said_by_head, cls.log),
            DeviceRoute(
                "GET",
                "/api/picture/{device}/{proof}/{file}",
                lambda request: request.parts["device"],
                cls.picture,
            ),
        )

    def __init__(self, settings: TrmnlDisplaySettings) -> None:
        super().__init__(settings)
        self._given: dict[str, Frame] = {}

    async def set_up(self, request: DeviceRequest, moment: Moment) -> DeviceAnswer:
        """A device that knows nothing yet: its key, by which it is known from then on."""
        name = self._name(moment)
        return json_answer(
            {
                "status": 200,
                "api_key": self._token(moment),
                "friendly_id": _digest(moment.key, "friendly id")[:6].upper(),
                "image_url": self._url(request, moment, name) if name else "",
                "message": f"glance-agent: {self.settings.title or self.settings.name}",
            }
        )

    async def show(self, request: DeviceRequest, moment: Moment) -> DeviceAnswer:
        """What to show, and when to ask again."""
        if not self._is_itself(request, moment):
            return _not_itself()
        wait = self._heard(request, moment)
        name = self._name(moment)
        if name is None:
            return json_answer({"status": 503, "message": "There is no picture yet."}, 503)
        return json_answer(
            {
                "status": 0,
                "image_url": self._url(request, moment, name),
                "filename": name,
                "refresh_rate": wait,
                "reset_firmware": False,
                "update_firmware": False,
                "firmware_url": None,
                "special_function": "none",
                "image_url_timeout": 30,
                "maximum_compatibility": False,
            }
        )

    async def picture(self, request: DeviceRequest, moment: Moment) -> DeviceAnswer:
        """The picture of a name that was given; the address itself proves who asks."""
        name, _, suffix = request.parts["file"].rpartition(".")
        proof = _digest(moment.key, f"picture {name}")
        if not hmac.compare_digest(proof.encode(), request.parts["proof"].encode()):
            return _not_itself()
        self._name(moment)
        frame = self._given.get(name)
        if frame is None or suffix != self.settings.format:
            return json_answer({"status": 404, "message": "This picture has gone."}, 404)
        return DeviceAnswer(frame.data, frame.content_type)

    async def log(self, request: DeviceRequest, moment: Moment) -> DeviceAnswer:
        """What the device has to say of its troubles."""
        if not self._is_itself(request, moment):
            return _not_itself()
        for said in _logs(request.json())[:MOST_LOGGED]:
            text = line(str(said.get("message") or said.get("log_message") or ""))
            if text:
                _log.info("the device of %s says: %s", self.settings.name, text)
        return DeviceAnswer(status=204)

    async def examine(self) -> Diagnosis | None:
        """Nothing can be reached by us: the device asks."""
        return Diagnosis(True, say("asks by itself, as {device}", device=self.settings.device))

    def _token(self, moment: Moment) -> str:
        given = self.settings.token
        return given.get_secret_value().strip() if given else _digest(moment.key, "access token")

    def _is_itself(self, request: DeviceRequest, moment: Moment) -> bool:
        shown = request.header("access-token").encode()
        if hmac.compare_digest(shown, self._token(moment).encode()):
            return True
        self.say_once(
            "its access token is not the one that it was given; set the device up anew, or write "
            "its own as token"
        )
        return False

    def _heard(self, request: DeviceRequest, moment: Moment) -> int:
        """Tell what the device says of itself; the seconds until it is to ask again."""
        volts = number_of(request.header("battery-voltage"), 2.5, 60)
        percent = number_of(request.header("percent-charged", "battery-percent"), 0, 100)
        signal = number_of(request.header("rssi"), -150, -1)
        wait = self.sleeps(moment, percent)
        size = [number_of(request.header(key), 16, 7680) for key in ("width", "height")]
        across, down = (int(one) if one is not None else None for one in size)
        if None not in (across, down) and (across, down) != self.settings.sent_px:
            self.say_once(f"its panel has {across} x {down} pixels, not those of width_px")
        self.report(
            DeviceReport(
                battery=percent,
                voltage=volts,
                signal=None if signal is None else int(signal),
                firmware=said_by_device(request.header("fw-version")),
                model=said_by_device(request.header("model")),
                width=across,
                height=down,
                interval_seconds=wait,
            )
        )
        return wait

    def _name(self, moment: Moment) -> str | None:
        """The name of the picture that hangs now, which can be fetched by it, as can the one
        before; None where there is none that the device could show."""
        frame = self.exact(moment)
        if frame is None or moment.glance is None:
            return None
        at = max(0, min(int(moment.glance.shown_at.timestamp()), 9_999_999_999))
        screen = _digest("screen", self.settings.name)[:12]
        name = f"{screen}-{hashlib.sha256(frame.data).hexdigest()[:8]}{at:010d}"
        if name not in self._given:
            self._given = {**dict(list(self._given.items())[-1:]), name: frame}
        return name

    def _url(self, request: DeviceRequest, moment: Moment, name: str) -> str:
        device, proof = (
            self.settings.device.replace(":", ""),
            _digest(moment.key, f"picture {name}"),
        )
        suffix = self.settings.format
        return f"{request.base_url}/api/picture/{device}/{proof}/{name}.{suffix}"


def _said_by_head(request: DeviceRequest) -> str:
    """The id of a device: empty, and so unknown, where there is none."""
    return request.header("id")


def _digest(key: str, what: str) -> str:
    """32 hexadecimal digits that follow from a key, and from which it does not."""
    return hmac.new(key.encode(), what.encode(), "sha256").hexdigest()[:32]


def _not_itself() -> DeviceAnswer:
    """For a wrong token: at 401 a device says so and asks again later."""
    return json_answer({"status": 401, "message": "The access token is wrong."}, 401)


def _logs(told: dict[str, Any]) -> list[dict[str, Any]]:
    """The entries of what a device logs, in either of its two forms."""
    older = told.get("log")
    entries = told.get("logs") or (older.get("logs_array") if isinstance(older, dict) else None)
    return [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []


DISPLAY = TrmnlDisplay
