"""What a decoding process may ask of Linux: a filter of system calls refuses what it does not need.

Limits alone do not keep a process that a picture has taken over: it may close a file to open
another one, and needs none to delete, rename or signal. So calls that open, connect, change what
paths name, start programs, look into other processes, slow them down or end them are refused with
EPERM; so is memory that outlasts a process, and `fcntl` where it has the kernel signal another one.

Threads are another matter: the decoder of HEIC starts one for each picture. RLIMIT_NPROC knows no
difference between threads and processes, seccomp(2) does: `clone` is told by a flag which of the
two it is to make, and `clone3`, whose flags a filter cannot see, is said not to exist, so that
`clone` is asked. Constants are those of linux/seccomp.h, linux/filter.h, linux/audit.h and
linux/sched.h, numbers of calls those of asm/unistd_64.h (x86-64) and asm-generic/unistd.h (ARM).
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import sys
from collections.abc import Iterable, Iterator
from struct import pack
from typing import Final

_PR_SET_SECCOMP, _FILTER = 22, 2
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
_LOAD, _JUMP_EQUAL, _JUMP_SET, _JUMP_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT, _SECOND_ARGUMENT_AT = 0, 4, 16, 24
_CLONE_THREAD: Final = 0x00010000
_OTHER_NUMBERS: Final = 0x40000000
"""From here on calls are numbered once more, for programs with short pointers (x32)."""
_AUDIT: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""The architectures whose numbers are here, as the filter sees them."""
_Numbers = dict[str, tuple[int | None, int | None]]
"""A call's numbers on x86-64 and on ARM; None where it does not exist."""
_THREADS: Final[_Numbers] = {"clone": (56, 220), "clone3": (435, 435)}
_STARTING: Final[_Numbers] = {
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
}
_OPENING: Final[_Numbers] = {
    "open": (2, None),
    "creat": (85, None),
    "openat": (257, 56),
    "openat2": (437, 437),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
}
_CHANGING: Final[_Numbers] = {
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "rmdir": (84, None),
    "rename": (82, None),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "link": (86, None),
    "linkat": (265, 37),
    "symlink": (88, None),
    "symlinkat": (266, 36),
    "mkdir": (83, None),
    "mkdirat": (258, 34),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "truncate": (76, 45),
    "chmod": (90, None),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "utimensat": (280, 88),
    "futimesat": (261, None),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "mount": (165, 40),
    "umount2": (166, 39),
    "move_mount": (429, 429),
    "chroot": (161, 51),
    "pivot_root": (155, 41),
    "unshare": (272, 97),
    "setns": (308, 268),
}
_INTO_OTHERS: Final[_Numbers] = {
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "prlimit64": (302, 261),
    "io_uring_setup": (425, 425),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
}
"""Limits of processes are set by one of them; some others are doors into the kernel."""
_OUTLASTING: Final[_Numbers] = {
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "memfd_create": (319, 279),
}
"""What these make is counted by no limit of the process."""
_TURNS_OF_OTHERS: Final[_Numbers] = {
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setattr": (314, 274),
    "sched_setaffinity": (203, 122),
}
_FCNTL: Final[_Numbers] = {"fcntl": (72, 25)}
_SIGNALLING: Final = (8, 10, 15)
"""F_SETOWN, F_SETSIG and F_SETOWN_EX: whom the kernel signals when a pipe is ready, and how, which
may be by SIGKILL."""
_TO_ITSELF: Final[_Numbers] = {"kill": (62, 129), "tgkill": (234, 131)}
"""A process may send itself a signal: so it ends where a library finds that all is lost."""


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def confine_to_threads() -> bool:
    """Whether from now on only threads can be started, by this process and for good.

    It must have given up to gain privileges; elsewhere than on 64-bit Linux it is not done.
    """
    return _filtered(_STARTING, {}, {})


