"""What was freed is the system's again, as far as glibc is the library of C."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

BLOCKS = """
import ctypes, sys, threading
from glance_agent.wiring.memory import keep_little_memory

class Info(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in
        "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()]

libc = ctypes.CDLL(None)
libc.mallinfo2.restype = Info
if sys.argv[1] == "little":
    keep_little_memory()
freed = bytearray(20_000_000)
del freed
kept = bytearray(8_000_000)
print(libc.mallinfo2().hblkhd >= 8_000_000, flush=True)
held, all_there = [], threading.Barrier(3)
def hold():
    held.append(bytearray(100_000))
    all_there.wait()
threads = [threading.Thread(target=hold) for _ in range(2)]
for thread in threads:
    thread.start()
all_there.wait()
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
"""

KEPT = """
import threading
from glance_agent.wiring.memory import keep_little_memory

def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4096

def hold():
    for megabytes in (10, 24, 20, 20):
        bytes(b"x" * (megabytes << 20))

keep_little_memory()
before, threads = resident(), [threading.Thread(target=hold) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(resident() - before)
"""


def said(script: str, *arguments: str) -> str:
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="only glibc 2.33 and later tell this"
)
@pytest.mark.parametrize("how", ["little", "as it is"])
def test_large_blocks_are_the_systems_and_threads_share_the_rest(how: str) -> None:
    large_is_the_systems, _, rooms = said(BLOCKS, how).partition("\n")
    assert large_is_the_systems == str(how == "little")
    assert (rooms.count("<heap nr=") == 1) == (how == "little")


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "mallopt"), reason="the C library is not glibc here"
)
def test_what_was_large_goes_back() -> None:
    """Else two threads keep 40 MB of such files."""
    assert int(said(KEPT)) < 8_000_000
