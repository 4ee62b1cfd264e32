"""One decoding process, seen from the agent: started, asked under a deadline, killed."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from typing import Final

from glance_agent.decoding.nursery import START_SECONDS, Nursery
from glance_agent.decoding.orders import Orders
from glance_agent.decoding.wire import LENGTHS, Header, header_of, lengths, packed
from glance_agent.pictures.streamed import PictureBytes, file_of, pieces_of

CHUNK_BYTES: Final = 1 << 20
_CRASHES: Final = frozenset(
    -number
    for number in (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL)
)


class Ended(Exception):
    """The process ended without an answer; `code` is that of `subprocess`, None for too late."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"the decoding process ended ({code})")
        self.code = code

    @property
    def overran(self) -> bool:
        """Whether it took more of the processor than it may."""
        return self.code == -signal.SIGPROF

    @property
    def crashed(self) -> bool:
        """Whether it ended by a fault in what it was doing."""
        return self.code in _CRASHES


class Child:
    """A process that decodes; for one thread at a time, but `kill` may come from any."""

    def __init__(self, orders: Orders, nursery: Nursery) -> None:
        """Raises OSError where it cannot be started."""
        self._process, self._requests, self._answers = nursery.begun(orders)
        for pipe in (self._requests, self._answers):
            os.set_blocking(pipe, False)
            _widen(pipe)
        self._fresh = True

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def gone(self) -> bool:
        """Whether it has ended, as it does when it is not asked for a while."""
        return self._process.poll() is not None

    def ask(
        self, asked: Header, data: PictureBytes, *, seconds: float, admit: Callable[[int], None]
    ) -> tuple[Header, bytes]:
        """What comes of a picture. `admit` returns when so many bytes may be taken.

        Raises Ended where nothing comes within `seconds`, waiting for memory and for the picture
        itself not counted.
        """
        first = seconds + (START_SECONDS if self._fresh else 0)
        answer, block = self._receive(self._send(asked, data, first))
        if "needs" in answer:
            admit(int(answer["needs"]))
            answer, block = self._receive(self._send({"go": True}, b"", seconds))
        self._fresh = False
        return answer, block

    def kill(self) -> None:
        """End it now."""
        self._process.kill()

    def close(self) -> None:
        """End it, and give back what it held."""
        self.kill()
        self._process.wait()
        os.close(self._requests)
        os.close(self._answers)

    # -- pipes ------------------------------------------------------------------------------------

    def _send(self, header: Header, block: PictureBytes, seconds: float) -> float:
        """Each piece within so many seconds; told is until when the answer has to come."""
        self._write(memoryview(packed(header, len(block))), time.monotonic() + seconds)
        file, at = file_of(block), 0
        for piece in pieces_of(block):
            until = time.monotonic() + seconds
            rest = piece if file is None else self._hand_on(file, at, piece, until)
            self._write(rest, until)
            at += len(piece)
        return time.monotonic() + seconds

    def _hand_on(self, file: int, at: int, piece: memoryview, until: float) -> memoryview:
        """Let the system hand on a piece that begins at this place of a file: its pages go through
        the pipe as they are, and are copied once less. What it cannot hand on comes back."""
        while piece:
            try:
                sent = os.sendfile(self._requests, file, at, len(piece))
            except BlockingIOError:
                self._wait(self._requests, select.POLLOUT, until)
                continue
            except BrokenPipeError:
                raise self._ended() from None
            except OSError:  # not from this file system
                break
            if not sent:
                break
            piece, at = piece[sent:], at + sent
        return piece

    def _write(self, view: memoryview, until: float) -> None:
        while view:
            try:
                view = view[os.write(self._requests, view[:CHUNK_BYTES]) :]
            except BlockingIOError:
                self._wait(self._requests, select.POLLOUT, until)
            except BrokenPipeError:
                raise self._ended() from None

    def _receive(self, until: float) -> tuple[Header, bytes]:
        """The next message. Raises Ended."""
        try:
            header_bytes, block_bytes = lengths(self._exactly(LENGTHS.size, until))
            text = self._exactly(header_bytes, until)
            return header_of(text), self._exactly(block_bytes, until)
        except ValueError:  # what is said by none of our processes
            self.kill()
            raise self._ended() from None

    def _exactly(self, count: int, until: float) -> bytes:
        found = bytearray(count)
        view = memoryview(found)
        while view:
            self._wait(self._answers, select.POLLIN, until)
            with contextlib.suppress(BlockingIOError):
                got = os.readv(self._answers, [view[:CHUNK_BYTES]])
                if not got:
                    raise self._ended()
                view = view[got:]
        return bytes(found)

    def _wait(self, pipe: int, event: int, until: float) -> None:
        """Until the pipe is ready. Raises Ended, after killing what is late."""
        poll = select.poll()
        poll.register(pipe, event)
        left = until - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            self.kill()
            self._process.wait()
            raise Ended(None)

    def _ended(self) -> Ended:
        return Ended(self._process.wait())


def _widen(pipe: int) -> None:
    """Let more into a pipe at a time, where the system knows how."""
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, CHUNK_BYTES)
