"""Time and memory of the shipped model, in a fresh process per figure; medians."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tools.embedded_model.workplace import EMBEDDED

ROUNDS = 200
PROCESSES = 5
QUERIES = ("peaceful blue water", "dark dramatic painting", "a portrait of an old man reading")
_LOAD = """
import json, sys, time
def resident_mb():
    pages = int(open("/proc/self/statm").read().split()[1])
    return pages * 4096 / 2**20
import numpy, PIL.Image
before, start = resident_mb(), time.perf_counter()
import onnxruntime, pathlib
from glance_agent.embedding.pieces import LetterPieces
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.enable_cpu_mem_arena = False
options.log_severity_level = 3
paths = [f"{sys.argv[1]}/{name}.onnx" for name in ("image", "text")]
sessions = [onnxruntime.InferenceSession(path, options) for path in paths]
LetterPieces.read(pathlib.Path(sys.argv[1], "tokenizer.txt"))
ms = (time.perf_counter() - start) * 1000
side = int(sys.argv[2])
sessions[0].run(None, {"pixel_values": numpy.zeros((1, 3, side, side), "float32")})
sessions[1].run(None, {"input_ids": numpy.ones((1, 4), "int64")})
print(json.dumps([ms, resident_mb() - before]))
"""


def median_ms(work: Callable[[], object]) -> float:
    """Of many calls, after a few to warm up."""
    times = []
    for _ in range(ROUNDS + 10):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times[10:])


def loading(folder: Path, size_px: int) -> tuple[float, float]:
    """Milliseconds to import the runtime and load everything, and the megabytes that this adds."""
    command = [sys.executable, "-c", _LOAD, str(folder), str(size_px)]
    runs = [
        json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        for _ in range(PROCESSES)
    ]
    return statistics.median(run[0] for run in runs), statistics.median(run[1] for run in runs)


def bench(folder: Path) -> dict[str, float]:
    """All figures, one thread."""
    import numpy as np

    from tools.embedded_model.evaluate import open_model

    model = open_model(folder)
    size = model.entry.image_size_px
    from PIL import Image

    noise = np.random.default_rng(0).integers(0, 256, (size * 4, size * 3, 3), dtype=np.uint8)
    large, square = Image.fromarray(noise), Image.fromarray(noise[:size, :size])
    texts = iter(QUERIES * (ROUNDS + 10))
    load_ms, resident_mb = loading(folder, size)
    return {
        "image of the tower's size, ms": median_ms(lambda: model.embed_images([square])),
        f"image of {size * 3} x {size * 4} px, resized, ms": median_ms(
            lambda: model.embed_images([large])
        ),
        "query, ms": median_ms(lambda: model.embed_text(next(texts))),
        "import and load, ms": load_ms,
        "resident, MB more": resident_mb,
        "files, MB": sum(file.bytes or 0 for file in model.entry.files) / 1e6,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="time and memory of the embedded model")
    parser.add_argument("--model", type=Path, default=EMBEDDED, help="folder with entry.toml")
    for name, value in bench(parser.parse_args().model).items():
        print(f"{name:<42}{value:9.2f}")
