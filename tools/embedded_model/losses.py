"""What training asks of the vectors: captions near the pictures they fit, classes apart."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def match_loss(images: Tensor, texts: Tensor, fits: Tensor, scale: Tensor) -> Tensor:
    """Cross-entropy both ways with several right answers.

    images (N, D) and texts (M, D) are unit vectors; fits (M, N) is 1 where a text is true of an
    image. Each text must spread its probability evenly over the images it fits, and each image
    over its texts.
    """
    logits = scale * texts @ images.T
    to_images = fits / fits.sum(1, keepdim=True).clamp(min=1)
    to_texts = fits / fits.sum(0, keepdim=True).clamp(min=1)
    forward = -(to_images * logits.log_softmax(1)).sum(1).mean()
    backward = -(to_texts * logits.log_softmax(0)).sum(0).mean()
    return (forward + backward) / 2


def name_loss(
    images: Tensor, names: Tensor, labels: Tensor, weights: Tensor, scale: Tensor
) -> Tensor:
    """Cross-entropy of images (N, D) over class names (C, D); labels (N,) with -1 for unknown,
    weights (C,).
    """
    if bool((labels < 0).all()):
        return torch.zeros(())
    return functional.cross_entropy(
        scale * images @ names.T, labels, weight=weights, ignore_index=-1, label_smoothing=0.05
    )


def cosine_loss(vectors: Tensor, targets: Tensor) -> Tensor:
    """Mean of one minus cosine of rows (N, D)."""
    return (1 - functional.cosine_similarity(vectors, targets, dim=-1)).mean()


def neighbour_loss(images: Tensor, teacher: Tensor, texts: Tensor, scale: Tensor) -> Tensor:
    """How differently images and their teacher (both (N, D), unit) rank the texts (M, D): a KL
    divergence.
    """
    wanted = (scale * teacher @ texts.T).softmax(1)
    return functional.kl_div(
        (scale * images @ texts.T).log_softmax(1), wanted, reduction="batchmean"
    )
