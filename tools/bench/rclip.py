"""Beside rclip (pypi.org/project/rclip): what a picture more costs, and how soon a process answers.

`python -m tools.bench.rclip PROGRAM` needs the program of rclip 3.3 or later, in an environment of
its own. Both are given a full-size B/32 of 256 pixels and of random weights, which costs what the
real one costs; nothing is fetched. Printed are CPU milliseconds of all processes for one picture
more, of 12 and of 1.5 megapixels; and the seconds of whole processes over pictures that are known
already: looking through them again, and a search of words that were asked before. Medians of three.
"""

from __future__ import annotations

import argparse
import gzip
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does, before numpy loads

from PIL import Image

from glance_agent.embedding.runtime import RuntimeOptions
from tools.bench.encode import random_encoder
from tools.bench.ingest import FIRST, SIZES, brought_in, cpu_of, photograph
from tools.bench.random_clip import write_text, write_vision

SIDE_PX = 256
WANTED_SECONDS = 0.45
WORDS = ("stormy", "sea")
MERGES = 49_152 - 256 - 2
_MODEL = "ViT-B-32-256-datacomp_s34b_b86k"
_COMPILES_NOTHING = "PYTHONDONTWRITEBYTECODE"
_OURS = (sys.executable, "-m", "glance_agent")


def main() -> None:
    """Measure both in turn."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("program", type=Path, help="the rclip to run")
    parser.add_argument("--pictures", type=int, default=32)
    parser.add_argument("--known", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = folder / "model"
        write_model(model)
        report_processes(folder, options.program, model, options.known, options.rounds)
        for said, size in SIZES.items():
            few, gallery = folder / f"first {said}", folder / said
            paint(few, FIRST, size)
            paint(gallery, FIRST + options.pictures, size)
            report_pictures(said, folder, (few, gallery), options.program, model, options.rounds)


def write_model(model: Path) -> None:
    """The towers and the word pieces in the place where rclip keeps those that it has fetched."""
    (model / _MODEL).mkdir(parents=True)
    (model / "tokenizer").mkdir()
    write_vision(model / _MODEL / "visual.onnx", SIDE_PX, ("input", "output"))
    write_text(model / _MODEL / "textual.onnx", ("input", "output"))
    merges = "\n".join(["#version: none", *(f"{n:x} {n:x}" for n in range(MERGES))])
    pieces = model / "tokenizer" / "bpe_simple_vocab_16e6.txt.gz"
    pieces.write_bytes(gzip.compress(merges.encode()))


def report_processes(folder: Path, program: Path, model: Path, known: int, rounds: int) -> None:
    """How long whole processes take over pictures that are known, and how much CPU time."""
    gallery, config = folder / "known", folder / "glance.toml"
    paint(gallery, known, (96, 72))
    config.write_text('[library]\npath = "glance.db"\n', encoding="utf-8")
    data = data_of(folder / "known data", model)
    given = ("--config", str(config))
    for what, ours, theirs in (
        (f"{known} unchanged", ("ingest", str(gallery)), ()),
        ("a search of known words", ("search", *WORDS), ("--no-indexing",)),
    ):
        acts: tuple[Callable[[], object], ...] = (
            lambda ours=ours: run([*_OURS, *ours, *given], folder),
            lambda theirs=theirs: run(
                [str(program), "-f", *theirs, " ".join(WORDS)], gallery, data
            ),
        )
        (mine, my_cpu), (their, their_cpu) = in_turn(rounds, acts)
        verdict = "" if mine <= WANTED_SECONDS else f"  (wanted: {WANTED_SECONDS} s)"
        print(
            f"{what:24} ours {mine:5.2f} s ({my_cpu:4.2f} CPU)"
            f"  rclip {their:5.2f} s ({their_cpu:4.2f} CPU){verdict}",
            flush=True,
        )


def report_pictures(
    said: str,
    folder: Path,
    galleries: tuple[Path, Path],
    program: Path,
    model: Path,
    rounds: int,
) -> None:
    """CPU milliseconds for one picture more; the first of the galleries has a few of them."""
    towers = folder / f"towers {said}"
    towers.mkdir()
    encoder = random_encoder(towers, RuntimeOptions(), SIDE_PX)
    encoder.embed_images([Image.new("RGB", (64, 64))])
    more = len(list(galleries[1].iterdir())) - FIRST
    ours, theirs = list[float](), list[float]()
    for number in range(rounds):
        spent = list[tuple[float, float]]()
        for gallery in galleries:
            fresh = folder / f"{gallery.name} {number}"
            data = data_of(fresh.with_suffix(".data"), model)
            mine = cpu_of(
                lambda fresh=fresh, gallery=gallery: brought_in(
                    fresh.with_suffix(".db"), gallery, encoder
                )
            )
            their = cpu_of(
                lambda gallery=gallery, data=data: run(
                    [str(program), "-f", " ".join(WORDS)], gallery, data
                )
            )
            spent.append((mine, their))
        ours.append((spent[1][0] - spent[0][0]) / more)
        theirs.append((spent[1][1] - spent[0][1]) / more)
    mine, their = (1_000 * statistics.median(found) for found in (ours, theirs))
    print(f"{said:24} ours {mine:6.1f} ms  rclip {their:6.1f} ms  {their / mine:5.2f}", flush=True)


def data_of(place: Path, model: Path) -> Mapping[str, str]:
    """The environment of an rclip that has the model, and knows no picture yet."""
    place.mkdir()
    for part in model.iterdir():
        (place / part.name).symlink_to(part)
    return {"RCLIP_DATADIR": str(place)}


def paint(folder: Path, count: int, size: tuple[int, int]) -> None:
    folder.mkdir()
    for number in range(count):
        (folder / f"{number}.jpg").write_bytes(photograph(number, size))


def run(command: Sequence[str], where: Path, environ: Mapping[str, str] | None = None) -> None:
    """A program of its own, in a folder; what it says is of no interest.

    Its code is compiled once, as that of an installed program is, whatever is usual here.
    """
    usual = {name: value for name, value in os.environ.items() if name != _COMPILES_NOTHING}
    env = {**usual, **(environ or {})}
    subprocess.run(command, cwd=where, env=env, capture_output=True, check=True)


def in_turn(rounds: int, acts: Sequence[Callable[[], object]]) -> list[tuple[float, float]]:
    """The median seconds of each act, and its CPU seconds; each is done once before."""
    for act in acts:
        act()
    found: list[list[tuple[float, float]]] = [[] for _ in acts]
    for _ in range(rounds):
        for act, mine in zip(acts, found, strict=True):
            started = time.perf_counter()
            cpu = cpu_of(act)
            mine.append((time.perf_counter() - started, cpu))
    return [
        (statistics.median(s for s, _ in mine), statistics.median(c for _, c in mine))
        for mine in found
    ]


if __name__ == "__main__":
    main()
