"""From one vocabulary to another in the middle of the training: what was learned of pieces that
both have is kept, new ones start where those that are known lead to expect them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.embedded_model.languages.material import open_material
from tools.embedded_model.workplace import arguments

Floats = NDArray[np.float32]
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


def main(options: argparse.Namespace) -> None:
    """Write carried.pt, for `learn --begin`."""
    import torch

    before, now = open_material(options.before), open_material(options.work)
    kept = torch.load(options.before / "pupil-resume.pt", weights_only=False)  # our own file
    begun = {}
    for name, prefix in (("pupil", ""), ("average", "module.")):
        state = dict(kept[name])
        table = state[f"{prefix}table.weight"].numpy()
        rows = carried(table, before.pieces, before.start, now.pieces, now.start)
        state[f"{prefix}table.weight"] = torch.from_numpy(rows)
        begun[name] = state
    torch.save(begun, options.work / "carried.pt")


if __name__ == "__main__":
    parser = arguments("go on with another choice of pieces")
    parser.add_argument("--before", type=Path, required=True, help="work folder of the run so far")
    main(parser.parse_args())
