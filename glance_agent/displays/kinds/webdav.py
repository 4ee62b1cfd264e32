"""A picture file in a folder that is reached by WebDAV: a NAS, Nextcloud, a web server.

A file of somebody else's is never overwritten: what is there is read first, and written over only
where it is what was written before.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, Field, model_validator

from glance_agent.displays.appearance import Progressive
from glance_agent.displays.display import Diagnosis, PushedDisplay
from glance_agent.displays.http import (
    HttpAnswer,
    HttpRequest,
    HttpUnreachable,
    host_of,
    http_answer,
    refusal_of,
)
from glance_agent.displays.settings import PanelSettings
from glance_agent.domain.errors import ConfigError, DisplayError
from glance_agent.domain.frame import Frame
from glance_agent.domain.said import say
from glance_agent.domain.secret import basic_login, check_folder_login, read_secret
from glance_agent.domain.spelling import HttpUrl, PathSetting
from glance_agent.domain.web_login import WaysIn

MOST_BYTES: Final = 10_000_000
"""No picture of ours is longer."""
ASKING_SECONDS: Final = 10.0
MOST_KEPT: Final = 3
_LOGIN: Final = (
    say("its server does not let the agent in"),
    say("Check “user” and “password_file”."),
)
_AWAY: Final = (say("its folder is not there"), say("Check “url”, which is that of a folder."))
_FULL: Final = (say("its server has no room for the picture"), say("Make room there."))
_FOREIGN: Final = (
    say("another file has its name"),
    say("Move that file away, or give the display another name."),
)
_TROUBLES: Final = {
    401: _LOGIN,
    403: _LOGIN,
    404: _AWAY,
    405: (say("nothing can be written at its address"), say("Check “url”: it has to be WebDAV's.")),
    409: _AWAY,
    412: _FOREIGN,
    413: _FULL,
    423: (say("somebody else has locked the picture"), say("Close it there.")),
    501: (say("nothing can be written at its address"), say("Check “url”: it has to be WebDAV's.")),
    507: _FULL,
}


class WebdavDisplaySettings(PanelSettings):
    """A picture file in a folder on a server, `<name>.jpg` (`.png`, `.bmp`), by WebDAV."""

    kind: Literal["webdav"] = Field(description="Which kind of display.")
    progressive: Progressive = False
    url: HttpUrl = Field(description="The address of the folder; it has to be there.", repr=False)
    user: str | None = Field(
        None, pattern=r"^[^:\x00-\x1f\x7f]{1,200}$", description="Who the agent is there."
    )
    password_file: PathSetting | None = Field(
        None, description="A file whose first line is the password of that user."
    )
    check_certificate: bool = Field(
        True, description="false for an https address whose certificate nobody has signed."
    )

    @model_validator(mode="after")
    def _is_an_address_of_a_folder(self) -> Self:
        check_folder_login(self.url, self.user, self.password_file)
        return self


class Written(BaseModel):
    """What may be there of ours: the SHA-256 of files that were written or are about to be."""

    digests: tuple[str, ...] = ()


class WebdavDisplay(PushedDisplay[WebdavDisplaySettings]):
    """Keeps one file on a server the picture that should be seen."""

    settings_class = WebdavDisplaySettings

    def __init__(self, settings: WebdavDisplaySettings) -> None:
        super().__init__(settings)
        self._ways_in = WaysIn[Any]()

    async def hang(self, frame: Frame) -> None:
        """Put the picture in the place of the one before. Raises DisplayError."""
        now = hashlib.sha256(frame.data).hexdigest()
        there = await self._there()
        if there == now:
            return
        written = await asyncio.to_thread(self.memory.recall, Written)
        if there is not None and there not in written.digests:
            raise DisplayError(*_FOREIGN, self._file)
        # What is about to be written is on record before it is there.
        await self._remember((*(d for d in written.digests if d == there), now))
        free = {} if there is not None else {"If-None-Match": "*"}
        headers = {"Content-Type": frame.content_type, **free}
        answer = await self._asked("PUT", self._file, frame.data, headers)
        if answer.status not in (200, 201, 204):
            raise self._refusal(answer.status)

    async def examine(self) -> Diagnosis | None:
        """Whether its folder answers; writes nothing."""
        try:
            answer = await self._asked("PROPFIND", self._folder, headers={"Depth": "0"})
        except DisplayError as error:
            said = say("no picture gets to {host}: {why}", host=self._host, why=error.in_full)
            return Diagnosis(False, said)
        if answer.status != 207:
            why = self._refusal(answer.status).in_full
            return Diagnosis(
                False, say("no picture gets to {host}: {why}", host=self._host, why=why)
            )
        return Diagnosis(True, say("the folder at {host} answers", host=self._host))

    @property
    def _folder(self) -> str:
        return f"{self.settings.url.rstrip('/')}/"

    @property
    def _file(self) -> str:
        return f"{self._folder}{self.settings.name}.{self.settings.suffix}"

    @property
    def _host(self) -> str:
        return host_of(self.settings.url)

    async def _there(self) -> str | None:
        """The SHA-256 of the file that is there; None where there is none."""
        answer = await self._asked("GET", self._file)
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise self._refusal(answer.status)
        return hashlib.sha256(answer.body).hexdigest()

    async def _asked(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> HttpAnswer:
        said = {**(headers or {}), **await asyncio.to_thread(self._login)}
        request = HttpRequest(
            method,
            url,
            body,
            said,
            checks=self.settings.check_certificate,
            most_bytes=MOST_BYTES,
            ways_in=self._ways_in,
        )
        try:
            return await http_answer(request)
        except HttpUnreachable as error:
            raise DisplayError(
                error.said, say("Check that it is on, and “url”."), self._host
            ) from error

    def _login(self) -> dict[str, str]:
        user, file = self.settings.user, self.settings.password_file
        if user is None or file is None:
            return {}
        try:
            return basic_login(user, read_secret(file))
        except ConfigError as error:
            raise DisplayError(
                say("its password cannot be read"), say("Its log says more."), str(error)
            ) from (error)

    async def _remember(self, digests: tuple[str, ...]) -> None:
        try:
            await asyncio.to_thread(self.memory.keep, Written(digests=digests[-MOST_KEPT:]))
        except OSError as error:
            raise DisplayError(
                say("what is written there cannot be remembered"),
                say("Make room where the library is, and let the agent write there."),
                str(error.strerror),
            ) from error

    def _refusal(self, status: int) -> DisplayError:
        otherwise = say("its server refuses the picture ({status})", status=str(status))
        return refusal_of(self._host, status, _TROUBLES, otherwise)


DISPLAY = WebdavDisplay
