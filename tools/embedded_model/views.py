"""Fresh random views, made in a thread while the last batch is being learnt."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tools.embedded_model.augment import normalised, random_view
from tools.embedded_model.frozen import Frozen
from tools.embedded_model.lessons import Lesson, Material, Teacher, batches
from tools.embedded_model.towers import THUMBNAIL_PX

SIZE_PX = 128
AHEAD = 3


@dataclass(frozen=True, slots=True)
class Batch:
    """N pictures: their numbers, the frozen blocks' output, thumbnails (N, 3, 16, 16), captions."""

    numbers: Tensor
    features: Tensor
    thumbnails: Tensor
    lesson: Lesson


class Views:
    """An endless supply of batches; the same seed and step give the same batch."""

    def __init__(
        self,
        material: Material,
        numbers: NDArray[np.int64],
        frozen: nn.Module,
        work: Path,
        size: int,
    ) -> None:
        self._material, self._numbers, self._size = material, numbers, size
        example = torch.zeros(1, 3, SIZE_PX, SIZE_PX)
        self._network = Frozen(frozen, example, work / "first-blocks.onnx", threads=1)
        self._teacher = Teacher(material, numbers, captions_each=1)

    def batches(self, first: int, end: int) -> Iterator[Batch]:
        """The batches of steps first..end-1."""
        made: queue.Queue[Batch | BaseException] = queue.Queue(AHEAD)
        threading.Thread(target=self._fill, args=(made, first, end), daemon=True).start()
        for _ in range(first, end):
            batch = made.get()
            if isinstance(batch, BaseException):
                raise batch
            yield batch

    def _fill(self, made: queue.Queue[Batch | BaseException], first: int, end: int) -> None:
        try:
            per_epoch = len(self._numbers) // self._size
            for epoch in range(first // per_epoch, end // per_epoch + 1):
                order = list(batches(self._numbers, self._size, np.random.default_rng([5, epoch])))
                for index, numbers in enumerate(order):
                    if epoch * per_epoch + index >= first:
                        made.put(
                            self._batch(np.sort(numbers), np.random.default_rng([6, epoch, index]))
                        )
        except (
            BaseException
        ) as error:  # handed to the thread that waits for batches, and raised there
            made.put(error)

    def _batch(self, numbers: NDArray[np.int64], chance: np.random.Generator) -> Batch:
        pixels = normalised(
            np.stack([random_view(self._material.images[n], chance, SIZE_PX) for n in numbers])
        )
        features = [self._network.run(part) for part in np.array_split(pixels, 8)]
        factor = SIZE_PX // THUMBNAIL_PX
        small = pixels.reshape(len(pixels), 3, THUMBNAIL_PX, factor, THUMBNAIL_PX, factor).mean(
            (3, 5)
        )
        return Batch(
            torch.from_numpy(numbers),
            torch.from_numpy(np.concatenate(features)).to(memory_format=torch.channels_last),
            torch.from_numpy(small),
            self._teacher.lesson(numbers, chance),
        )
