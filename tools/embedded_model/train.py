"""The long stage: fine-tune both towers. Resumable; keeps averaged weights.

The first blocks of the backbone stay as published and are run by onnxruntime on fresh random
views, in a thread of their own; the later blocks, the head and the text tower learn. Teachers:
the rich head of `teach`, and the features of MobileNetV2 that came with the paintings.
"""

from __future__ import annotations

import argparse
import copy
import math
import os
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from tools.embedded_model.augment import normalised
from tools.embedded_model.backbone import load_imagenet
from tools.embedded_model.exam import examine, line
from tools.embedded_model.lessons import (
    Lesson,
    Material,
    class_weights,
    embed_texts,
)
from tools.embedded_model.losses import cosine_loss, match_loss, name_loss, neighbour_loss
from tools.embedded_model.progress import Progress
from tools.embedded_model.prompts import GENRE_PROMPTS, STYLE_PROMPTS
from tools.embedded_model.pupils import FIRST_TRAINED_BLOCK, Pupils, Teachers
from tools.embedded_model.records import GENRES, STYLES
from tools.embedded_model.views import Batch, Views
from tools.embedded_model.workplace import arguments

BATCH = 128
PHRASES = 32
RATES = {"backbone": 6e-4, "head": 1e-3, "text": 2e-4}
WEIGHT_DECAY = 0.03
AVERAGING = 0.998


