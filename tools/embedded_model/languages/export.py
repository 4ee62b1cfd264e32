"""From the trained pupil to the files that ship: text.onnx in 8 bits, its table of pieces in 4,
tokenizer.txt, entry.toml.

The image tower is that of the English model, byte for byte. The same pupil gives the same bytes.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tools.embedded_model.export import PROBES, TOKENIZER, entry, export_text
from tools.embedded_model.languages.four_bits import gather_in_four_bits
from tools.embedded_model.languages.material import open_material
from tools.embedded_model.languages.pieces import NO_WORDS
from tools.embedded_model.languages.pupil import Pupil
from tools.embedded_model.slim import slim
from tools.embedded_model.workplace import EMBEDDED, arguments

TITLE = "Glance mini, in the package: mood, colour, style and genre, in ten languages"
LICENCE = "MIT, list of words CC-BY-SA-4.0; begun from EfficientNet-Lite0 (Apache-2.0), see NOTICE"


def open_pupil(work: Path, checkpoints: Sequence[str]) -> tuple[Pupil, list[str]]:
    """The trained pupil, of several checkpoints their mean, and its pieces, both in alphabetical
    order, as the product wants them.
    """
    material = open_material(work)
    states = [weights(torch.load(work / name, weights_only=True)) for name in checkpoints]
    state = {name: sum(one[name] for one in states) / len(states) for name in states[0]}
    layers = {name.split(".")[1] for name in state if name.startswith("layers.")}
    kept = [n for n, piece in enumerate(material.pieces) if piece not in NO_WORDS]
    order = sorted(kept, key=material.pieces.__getitem__)
    pupil = Pupil(torch.from_numpy(material.start[kept]), layers=len(layers))
    state["table.weight"] = state["table.weight"][order]
    pupil.load_state_dict(state)
    return pupil.eval(), [material.pieces[number] for number in order]


def weights(kept: dict[str, Any]) -> dict[str, Tensor]:
    """Of pupil.pt what it holds; of pupil-resume.pt the average of the last steps."""
    if "average" not in kept:
        return kept
    named = kept["average"].items()
    return {name.removeprefix("module."): w for name, w in named if name.startswith("module.")}


@torch.no_grad()
def level(pupil: Pupil) -> None:
    """Each column of the table as wide as the others, and the widening by as much less: the same
    numbers come out, and one scale fits all numbers of a row.
    """
    wide = pupil.table.weight.std(0)
    pupil.table.weight /= wide
    pupil.inside /= wide
    pupil.widen.weight *= wide


def export(pupil: Pupil, pieces: list[str], english: Path, out: Path, floats: Path) -> None:
    """Write all files into `out`, and the same in floats into `floats`."""
    for folder in (out, floats):
        folder.mkdir(parents=True, exist_ok=True)
    level(pupil)
    export_text(pupil, out, floats)
    gather_in_four_bits(out / "text.onnx", "table.weight", pupil.table.weight.detach().numpy())
    for folder in (out, floats):
        slim(folder / "text.onnx", PROBES["text.onnx"])
        (folder / TOKENIZER).write_text("".join(f"{p}\n" for p in pieces), encoding="utf-8")
        if folder.resolve() != english.resolve():
            shutil.copyfile(english / "image.onnx", folder / "image.onnx")
        told = entry(folder, tokenizer="folded", title=TITLE, licence=LICENCE)
        (folder / "entry.toml").write_text(told, encoding="utf-8")


def main(options: argparse.Namespace) -> None:
    """Write everything."""
    pupil, pieces = open_pupil(options.work, options.checkpoints)
    export(pupil, pieces, options.english, options.out, options.work / "languages-fp32")


if __name__ == "__main__":
    parser = arguments("write the files of the text tower of ten languages")
    parser.add_argument("--english", type=Path, required=True, help="folder of the exported model")
    parser.add_argument("--out", type=Path, default=EMBEDDED, help="folder of the shipped files")
    parser.add_argument(
        "--checkpoints", nargs="+", default=["pupil.pt"], help="files in the work folder"
    )
    main(parser.parse_args())
