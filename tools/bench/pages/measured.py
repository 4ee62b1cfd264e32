"""What was measured, a row each, against its limit; and what a machine that is busy does to it."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROWS = [{"id": f"bench:{n}", "title": f"The River {n}", "colours": ["#102030"]} for n in range(60)]


@dataclass(frozen=True, slots=True)
class Row:
    """A figure. `busy` is the same counted in time on the CPU, where that says something."""

    what: str
    figure: float
    unit: str
    limit: float | None = None
    busy: float | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        """Over a limit by the clock alone, it may be the machine that was busy elsewhere."""
        if self.limit is None:
            return ""
        if self.figure <= self.limit:
            return "within"
        return "OVER" if self.busy is None or self.busy > self.limit else "over, but busy"

    def __str__(self) -> str:
        def said(value: float | None) -> str:
            return "" if value is None else f"{value:,.{2 if value < 10 else 0}f}"

        return (
            f"{self.what:<46} {said(self.figure):>8} {self.unit:<3} {said(self.busy):>8} "
            f"{said(self.limit):>6}  {self.verdict:<14} {self.note}"
        )


HEAD = f"{'':<46} {'figure':>8} {'':<3} {'on CPU':>8} {'limit':>6}"


def p95(values: Sequence[float]) -> float:
    """What 95 of 100 do not exceed."""
    return float(np.percentile(values, 95))


class Reference:
    """What any program in Python has to do for a search: a product, the best, 60 rows of JSON."""

    def __init__(self, works: int, dimension: int) -> None:
        self._matrix = np.random.default_rng(3).standard_normal((works, dimension), np.float32)
        self.times_ms: list[float] = []

    def once(self) -> None:
        """Do it once more, and time it."""
        started = time.perf_counter()
        scores = self._matrix @ self._matrix[0]
        np.argpartition(-scores, 60)
        json.dumps(ROWS)
        self.times_ms.append((time.perf_counter() - started) * 1000)

    def times(self, milliseconds: float) -> str:
        """The ratio of something to it."""
        return f"{milliseconds / statistics.median(self.times_ms):.1f} x the bare product"


# -- processes ----------------------------------------------------------------------------------


def cpu_seconds(pid: int) -> float:
    """What a process had of the CPU so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def resident_megabytes(pid: int) -> float:
    """What the kernel says of it is in memory."""
    return _kilobytes(Path(f"/proc/{pid}/status"), "VmRSS") / 1000


def together_megabytes(pid: int) -> float:
    """A process and all that it started; what they share is counted once."""
    pids = [pid, *_below(pid)]
    return sum(_kilobytes(Path(f"/proc/{p}/smaps_rollup"), "Pss") for p in pids) / 1000


def _below(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    children = [int(child) for child in text.split()]
    tasks = Path(f"/proc/{pid}/task").iterdir()
    children += [int(c) for t in tasks for c in (t / "children").read_text().split()]
    return [one for child in dict.fromkeys(children) for one in (child, *_below(child))]


def _kilobytes(file: Path, name: str) -> float:
    line = next(line for line in file.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1.024
