"""What the machine has to give: the time, memory, room on the disk, and silence."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

import glance_agent
from glance_agent.cli.doctor.finding import Finding, Patient
from glance_agent.domain.said import say
from glance_agent.domain.system_words import said_by_system
from glance_agent.wiring.disk import existing_folder_of

LEAST_FREE_MEGABYTES: Final = 200
LEAST_MEMORY_MEGABYTES: Final = 150
SILENCED_BY: Final = "ORT_DISABLE_TELEMETRY"
LEFT_BY_TELEMETRY: Final = Path(".cache/Microsoft/DeveloperTools/.onnxruntime")
_MEMORY: Final = Path("/proc/meminfo")
_SLACK: Final = timedelta(days=1)


async def clock(patient: Patient) -> AsyncIterator[Finding]:
    """The time of day, against what has certainly been before now."""
    now = datetime.now(UTC)
    if fault := clock_fault(now, _installed_at()):
        yield Finding(say("clock"), False, fault)
        return
    synchronised = await asyncio.to_thread(_synchronised)
    shown = now.astimezone().isoformat(" ", "minutes")
    yield Finding(say("clock"), True, synchronised(shown) if synchronised else shown)


def clock_fault(now: datetime, installed_at: datetime | None) -> str | None:
    """What is wrong with the clock; a board without a battery starts in the past."""
    if installed_at is None or now + _SLACK >= installed_at:
        return None
    return say(
        "it says {now}, but this program was installed on {day}: set it, or wait for the "
        "network's time; certificates are not valid yet, and moods and slideshows go wrong",
        now=f"{now:%Y-%m-%d %H:%M}",
        day=f"{installed_at:%Y-%m-%d}",
    )


def _installed_at() -> datetime | None:
    """When this program was put here."""
    with suppress(PackageNotFoundError, OSError):
        record = Path(str(distribution("glance-agent").locate_file("")))
        here = Path(glance_agent.__file__).stat().st_mtime
        return datetime.fromtimestamp(max(here, record.stat().st_mtime), UTC)
    return None


def _synchronised() -> Callable[[str], str] | None:
    """What says whether systemd has a time from the network; None where it cannot be asked."""
    asked = ("timedatectl", "show", "--property=NTPSynchronized", "--value")
    try:
        told = subprocess.run(  # noqa: S603  (our own words)
            asked, capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return {"yes": _compared, "no": _not_compared}.get(told.stdout.strip())


def _compared(time: str) -> str:
    return say("{time}, as a time server says", time=time)


def _not_compared(time: str) -> str:
    return say("{time}, not compared with a time server", time=time)


async def memory(patient: Patient) -> AsyncIterator[Finding]:
    """How much memory programs can still get; nothing where the platform does not tell."""
    try:
        found = memory_megabytes(_MEMORY.read_text(encoding="ascii"))
    except OSError:
        return
    if found is None:
        return
    free, all_there_is = found
    if free < LEAST_MEMORY_MEGABYTES:
        said = say(
            "only {free} of {all} MB are free: end other programs, or choose a smaller model.name",
            free=str(free),
            all=str(all_there_is),
        )
        yield Finding(say("memory"), False, said)
        return
    said = say("{free} of {all} MB are free", free=str(free), all=str(all_there_is))
    yield Finding(say("memory"), True, said)


def memory_megabytes(meminfo: str) -> tuple[int, int] | None:
    """What is available and what there is, from /proc/meminfo (proc(5)), which counts in KiB."""
    found = {name: int(kib) for name, kib in re.findall(r"^(\w+):\s+(\d+) kB$", meminfo, re.M)}
    if not {"MemAvailable", "MemTotal"} <= found.keys():
        return None
    return found["MemAvailable"] * 1024 // 1_000_000, found["MemTotal"] * 1024 // 1_000_000


async def disk(patient: Patient) -> AsyncIterator[Finding]:
    """How much room there is for the library to grow."""
    try:
        where = existing_folder_of(patient.config.library.path)
        free = shutil.disk_usage(where).free // 1_000_000
    except OSError as error:
        said = say("the library's folder cannot be read: {why}", why=said_by_system(error))
        yield Finding(say("disk"), False, said)
        return
    if free < LEAST_FREE_MEGABYTES:
        said = say(
            "only {free} MB are free beside the library; make room, or move library.path",
            free=str(free),
        )
        yield Finding(say("disk"), False, said)
        return
    said = say("{free} MB are free beside the library", free=str(free))
    yield Finding(say("disk"), True, said)


async def telemetry(patient: Patient) -> AsyncIterator[Finding]:
    """Whether ONNX Runtime, which would tell its maker of this machine, is kept from it."""
    silent = os.environ.get(SILENCED_BY) == "1"
    by = f"{SILENCED_BY}=1"
    said = say("off ({by})", by=by) if silent else say("set {by} where this is started", by=by)
    with suppress(RuntimeError, OSError):
        left = Path.home() / LEFT_BY_TELEMETRY
        if left.exists():
            said = say(
                "{said}; {left} is left from before and may be deleted", said=said, left=left
            )
    yield Finding(say("telemetry"), silent, said)
