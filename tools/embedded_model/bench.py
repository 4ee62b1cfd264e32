"""Time and memory of the shipped model, one thread; loading in fresh processes."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tools.embedded_model.workplace import EMBEDDED

ROUNDS = 300
WARM_UP = 20
PROCESSES = 9
QUERIES = ("peaceful blue water", "a portrait of an old man reading")
_LOAD = """
import json, sys, time
def resident_mb():
    pages = int(open("/proc/self/statm").read().split()[1])
    return pages * 4096 / 2**20
import numpy, PIL.Image
before, start, busy = resident_mb(), time.perf_counter(), time.process_time()
import onnxruntime, pathlib
from glance_agent.embedding.pieces import LetterPieces
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.enable_cpu_mem_arena = False
options.log_severity_level = 3
paths = [f"{sys.argv[1]}/{name}.onnx" for name in ("image", "text")]
sessions = [onnxruntime.InferenceSession(path, options) for path in paths]
LetterPieces.read(pathlib.Path(sys.argv[1], "tokenizer.txt"))
ms, busy_ms = (time.perf_counter() - start) * 1000, (time.process_time() - busy) * 1000
side = int(sys.argv[2])
sessions[0].run(None, {"pixel_values": numpy.zeros((1, 3, side, side), "float32")})
sessions[1].run(None, {"input_ids": numpy.ones((1, 4), "int64")})
print(json.dumps([ms, busy_ms, resident_mb() - before]))
"""


@dataclass(frozen=True, slots=True)
class Spread:
    """Many measurements: the least is the nearest to a machine with nothing else to do."""

    median: float
    least: float


def spread(values: Sequence[float]) -> Spread:
    """Of a series of measurements."""
    return Spread(statistics.median(values), min(values))


def time_ms(work: Callable[[], object]) -> Spread:
    """Of many calls, after a few to warm up."""
    times = []
    for _ in range(ROUNDS + WARM_UP):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return spread(times[WARM_UP:])


def loading(folder: Path, size_px: int) -> tuple[Spread, Spread, Spread]:
    """Milliseconds to import the runtime and load everything, those of them that the processor
    was ours, and the megabytes that this adds.
    """
    command = [sys.executable, "-c", _LOAD, str(folder), str(size_px)]
    runs = [
        json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        for _ in range(PROCESSES)
    ]
    load, busy, resident = (spread(column) for column in zip(*runs, strict=True))
    return load, busy, resident


def bench(folder: Path) -> dict[str, Spread]:
    """All figures, one thread."""
    import numpy as np

    from tools.embedded_model.evaluate import open_model

    model = open_model(folder)
    size = model.entry.image_size_px
    from PIL import Image

    noise = np.random.default_rng(0).integers(0, 256, (size * 4, size * 3, 3), dtype=np.uint8)
    large, square = Image.fromarray(noise), Image.fromarray(noise[:size, :size])
    load_ms, busy_ms, resident_mb = loading(folder, size)
    return {
        "image of the tower's size, ms": time_ms(lambda: model.embed_images([square])),
        f"image of {size * 3} x {size * 4} px, resized, ms": time_ms(
            lambda: model.embed_images([large])
        ),
        **{
            f"query of {len(text.split())} words, ms": time_ms(partial(model.embed_text, text))
            for text in QUERIES
        },
        "import and load, ms": load_ms,
        "import and load, ms of processor": busy_ms,
        "resident, MB more": resident_mb,
        "files, MB": spread([sum(file.bytes or 0 for file in model.entry.files) / 1e6]),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="time and memory of the embedded model")
    parser.add_argument("--model", type=Path, default=EMBEDDED, help="folder with entry.toml")
    print(f"{'':<42}{'median':>9}{'least':>9}")
    for name, found in bench(parser.parse_args().model).items():
        print(f"{name:<42}{found.median:9.2f}{found.least:9.2f}")
