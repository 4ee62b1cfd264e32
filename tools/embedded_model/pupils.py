"""What the long stage trains, and the teachers it listens to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tools.embedded_model.backbone import FEATURES
from tools.embedded_model.losses import cosine_loss
from tools.embedded_model.minilm import WIDTH
from tools.embedded_model.towers import DIMENSION, ImageTower, TextTower
from tools.embedded_model.views import SIZE_PX

FIRST_TRAINED_BLOCK = 8
STOCHASTIC_DEPTH = 0.1
LARGEST_SCALE = 50.0
POOL_FEATURES = 1280


class Pupils(nn.Module):
    """Everything that is trained or shipped; the names of its parts are those of the checkpoint."""

    def __init__(self, table: Tensor) -> None:
        super().__init__()
        self.image = ImageTower(size_px=SIZE_PX, drop=STOCHASTIC_DEPTH)
        self.text = TextTower(table)
        self.to_minilm = nn.Linear(DIMENSION, WIDTH)
        self.to_mobilenet = nn.Linear(FEATURES, POOL_FEATURES)
        self.log_scale = nn.Parameter(torch.tensor(2.7))

    def scale(self) -> Tensor:
        """The factor on cosines."""
        return self.log_scale.exp().clamp(max=LARGEST_SCALE)

    def pooled(self, features: Tensor) -> Tensor:
        """From the frozen blocks' output to pooled features (N, 1280)."""
        mapped: Tensor = self.image.backbone.rest(FIRST_TRAINED_BLOCK)(features)
        return mapped.mean((2, 3))

    def freeze(self) -> None:
        """Stop the first blocks from learning."""
        self.image.backbone.first(FIRST_TRAINED_BLOCK).requires_grad_(False)

    def train(self, mode: bool = True) -> Pupils:
        """Training mode, but for the frozen blocks."""
        super().train(mode)
        self.image.backbone.first(FIRST_TRAINED_BLOCK).eval()
        return self


class Teachers:
    """What others make of every picture."""

    def __init__(self, work: Path, paintings: Path) -> None:
        self.targets = torch.from_numpy(np.load(work / "targets.npy"))
        pool = torch.from_numpy(np.load(paintings / "teacher_pool.npy")).float()
        self.pool = functional.normalize((pool - pool.mean(0)) / (pool.std(0) + 1), dim=-1).half()

    def pool_loss(self, guessed: Tensor, numbers: Tensor) -> Tensor:
        """Distance to MobileNetV2's features, where there are any."""
        known = numbers < len(self.pool)
        return cosine_loss(guessed[known], self.pool[numbers[known]].float())
