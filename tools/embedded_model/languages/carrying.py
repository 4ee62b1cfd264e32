"""From one vocabulary to another in the middle of the training, or from a model that ships: what
was learned of pieces that both have is kept, new ones start where those that are known lead to
expect them.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.embedded_model.languages.material import Material, open_material
from tools.embedded_model.workplace import arguments

Floats = NDArray[np.float32]
TOKENIZER = "tokenizer.txt"
RIDGE = 10.0


def carried(
    rows: Floats, pieces: list[str], start: Floats, wanted: list[str], wanted_start: Floats
) -> Floats:
    """Rows of the table (V, W) of `pieces` for the pieces `wanted`: the same where a piece is in
    both; else by what it ought to mean (of all: (V, 256), zeros where nothing is known), as a
    linear map has it that fits the learned rows; where nothing is known, their mean.
    """
    place = {piece: number for number, piece in enumerate(pieces)}
    known = np.abs(start).sum(1) > 0
    middle = rows.mean(0)
    a, b = start[known], rows[known] - middle
    fitted = np.linalg.solve(a.T @ a + RIDGE * np.eye(a.shape[1], dtype=np.float32), a.T @ b)
    made: Floats = (wanted_start @ fitted + middle).astype(np.float32)
    for number, piece in enumerate(wanted):
        if piece in place:
            made[number] = rows[place[piece]]
    return made


def from_run(before: Path, now: Material) -> dict[str, Any]:
    """The pupil and the average of a run with another choice of pieces."""
    import torch

    material = open_material(before)
    kept = torch.load(before / "pupil-resume.pt", weights_only=False)  # our own file
    begun = {}
    for name, prefix in (("pupil", ""), ("average", "module.")):
        state = dict(kept[name])
        table = state[f"{prefix}table.weight"].numpy()
        rows = carried(table, material.pieces, material.start, now.pieces, now.start)
        state[f"{prefix}table.weight"] = torch.from_numpy(rows)
        begun[name] = state
    return begun


def from_model(folder: Path, now: Material) -> dict[str, Any]:
    """The same of the files of a model, whose 8 and 4 bits are floats again. What its pieces were
    to mean at the start is not in them: those that `now` lacks tell nothing about new ones.
    """
    import torch

    from tools.embedded_model.languages.shipped import state_of

    state = state_of(folder / "text.onnx")
    pieces = (folder / TOKENIZER).read_text("utf-8").splitlines()
    place = {piece: number for number, piece in enumerate(now.pieces)}
    both = [number for number, piece in enumerate(pieces) if piece in place]
    starts = now.start[[place[pieces[number]] for number in both]]
    known = [pieces[number] for number in both]
    rows = carried(state["table.weight"][both], known, starts, now.pieces, now.start)
    whole = {**state, "table.weight": rows}
    pupil = {name: torch.from_numpy(np.array(w, np.float32)) for name, w in whole.items()}
    average = {f"module.{name}": weight.clone() for name, weight in pupil.items()}
    return {"pupil": pupil, "average": {"n_averaged": torch.tensor(1), **average}}


def main(options: argparse.Namespace) -> None:
    """Write carried.pt, for `learn --begin`."""
    import torch

    now = open_material(options.work)
    from_where = from_run if options.before else from_model
    torch.save(from_where(options.before or options.model, now), options.work / "carried.pt")


if __name__ == "__main__":
    parser = arguments("go on with another choice of pieces")
    origin = parser.add_mutually_exclusive_group(required=True)
    origin.add_argument("--before", type=Path, help="work folder of the run so far")
    origin.add_argument("--model", type=Path, help="folder of a model's files")
    main(parser.parse_args())
