"""Agents that begin at once: copies of a process in which all that they need is loaded.

To load the agent takes more of the processor than most tests that start one. `python -m tests.warm
FD` loads it once, and forks for each program that it is asked for by the socket FD: a process like
any other, with arguments, surroundings and output of its own. What has to begin with nothing
loaded is started by `Spawned.python`.
"""

from __future__ import annotations

import asyncio
import atexit
import gc
import json
import os
import runpy
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector

LOADED = (
    *("glance_agent.cli.main", "glance_agent.wiring.running", "glance_agent.wiring.pages"),
    *("sqlite_utils", "tests.colour_encoder"),
)
"""What a copy has from its beginning."""
_ROOT = Path(__file__).parent.parent
_LARGEST_BYTES = 1_000_000


class Copy:
    """A running copy, with what `Spawned` asks of an asyncio.subprocess.Process."""

    def __init__(
        self, pid: int, stdout: asyncio.StreamReader, ending: asyncio.StreamReader
    ) -> None:
        self.pid, self.stdout = pid, stdout
        self.returncode: int | None = None
        self._ended = asyncio.create_task(self._end(ending))

    def send_signal(self, number: int) -> None:
        """A signal; nothing where it has ended."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def wait(self) -> int:
        """Wait until it has ended; its exit code, negative for a signal."""
        return await asyncio.shield(self._ended)

    async def _end(self, ending: asyncio.StreamReader) -> int:
        self.returncode = int(await ending.read())
        return self.returncode


async def copied(*arguments: str, environ: Mapping[str, str]) -> Copy:
    """What Python runs with these arguments, `-c CODE …` or `-m MODULE …`, running."""
    (stdout, speaks), (ending, tells) = await _pipe(), await _pipe()
    try:
        asked = json.dumps([arguments, dict(environ)]).encode()
        socket.send_fds(_door(), [asked], [speaks, tells])
    finally:
        os.close(speaks)
        os.close(tells)
    return Copy(int(await ending.readline()), stdout, ending)


async def _pipe() -> tuple[asyncio.StreamReader, int]:
    """Where one reads, and where others write."""
    reads, writes = os.pipe()
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reads, "rb", 0)
    )
    return reader, writes


@cache
def _door() -> socket.socket:
    """Where copies are asked for, of a process that ends with this one."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        number = theirs.fileno()
        process = subprocess.Popen(
            [sys.executable, "-X", "utf8", "-m", "tests.warm", str(number)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[number],
            cwd=_ROOT,
        )
    atexit.register(process.wait)
    atexit.register(ours.close)
    return ours


# -- in the process that is copied -------------------------------------------------------------


def main() -> None:
    """Copy this process as often as it is asked for; the copies go on with the agent's program."""
    for name in LOADED:
        import_module(name)
    gc.collect()
    gc.freeze()
    if _copied(socket.socket(fileno=int(sys.argv[1]))):
        _run(sys.argv.pop(0), sys.argv.pop(0))


def _copied(door: socket.socket) -> bool:
    """Whether this is a copy, which has what was asked for it; False when no more are wanted."""
    selector, running = DefaultSelector(), dict[int, tuple[int, int]]()
    selector.register(door, EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is not door:
                selector.unregister(key.fd)
                _tell_of_end(key.fd, *running.pop(key.fd))
                continue
            asked, given, *_ = socket.recv_fds(door, _LARGEST_BYTES, 2)
            if not asked:
                return False
            if (pid := os.fork()) == 0:
                selector.close()
                # Who held another copy's pipe would keep its end from being told.
                others = [number for end, (_, tells) in running.items() for number in (end, tells)]
                _become(json.loads(asked), given[0], [door.detach(), given[1], *others])
                return True
            running[end := os.pidfd_open(pid)] = pid, given[1]
            selector.register(end, EVENT_READ)
            os.close(given[0])
            os.write(given[1], b"%d\n" % pid)


def _tell_of_end(end: int, pid: int, tells: int) -> None:
    """Say how a copy has ended."""
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with suppress(BrokenPipeError):
        os.write(tells, b"%d" % code)
    os.close(tells)
    os.close(end)


def _become(asked: tuple[list[str], dict[str, str]], speaks: int, others: list[int]) -> None:
    """Begin as a program does that was started with this."""
    arguments, environ = asked
    for number in others:
        os.close(number)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for ours, number in ((nothing, 0), (speaks, 1), (speaks, 2)):
        os.dup2(ours, number)
    os.close(nothing)
    os.close(speaks)
    # Those of before know of another kind of file, in which one can seek.
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(environ)
    time.tzset()
    sys.argv = arguments


def _run(how: str, what: str) -> None:
    """What Python does for `-c CODE` or `-m MODULE`; the arguments are those that are left."""
    sys.argv.insert(0, how)
    if how == "-c":
        exec(what, {"__name__": "__main__"})
    else:
        runpy.run_module(what, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
