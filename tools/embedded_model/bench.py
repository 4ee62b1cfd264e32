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

import numpy as np
from PIL import Image

from glance_agent.embedding.encoder import OnnxEncoder
from tools.embedded_model.evaluate import open_model
from tools.embedded_model.workplace import EMBEDDED

ROUNDS = 300
WARM_UP = 20
PROCESSES = 9
ROUNDS_IN_TURN = 3
QUERIES = ("peaceful blue water", "a portrait of an old man reading")
OTHER_WORDS = ("stürmische See", "Winterlandschaftsmalereien")  # the second is in no list of pieces
_LOAD = """
import json, sys, time
def resident_mb():
    pages = int(open("/proc/self/statm").read().split()[1])
    return pages * 4096 / 2**20
import numpy, PIL.Image, pathlib
from glance_agent.embedding.tokens import WordTokenizer
from tools.embedded_model.evaluate import entry_of
folder = pathlib.Path(sys.argv[1])
entry = entry_of(folder)
before, start, busy = resident_mb(), time.perf_counter(), time.process_time()
import onnxruntime
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.enable_cpu_mem_arena = False
options.log_severity_level = 3
image = onnxruntime.InferenceSession(folder / "image.onnx", options)
words = time.process_time()
text = onnxruntime.InferenceSession(folder / "text.onnx", options)
tokenizer = WordTokenizer(folder / entry.file("tokenizer").path, entry)
ms, busy_ms, words_ms = ((now() - then) * 1000 for now, then in (
    (time.perf_counter, start), (time.process_time, busy), (time.process_time, words)))
side = entry.image_size_px
image.run(None, {"pixel_values": numpy.zeros((1, 3, side, side), "float32")})
text.run(None, {"input_ids": numpy.array([tokenizer.ids("peaceful blue water")])})
print(json.dumps([ms, busy_ms, words_ms, resident_mb() - before]))
"""


@dataclass(frozen=True, slots=True)
class Spread:
    """Many measurements: the least is the nearest to a machine with nothing else to do."""

    median: float
    least: float


def spread(values: Sequence[float]) -> Spread:
    """Of a series of measurements."""
    return Spread(statistics.median(values), min(values))


def time_ms(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> Spread:
    """Of many calls, after a few to warm up."""
    times = []
    for _ in range(ROUNDS + WARM_UP):
        start = clock()
        work()
        times.append((clock() - start) * 1000)
    return spread(times[WARM_UP:])


def loading(folder: Path) -> dict[str, Spread]:
    """Milliseconds to import the runtime and load everything, those of them that the processor
    was ours, those of these for words, and the megabytes that this adds; in fresh processes.
    """
    command = [sys.executable, "-c", _LOAD, str(folder)]
    runs = [
        json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        for _ in range(PROCESSES)
    ]
    names = (
        "import and load, ms",
        "import and load, ms of processor",
        "text tower and pieces of these, ms",
        "resident, MB more",
    )
    return {name: spread(row) for name, row in zip(names, zip(*runs, strict=True), strict=True)}


def queries(model: OnnxEncoder, texts: Sequence[str]) -> dict[str, Spread]:
    """Of each text, milliseconds from words to vector."""
    return {
        f"“{text}”, ms": time_ms(partial(model.embed_text, text), time.process_time)
        for text in texts
    }


def bench(folder: Path) -> dict[str, Spread]:
    """All figures, one thread."""
    model = open_model(folder)
    size = model.entry.image_size_px
    noise = np.random.default_rng(0).integers(0, 256, (size * 4, size * 3, 3), dtype=np.uint8)
    large, square = Image.fromarray(noise), Image.fromarray(noise[:size, :size])
    return {
        "image of the tower's size, ms": time_ms(lambda: model.embed_images([square])),
        f"image of {size * 3} x {size * 4} px, resized, ms": time_ms(
            lambda: model.embed_images([large])
        ),
        **queries(model, QUERIES),
        **loading(folder),
        "files, MB": spread([sum(file.bytes or 0 for file in model.entry.files) / 1e6]),
    }


def compare(folder: Path, other: Path) -> None:
    """The text towers of two models in turn, several times over, and the share of the other's."""
    rounds = [
        {**queries(open_model(place), (*QUERIES, *OTHER_WORDS)), **loading(place)}
        for _ in range(ROUNDS_IN_TURN)
        for place in (folder, other)
    ]
    print(f"{'':<52}{'this':>9}{'other':>9}{'share':>9}   (the least of all rounds)")
    for name in rounds[0]:
        this, that = (min(found[name].least for found in rounds[at::2]) for at in (0, 1))
        print(f"{name:<52}{this:9.3f}{that:9.3f}{this / that:9.2f}")


def main(options: argparse.Namespace) -> None:
    """Print the figures."""
    if options.against:
        compare(options.model, options.against)
        return
    print(f"{'':<52}{'median':>9}{'least':>9}")
    for name, found in bench(options.model).items():
        print(f"{name:<52}{found.median:9.2f}{found.least:9.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="time and memory of the embedded model")
    parser.add_argument("--model", type=Path, default=EMBEDDED, help="folder with entry.toml")
    parser.add_argument("--against", type=Path, help="another one: their text towers in turn")
    main(parser.parse_args())
