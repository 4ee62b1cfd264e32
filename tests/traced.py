"""Every address that a program and its children reach for, and every path that they write.

What strace saw is read, so nothing has to be trusted to tell: neither our code, nor a library
that is compiled, nor a process that a process started.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.spawned import ROOT, Spawned

_REACHING = ("connect", "sendto", "sendmsg", "sendmmsg", "bind")
_WRITING = (
    *("open", "openat", "openat2", "creat", "truncate", "mknod", "mknodat"),
    *("mkdir", "mkdirat", "rmdir", "unlink", "unlinkat"),
    *("rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat"),
)
_MOVING = ("chdir", "fchdir")
"""Where a program goes elsewhere, its relative paths could not be followed."""
_NAME_SERVICE = 53
_ANY_PORT = "0"
"""What a connection that goes out is bound to; whoever waits for others to come names a port."""
_LOOKED_UP_BY = ("/run/nscd/", "/run/systemd/resolve/")
"""Sockets of daemons that look names up for others; their questions go unseen."""
_PASSED_OVER = re.compile(r"/dev/(null|tty|shm/sem\.\w+)|/proc/(self|thread-self|\d+)/.*")

_CALL = re.compile(r"^\d+\s+(?:<\.\.\. )?(\w+)[( ](.*)$")
_IPV4 = re.compile(r'sin_port=htons\((\d+)\), sin_addr=inet_addr\("([^"]+)"\)')
_IPV6 = re.compile(r'sin6_port=htons\((\d+)\).*?inet_pton\(AF_INET6, "([^"]+)"')
_UNIX = re.compile(r'sun_path="([^"]+)"')
_PATH = re.compile(r'(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"')


@cache
def _why_not() -> str | None:
    """Why nothing can be traced here; None where it can."""
    if shutil.which("strace") is None:
        return "strace is not installed; `make test` installs it on Debian"
    tried = subprocess.run(["strace", "-f", "true"], capture_output=True, check=False)
    return "this machine does not let strace look on" if tried.returncode else None


needs_strace = pytest.mark.skipif(_why_not() is not None, reason=str(_why_not()))


@dataclass(frozen=True, slots=True)
class Trace:
    """What strace wrote about a program."""

    path: Path

    async def start(self, *arguments: str, environ: Mapping[str, str]) -> Spawned:
        """Start this interpreter under strace; signals reach the program itself."""
        calls = ",".join(f"?{name}" for name in (*_REACHING, *_WRITING, *_MOVING))
        seen = ("-o", str(self.path), "-e", f"trace={calls}", "-e", "signal=none")
        strace = ("strace", "-D", "-f", "--seccomp-bpf", "-qq", "-y", "-s", "300", *seen)
        program = (sys.executable, "-B", "-X", "utf8", *arguments)
        return await Spawned.start(*strace, *program, environ=environ)

    def strayed(
        self, *, reached: Collection[tuple[str, int]], within: Collection[Path]
    ) -> set[str]:
        """What went elsewhere than to these hosts and ports, and into these directories."""
        places = [os.path.realpath(place) for place in within]
        found: set[str] = set()
        for call, arguments in self._calls():
            if call in _REACHING:
                found.update(_reached(call, arguments, reached))
            elif call in _MOVING:
                found.add(f"{call} {arguments}")
            elif _writes(call, arguments):
                paths = map(_absolute, _PATH.findall(arguments.rpartition(" = ")[0] or arguments))
                found.update(f"{call} {path}" for path in paths if not _lies_in(path, places))
        return found

    def _calls(self) -> Iterator[tuple[str, str]]:
        for line in self.path.read_text(encoding="utf-8", errors="replace").splitlines():
            if call := _CALL.match(line):
                yield call[1], call[2]


def _reached(call: str, arguments: str, allowed: Collection[tuple[str, int]]) -> Iterator[str]:
    for port, host in (*_IPV4.findall(arguments), *_IPV6.findall(arguments)):
        if int(port) == _NAME_SERVICE:
            yield f"{call} asks {host} for a name: {arguments}"
        elif (host, int(port)) not in allowed and (call, port) != ("bind", _ANY_PORT):
            yield f"{call} {host}:{port}"
    for path in _UNIX.findall(arguments):
        if any(daemon in path for daemon in _LOOKED_UP_BY):
            yield f"{call} {path}"


def _writes(call: str, arguments: str) -> bool:
    if call in {"open", "openat", "openat2"}:
        return any(f in arguments for f in ("O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"))
    return call in _WRITING


def _absolute(found: tuple[str, str]) -> str:
    """A path that a call names, made absolute by the directory that strace tells beside it."""
    folder, path = found
    return os.path.realpath(os.path.join(folder or ROOT, path))


def _lies_in(path: str, places: Collection[str]) -> bool:
    inside = any(path == place or path.startswith(f"{place}/") for place in places)
    return inside or _PASSED_OVER.fullmatch(path) is not None
