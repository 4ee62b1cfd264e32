"""What a model costs on this machine, measured in a process of its own; and which one suits it.

Run as a program it prints one measurement as JSON: NAME, DIRECTORY, THREADS.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from glance_agent.domain.errors import ModelError
from glance_agent.domain.said import say
from glance_agent.embedding.models.catalogue import CatalogueModel

SHARE_OF_MEMORY: Final = 0.6
_ROUNDS: Final = 7
_TIMEOUT_SECONDS: Final = 600.0


@dataclass(frozen=True, slots=True)
class Measured:
    """Medians of a warm model, and the memory of a process with both towers loaded."""

    ms_per_image: float
    ms_per_query: float
    resident_mb: float


def measure(name: str, directory: Path, *, threads: int) -> Measured:
    """Measure an installed model in a fresh process; raises ModelError."""
    command = [sys.executable, "-m", __name__, name, str(directory), str(threads)]
    try:
        ended = subprocess.run(  # noqa: S603  (our own interpreter and module)
            command, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ModelError(
            say("The model {name} took too long to be measured.", name=name)
        ) from error
    if ended.returncode:
        last = ended.stderr.strip().splitlines()[-1:] or [f"it ended with {ended.returncode}"]
        raise ModelError(
            say("The model {name} could not be measured: {said}", name=name, said=last[0])
        )
    return Measured(**json.loads(ended.stdout))


def available_mb() -> float | None:
    """The memory that is free for programs, or None where the system does not tell."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    amounts = dict(line.split(":", 1) for line in lines)
    return int(amounts["MemAvailable"].split()[0]) / 1024


def recommended(
    measured: Iterable[tuple[CatalogueModel, Measured]], free_mb: float | None
) -> tuple[CatalogueModel, Measured] | None:
    """The most capable model whose towers fit into a good half of the free memory."""
    fitting = [pair for pair in measured if _fits(pair[1].resident_mb, free_mb)]
    return max(fitting, key=lambda pair: _capability(pair[0]), default=None)


def worth_fetching(
    others: Iterable[CatalogueModel],
    best: tuple[CatalogueModel, Measured] | None,
    free_mb: float | None,
) -> CatalogueModel | None:
    """The most capable model that is not here, is free to use, and would fit and be an advance."""
    known = [e for e in others if e.ram_mb and not e.warning and _fits(e.ram_mb, free_mb)]
    found = max(known, key=_capability, default=None)
    least = _capability(best[0]) if best else -1.0
    return found if found is not None and _capability(found) > least else None


def _fits(mb: float, free_mb: float | None) -> bool:
    return free_mb is None or mb <= SHARE_OF_MEMORY * free_mb


def _capability(entry: CatalogueModel) -> float:
    return entry.imagenet_r or 0.0


def _here(name: str, directory: Path, threads: int) -> Measured:
    from PIL import Image

    from glance_agent.embedding.encoder import open_encoder

    encoder = open_encoder(name, directory, threads=threads, memory_arena=False, prepacking=True)
    picture = Image.effect_mandelbrot((800, 600), (-2, -1.2, 1, 1.2), 60).convert("RGB")
    per_image = _median_ms(lambda: encoder.embed_images([picture]))
    per_query = _median_ms(lambda: encoder.embed_text("a painting of a stormy sea at night"))
    return Measured(per_image, per_query, _resident_mb())


def _median_ms(act: Callable[[], object]) -> float:
    act()
    return round(statistics.median(_milliseconds(act) for _ in range(_ROUNDS)), 2)


def _milliseconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1000.0


def _resident_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)


if __name__ == "__main__":
    found = _here(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
    sys.stdout.write(json.dumps(asdict(found)))
