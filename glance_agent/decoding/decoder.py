"""Strangers' pictures, decoded by processes that are killed and replaced where one breaks them.

Everything here blocks, and may be called from several threads at once. A picture that cannot be
used raises BadPicture: with the reasons of `picture`, or with one of these.

    takes too long      more of the processor than any picture needs, or nothing in half a minute
    breaks the decoder  the process that decoded it died
    not decoded         no process could be started, or the program stops
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import asdict
from typing import Any, Final, TypeVar

from PIL import Image

from glance_agent.decoding.nursery import Nursery
from glance_agent.decoding.orders import Orders
from glance_agent.decoding.process import Child, Ended
from glance_agent.decoding.wire import Header, metadata_from_json, printable, refusal
from glance_agent.domain.errors import BadPicture
from glance_agent.domain.frame import Beside, Frame
from glance_agent.domain.items import Look
from glance_agent.domain.panel import PanelProfile
from glance_agent.domain.wall_label import LabelText
from glance_agent.pictures.fitting import SquareFit
from glance_agent.pictures.memory import Memory, stopping
from glance_agent.pictures.metadata import RawMetadata
from glance_agent.pictures.prepare import Preparation
from glance_agent.pictures.streamed import PictureBytes
from glance_agent.pictures.thumbnail import ThumbnailFormat

DEADLINE_SECONDS: Final = 30.0
FREE_FILE_BYTES: Final = 4_000_000
"""Files up to here take no turns: most photographs."""
TRIES: Final = 2
"""A process may end for reasons that are none of the picture: somebody else has killed it."""
_log = logging.getLogger(__name__)
_R = TypeVar("_R")


class Decoder:
    """Processes that decode one picture each at a time; started when they are needed."""

    def __init__(
        self,
        orders: Orders,
        *,
        at_once: int,
        memory: Memory,
        nursery: Nursery,
        files: Memory | None = None,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        """`files` is for the bytes of large pictures; the nursery is closed by whoever made it."""
        self._orders = orders
        self._seats = threading.Semaphore(at_once)
        self._memory = memory
        self._files = files
        self._deadline_seconds = deadline_seconds
        self._nursery = nursery
        self.fitting: SquareFit | None = None
        """For which model `see` makes its pictures ready; None for any."""
        self._lock = threading.Lock()
        self._idle: list[Child] = []
        self._busy: set[Child] = set()
        self._closed = False

    @property
    def limit(self) -> str:
        """Beyond what pictures are too large, in words."""
        return f"{self._orders.megapixels} megapixels"

    def look(self, data: bytes) -> tuple[tuple[int, int], RawMetadata]:
        """Width and height of the upright picture, and what else its header says."""
        told, _ = self._asked({"do": "look"}, data)
        return _read(lambda: (_size(told["size_px"]), metadata_from_json(told["metadata"])))

    def small(self, data: bytes, wanted_px: int) -> Image.Image:
        """The picture, its long side about `wanted_px` and at most twice that."""
        told, pixels = self._asked({"do": "small", "wanted_px": wanted_px}, data)
        return _read(lambda: _image(told, pixels))

    def see(self, data: PictureBytes) -> tuple[Preparation, RawMetadata]:
        """Both at once: what `prepare` tells of the picture, and of its header `look`."""
        fitting = self.fitting
        told, pixels = self._asked(_preparing(fitting, colours=True, metadata=True), data)
        return _read(
            lambda: (_preparation(told, pixels, fitting), metadata_from_json(told["metadata"]))
        )

    def prepare(
        self, data: bytes, *, colours: bool, fitting: SquareFit | None = None
    ) -> Preparation:
        """The picture ready to be embedded, and what is seen in it; with a fitting the square that
        a model takes, which is little to hand over."""
        told, pixels = self._asked(_preparing(fitting, colours=colours, metadata=False), data)
        return _read(lambda: _preparation(told, pixels, fitting))

    def frame(
        self,
        data: bytes,
        profile: PanelProfile,
        text: LabelText | None = None,
        beside: Beside | None = None,
    ) -> Frame:
        """The picture rendered for a display, with this label where it has one; at the left of
        another, or above it."""
        kind = profile.encoding.content_type
        asked = {"do": "frame", "profile": asdict(profile), "text": text and asdict(text)}
        if beside is not None:
            asked["beside"] = {
                "size_px": beside.size_px,
                "text": beside.text and asdict(beside.text),
            }
        told, encoded = self._asked(asked, data + beside.pixels if beside else data)
        return _read(lambda: Frame(encoded, kind, *_size(told["size_px"])))

    def thumbnail(self, data: bytes, size_px: int, kind: ThumbnailFormat) -> bytes:
        """The picture with a long side of at most `size_px`, encoded, without a mat."""
        return self._asked({"do": "thumbnail", "size_px": size_px, "kind": kind}, data)[1]

    def pids(self) -> list[int]:
        """The processes that are there now."""
        with self._lock:
            return [child.pid for child in (*self._idle, *self._busy)]

    def close(self) -> None:
        """End every process; who waits for one gets BadPicture."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            for child in self._busy:
                child.kill()
        for child in idle:
            child.close()

    # -- asking --------------------------------------------------------------------------------

    def _asked(self, asked: Header, data: PictureBytes) -> tuple[Header, bytes]:
        """The answer of a process. Raises BadPicture."""
        with self._room(len(data)), self._seats:
            for left in reversed(range(TRIES)):
                try:
                    told, block = self._answer(asked, data)
                except Ended as ended:
                    self._judge(ended, last=not left)
                else:
                    return _checked(told), block
        raise stopping()

    def _judge(self, ended: Ended, *, last: bool) -> None:
        """Raises BadPicture where trying again is of no use."""
        if self._closed:
            raise stopping()
        if ended.code is None:
            seconds = f"more than {self._deadline_seconds:g} seconds"
            raise BadPicture("takes too long", seconds, passing=True)
        if ended.overran:
            seconds = f"more than {self._orders.processor_seconds:g} seconds of the processor"
            raise BadPicture("takes too long", seconds)
        if ended.crashed:
            raise BadPicture("breaks the decoder", signal.Signals(-ended.code).name)
        if last:
            _log.error("a process that decodes pictures ended twice (%d)", ended.code)
            raise BadPicture("not decoded", f"the process ended with {ended.code}", passing=True)

    def _answer(self, asked: Header, data: PictureBytes) -> tuple[Header, bytes]:
        with self._child() as child, ExitStack() as lent:

            def admit(needed_bytes: int) -> None:
                self._memory.take(needed_bytes)
                lent.callback(self._memory.give_back, needed_bytes)

            return child.ask(asked, data, seconds=self._deadline_seconds, admit=admit)

    def _room(self, file_bytes: int) -> AbstractContextManager[object]:
        """Within it a process may have a file of so many bytes; large ones take turns, so that none
        is held only to wait for memory."""
        if self._files is None or file_bytes <= FREE_FILE_BYTES:
            return nullcontext()
        return self._files.lent(file_bytes)

    @contextmanager
    def _child(self) -> Iterator[Child]:
        """A process for one question; it is used again where it answered. Raises BadPicture."""
        child = self._taken()
        answered = False
        try:
            yield child
            answered = True
        finally:
            with self._lock:
                self._busy.discard(child)
                if keep := answered and not self._closed:
                    self._idle.append(child)
            if not keep:
                child.close()

    def _taken(self) -> Child:
        with self._lock:
            if self._closed:
                raise stopping()
            if (waiting := self._waiting()) is not None:
                self._busy.add(waiting)
                return waiting
        try:
            child = Child(self._orders, self._nursery)
        except OSError as error:
            _log.error("pictures cannot be decoded: %s", error)
            raise BadPicture("not decoded", error.strerror or "", passing=True) from error
        self._noted(child)
        return child

    def _noted(self, child: Child) -> None:
        """It ends at once where this was closed while it was begun."""
        with self._lock:
            self._busy.add(child)
            if self._closed:
                child.kill()

    def _waiting(self) -> Child | None:
        """A process that has nothing to do; those that have ended are forgotten."""
        while self._idle:
            child = self._idle.pop()
            if not child.gone:
                return child
            child.close()
        return None


