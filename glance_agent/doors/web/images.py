"""Pictures over HTTP: thumbnails of works, and what a display shows now; never original bytes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Annotated, Final, Protocol

from aiohttp import web
from pydantic import Field

from glance_agent.agent.screens import LARGEST_PX, SMALLEST_PX
from glance_agent.domain.errors import CommandError, ErrorCode
from glance_agent.domain.frame import Frame, tag_of
from glance_agent.domain.said import say
from glance_agent.doors.web.access import SAID_BY_PATH
from glance_agent.doors.web.asking import question_of
from glance_agent.doors.web.assets import FOREVER
from glance_agent.doors.web.refusing import Refused, refuse
from glance_agent.doors.web.route import Route
from glance_agent.gallery.questions import PageQuestion
from glance_agent.gallery.thumbs import Thumb, thumb_of

ASK_AGAIN: Final = "no-cache"
"""It may be kept, and is to be asked for anew each time: 304 says that it is the same."""
_PICTURE: Final = "{display}.{kind:jpg|png}"
Pixels = Annotated[int, Field(ge=SMALLEST_PX, le=LARGEST_PX)]
_TYPES: Final = {"webp": "image/webp", "jpg": "image/jpeg", "png": "image/png"}


class ThumbnailGiver(Protocol):
    """Gives thumbnails, and whether they are for ever what they are; raises CommandError."""

    async def get(self, thumb: Thumb) -> tuple[bytes, bool]: ...


class ScreenFitter(Protocol):
    """Gives what a display shows for a screen of another size, or is going to show, where the tag
    is that of its next picture; raises CommandError."""

    async def frame(self, display: str, size_px: tuple[int, int], tag: str) -> Frame | None: ...


class ScreenQuestion(PageQuestion):
    """How large a display's picture is wanted; by default as the display itself takes it."""

    w: Pixels | None = Field(None, description="pixels across, 64 to 4096; needs h")
    h: Pixels | None = Field(None, description="pixels down, 64 to 4096; needs w")
    v: str = Field("", max_length=64, description="a picture’s tag; another one is another address")

    @property
    def size_px(self) -> tuple[int, int] | None:
        """Across and down; None for the display's own size. Raises Refused for one without the
        other."""
        if (self.w is None) != (self.h is None):
            raise refuse(
                ErrorCode.BAD_VALUE, say("“w” and “h” go together."), say("Send both, or neither.")
            )
        return None if self.w is None or self.h is None else (self.w, self.h)


class ImageDesk:
    """Answers with pictures."""

    def __init__(
        self,
        thumbnails: ThumbnailGiver,
        frames: Mapping[str, Frame],
        *,
        displays: Collection[str],
        screens: ScreenFitter,
        as_png: Callable[[Frame], Awaitable[bytes]],
    ) -> None:
        """`frames` are the pictures that displays show now; `as_png` raises CommandError."""
        self._thumbnails = thumbnails
        self._frames = frames
        self._displays = displays
        self._screens = screens
        self._as_png = as_png
        self._pngs: dict[str, tuple[str, bytes]] = {}

    def routes(self) -> Sequence[Route]:
        """Where pictures are; those of displays may be shown by pages of others, too."""
        return [
            Route("GET", "/thumbs/{name}", self._thumb, gives="image/*", says="A small picture."),
            self._hanging(f"/display/{_PICTURE}"),
            self._hanging(f"/d/{{{SAID_BY_PATH}}}/{_PICTURE}"),
        ]

    def _hanging(self, path: str) -> Route:
        said = "What a display shows."
        return Route(
            "GET",
            path,
            self._display,
            elsewhere=True,
            gives="image/*",
            says=said,
            asks=ScreenQuestion,
        )

    async def _thumb(self, request: web.Request) -> web.Response:
        thumb = thumb_of(request.match_info["name"])
        if thumb is None:
            raise refuse(
                ErrorCode.UNKNOWN_ADDRESS,
                say("There is no thumbnail of that name."),
                say("A work’s “thumb” and its size make up the name, as docs/web.md says."),
            )
        try:
            data, lasting = await self._thumbnails.get(thumb)
        except CommandError as error:
            raise Refused(error) from error
        return _picture(request, data, _TYPES[thumb.kind], FOREVER if lasting else ASK_AGAIN)

    async def _display(self, request: web.Request) -> web.Response:
        name, kind = request.match_info["display"], request.match_info["kind"]
        if name not in self._displays:
            known = ", ".join(self._displays)
            raise refuse(
                ErrorCode.UNKNOWN_DISPLAY,
                say("There is no display “{name}”.", name=name),
                say("Displays: {displays}.", displays=known),
            )
        question = question_of(ScreenQuestion, request)
        fitted = self._fitted(name, question.size_px, question.v) if question.size_px else None
        frame = await fitted if fitted else self._frames.get(name)
        if frame is None:
            raise refuse(
                ErrorCode.NOTHING_SHOWN,
                say("The display shows nothing yet."),
                say("Send “next” first."),
            )
        data = await self._png(name, frame) if kind == "png" else frame.data
        return _picture(request, data, _TYPES[kind], ASK_AGAIN)

    async def _fitted(self, display: str, size_px: tuple[int, int], tag: str) -> Frame | None:
        try:
            return await self._screens.frame(display, size_px, tag)
        except CommandError as error:
            raise Refused(error, headers={"Retry-After": "3"}) from error

    async def _png(self, display: str, frame: Frame) -> bytes:
        """The picture as a PNG, made once."""
        tag = tag_of(frame.data)
        made = self._pngs.get(display)
        if made is None or made[0] != tag:
            try:
                made = self._pngs[display] = tag, await self._as_png(frame)
            except CommandError as error:
                raise Refused(error) from error
        return made[1]


def _picture(request: web.Request, data: bytes, content_type: str, cache: str) -> web.Response:
    """The picture; 304 where whoever asks has it already."""
    tag = tag_of(data)
    headers = {"ETag": f'"{tag}"', "Cache-Control": cache}
    if any(one.value in (tag, "*") for one in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    return web.Response(body=data, content_type=content_type, headers=headers)
