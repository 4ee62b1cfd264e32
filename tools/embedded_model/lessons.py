"""Batches of captions: token rows, which pictures each is true of, the teacher's phrases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor

from tools.embedded_model.captions import Captioner, fact_keys, facts
from tools.embedded_model.colours import Look
from tools.embedded_model.prepare import open_images, open_measures, open_records
from tools.embedded_model.records import GENRES, STYLES
from tools.embedded_model.towers import TextTower


@dataclass(frozen=True, slots=True)
class Tokens:
    """Rows of word pieces (N, L) and true where a row has ended (N, L)."""

    ids: Tensor
    hidden: Tensor


def embed_texts(tower: TextTower, tokens: Tokens, *, groups: int = 5) -> Tensor:
    """Rows (N, L) to vectors (N, 256), in groups of like length so that short rows do not pay for
    long ones.
    """
    lengths = (~tokens.hidden).sum(1)
    order = lengths.argsort()
    made = []
    for rows in order.chunk(groups):
        longest = int(lengths[rows].max())
        made.append(tower(tokens.ids[rows, :longest], tokens.hidden[rows, :longest]))
    return torch.cat(made)[order.argsort()]


class Material:
    """Everything `prepare` and `vocabulary` made, opened for training."""

    def __init__(self, work: Path) -> None:
        self.images = open_images(work)
        self.records = open_records(work)
        self.facts = [
            facts(r, Look.from_row(m))
            for r, m in zip(self.records, open_measures(work), strict=True)
        ]
        self.tokenizer = Tokenizer.from_file(str(work / "tokenizer.json"))
        self.table: Tensor = torch.load(work / "table.pt", weights_only=True)
        self.phrases = (work / "phrases.txt").read_text(encoding="utf-8").split("\n")
        self.phrase_vectors = torch.from_numpy(np.load(work / "phrase-vectors.npy"))
        self.styles = labels([r.style for r in self.records], STYLES)
        self.genres = labels([r.genre for r in self.records], GENRES)

    def split(self, name: str) -> NDArray[np.int64]:
        """Numbers of the pictures of that split."""
        return np.array([r.number for r in self.records if r.split == name])

    def tokens(self, texts: list[str]) -> Tokens:
        """Texts as rows of equal length."""
        rows = [encoding.ids or [0] for encoding in self.tokenizer.encode_batch(texts)]
        longest = max(len(row) for row in rows)
        ids = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
        ends = torch.tensor([len(row) for row in rows])
        return Tokens(ids, torch.arange(longest)[None] >= ends[:, None])


def labels(values: list[str | None], classes: tuple[str, ...]) -> Tensor:
    """Index of each value, -1 for none."""
    return torch.tensor([classes.index(value) if value is not None else -1 for value in values])


def class_weights(known: Tensor, classes: int, *, power: float = 0.5) -> Tensor:
    """Weights (classes,) that lift rare classes; mean over the pictures is one."""
    counts = torch.bincount(known[known >= 0], minlength=classes).float().clamp(min=20)
    weights = counts**-power
    return weights * counts.sum() / (weights * counts).sum()


@dataclass(frozen=True, slots=True)
class Lesson:
    """Captions for a batch of N pictures: M token rows, and fits (M, N), 1 where a caption is
    true of a picture.
    """

    tokens: Tokens
    fits: Tensor


class Teacher:
    """Draws lessons."""

    def __init__(
        self, material: Material, numbers: NDArray[np.int64], *, captions_each: int
    ) -> None:
        self.material = material
        self.captions_each = captions_each
        self.captioner = Captioner([material.facts[n] for n in numbers])
        keys = [fact_keys(told) for told in material.facts]
        self.index = {key: i for i, key in enumerate(sorted(set().union(*keys)))}
        self.owned = [
            np.array([self.index[key] for key in sorted(own)], dtype=np.int64) for own in keys
        ]

    def lesson(self, numbers: NDArray[np.int64], chance: np.random.Generator) -> Lesson:
        """Captions for each of these pictures."""
        told = self.material.facts
        drawn = [
            self.captioner.draw(told[n], chance) for _ in range(self.captions_each) for n in numbers
        ]
        needs = [[self.index[key] for key in caption.needs] for caption in drawn]
        used = sorted({key for row in needs for key in row})
        place = {key: i for i, key in enumerate(used)}
        has = np.zeros((len(numbers), len(used)), np.float32)
        for row, number in enumerate(numbers):
            has[row, [place[key] for key in self.owned[number] if key in place]] = 1
        wants = np.zeros((len(drawn), len(used)), np.float32)
        for row, keys in enumerate(needs):
            wants[row, [place[key] for key in keys]] = 1
        fits = torch.from_numpy(
            (wants @ has.T >= wants.sum(1, keepdims=True) - 0.5).astype(np.float32)
        )
        return Lesson(self.material.tokens([caption.text for caption in drawn]), fits)


def batches(
    numbers: NDArray[np.int64], size: int, chance: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """The numbers shuffled, in full batches."""
    order = chance.permutation(numbers)
    for start in range(0, len(order) - size + 1, size):
        yield order[start : start + size]
