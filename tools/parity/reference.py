"""open_clip's side: an architecture with random weights, its own transforms and tokenizer.

Weights are drawn, not loaded, so that no hub is needed; they are scaled up and the batch norms
settled, since a network as it is initialised gives nearly the same vector for every picture, and
two implementations of it would agree whatever they did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import open_clip
import torch
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image
from torch import Tensor, nn

SCALE_OF_LAYERS = 0.5
"""What scales the branches of a residual network; 0.00001 when it is initialised."""
ROUNDS_TO_SETTLE = 8


@dataclass(frozen=True)
class Architecture:
    """An architecture of open_clip, whose preprocessing it knows by the tag of its weights."""

    name: str
    tag: str
    context: int
    reads_clip_tokens: bool


class Reference:
    """One architecture on torch."""

    def __init__(self, architecture: Architecture) -> None:
        torch.manual_seed(0)
        about = open_clip.get_pretrained_cfg(architecture.name, architecture.tag)
        self.model = open_clip.create_model(architecture.name, pretrained=None)
        self.size = open_clip.get_model_config(architecture.name)["vision_cfg"]["image_size"]
        self.quantities = {k: about[k] for k in ("mean", "std", "interpolation", "resize_mode")}
        self._architecture = architecture
        _enliven(self.model)
        _settle(self.model, self.size)
        self.model.eval()

    def transform(self, resize_mode: str | None = None) -> Any:
        """open_clip's own transform; `longest` in place of what the weights were trained with."""
        about = self.quantities | ({"resize_mode": resize_mode} if resize_mode else {})
        return image_transform_v2(PreprocessCfg(size=self.size, **about), is_train=False)

    def images(self, pictures: Sequence[Image.Image], resize_mode: str | None = None) -> Tensor:
        """The pixels of pictures, float32 (n, 3, S, S)."""
        transform = self.transform(resize_mode)
        return torch.stack([transform(picture) for picture in pictures])

    def tokens(self, texts: Sequence[str]) -> Tensor:
        """The token numbers of texts, padded, int64 (n, L); generated where no vocabulary is."""
        if self._architecture.reads_clip_tokens:
            found: Tensor = open_clip.get_tokenizer(self._architecture.name)(list(texts))
            return found
        return generated_tokens(len(texts), self._architecture.context)

    @torch.no_grad()
    def embed_images(self, pixels: Tensor) -> Tensor:
        """Unit vectors (n, d)."""
        return nn.functional.normalize(self.model.encode_image(pixels), dim=-1)

    @torch.no_grad()
    def embed_tokens(self, tokens: Tensor) -> Tensor:
        """Unit vectors (n, d)."""
        return nn.functional.normalize(self.model.encode_text(tokens), dim=-1)

    def export(self, folder: Path) -> None:
        """Both towers as ONNX files, image.onnx and text.onnx, for one row at a time."""
        pixels = torch.zeros(1, 3, self.size, self.size)
        tokens = self.tokens(["a"])
        _export(_Part(self.model.encode_image), pixels, folder / "image.onnx", "pixel_values")
        _export(_Part(self.model.encode_text), tokens, folder / "text.onnx", "input_ids")


def generated_tokens(count: int, context: int) -> Tensor:
    """Rows as SigLIP's tokenizer makes them: words, then its end token up to the context."""
    chance = torch.Generator().manual_seed(1)
    rows = torch.ones(count, context, dtype=torch.int64)
    for row in rows:
        length = int(torch.randint(1, context - 1, (1,), generator=chance))
        row[:length] = torch.randint(2, 32_000, (length,), generator=chance)
    return rows


class _Part(nn.Module):
    """One tower as a module of its own."""

    def __init__(self, run: Any) -> None:
        super().__init__()
        self.owner = run.__self__
        self._name = run.__name__

    def forward(self, given: Tensor) -> Any:
        return getattr(self.owner, self._name)(given)


def _export(part: nn.Module, given: Tensor, path: Path, name: str) -> None:
    torch.onnx.export(
        part.eval(),
        (given,),
        str(path),
        input_names=[name],
        output_names=["embeds"],
        external_data=False,
    )


def _enliven(model: nn.Module) -> None:
    """Let every branch of a residual network count."""
    for module in model.modules():
        scale = getattr(module, "gamma", None)
        if isinstance(scale, nn.Parameter):
            nn.init.constant_(scale, SCALE_OF_LAYERS)


@torch.no_grad()
def _settle(model: Any, size: int) -> None:
    """Let the batch norms see pictures, as training would have."""
    if not any(isinstance(module, nn.BatchNorm2d) for module in model.modules()):
        return
    model.train()
    chance = torch.Generator().manual_seed(2)
    for _ in range(ROUNDS_TO_SETTLE):
        coarse = torch.rand(4, 3, 8, 8, generator=chance)
        model.encode_image(nn.functional.interpolate(coarse, size=(size, size), mode="bilinear"))
