"""The examination during training: the figures of `evaluate`, straight from the towers."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from tools.embedded_model.lessons import Material, embed_texts
from tools.embedded_model.prompts import GENRE_PROMPTS, STYLE_PROMPTS
from tools.embedded_model.queries import ART_QUERIES, truth
from tools.embedded_model.scores import accuracy, precision_at_10
from tools.embedded_model.towers import TextTower


@torch.inference_mode()
def class_vectors(tower: TextTower, material: Material, prompts: list[list[str]]) -> Tensor:
    """Unit vectors (C, 256): the mean over each class's prompts."""
    vectors = functional.normalize(
        embed_texts(tower, material.tokens([text for texts in prompts for text in texts])), dim=-1
    )
    return functional.normalize(vectors.unflatten(0, (len(prompts), -1)).mean(1), dim=-1)


@torch.inference_mode()
def examine(
    images: Tensor, numbers: NDArray[np.int64], tower: TextTower, material: Material
) -> dict[str, float]:
    """Figures for unit vectors (N, 256) of the pictures with these numbers."""
    tower.eval()
    told = [material.facts[n] for n in numbers]
    relevant, judged = truth(ART_QUERIES, told)
    asked = functional.normalize(
        embed_texts(tower, material.tokens([query.text for query in ART_QUERIES])), dim=-1
    )
    precision = precision_at_10((asked @ images.T).numpy(), relevant, judged)
    figures = {"p@10": float(np.nanmean(precision))}
    for kind in dict.fromkeys(query.kind for query in ART_QUERIES):
        chosen = np.array([query.kind == kind for query in ART_QUERIES])
        figures[f"p@10 {kind}"] = float(np.nanmean(precision[chosen]))
    for name, prompts, known in (
        ("style", STYLE_PROMPTS, material.styles),
        ("genre", GENRE_PROMPTS, material.genres),
    ):
        scores = (class_vectors(tower, material, prompts) @ images.T).numpy()
        figures[name], figures[f"{name} balanced"] = accuracy(scores, known[numbers].numpy())
    return figures


def line(figures: dict[str, float]) -> str:
    """The figures on one line."""
    return ", ".join(f"{name} {value:.3f}" for name, value in figures.items())
