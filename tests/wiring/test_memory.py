"""Large blocks that were freed are the system's again, as far as glibc is the library of C."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

BLOCKS = """
import ctypes, sys
from glance_agent.wiring.memory import give_back_large_blocks

class Info(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in
        "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()]

mallinfo2 = ctypes.CDLL(None).mallinfo2
mallinfo2.restype = Info
if sys.argv[1] == "given back":
    give_back_large_blocks()
freed = bytearray(20_000_000)
del freed
kept = bytearray(8_000_000)
print(mallinfo2().hblkhd >= 8_000_000)
"""


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="only glibc 2.33 and later tell this"
)
@pytest.mark.parametrize(("how", "of_the_system"), [("given back", True), ("as it is", False)])
def test_a_large_block_is_the_systems_own_after_another_was_freed(
    how: str, of_the_system: bool
) -> None:
    command = [sys.executable, "-c", BLOCKS, how]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == str(of_the_system)
