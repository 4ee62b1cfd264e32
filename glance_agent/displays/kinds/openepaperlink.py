"""Tags of OpenEPaperLink: their access point takes the picture of each, and knows how it is.

It decodes plain JPEGs and takes the nearest ink for each pixel; a tag fetches its picture when it
checks in the next time. It answers 200 also where it has taken nothing: its words count.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from io import BytesIO
from typing import Annotated, Any, ClassVar, Final, Literal, NamedTuple, Self

from PIL import Image
from pydantic import AfterValidator, Field, model_validator

from glance_agent.displays.appearance import Panel, Progressive
from glance_agent.displays.display import Diagnosis, PushedDisplay
from glance_agent.displays.form import form_of
from glance_agent.displays.http import (
    ANSWER_SECONDS,
    HttpAnswer,
    HttpRequest,
    HttpUnreachable,
    SentLast,
    host_of,
    http_answer,
)
from glance_agent.displays.settings import PanelSettings
from glance_agent.domain.device import DeviceReport, number_of
from glance_agent.domain.errors import DisplayError
from glance_agent.domain.foreign import shown
from glance_agent.domain.frame import Frame, tag_of
from glance_agent.domain.said import say
from glance_agent.domain.spelling import HttpUrl

ASKING_SECONDS: Final = 10.0
LOOKING_SECONDS: Final = 900
"""So often its access point is asked how a tag is."""
TAKEN: Final = b"Ok, saved"
QUALITY: Final = 95
"""Of JPEGs of inks: what blurs at their edges is nearer to the right ink than to any other."""
_EMPTY_MV, _FULL_MV = 2_400, 3_000
"""Of a tag's coin cells; under the first the access point itself calls them low."""
_NO_BATTERY_MV: Final = 1_337
"""What tags say that have none."""
_LONGEST_SLEEP_SECONDS: Final = 7 * 86_400
_BUSY: Final = (say("its access point is busy"), say("It starts, or is being updated."))
_log = logging.getLogger(__name__)


def _tag(text: str) -> str:
    digits = re.sub("[:-]", "", text.strip()).upper()
    if not re.fullmatch(r"[0-9A-F]{12}|[0-9A-F]{16}", digits):
        raise ValueError(
            say(
                "“{text}” is no tag: write its MAC address as its access point shows it, "
                "such as 0000021E4FE33B1A",
                text=shown(text),
            )
        )
    return digits.rjust(16, "0")


class OpenepaperlinkDisplaySettings(PanelSettings):
    """An e-paper tag of OpenEPaperLink, fed through its access point."""

    kind: Literal["openepaperlink"] = Field(description="Which kind of display.")
    panel: Panel = Field(
        "bwr",
        description="What it shows colours with: mono, bwr, bwy, bwry and so on; with lcd its "
        "access point spreads the inks by itself.",
    )
    progressive: Progressive = False
    url: HttpUrl = Field(description="The address of the access point, such as http://192.168.1.9.")
    tag: Annotated[str, AfterValidator(_tag)] = Field(
        description="The MAC address of the tag, as its access point shows it."
    )

    @model_validator(mode="after")
    def _is_what_it_reads(self) -> Self:
        if self.progressive or self.encoding != "auto":
            raise ValueError(
                say("the access point reads plain JPEG alone: leave progressive and encoding out")
            )
        if "?" in self.url or "#" in self.url:
            raise ValueError(
                say("url is the address of the access point: write it without ? and #")
            )
        return self


class _Known(NamedTuple):
    """What an access point knows of a tag: its record, and the pixels of its panel."""

    record: dict[str, Any]
    size_px: tuple[int, int] | None


