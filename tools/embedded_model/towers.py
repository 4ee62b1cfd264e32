"""The two towers: pixels to 256 numbers, word pieces to 256 numbers; not normalised."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from tools.embedded_model.backbone import FEATURES, Backbone

DIMENSION = 256
THUMBNAIL_PX = 16
GRID = 4
PALETTE = 24
COLOUR_FEATURES = GRID * GRID * (3 + 3 + PALETTE) + PALETTE
HIDDEN = 640
TEXT_LAYERS = 2
TEXT_HEADS = 4
TEXT_WIDE = 768
LONGEST_TEXT = 24


class ColourBranch(nn.Module):
    """A 16 px thumbnail (N, 3, 16, 16) to what colours are where: means, variances, shares of
    learned colours.
    """

    def __init__(self) -> None:
        super().__init__()
        self.names = nn.Sequential(
            nn.Conv2d(3, PALETTE, 1), nn.ReLU(), nn.Conv2d(PALETTE, PALETTE, 1), nn.ReLU()
        )
        self.cells = nn.AvgPool2d(THUMBNAIL_PX // GRID)

    def forward(self, thumbnail: Tensor) -> Tensor:
        """(N, 504): per cell of a 4x4 grid, and for the whole picture."""
        mean = self.cells(thumbnail)
        variance = self.cells(thumbnail * thumbnail) - mean * mean
        named = self.cells(self.names(thumbnail))
        everywhere = torch.cat([mean, variance, named], 1).flatten(1)
        return torch.cat([everywhere, named.mean((2, 3))], 1)


class Head(nn.Module):
    """Pooled features (N, features) and a thumbnail (N, 3, 16, 16) to (N, 256)."""

    def __init__(self, features: int = FEATURES, *, dropout: float = 0.2) -> None:
        super().__init__()
        self.colour = ColourBranch()
        self.norm = nn.BatchNorm1d(features + COLOUR_FEATURES)
        self.dropout = nn.Dropout(dropout)
        self.hidden = nn.Linear(features + COLOUR_FEATURES, HIDDEN)
        self.hidden_dropout = nn.Dropout(dropout)
        self.out = nn.Linear(HIDDEN, DIMENSION)

    def forward(self, pooled: Tensor, thumbnail: Tensor) -> Tensor:
        x = self.norm(torch.cat([pooled, self.colour(thumbnail)], 1))
        x = self.hidden_dropout(functional.relu(self.hidden(self.dropout(x))))
        return self.out(x)  # type: ignore[no-any-return]  # nn.Module.__call__ is untyped


class ImageTower(nn.Module):
    """Normalised pixels (N, 3, S, S) to (N, 256)."""

    def __init__(self, *, size_px: int, drop: float = 0.0) -> None:
        super().__init__()
        self.backbone = Backbone(drop=drop)
        self.head = Head()
        self.shrink = nn.AvgPool2d(size_px // THUMBNAIL_PX)

    def forward(self, pixels: Tensor) -> Tensor:
        pooled = self.backbone(pixels).mean((2, 3))
        return self.head(pooled, self.shrink(pixels))  # type: ignore[no-any-return]  # as above


class Layer(nn.Module):
    """Pre-norm transformer layer over (N, L, 256); `hidden` (N, L): true where a row has ended."""

    def __init__(self) -> None:
        super().__init__()
        self.before_attention = nn.LayerNorm(DIMENSION)
        self.query_key_value = nn.Linear(DIMENSION, 3 * DIMENSION)
        self.mixed = nn.Linear(DIMENSION, DIMENSION)
        self.before_wide = nn.LayerNorm(DIMENSION)
        self.wide = nn.Linear(DIMENSION, TEXT_WIDE)
        self.narrow = nn.Linear(TEXT_WIDE, DIMENSION)

    def forward(self, x: Tensor, hidden: Tensor | None) -> Tensor:
        query, key, value = (
            part.unflatten(-1, (TEXT_HEADS, -1)).transpose(1, 2)
            for part in self.query_key_value(self.before_attention(x)).chunk(3, -1)
        )
        scores = query @ key.transpose(-1, -2) * (DIMENSION // TEXT_HEADS) ** -0.5
        if hidden is not None:
            scores = scores.masked_fill(hidden[:, None, None, :], -1e4)
        x = x + self.mixed((scores.softmax(-1) @ value).transpose(1, 2).flatten(2))
        return x + self.narrow(functional.relu(self.wide(self.before_wide(x))))  # type: ignore[no-any-return]  # as above


class TextTower(nn.Module):
    """Word pieces (N, L), L >= 1, to (N, 256). The token table is given and stays as it is."""

    def __init__(self, table: Tensor, *, dropout: float = 0.1) -> None:
        super().__init__()
        self.table = nn.Embedding.from_pretrained(table, freeze=True)
        self.place = nn.Parameter(torch.randn(LONGEST_TEXT, DIMENSION) * 0.02)
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.ModuleList(Layer() for _ in range(TEXT_LAYERS))
        self.norm = nn.LayerNorm(DIMENSION)
        self.weigh = nn.Linear(DIMENSION, 1)
        self.out = nn.Linear(DIMENSION, DIMENSION)

    def forward(self, ids: Tensor, hidden: Tensor | None = None) -> Tensor:
        x = self.dropout(self.table(ids) + self.place[: ids.shape[1]])
        for layer in self.layers:
            x = layer(x, hidden)
        x = self.norm(x)
        weight = self.weigh(x)
        if hidden is not None:
            weight = weight.masked_fill(hidden[..., None], -1e4)
        return self.out((weight.softmax(1) * x).sum(1))  # type: ignore[no-any-return]  # as above
