"""How long an agent with a large library takes until it is `online`, with a real Mosquitto.

`python -m tools.bench.scale.start --works 1000000` makes the library, unless `--library` has it
already, and starts the agent on it some times: by the clock, what it had of the processor by then,
and the load of the machine, without which a time by the clock says little.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from signal import SIGTERM
from unittest.mock import patch

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does, before numpy loads

from glance_agent.config.load import load
from tools.bench.agent import mosquitto, start_agent, until_online
from tools.bench.scale.libraries import WordEncoder, large_library

NUMBERS = 256
"""What the vectors of the package's model have."""


class OwnWords(WordEncoder):
    """What the package's model makes of words, in its own space: what the agent looks for."""

    def __init__(self) -> None:
        super().__init__(NUMBERS)
        self.space = self._model.space


def main() -> None:
    """Make the library, and start the agent."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--works", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--library", type=Path, help="a folder to keep it in, for another run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = options.library or Path(name) / "library"
        if not (folder / "glance.toml").exists():
            large_library(folder, options.works, OwnWords())
        with mosquitto(Path(name)) as port, patch.dict(os.environ, GLANCE_MQTT__PORT=f"{port}"):
            measure(folder, options.times)


def measure(folder: Path, times: int) -> None:
    """Start the agent some times more than are told: the first leaves its index behind."""
    print(f"load {os.getloadavg()[0]:.1f}")
    told = [started(folder, first=turn == 0) for turn in range(times + 1)][1:]
    wall, cpu = (statistics.median(figures) for figures in zip(*told, strict=True))
    print(
        f"start to online: {wall:.2f} s by the clock ({min(told)[0]:.2f} at best), {cpu:.2f} s of "
        f"the processor; load {os.getloadavg()[0]:.1f}"
    )


def started(folder: Path, *, first: bool) -> tuple[float, float]:
    """The seconds from the start of the process to `online`: by the clock, and of the processor."""
    begun = time.perf_counter()
    agent = start_agent(folder)
    try:
        asyncio.run(until_online(load(folder / "glance.toml", os.environ)))
        wall, cpu = time.perf_counter() - begun, cpu_seconds(agent.pid)
        if first:
            until_prepared(agent.pid)
    finally:
        agent.send_signal(SIGTERM)
        if agent.wait():
            sys.exit("The agent failed.")
    return wall, cpu


def cpu_seconds(pid: int) -> float:
    """What a process has had of the processor by now."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def until_prepared(pid: int) -> None:
    """Wait until the agent has little to do: its index is read, and is kept when it stops."""
    before, quiet = cpu_seconds(pid), 0
    while quiet < 3:
        time.sleep(1)
        now = cpu_seconds(pid)
        quiet = quiet + 1 if now - before < 0.2 else 0
        before = now


if __name__ == "__main__":
    main()