class OpenepaperlinkDisplay(PushedDisplay[OpenepaperlinkDisplaySettings]):
    """Sends each picture for one tag to its access point."""

    settings_class = OpenepaperlinkDisplaySettings
    says: ClassVar[tuple[str, ...]] = ("battery", "voltage", "signal", "firmware")

    def __init__(self, settings: OpenepaperlinkDisplaySettings) -> None:
        super().__init__(settings)
        self._fits = False
        self._seen: object = None

    async def hang(self, frame: Frame) -> None:
        """Send the picture, unless the tag was sent it last. Raises DisplayError."""
        sent = SentLast(picture=frame.tag, to=tag_of(f"{self._root} {self.settings.tag}".encode()))
        if await asyncio.to_thread(self.memory.recall, SentLast) == sent:
            return
        if not self._fits:
            self._check(await self._known())
            self._fits = True
        data = await asyncio.to_thread(_as_jpeg, frame.data) if self._is_inked else frame.data
        fields = {"mac": self.settings.tag, "dither": "0" if self._is_inked else "1"}
        body, kind = form_of("file", f"{self.settings.name}.jpg", data, "image/jpeg", fields)
        answer = await self._asked("POST", "/imgupload", body, {"Content-Type": kind})
        if answer.status != 200 or not answer.body.strip().startswith(TAKEN):
            raise self._refusal(answer)
        await asyncio.to_thread(self.memory.remember, sent, self._host)

    async def examine(self) -> Diagnosis | None:
        """Whether its access point answers, knows the tag, and whether the tag has this size."""
        try:
            self._check(await self._known())
        except DisplayError as error:
            return Diagnosis(False, say("no picture gets to the tag: {why}", why=error.in_full))
        said = say("the access point at {host} knows the tag", host=self._host)
        return Diagnosis(True, said)

    async def live(self) -> None:
        """Tell how the tag is, as its access point has it."""
        while True:
            try:
                self._tell((await self._known()).record)
            except DisplayError as error:
                # A picture that does not get there is told; this is not missed by anybody.
                _log.debug("nothing is heard of the tag of %s: %s", self.settings.name, error)
            await asyncio.sleep(LOOKING_SECONDS)

    @property
    def _is_inked(self) -> bool:
        return self.settings.is_paper

    @property
    def _root(self) -> str:
        return self.settings.url.rstrip("/")

    @property
    def _host(self) -> str:
        return host_of(self.settings.url)

    async def _known(self) -> _Known:
        """What the access point knows of the tag. Raises DisplayError where that is nothing."""
        told = _json(await self._asked("GET", f"/get_db?mac={self.settings.tag}"))
        records = told.get("tags")
        if not isinstance(records, list):
            raise DisplayError(
                say("no access point of OpenEPaperLink answers at its address"), say("Check “url”.")
            )
        if not records or not isinstance(records[0], dict):
            raise DisplayError(
                say("its access point knows no tag {tag}", tag=self.settings.tag),
                say("Check “tag”, and that the tag has checked in there."),
            )
        kind = number_of(records[0].get("hwType"), 0, 0xFFFF)
        if kind is None:
            return _Known(records[0], None)
        model = _json(await self._asked("GET", f"/tagtypes/{int(kind):02X}.json"))
        sizes = [number_of(model.get(name), 16, 7_680) for name in ("width", "height")]
        across, down = (int(one) if one is not None else 0 for one in sizes)
        return _Known(records[0], (across, down) if across and down else None)

    def _check(self, known: _Known) -> None:
        """Raises DisplayError where pictures are of another size than the tag's."""
        if known.size_px is not None and known.size_px != self.settings.sent_px:
            across, down = known.size_px
            raise DisplayError(
                say("the tag has {across} x {down} pixels", across=str(across), down=str(down)),
                say(
                    "Write them as width_px and height_px; where it hangs upright, the other way "
                    "round and rotation = 90 or 270."
                ),
            )

    def _tell(self, record: dict[str, Any]) -> None:
        """Report how the tag is, where it has checked in since."""
        seen = number_of(record.get("lastseen"), 1, 1e11)
        if seen is None or seen == self._seen:
            return
        self._seen = seen
        battery = number_of(record.get("batteryMv"), 1_000, 6_000)
        if battery == _NO_BATTERY_MV:
            battery = None
        level = battery and (battery - _EMPTY_MV) / (_FULL_MV - _EMPTY_MV) * 100
        signal, version = (number_of(record.get(k), -150, 0xFFFF) for k in ("RSSI", "ver"))
        next_one = number_of(record.get("nextcheckin"), seen, seen + _LONGEST_SLEEP_SECONDS)
        self.report(
            DeviceReport(
                battery=None if level is None else round(min(max(level, 0), 100)),
                voltage=battery and battery / 1_000,
                charging=None if battery is None else False,
                signal=int(signal) if signal is not None and signal < 0 else None,
                firmware=f"{int(version):04X}" if version is not None and version > 0 else None,
                interval_seconds=next_one and max(int(next_one - seen), LOOKING_SECONDS),
            )
        )

    async def _asked(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> HttpAnswer:
        seconds = ASKING_SECONDS if body is None else ANSWER_SECONDS
        request = HttpRequest(method, f"{self._root}{path}", body, headers, seconds=seconds)
        try:
            return await http_answer(request)
        except HttpUnreachable as error:
            raise DisplayError(
                say("its access point is away: {error}", error=error),
                say("Check that it is on, and “url”."),
                self._host,
            ) from error

    def _refusal(self, answer: HttpAnswer) -> DisplayError:
        detail = f"{self._host} answered {answer.status}"
        if answer.status == 409:
            return DisplayError(*_BUSY, detail)
        if answer.status == 400 and b"not found" in answer.body:
            why = say("its access point knows no tag {tag}", tag=self.settings.tag)
            return DisplayError(why, say("Check “tag”."), detail)
        if answer.status in (200, 404):
            why = say("no access point of OpenEPaperLink takes pictures at its address")
            return DisplayError(why, say("Check “url”."), detail)
        return DisplayError(
            say("its access point refuses the picture ({status})", status=str(answer.status)),
            "",
            detail,
        )


def _json(answer: HttpAnswer) -> dict[str, Any]:
    """What was answered; nothing where that is no JSON object."""
    try:
        told = json.loads(answer.body) if answer.status == 200 else None
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _as_jpeg(png: bytes) -> bytes:
    """The same picture as a plain JPEG with all of its colours' pixels."""
    out = BytesIO()
    picture = Image.open(BytesIO(png)).convert("RGB")
    picture.save(out, "JPEG", quality=QUALITY, subsampling="4:4:4")
    return out.getvalue()


DISPLAY = OpenepaperlinkDisplay