class Run:
    """One training run and its checkpoints."""

    def __init__(self, options: argparse.Namespace) -> None:
        torch.set_num_threads(options.threads)
        torch.manual_seed(options.seed)
        self.work: Path = options.work
        self.material = Material(self.work)
        self.teachers = Teachers(self.work, options.paintings)
        self.train = self.material.split("train")
        self.labels = (self.material.styles, self.material.genres)
        classes = (len(STYLES), len(GENRES))
        self.weights = [
            class_weights(k[self.train], n) for k, n in zip(self.labels, classes, strict=True)
        ]
        self.pupils = self._begin(options.weights)
        self.average = copy.deepcopy(self.pupils).requires_grad_(False)
        self.chance = np.random.default_rng(options.seed)
        self.steps = options.epochs * (len(self.train) // BATCH)
        self.optimizer = torch.optim.AdamW(self._groups(), weight_decay=WEIGHT_DECAY)
        self.step, self.best = 0, 0.0
        self.options = options

    def _begin(self, weights: Path) -> Pupils:
        pupils = Pupils(self.material.table)
        load_imagenet(pupils.image.backbone, weights)
        taught = torch.load(self.work / "teach.pt", weights_only=True)
        renamed = {key.replace("lean.", "image.head.", 1): value for key, value in taught.items()}
        left = pupils.load_state_dict(
            {key: value for key, value in renamed.items() if not key.startswith("rich.")},
            strict=False,
        )
        if left.unexpected_keys:
            raise ValueError(f"teach.pt holds what no tower has: {left.unexpected_keys}")
        pupils.freeze()
        return pupils.to(memory_format=torch.channels_last)

    def _groups(self) -> list[dict[str, object]]:
        pupils = self.pupils
        backbone = [p for p in pupils.image.backbone.parameters() if p.requires_grad]
        head = [*pupils.image.head.parameters(), *pupils.to_mobilenet.parameters()]
        text = [
            *(p for p in pupils.text.parameters() if p.requires_grad),
            *pupils.to_minilm.parameters(),
        ]
        text.append(pupils.log_scale)
        named = {"backbone": backbone, "head": head, "text": text}
        return [
            {"params": params, "lr": RATES[name], "peak": RATES[name]}
            for name, params in named.items()
        ]

    def run(self) -> None:
        """Train to the end, examining and saving every few minutes."""
        if (self.work / "resume.pt").exists() and not self.options.afresh:
            self.resume()
        frozen = self.pupils.image.backbone.first(FIRST_TRAINED_BLOCK)
        views = Views(self.material, self.train, frozen, self.work, BATCH)
        progress = Progress("train", self.steps, done_before=self.step)
        saved = time.monotonic()
        for batch in views.batches(self.step, self.steps):
            told = self.learn(batch)
            progress.show(self.step, told)
            if time.monotonic() - saved > 60 * self.options.save_minutes:
                self.save()
                saved = time.monotonic()
        self.save()

    def learn(self, batch: Batch) -> str:
        """One step; returns the losses as text."""
        self.pupils.train()
        self._set_rates()
        losses = self.losses(batch)
        total = sum(losses.values(), torch.zeros(()))
        self.optimizer.zero_grad()
        total.backward()
        nn.utils.clip_grad_norm_(self.pupils.parameters(), 5.0)
        self.optimizer.step()
        self.step += 1
        self._average()
        return " ".join(f"{name} {value.item():.3f}" for name, value in losses.items())

    def _set_rates(self) -> None:
        """Short warm-up, then half a cosine down to a hundredth."""
        done = self.step / self.steps
        factor = min(1.0, (self.step + 1) / 150) * (
            0.01 + 0.99 * (1 + math.cos(math.pi * done)) / 2
        )
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * factor

    @torch.no_grad()
    def _average(self) -> None:
        keep = min(AVERAGING, (1 + self.step) / (10 + self.step))
        current = self.pupils.state_dict()
        for key, value in self.average.state_dict().items():
            if value.is_floating_point():
                value.lerp_(current[key], 1 - keep)
            else:
                value.copy_(current[key])

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """Every loss of one batch, weighted."""
        scale = self.pupils.scale()
        pooled = self.pupils.pooled(batch.features)
        images = functional.normalize(self.pupils.image.head(pooled, batch.thumbnails), dim=-1)
        texts, names = self._texts(batch.lesson)
        targets = self.teachers.targets[batch.numbers].float()
        losses = {
            "match": match_loss(images, texts, batch.lesson.fits, scale),
            "target": 1.5 * cosine_loss(images, targets),
            "rows": 0.5 * neighbour_loss(images, targets, texts.detach(), scale.detach()),
            "pool": 0.5 * self.teachers.pool_loss(self.pupils.to_mobilenet(pooled), batch.numbers),
            "phrases": 2 * self._phrase_loss(),
        }
        for name, vectors, known, weights in zip(
            ("style", "genre"), names, self.labels, self.weights, strict=True
        ):
            losses[name] = 0.5 * name_loss(images, vectors, known[batch.numbers], weights, scale)
        return losses

    def _texts(self, lesson: Lesson) -> tuple[Tensor, list[Tensor]]:
        """Unit vectors of the captions, and of one prompt per style and per genre."""
        told = [
            [str(self.chance.choice(texts)) for texts in prompts]
            for prompts in (STYLE_PROMPTS, GENRE_PROMPTS)
        ]
        captions = functional.normalize(embed_texts(self.pupils.text, lesson.tokens), dim=-1)
        named = embed_texts(self.pupils.text, self.material.tokens(told[0] + told[1]), groups=1)
        return captions, list(
            functional.normalize(named, dim=-1).split([len(told[0]), len(told[1])])
        )

    def _phrase_loss(self) -> Tensor:
        chosen = self.chance.integers(len(self.material.phrases), size=PHRASES)
        tokens = self.material.tokens([self.material.phrases[i] for i in chosen])
        mine = self.pupils.to_minilm(embed_texts(self.pupils.text, tokens))
        return cosine_loss(mine, self.material.phrase_vectors[chosen].float())

    @torch.inference_mode()
    def vectors(self, numbers: NDArray[np.int64]) -> Tensor:
        """Unit vectors of pictures, by the averaged weights."""
        tower = self.average.image.eval()
        parts = [
            torch.from_numpy(normalised(self.material.images[part]))
            for part in np.array_split(numbers, 16)
        ]
        return functional.normalize(torch.cat([tower(part) for part in parts]), dim=-1)

    def save(self) -> None:
        """Examine on the validation split; write resume.pt, and train.pt if it is the best so
        far.
        """
        numbers = self.material.split("val")
        figures = examine(self.vectors(numbers), numbers, self.average.text, self.material)
        merit = (
            figures["p@10"] + (figures["style balanced"] + figures["genre"] + figures["style"]) / 3
        )
        print(f"step {self.step}/{self.steps} merit {merit:.3f}: {line(figures)}", flush=True)
        if merit >= self.best:
            self.best = merit
            _write(self.average.state_dict(), self.work / "train.pt")
        state = {
            "pupils": self.pupils.state_dict(),
            "average": self.average.state_dict(),
            "step": self.step,
        }
        _write(
            {**state, "optimizer": self.optimizer.state_dict(), "best": self.best},
            self.work / "resume.pt",
        )

    def resume(self) -> None:
        """Go on from resume.pt."""
        state = torch.load(self.work / "resume.pt", weights_only=True)
        self.pupils.load_state_dict(state["pupils"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.best = state["step"], state["best"]


def _write(state: dict[str, object], path: Path) -> None:
    """At once or not at all."""
    part = path.with_suffix(".part")
    torch.save(state, part)
    os.replace(part, path)


if __name__ == "__main__":
    parser = arguments("fine-tune both towers")
    parser.add_argument(
        "--weights", type=Path, required=True, help="efficientnet-lite0-57934424.pth"
    )
    parser.add_argument("--epochs", type=int, default=14)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--save-minutes", type=float, default=5)
    parser.add_argument("--afresh", action="store_true", help="ignore resume.pt")
    Run(parser.parse_args()).run()
