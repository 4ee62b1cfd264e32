"""A device or program at home that takes pictures over HTTP: each is sent to one address.

What its address and headers hold may be secret: no log and no answer repeats them but for the host.
"""

from __future__ import annotations

import asyncio
import logging
import re
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from glance_agent.displays.appearance import Progressive
from glance_agent.displays.display import Diagnosis, PushedDisplay
from glance_agent.displays.form import form_of
from glance_agent.displays.http import (
    HttpRequest,
    HttpUnreachable,
    SentLast,
    host_of,
    http_answer,
    refusal_of,
)
from glance_agent.displays.settings import PanelSettings
from glance_agent.domain.errors import DisplayError
from glance_agent.domain.frame import Frame, tag_of
from glance_agent.domain.plain_text import short
from glance_agent.domain.said import say
from glance_agent.domain.spelling import HttpUrl

MOST_HEADERS: Final = 20
ASKING_SECONDS: Final = 10.0
_OURS: Final = {"host", "content-length", "transfer-encoding", "connection", "expect", "upgrade"}
_TROUBLES: Final = {
    401: (say("it does not let the agent in"), say("Check “headers”.")),
    403: (say("it does not let the agent in"), say("Check “headers”.")),
    404: (say("nothing takes pictures at its address"), say("Check “url”.")),
    405: (say("it takes no pictures in this way"), say("Check “method”.")),
    411: (say("it takes no pictures in this way"), say("Check “method” and “field”.")),
    413: (say("the picture is too large for it"), say("Lower max_image_bytes.")),
    415: (say("it takes no pictures of this kind"), say("Check “encoding” and “field”.")),
    507: (say("it has no room for the picture"), say("Make room there.")),
}
_log = logging.getLogger(__name__)


def _header(name: str) -> str:
    if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}", name) or name.lower() in _OURS:
        raise ValueError(
            say(
                "“{name}” is no header that can be set; one that can is Authorization",
                name=short(name),
            )
        )
    return name


def _value(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[\x20-\x7e]{0,4000}", value.get_secret_value()):
        raise ValueError(say("it holds what no header can: write it on one line, in plain letters"))
    return value


class HttpPostDisplaySettings(PanelSettings):
    """A device or program that takes pictures over HTTP at an address of its own."""

    kind: Literal["http-post"] = Field(description="Which kind of display.")
    progressive: Progressive = False
    url: HttpUrl = Field(description="The address that pictures are sent to.", repr=False)
    method: Literal["POST", "PUT"] = Field("POST", description="How they are sent.")
    field: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9_.\[\]-]{1,64}$",
        description="The field of a form that holds the picture, for those that take forms; else "
        "the picture is all that is sent.",
    )
    headers: dict[
        Annotated[str, AfterValidator(_header)], Annotated[SecretStr, AfterValidator(_value)]
    ] = Field(
        {}, max_length=MOST_HEADERS, description="Headers that are sent as well, such as a token."
    )
    check_certificate: bool = Field(
        True, description="false for an https address whose certificate nobody has signed."
    )

    @model_validator(mode="after")
    def _says_each_header_once(self) -> Self:
        names = [name.lower() for name in self.headers]
        if len(set(names)) < len(names):
            raise ValueError(
                say("headers has one header twice: small and capital letters are the same")
            )
        return self


class HttpPostDisplay(PushedDisplay[HttpPostDisplaySettings]):
    """Sends each picture to one address."""

    settings_class = HttpPostDisplaySettings

    async def hang(self, frame: Frame) -> None:
        """Send the picture. Raises DisplayError.

        E-paper that has it already is left alone, also after a restart: it would be drawn anew.
        """
        sent = SentLast(picture=frame.tag, to=tag_of(self.settings.url.encode()))
        if self.settings.is_paper and await asyncio.to_thread(self.memory.recall, SentLast) == sent:
            return
        try:
            answer = await http_answer(self._request(frame))
        except HttpUnreachable as error:
            raise DisplayError(
                error.said, say("Check that it is on, and “url”."), self._host
            ) from error
        if not 200 <= answer.status < 300:
            raise self._refusal(answer.status)
        if self.settings.is_paper:
            await asyncio.to_thread(self.memory.remember, sent, self._host)

    async def examine(self) -> Diagnosis | None:
        """Whether anything answers there; no picture is sent for it."""
        asked = HttpRequest(
            "HEAD",
            self.settings.url,
            headers=self._headers(),
            checks=self.settings.check_certificate,
            seconds=ASKING_SECONDS,
        )
        try:
            status = (await http_answer(asked)).status
        except HttpUnreachable as error:
            said = say("no picture gets to {host}: {why}", host=self._host, why=error)
            return Diagnosis(False, said)
        if status in (401, 403):
            said = say("{host} does not let the agent in: check “headers”", host=self._host)
            return Diagnosis(False, said)
        return Diagnosis(True, say("{host} answers", host=self._host))

    @property
    def _host(self) -> str:
        return host_of(self.settings.url)

    def _headers(self) -> dict[str, str]:
        return {name: value.get_secret_value() for name, value in self.settings.headers.items()}

    def _request(self, frame: Frame) -> HttpRequest:
        body, kind = frame.data, frame.content_type
        if self.settings.field is not None:
            name = f"{self.settings.name}.{self.settings.suffix}"
            body, kind = form_of(self.settings.field, name, body, kind)
        headers = self._headers()
        if not any(one.lower() == "content-type" for one in headers):
            headers["Content-Type"] = kind
        settings = self.settings
        return HttpRequest(
            settings.method, settings.url, body, headers, checks=settings.check_certificate
        )

    def _refusal(self, status: int) -> DisplayError:
        otherwise = say("it refuses the picture ({status})", status=str(status))
        return refusal_of(self._host, status, _TROUBLES, otherwise)


DISPLAY = HttpPostDisplay
