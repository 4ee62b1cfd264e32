"""What was freed goes back to the system."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

KEPT = """
import threading
from glance_agent.wiring.allocation import give_back_freed

def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4096

def hold():
    for megabytes in (10, 24, 20, 20):
        bytes(b"x" * (megabytes << 20))

give_back_freed()
before, threads = resident(), [threading.Thread(target=hold) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(resident() - before)
"""


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "mallopt"), reason="the C library is not glibc here"
)
def test_what_was_large_goes_back() -> None:
    """Else two threads keep 40 MB of such files."""
    done = subprocess.run([sys.executable, "-c", KEPT], check=True, capture_output=True)
    assert int(done.stdout) < 8_000_000
