"""What whole processes of the terminal take that find all done: `python -m tools.bench.processes`.

A library of 500 pictures and the starter gallery, in glance-mini. Printed are CPU seconds (user and
system) of a process, medians of several rounds in turn, and their ratio to a process that imports
numpy, pydantic, typer and rich and does nothing: below that no verb can come, and it tells how busy
the machine was.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from tools.bench.ingest import cpu_of
from tools.bench.rclip import WORDS, paint, run

WANTED_SECONDS = 0.45
LEAST = "import numpy, pydantic, typer, rich"
_OURS = (sys.executable, "-m", "glance_agent")


def main() -> None:
    """Measure, and print a line for each verb."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--known", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        verbs = verbs_of(folder, options.known)
        for verb in ({"": [*_OURS, "ingest"]} | verbs).values():
            run(verb, folder)  # what is read, measured or compiled once is there from now on
        found = rounds_of(
            verbs | {"imports alone": [sys.executable, "-c", LEAST]}, folder, options.rounds
        )
    least = statistics.median(found["imports alone"])
    for what, seconds in found.items():
        median = statistics.median(seconds)
        verdict = "" if median <= WANTED_SECONDS else f"  (wanted: {WANTED_SECONDS} s)"
        print(f"{what:26} {median:5.2f} s of CPU  {median / least:5.2f} x imports{verdict}")


def verbs_of(folder: Path, known: int) -> dict[str, list[str]]:
    """The verbs, in a new library of this folder."""
    gallery, config = folder / "known", folder / "config" / "glance.toml"
    paint(gallery, known, (96, 72))
    config.parent.mkdir()
    config.write_text('[library]\npath = "../glance.db"\n', encoding="utf-8")
    return {
        f"ingest, {known} unchanged": [*_OURS, "ingest", str(gallery)],
        "search of known words": [*_OURS, "search", *WORDS],
        "status": [*_OURS, "status"],
        "like": [*_OURS, "like", "starter:stormy-sea"],
        "doctor --help": [*_OURS, "doctor", "--help"],
    }


def rounds_of(commands: dict[str, list[str]], folder: Path, rounds: int) -> dict[str, list[float]]:
    """The CPU seconds of each process, in each round."""
    found: dict[str, list[float]] = {what: [] for what in commands}
    for _ in range(rounds):
        for what, command in commands.items():
            found[what].append(cpu_of(lambda command=command: run(command, folder)))
    return found


if __name__ == "__main__":
    main()