def _preparing(fitting: SquareFit | None, *, colours: bool, metadata: bool) -> Header:
    told = fitting and asdict(fitting)
    return {"do": "prepare", "colours": colours, "metadata": metadata, "fitting": told}


# -- what is answered -----------------------------------------------------------------------------


def _checked(told: Header) -> Header:
    """An answer that tells of a picture. Raises BadPicture."""
    if "bad" in told:
        raise refusal(told)
    if "fault" in told:
        _log.error("a picture could not be decoded: %s", printable(told["fault"]))
        raise BadPicture("broken", "a fault of the decoder; the log says more")
    return told


def _read(reading: Callable[[], _R]) -> _R:
    """What an answer says. Raises BadPicture where it is none that our processes give."""
    try:
        return reading()
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadPicture("breaks the decoder", "it answered nonsense") from error


def _size(told: Any) -> tuple[int, int]:
    width, height = told
    return int(width), int(height)


def _image(told: Header, pixels: bytes) -> Image.Image:
    size = _size(told["size_px"])
    if 3 * size[0] * size[1] != len(pixels):
        raise ValueError("a picture of another size")
    return Image.frombytes("RGB", size, pixels)


def _preparation(told: Header, pixels: bytes, fitting: SquareFit | None) -> Preparation:
    look = told["look"]
    return Preparation(
        _image(told, pixels),
        _size(told["whole_px"]),
        tuple(str(colour) for colour in told["colours"]),
        Look(bytes.fromhex(look[0]), float(look[1])) if look else None,
        bool(told["cut"]),
        fitting,
    )
