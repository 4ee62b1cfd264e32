"""One file, decoded in a process as the agent does it: what came of it, and what it took."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from glance_agent.decoding.decoder import Decoder
from glance_agent.domain.errors import BadPicture
from glance_agent.domain.panel import PanelProfile
from tools.campaigns.pictures.sample import Sample

PROFILE = PanelProfile((1920, 1080), 300_000)
SAMPLE_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Trial:
    """What a file did: why it is refused (empty where it is decoded), at most how long one answer
    took, and the largest that a process was."""

    sample: Sample
    file_bytes: int
    refused: str
    seconds: float
    peak_bytes: int


def tried(decoder: Decoder, sample: Sample, data: bytes) -> Trial:
    """The file looked at, prepared for an ingest, and rendered for a display."""
    longest, refused = 0.0, ""
    with _watched(decoder) as peak:
        for work in (
            lambda: decoder.look(data),
            lambda: decoder.prepare(data, colours=True),
            lambda: decoder.frame(data, PROFILE),
        ):
            started = time.perf_counter()
            try:
                work()
            except BadPicture as bad:
                refused = bad.reason
            longest = max(longest, time.perf_counter() - started)
    return Trial(sample, len(data), refused, longest, max(peak))


@contextmanager
def _watched(decoder: Decoder) -> Iterator[list[int]]:
    """The sizes of the decoder's processes, looked at all the time, also while one dies."""
    for pid in decoder.pids():
        with contextlib.suppress(OSError):
            Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak begins anew: proc(5)
    seen, done = [0], threading.Event()

    def look() -> None:
        while not done.wait(SAMPLE_SECONDS):
            seen.append(max((peak_bytes(pid) for pid in decoder.pids()), default=0))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        seen.append(max((peak_bytes(pid) for pid in decoder.pids()), default=0))
        done.set()
        watcher.join()


def peak_bytes(pid: int) -> int:
    """The most that a process has had in memory; 0 where it is gone."""
    return _status(pid, "VmHWM")


def resident_bytes() -> int:
    """What this process has in memory."""
    return _status("self", "VmRSS")


def _status(pid: int | str, name: str) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    return 0