def confine() -> bool:
    """Whether from now on nothing can be opened, reached, changed or started but threads, for good,
    and no signal sent to another process, by the kernel neither; what is open stays so.

    It must have given up to gain privileges; elsewhere than on 64-bit Linux it is not done.
    """
    refused = _STARTING | _OPENING | _CHANGING | _INTO_OTHERS | _OUTLASTING | _TURNS_OF_OTHERS
    return _filtered(refused, _TO_ITSELF, _FCNTL)


def _filtered(refused: _Numbers, to_itself: _Numbers, fcntl: _Numbers) -> bool:
    machine = platform.machine()
    if sys.platform != "linux" or sys.maxsize < 1 << 32 or machine not in _AUDIT:
        return False
    steps = (
        *_of_this_machine(_AUDIT[machine]),
        *_refusing(_of(machine, refused)),
        *_to_itself(_of(machine, to_itself)),
        *_signalling_nobody(_of(machine, fcntl)),
        *_threads_alone(*_of(machine, _THREADS)),
    )
    code = b"".join(steps)
    program = _Program(len(code) // 8, code)
    done: int = ctypes.CDLL(None).prctl(_PR_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0)
    return done == 0


def _of(machine: str, calls: _Numbers) -> list[int]:
    """Their numbers on this machine."""
    at = list(_AUDIT).index(machine)
    return [number for numbers in calls.values() if (number := numbers[at]) is not None]


def _step(what: int, value: int, if_so: int = 0, if_not: int = 0) -> bytes:
    """A step of the filter: what it does, how far to jump if so and if not, and a value."""
    return pack("=HBBI", what, if_so, if_not, value)


def _of_this_machine(audit: int) -> Iterator[bytes]:
    """Ends what calls by the numbers of another architecture; the call's number is loaded."""
    yield _step(_LOAD, _ARCHITECTURE_AT)
    yield _step(_JUMP_EQUAL, audit, 1, 0)
    yield _step(_RETURN, _KILL)
    yield _step(_LOAD, _NUMBER_AT)
    yield _step(_JUMP_LEAST, _OTHER_NUMBERS, 0, 1)
    yield _step(_RETURN, _KILL)


def _refusing(numbers: Iterable[int]) -> Iterator[bytes]:
    for number in numbers:
        yield _step(_JUMP_EQUAL, number, 0, 1)
        yield _step(_RETURN, _REFUSE | errno.EPERM)


def _to_itself(numbers: Iterable[int]) -> Iterator[bytes]:
    """Signals to this process alone."""
    for number in numbers:
        yield _step(_JUMP_EQUAL, number, 0, 4)
        yield _step(_LOAD, _FIRST_ARGUMENT_AT)
        yield _step(_JUMP_EQUAL, os.getpid(), 0, 1)
        yield _step(_RETURN, _ALLOW)
        yield _step(_RETURN, _REFUSE | errno.EPERM)


def _signalling_nobody(numbers: Iterable[int]) -> Iterator[bytes]:
    """Whatever `fcntl` does but that."""
    many = len(_SIGNALLING)
    for number in numbers:
        yield _step(_JUMP_EQUAL, number, 0, many + 3)
        yield _step(_LOAD, _SECOND_ARGUMENT_AT)
        for at, operation in enumerate(_SIGNALLING):
            yield _step(_JUMP_EQUAL, operation, many - at, 0)
        yield _step(_RETURN, _ALLOW)
        yield _step(_RETURN, _REFUSE | errno.EPERM)


def _threads_alone(clone: int, clone3: int) -> Iterator[bytes]:
    """All else is allowed."""
    yield _step(_JUMP_EQUAL, clone3, 0, 1)
    yield _step(_RETURN, _REFUSE | errno.ENOSYS)
    yield _step(_JUMP_EQUAL, clone, 1, 0)
    yield _step(_RETURN, _ALLOW)
    yield _step(_LOAD, _FIRST_ARGUMENT_AT)
    yield _step(_JUMP_SET, _CLONE_THREAD, 1, 0)
    yield _step(_RETURN, _REFUSE | errno.EPERM)
    yield _step(_RETURN, _ALLOW)
