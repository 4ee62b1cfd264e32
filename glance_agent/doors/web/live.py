"""Live news for pages: server-sent events (WHATWG HTML, section 9.2), with ids and a short memory.

A page that comes back with the id of the last event it saw is told what it missed; where that is
too long ago, or of an agent before, it is told everything as it is now. A page that reads too
slowly loses news, and is told everything as it is now, too.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web
from pydantic import Field

from glance_agent.agent.present import Present
from glance_agent.domain.display import Glance, TimedSettings
from glance_agent.domain.errors import ErrorCode
from glance_agent.domain.event import Event
from glance_agent.domain.frame import Frame
from glance_agent.domain.languages import LanguageTag, in_language
from glance_agent.domain.news import About, DeviceHeard, Hung, News, Soon, Tuned
from glance_agent.domain.said import say
from glance_agent.domain.strict_json import as_json
from glance_agent.domain.values import DisplayName
from glance_agent.doors.web.access import Access
from glance_agent.doors.web.asking import question_of
from glance_agent.doors.web.checks import PEER
from glance_agent.doors.web.language import SPOKEN
from glance_agent.doors.web.refusing import refuse
from glance_agent.doors.web.route import Route
from glance_agent.gallery.questions import PageQuestion

BEAT_SECONDS: Final = 15.0
WRITING_SECONDS: Final = 30.0
"""A page that takes nothing for so long is let go; it comes back when it can."""
REMEMBERED: Final = 256
MOST_BEHIND: Final = 64
MOST_STREAMS: Final = 32
MOST_OF_ONE: Final = 8
_HEADERS: Final = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-cache, no-transform",
    "X-Accel-Buffering": "no",
}
_Line = tuple[str, str, dict[str, Any]]
"""Id, name and data of an event; an empty id is not remembered by the browser."""


class EventsQuestion(PageQuestion):
    """Who listens."""

    kiosk: DisplayName | None = Field(
        None, description="the display that the page shows: its next picture is told as well"
    )
    lang: LanguageTag | None = Field(None, description="the language of the page")


class Live:
    """An outlet that tells every open page."""

    def __init__(
        self,
        present: Present,
        access: Access,
        *,
        version: str,
        beat_seconds: float = BEAT_SECONDS,
        came: Callable[[str], None] = lambda display: None,
    ) -> None:
        """`version` is that of the pages' files: a page with another one loads itself anew. `came`
        is told of each display that a screen begins to show."""
        self._present = present
        self._access = access
        self._version = version
        self._beat_seconds = beat_seconds
        self._came = came
        self._life = secrets.token_hex(4)
        self._count = 0
        self._ring: deque[_Line] = deque(maxlen=REMEMBERED)
        self._streams: dict[_Stream, str] = {}
        self._kiosks: dict[_Stream, str] = {}

    def routes(self) -> Sequence[Route]:
        """`api/events`."""
        return [
            Route(
                "GET",
                "/api/events",
                self._stream,
                streams=True,
                gives="text/event-stream",
                asks=EventsQuestion,
                says="News as they happen, as server-sent events.",
            )
        ]

    async def announce(self, news: News) -> None:
        """Have every page told what is of use to one."""
        said = told(news)
        if said is not None:
            self._count += 1
            line = (f"{self._life}-{self._count}", *said)
            self._ring.append(line)
            for stream in self._streams:
                stream.put(line)

    def watched(self) -> frozenset[str]:
        """The displays that a screen shows now."""
        return frozenset(self._kiosks.values())

    def close(self) -> None:
        """End all streams, so that the agent can stop."""
        for stream in self._streams:
            stream.end()

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        peer, kiosk = request[PEER], question_of(EventsQuestion, request).kiosk
        self._make_room(peer.address, trusted=peer.trusted)
        last = request.headers.get("Last-Event-ID", "")
        stream = _Stream(self._since(last), request.transport)
        self._streams[stream] = peer.address
        response = web.StreamResponse(headers=_HEADERS)
        try:
            if kiosk:
                self._kiosks[stream] = kiosk
                self._came(kiosk)
            await response.prepare(request)
            await self._tell(request, response, stream)
        except (TimeoutError, ConnectionError):
            pass  # the page has gone, or has slept; it comes back by itself
        finally:
            del self._streams[stream]
            self._kiosks.pop(stream, None)
        return response

    async def _tell(
        self, request: web.Request, response: web.StreamResponse, stream: _Stream
    ) -> None:
        """Until the page goes, the agent stops, or who asked may not look any more."""
        now = asyncio.get_running_loop().time
        await _write(response, ["retry: 2000\n\n", _text(self._beat())])
        due = now() + self._beat_seconds
        while not stream.was_ended():
            lines = await stream.next(due - now())
            if lines == [_ANEW]:
                lines = list(self._everything())
            if now() >= due:
                if await self._access.role_of(request, request[PEER]) is None:
                    return
                lines.append(self._beat())
                due = now() + self._beat_seconds
            await _write(response, [_text(in_language(line, SPOKEN.get())) for line in lines])

    def _make_room(self, address: str, *, trusted: bool) -> None:
        """Pages that have gone hold no place until the next thing is written to them."""
        for stream in self._streams:
            if stream.has_gone():
                stream.end()
        open_ones = [other for stream, other in self._streams.items() if not stream.was_ended()]
        of_one = open_ones.count(address)
        if len(open_ones) >= MOST_STREAMS or (of_one >= MOST_OF_ONE and not trusted):
            raise refuse(
                ErrorCode.TOO_MANY,
                say("Too many pages are open."),
                say("Close one of them, or try again in a minute."),
                headers={"Retry-After": "60"},
            )

    def _since(self, last: str) -> list[_Line]:
        """What came after the event of this id; everything, where that is not known any more."""
        ids = [line[0] for line in self._ring]
        if last in ids:
            return list(self._ring)[ids.index(last) + 1 :]
        return [] if last == f"{self._life}-{self._count}" else [_ANEW]

    def _everything(self) -> Iterator[_Line]:
        """What is so now, as the news that would have told it; the last one carries the id."""
        present = self._present
        news: list[News] = [
            *present.glances.values(),
            *(Hung(name, frame) for name, frame in present.frames.items()),
            *present.soon.values(),
            *(Tuned(name, settings) for name, settings in present.settings.items()),
            *(DeviceHeard(name, state) for name, state in present.devices.items()),
            *(Event("ingest", payload) for payload in present.progress.values()),
        ]
        for one in news:
            said = told(one)
            if said is not None:
                yield ("", *said)
        yield (f"{self._life}-{self._count}", "all", {})

    def _beat(self) -> _Line:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return ("", "beat", {"now": now, "version": self._version})


_ANEW: Final[_Line] = ("", "anew", {})


class _Stream:
    """What one page has not been told yet."""

    def __init__(self, waiting: list[_Line], transport: asyncio.BaseTransport | None) -> None:
        self._waiting = waiting
        self._transport = transport
        self._changed = asyncio.Event()
        self._changed.set()
        self._ended = False

    def was_ended(self) -> bool:
        """Whether nothing is told any more."""
        return self._ended

    def has_gone(self) -> bool:
        """Whether the page has closed the connection."""
        return self._transport is None or self._transport.is_closing()

    def put(self, line: _Line) -> None:
        self._waiting.append(line)
        if len(self._waiting) > MOST_BEHIND:
            self._waiting[:] = [_ANEW]
        self._changed.set()

    def end(self) -> None:
        self._ended = True
        self._changed.set()

    async def next(self, seconds: float) -> list[_Line]:
        """All that waits; nothing after so many seconds without any."""
        if not self._waiting and not self._ended:
            self._changed.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._changed.wait()
            except TimeoutError:
                return []
        lines, self._waiting[:] = list(self._waiting), []
        return [_ANEW] if _ANEW in lines else lines


def told(news: News) -> tuple[str, dict[str, Any]] | None:
    """The name and data of the event that says this to pages; None where it is not for them."""
    match news:
        case Glance():
            return "shown", {"display": news.display, **news.state()}
        case Hung():
            return "picture", _picture(news.display, news.frame)
        case Soon():
            return "soon", _picture(news.glance.display, news.frame)
        case Tuned():
            return "settings", {"display": news.display, **_settings(news.settings)}
        case DeviceHeard():
            return "device", {"display": news.display, **news.state.model_dump(mode="json")}
        case Event(name="shown"):
            return None  # the Glance itself says more
        case Event():
            return news.name, news.payload
        case About():
            return "agent", news.facts
        case _:
            return None


def _picture(display: str, frame: Frame) -> dict[str, Any]:
    return {
        "display": display,
        "picture": f"display/{display}",
        "tag": frame.tag,
        "width": frame.width_px,
        "height": frame.height_px,
    }


def _settings(settings: TimedSettings) -> dict[str, Any]:
    said: dict[str, Any] = settings.model_dump(mode="json")
    return said


def _text(line: _Line) -> str:
    number, name, data = line
    head = f"id: {number}\n" if number else ""
    return f"{head}event: {name}\ndata: {as_json(data)}\n\n"


async def _write(response: web.StreamResponse, texts: list[str]) -> None:
    async with asyncio.timeout(WRITING_SECONDS):
        await response.write("".join(texts).encode())
