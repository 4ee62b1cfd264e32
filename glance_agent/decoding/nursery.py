"""Where decoding processes come from, seen from the agent.

On Linux one process loads once what decoding takes, never reads a picture, and divides itself for
each process that is to decode (`dividing`): what was loaded is in memory once for all of them, and
each is there at once. Elsewhere, and where Linux is older than 5.3, each loads for itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import glance_agent
from glance_agent.decoding.orders import Orders

START_SECONDS: Final = 60.0
"""How long a process may take to be ready, on a slow machine that is busy."""
PROGRAM: Final = "from glance_agent.decoding.child import start; start()"
_SETTING_UP: Final = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
_MESSAGE_BYTES: Final = 1 << 16
_KEPT: Final = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
"""What of the environment is needed to load libraries; all else stays here."""
_ENVIRONMENT: Final = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "4194304",
    "MALLOC_TRIM_THRESHOLD_": "16777216",
}


class Process(Protocol):
    """What is needed of a process, in the words of `subprocess`."""

    pid: int

    def poll(self) -> int | None: ...
    def wait(self) -> int: ...
    def kill(self) -> None: ...


class Begun(NamedTuple):
    """A process, and the ends of its pipes that are ours: one to be written, one to be read."""

    process: Process
    requests: int
    answers: int


class Nursery:
    """Begins processes; may be asked from any thread of the usual niceness, which they inherit."""

    def __init__(self, orders: Orders, program: str = PROGRAM) -> None:
        """What is loaded once is what these orders need; `program` is what is run, in Python."""
        self._orders = replace(orders, divides=True)
        self._program = program
        self._lock = threading.Lock()
        self._parent: _Parent | None = None
        self._closed = False

    def begun(self, orders: Orders) -> Begun:
        """A new process. Raises OSError where it cannot be started."""
        theirs, requests = os.pipe()
        answers, told = os.pipe()
        try:
            process = self._process(orders, (theirs, told))
        except BaseException:
            os.close(requests)
            os.close(answers)
            raise
        finally:
            os.close(theirs)
            os.close(told)
        return Begun(process, requests, answers)

    def close(self) -> None:
        """End what divides itself, and begin nothing any more."""
        self._closed = True
        parent = self._parent
        if parent is not None:
            parent.kill()  # whoever waits for it gets OSError
        with self._lock:
            self._let_go()

    # -- the process that divides itself ----------------------------------------------------------

    def _process(self, orders: Orders, pipes: Sequence[int]) -> Process:
        if not _can_divide():
            return _program(self._program, orders, *pipes)
        with self._lock:
            if self._parent is not None:
                with contextlib.suppress(OSError):  # it ends where it is not asked for a while
                    return Divided(self._parent, self._parent.divided(orders, pipes))
                self._let_go()
            if self._closed:
                raise OSError("the program is stopping")
            self._parent = _Parent(self._program, self._orders)
            try:
                return Divided(self._parent, self._parent.divided(orders, pipes))
            except OSError:
                self._let_go()
                raise

    def _let_go(self) -> None:
        if self._parent is not None:
            self._parent.close()
            self._parent = None


class _Parent:
    """The process that divides itself, and tells how those that came of it ended."""

    def __init__(self, program: str, orders: Orders) -> None:
        """Raises OSError where it cannot be started."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.settimeout(START_SECONDS)
        self._asked, self._lock = ours, threading.Lock()
        with theirs:
            try:
                self._process = _program(program, orders, theirs.fileno(), subprocess.DEVNULL)
            except BaseException:
                ours.close()
                raise

    def divided(self, orders: Orders, pipes: Sequence[int]) -> int:
        """The number of a new process that has these ends of pipes. Raises OSError."""
        return int(self._answer(json.dumps(asdict(orders)).encode(), pipes))

    def code_of(self, pid: int) -> int:
        """How a process that has ended did so; as if it were killed where nobody knows."""
        try:
            return int(self._answer(str(pid).encode()) or -signal.SIGKILL)
        except OSError:
            self.kill()  # what it answers later would be taken for another answer
            return -signal.SIGKILL

    def kill(self) -> None:
        """End it now."""
        self._process.kill()

    def close(self) -> None:
        """End it, and give back what it held."""
        self.kill()
        self._process.wait()
        with self._lock:
            self._asked.close()

    def _answer(self, message: bytes, pipes: Sequence[int] = ()) -> bytes:
        with self._lock:
            if pipes:
                socket.send_fds(self._asked, [message], pipes)
            else:
                self._asked.send(message)
            answer = self._asked.recv(_MESSAGE_BYTES)
        if pipes and not answer:
            raise OSError("the process that loads what decoding takes has ended")
        return answer


class Divided:
    """A process that came of another one of ours; for one thread, but `kill` may come from any."""

    def __init__(self, parent: _Parent, pid: int) -> None:
        """Raises OSError where it is gone already."""
        self.pid = pid
        self._parent = parent
        self._lock = threading.Lock()
        self._watched = os.pidfd_open(pid)
        self._code: int | None = None

    def poll(self) -> int | None:
        """How it has ended; None as long as it has not."""
        return self._settled(0)

    def wait(self) -> int:
        """The same once it has ended."""
        while (code := self._settled(None)) is None:
            continue
        return code

    def kill(self) -> None:
        """End it now."""
        with self._lock:
            if self._code is None:
                with contextlib.suppress(ProcessLookupError):  # it has ended, and nobody asked how
                    signal.pidfd_send_signal(self._watched, signal.SIGKILL)

    def _settled(self, milliseconds: int | None) -> int | None:
        if self._code is None:
            watch = select.poll()
            watch.register(self._watched, select.POLLIN)
            if watch.poll(milliseconds):
                code = self._parent.code_of(self.pid)
                with self._lock:
                    self._code = code
                    os.close(self._watched)
        return self._code


def _can_divide() -> bool:
    """Whether processes can be watched that are none of our own children."""
    if sys.platform != "linux":
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        return False
    return True


def _program(program: str, orders: Orders, asked: int, answers: int) -> subprocess.Popen[bytes]:
    """A process of its own. Raises OSError where it cannot be started."""
    return subprocess.Popen(  # noqa: S603 - our own interpreter, and no shell
        [
            sys.executable,
            *("-I", "-S", "-B", "-c", _SETTING_UP + program),
            json.dumps(_import_path()),
            json.dumps(asdict(orders)),
        ],
        stdin=asked,
        stdout=answers,
        env=_ENVIRONMENT | {name: os.environ[name] for name in _KEPT if name in os.environ},
        start_new_session=True,  # Ctrl-C is for the agent
    )


def _import_path() -> list[str]:
    """Where this program and its libraries are found."""
    own = str(Path(glance_agent.__file__).resolve().parent.parent)
    return [own, *(str(Path(entry).absolute()) for entry in sys.path)]
