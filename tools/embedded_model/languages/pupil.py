"""The text tower of ten languages: pieces of words (N, L) to 256 numbers; not normalised.

A piece inside a word shares its row of the table with the same letters standing alone, moved by
one learned offset: `landschaft` is learned once. The table is narrow and widened by one matrix
(Lan et al., 2020, ALBERT, section 3.1).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tools.embedded_model.towers import DIMENSION, LONGEST_TEXT, Layer

NARROW = 80


class Pupil(nn.Module):
    """`start` (V, 256) is what each piece alone ought to mean; token v + V is piece v inside a
    word.
    """

    def __init__(self, start: Tensor, *, layers: int = 1, dropout: float = 0.1) -> None:
        super().__init__()
        self.pieces = len(start)
        directions = torch.linalg.eigh(start.T @ start)[1].flip(1)[:, :NARROW]
        rows = start @ directions
        scale = rows.std()
        self.table = nn.Embedding.from_pretrained(rows / scale, freeze=False)
        self.widen = nn.Linear(NARROW, DIMENSION)
        self.inside = nn.Parameter(torch.zeros(2, NARROW))
        self.place = nn.Parameter(torch.randn(LONGEST_TEXT, DIMENSION) * 0.02)
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))
        self.norm = nn.LayerNorm(DIMENSION)
        self.weigh = nn.Linear(DIMENSION, 1)
        self.out = nn.Linear(DIMENSION, DIMENSION)
        with torch.no_grad():
            self.widen.weight.copy_(directions)
            self.widen.bias.zero_()
            self.out.weight.copy_(torch.eye(DIMENSION))
            self.out.bias.zero_()

    def forward(self, ids: Tensor, hidden: Tensor | None = None) -> Tensor:
        inside = (ids >= self.pieces).long()
        rows = self.table(ids - inside * self.pieces) + self.inside[inside]
        x = self.dropout(self.widen(rows) + self.place[: ids.shape[1]])
        for layer in self.layers:
            x = layer(x, hidden)
        x = self.norm(x)
        weight = self.weigh(x)
        if hidden is not None:
            weight = weight.masked_fill(hidden[..., None], -1e4)
        return self.out((weight.softmax(1) * x).sum(1))  # type: ignore[no-any-return]  # nn.Module.__call__ is untyped
