"""The first stage, minutes long: text tower and heads on features that do not change.

Two heads learn side by side. The lean one sees what the image tower will see, and starts it; the
rich one also sees the features of MobileNetV2, and becomes the teacher of the fine-tuning.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from tools.embedded_model.augment import normalised
from tools.embedded_model.exam import examine, line
from tools.embedded_model.lessons import (
    Lesson,
    Material,
    Teacher,
    batches,
    class_weights,
    embed_texts,
)
from tools.embedded_model.losses import cosine_loss, match_loss, name_loss
from tools.embedded_model.minilm import WIDTH
from tools.embedded_model.progress import Progress
from tools.embedded_model.prompts import GENRE_PROMPTS, STYLE_PROMPTS
from tools.embedded_model.records import GENRES, STYLES
from tools.embedded_model.towers import DIMENSION, THUMBNAIL_PX, Head, TextTower
from tools.embedded_model.workplace import arguments

BATCH = 256
PHRASES = 128
LEARNING_RATE = 1e-3
WEIGHT_DECAY = 0.05
LARGEST_SCALE = 50.0


class Pupils(nn.Module):
    """Everything this stage trains."""

    def __init__(self, table: Tensor, lean: int, rich: int) -> None:
        super().__init__()
        self.text = TextTower(table)
        self.lean, self.rich = Head(lean, dropout=0.3), Head(rich, dropout=0.5)
        self.to_minilm = nn.Linear(DIMENSION, WIDTH)
        self.log_scale = nn.Parameter(torch.tensor(2.7))

    def scale(self) -> Tensor:
        """The factor on cosines."""
        return self.log_scale.exp().clamp(max=LARGEST_SCALE)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Inputs of every picture: views of the lean features, the rest of the rich, thumbnails."""

    views: list[NDArray[np.float16]]
    extra: NDArray[np.float16]
    thumbnails: NDArray[np.uint8]

    def lean(self, numbers: NDArray[np.int64], view: int) -> Tensor:
        return torch.from_numpy(self.views[view][numbers].astype(np.float32))

    def rich(self, numbers: NDArray[np.int64], view: int) -> Tensor:
        return torch.cat(
            [self.lean(numbers, view), torch.from_numpy(self.extra[numbers].astype(np.float32))], 1
        )

    def thumbnail(self, numbers: NDArray[np.int64]) -> Tensor:
        return torch.from_numpy(normalised(self.thumbnails[numbers]))


def open_shelf(work: Path, paintings: Path, images: NDArray[np.uint8]) -> Shelf:
    """The features that `features` wrote; MobileNetV2's are zero for pictures that came without."""
    kinds = ("plain", "flip", "crop1", "crop2")
    files = [work / f"features-128-{kind}.npy" for kind in kinds]
    views = [np.load(file) for file in files if file.exists()]
    pool = np.load(paintings / "teacher_pool.npy").astype(np.float16) / 32
    padded = np.concatenate([pool, np.zeros((len(images) - len(pool), pool.shape[1]), np.float16)])
    factor = images.shape[1] // THUMBNAIL_PX
    cells = (len(images), THUMBNAIL_PX, factor, THUMBNAIL_PX, factor, 3)
    small = np.concatenate(
        [part.reshape(-1, *cells[1:]).mean((2, 4)) for part in np.array_split(images, 50)]
    )
    return Shelf(views, padded, small.round().astype(np.uint8))


