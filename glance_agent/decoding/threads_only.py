"""Threads may be started, programs and processes not: what Linux enforces by a filter of calls.

The decoder of HEIC starts a thread for each picture. RLIMIT_NPROC knows no difference between
threads and processes, seccomp(2) does: `clone` is told by a flag which of the two it is to make,
and `clone3`, whose flags a filter cannot see, is said not to exist, so that `clone` is asked.
Constants are those of linux/seccomp.h, linux/filter.h, linux/audit.h and linux/sched.h.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from struct import pack
from typing import Final

_PR_SET_SECCOMP, _FILTER = 22, 2
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
_LOAD, _JUMP_EQUAL, _JUMP_SET, _JUMP_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT = 0, 4, 16
_CLONE_THREAD: Final = 0x00010000
_OTHER_NUMBERS: Final = 0x40000000
"""From here on calls are numbered once more, for programs with short pointers (x32)."""


@dataclass(frozen=True, slots=True)
class _Machine:
    """The calls of an architecture that start something, by their numbers."""

    audit: int
    clone: int
    clone3: int
    others: tuple[int, ...]


_MACHINES: Final = {
    "x86_64": _Machine(0xC000003E, 56, 435, (57, 58, 59, 322)),
    "aarch64": _Machine(0xC00000B7, 220, 435, (221, 281)),
}
"""Others are fork, vfork, execve and execveat, as far as there are any."""


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def confine_to_threads() -> bool:
    """Whether from now on only threads can be started, by this process and for good.

    It must have given up to gain privileges; elsewhere than on 64-bit Linux it is not done.
    """
    machine = _MACHINES.get(platform.machine()) if sys.platform == "linux" else None
    if machine is None or sys.maxsize < 1 << 32:
        return False
    code = b"".join(_code(machine))
    program = _Program(len(code) // 8, code)
    done: int = ctypes.CDLL(None).prctl(_PR_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0)
    return done == 0


def _code(machine: _Machine) -> Iterator[bytes]:
    """The filter: a step has what it does, how far to jump if so and if not, and a value."""

    def step(what: int, value: int, if_so: int = 0, if_not: int = 0) -> bytes:
        return pack("=HBBI", what, if_so, if_not, value)

    yield step(_LOAD, _ARCHITECTURE_AT)
    yield step(_JUMP_EQUAL, machine.audit, 1, 0)
    yield step(_RETURN, _KILL)
    yield step(_LOAD, _NUMBER_AT)
    yield step(_JUMP_LEAST, _OTHER_NUMBERS, 0, 1)
    yield step(_RETURN, _KILL)
    for number in machine.others:
        yield step(_JUMP_EQUAL, number, 0, 1)
        yield step(_RETURN, _REFUSE | errno.EPERM)
    yield step(_JUMP_EQUAL, machine.clone3, 0, 1)
    yield step(_RETURN, _REFUSE | errno.ENOSYS)
    yield step(_JUMP_EQUAL, machine.clone, 1, 0)
    yield step(_RETURN, _ALLOW)
    yield step(_LOAD, _FIRST_ARGUMENT_AT)
    yield step(_JUMP_SET, _CLONE_THREAD, 1, 0)
    yield step(_RETURN, _REFUSE | errno.EPERM)
    yield step(_RETURN, _ALLOW)
