"""EfficientNet-Lite0 without its classifier, loadable from the published ImageNet weights.

ReLU6 and no squeeze-and-excitation, so it survives 8-bit arithmetic (Tan and Le, arXiv
1905.11946; the "lite" variants drop swish and squeeze). "Same" padding follows TensorFlow: on
even sizes the odd pixel goes right and below.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

FEATURES = 1280
BATCH_NORM_EPSILON = 1e-3
BATCH_NORM_MOMENTUM = 0.01


class Stage(NamedTuple):
    """A run of inverted residual blocks; the first has the stride, the rest keep the size."""

    blocks: int
    kernel: int
    stride: int
    expansion: int
    channels: int


STEM_CHANNELS = 32
STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)
BLOCK_COUNT = sum(stage.blocks for stage in STAGES)


class SameConv(nn.Conv2d):
    """Bias-free convolution, padded as TensorFlow's "same" on even input sizes; (N, C, H, W)."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, *, stride: int = 1, groups: int = 1
    ) -> None:
        symmetric = (kernel - 1) // 2 if stride == 1 else 0
        super().__init__(
            inputs, outputs, kernel, stride=stride, padding=symmetric, groups=groups, bias=False
        )
        before = max(kernel - stride, 0) // 2
        self.border = (before, kernel - stride - before) * 2 if stride > 1 else None

    def forward(self, x: Tensor) -> Tensor:
        if self.border is not None:
            x = functional.pad(x, self.border)
        return super().forward(x)


class ConvUnit(nn.Sequential):
    """Convolution, batch norm and, unless linear, ReLU6."""

    def __init__(self, conv: SameConv, *, linear: bool = False) -> None:
        norm = nn.BatchNorm2d(
            conv.out_channels, eps=BATCH_NORM_EPSILON, momentum=BATCH_NORM_MOMENTUM
        )
        super().__init__(conv, norm, *([] if linear else [nn.ReLU6()]))


class InvertedResidual(nn.Module):
    """Widen, filter each channel, narrow; added to its input where shapes allow. (N, C, H, W)."""

    def __init__(
        self, inputs: int, outputs: int, stage: Stage, *, stride: int, drop: float
    ) -> None:
        super().__init__()
        wide = inputs * stage.expansion
        self.expand = ConvUnit(SameConv(inputs, wide, 1)) if stage.expansion > 1 else nn.Identity()
        self.depthwise = ConvUnit(SameConv(wide, wide, stage.kernel, stride=stride, groups=wide))
        self.project = ConvUnit(SameConv(wide, outputs, 1), linear=True)
        self.has_shortcut = stride == 1 and inputs == outputs
        self.drop = drop

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.project(self.depthwise(self.expand(x)))
        if not self.has_shortcut:
            return y
        if self.training and self.drop > 0:
            kept = torch.rand(len(y), 1, 1, 1) >= self.drop
            y = y * (kept / (1 - self.drop))
        return x + y


class Backbone(nn.Module):
    """Normalised pixels (N, 3, S, S), S a multiple of 32, to features (N, 1280, S/32, S/32)."""

    def __init__(self, *, drop: float = 0.0) -> None:
        super().__init__()
        self.stem = ConvUnit(SameConv(3, STEM_CHANNELS, 3, stride=2))
        self.blocks = nn.Sequential(*_blocks(drop))
        self.head = ConvUnit(SameConv(STAGES[-1].channels, FEATURES, 1))

    def first(self, count: int) -> nn.Sequential:
        """The stem and the first blocks: (N, 3, S, S) to that block's output."""
        return nn.Sequential(self.stem, *list(self.blocks)[:count])

    def rest(self, count: int) -> nn.Sequential:
        """All that comes after `first(count)`."""
        return nn.Sequential(*list(self.blocks)[count:], self.head)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.blocks(self.stem(x)))  # type: ignore[no-any-return]  # nn.Module.__call__ is untyped


def _blocks(drop: float) -> list[InvertedResidual]:
    made: list[InvertedResidual] = []
    inputs = STEM_CHANNELS
    for stage in STAGES:
        for repeat in range(stage.blocks):
            stride = stage.stride if repeat == 0 else 1
            share = len(made) / BLOCK_COUNT
            made.append(
                InvertedResidual(inputs, stage.channels, stage, stride=stride, drop=drop * share)
            )
            inputs = stage.channels
    return made


_TOP = {"_conv_stem": "stem.0", "_bn0": "stem.1", "_conv_head": "head.0", "_bn1": "head.1"}
_BLOCK = {
    "_expand_conv": "expand.0",
    "_bn0": "expand.1",
    "_depthwise_conv": "depthwise.0",
    "_bn1": "depthwise.1",
    "_project_conv": "project.0",
    "_bn2": "project.1",
}


def _renamed(key: str) -> str:
    """Our name for a key of the published state dict."""
    inside = re.fullmatch(r"_blocks\.(\d+)\.(\w+)\.(\w+)", key)
    if inside:
        return f"blocks.{inside[1]}.{_BLOCK[inside[2]]}.{inside[3]}"
    module, _, tensor = key.partition(".")
    return f"{_TOP[module]}.{tensor}"


def load_imagenet(backbone: Backbone, weights: Path) -> None:
    """Fill the backbone from the published .pth; raises RuntimeError unless every key matches."""
    published: dict[str, Tensor] = torch.load(weights, map_location="cpu", weights_only=True)
    backbone.load_state_dict(
        {_renamed(key): value for key, value in published.items() if not key.startswith("_fc.")}
    )