class Stage:
    """One run of this stage."""

    def __init__(self, options: argparse.Namespace) -> None:
        torch.set_num_threads(options.threads)
        torch.manual_seed(options.seed)
        self.work: Path = options.work
        self.epochs: int = options.epochs
        self.material = Material(self.work)
        self.shelf = open_shelf(self.work, options.paintings, self.material.images)
        self.chance = np.random.default_rng(options.seed)
        self.train = self.material.split("train")
        self.teacher = Teacher(self.material, self.train, captions_each=2)
        lean, extra = self.shelf.views[0].shape[1], self.shelf.extra.shape[1]
        self.pupils = Pupils(self.material.table, lean, lean + extra)
        trained = [p for p in self.pupils.parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW(trained, LEARNING_RATE, weight_decay=WEIGHT_DECAY)
        self.steps = self.epochs * (len(self.train) // BATCH)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, LEARNING_RATE, total_steps=self.steps, pct_start=0.15
        )
        self.labels = (self.material.styles, self.material.genres)
        self.weights = [
            class_weights(self.labels[0][self.train], len(STYLES)),
            class_weights(self.labels[1][self.train], len(GENRES)),
        ]

    def loss(self, numbers: NDArray[np.int64]) -> Tensor:
        """Of one batch."""
        view = int(self.chance.integers(len(self.shelf.views)))
        thumbnail = self.shelf.thumbnail(numbers)
        lean = functional.normalize(
            self.pupils.lean(self.shelf.lean(numbers, view), thumbnail), dim=-1
        )
        rich = functional.normalize(
            self.pupils.rich(self.shelf.rich(numbers, view), thumbnail), dim=-1
        )
        lesson = self.teacher.lesson(numbers, self.chance)
        texts = functional.normalize(embed_texts(self.pupils.text, lesson.tokens), dim=-1)
        names = self.class_names()
        taught = sum(
            (self._labelled(images, numbers, texts, lesson, names) for images in (lean, rich)),
            torch.zeros(()),
        )
        return taught + cosine_loss(lean, rich.detach()) + 3 * self.phrase_loss()

    def class_names(self) -> list[Tensor]:
        """Unit vectors of every style, and of every genre, by one of their prompts."""
        told = [
            [str(self.chance.choice(texts)) for texts in prompts]
            for prompts in (STYLE_PROMPTS, GENRE_PROMPTS)
        ]
        vectors = functional.normalize(
            embed_texts(self.pupils.text, self.material.tokens(told[0] + told[1]), groups=1), dim=-1
        )
        return list(vectors.split([len(told[0]), len(told[1])]))

    def _labelled(
        self,
        images: Tensor,
        numbers: NDArray[np.int64],
        texts: Tensor,
        lesson: Lesson,
        names: list[Tensor],
    ) -> Tensor:
        scale = self.pupils.scale()
        total = match_loss(images, texts, lesson.fits, scale)
        for vectors, known, weights in zip(names, self.labels, self.weights, strict=True):
            total = total + 0.5 * name_loss(images, vectors, known[numbers], weights, scale)
        return total

    def phrase_loss(self) -> Tensor:
        """How far the text tower, turned into the teacher's space, is from MiniLM."""
        chosen = self.chance.integers(len(self.material.phrases), size=PHRASES)
        tokens = self.material.tokens([self.material.phrases[i] for i in chosen])
        mine = self.pupils.to_minilm(embed_texts(self.pupils.text, tokens))
        return cosine_loss(mine, self.material.phrase_vectors[chosen].float())

    def run(self) -> None:
        """Train and save."""
        progress, step = Progress("teach", self.steps), 0
        for epoch in range(self.epochs):
            self.pupils.train()
            for numbers in batches(self.train, BATCH, self.chance):
                loss = self.loss(numbers)
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
                self.schedule.step()
                step += 1
                progress.show(step, f"loss {loss.item():.3f}")
            if epoch % 3 == 2 or epoch == self.epochs - 1:
                self.report(epoch)
        self.save()

    def vectors(self, numbers: NDArray[np.int64], *, rich: bool) -> Tensor:
        """Unit vectors of the plain pictures."""
        self.pupils.eval()
        with torch.inference_mode():
            inputs = (self.shelf.rich if rich else self.shelf.lean)(numbers, 0)
            head = self.pupils.rich if rich else self.pupils.lean
            return functional.normalize(head(inputs, self.shelf.thumbnail(numbers)), dim=-1)

    def report(self, epoch: int) -> None:
        """Figures on the validation split."""
        numbers = self.material.split("val")
        for name, rich in (("lean", False), ("rich", True)):
            figures = examine(
                self.vectors(numbers, rich=rich), numbers, self.pupils.text, self.material
            )
            print(f"epoch {epoch + 1} {name}: {line(figures)}", flush=True)

    def save(self) -> None:
        """Write teach.pt (weights) and targets.npy (the rich head's unit vectors of every
        picture).
        """
        everything = np.arange(len(self.material.records))
        targets = torch.cat(
            [self.vectors(part, rich=True) for part in np.array_split(everything, 20)]
        )
        np.save(self.work / "targets.npy", targets.numpy().astype(np.float16))
        torch.save(self.pupils.state_dict(), self.work / "teach.pt")


if __name__ == "__main__":
    parser = arguments("text tower and heads on fixed features")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    Stage(parser.parse_args()).run()
