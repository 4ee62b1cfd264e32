"""Teach the pupil: captions near the pictures they fit, and every text near what it ought to mean.

Goes on from pupil-resume.pt by itself; the best on the validation split stays in pupil.pt.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from tools.embedded_model.captions import fact_keys, facts
from tools.embedded_model.colours import Look
from tools.embedded_model.exam import line
from tools.embedded_model.languages.exam import precision, titles_found
from tools.embedded_model.languages.lexicon import LANGUAGES, read_wishes
from tools.embedded_model.languages.material import Material, Phrases, open_material
from tools.embedded_model.languages.pieces import reader
from tools.embedded_model.languages.pupil import Pupil
from tools.embedded_model.losses import cosine_loss, match_loss
from tools.embedded_model.prepare import open_measures, open_records
from tools.embedded_model.progress import Progress
from tools.embedded_model.queries import ART_QUERIES, truth
from tools.embedded_model.scores import precision_at_10
from tools.embedded_model.towers import LONGEST_TEXT
from tools.embedded_model.workplace import arguments

TEXTS = (128, 192, 128, 176, 176)  # in one step: captions, then of each kind of MEANT_OF
PARTS = 2  # the short texts of a kind and the long ones are read apart, which saves a third
LEARNING_RATE, TABLE_RATE = 1e-3, 3e-3
WEIGHT_DECAY = 0.01
SCALE = 14.6  # of cosines; the one that the towers were trained with
EXAM_EVERY = 250
WANTED = dict.fromkeys(LANGUAGES, 0.92) | dict.fromkeys(("pl", "sv", "da"), 0.85)
"""Of what is found in English: the share that each language is to reach."""
MATCH, MEANT = 0.35, 2.0  # how much each loss of captions counts
MEANT_OF = {"words": 1.8, "hand": 2.0, "english": 2.2, "composed": 1.8}


class Rows:
    """Texts cut into pieces once."""

    def __init__(self, texts: list[str], pieces: list[str]) -> None:
        read = reader(pieces)
        self._ids = [read.ids(text, LONGEST_TEXT)[:LONGEST_TEXT] or [0] for text in texts]
        self._lengths = np.array([len(row) for row in self._ids])

    def by_length(self, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
        """The same rows, the shortest first."""
        return chosen[np.argsort(self._lengths[chosen], kind="stable")]

    def tokens(self, chosen: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        """Rows (N, L), and true where a row has ended."""
        rows = [self._ids[number] for number in chosen]
        longest = max(map(len, rows))
        ids = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
        ends = torch.tensor([len(row) for row in rows])
        return ids, torch.arange(longest)[None] >= ends[:, None]


class Subject:
    """Texts and what they mean, to draw from."""

    def __init__(self, phrases: Phrases, pieces: list[str], *, count: int, weight: float) -> None:
        self.drawn, self.weight = count, weight
        self.rows = Rows(phrases.texts, pieces)
        self.meanings = torch.from_numpy(phrases.meanings)
        often = np.ones(len(phrases.texts)) if phrases.often is None else phrases.often
        self._odds = np.cumsum(often, dtype=np.float64)

    def some(self, chance: np.random.Generator) -> NDArray[np.int64]:
        """Rows of this step, the shortest first."""
        drawn = np.searchsorted(self._odds, chance.random(self.drawn) * self._odds[-1])
        return self.rows.by_length(drawn)


class Course:
    """One run."""

    def __init__(self, options: argparse.Namespace) -> None:
        torch.set_num_threads(options.threads)
        torch.manual_seed(options.seed)
        self.work: Path = options.work
        self.steps: int = options.steps
        self.begin: Path | None = options.begin
        self.captions_drawn, *drawn = options.texts
        self.bfloat16: bool = options.bfloat16
        self.material: Material = open_material(self.work)
        pieces = self.material.pieces
        self.pupil = Pupil(torch.from_numpy(self.material.start), layers=options.layers)
        self.subjects = [
            Subject(getattr(self.material, kind), pieces, count=count, weight=MEANT_OF[kind])
            for kind, count in zip(MEANT_OF, drawn, strict=True)
        ]
        self.captions = Rows([said.text for said in self.material.captions], pieces)
        self.meant = torch.from_numpy(self.material.meant)
        self.pictures = torch.from_numpy(np.load(self.work / "pictures.npy"))
        records = open_records(self.work)
        self.facts = [
            facts(r, Look.from_row(m))
            for r, m in zip(records, open_measures(self.work), strict=True)
        ]
        self.keys = [fact_keys(told) for told in self.facts]
        self.val = np.array([r.number for r in records if r.split == "val"])
        self.titles = [r.title for r in records if r.split == "val"]
        table = list(self.pupil.table.parameters())
        others = [p for n, p in self.pupil.named_parameters() if not n.startswith("table")]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": table, "lr": options.rate * TABLE_RATE, "weight_decay": 0.0},
                {
                    "params": others,
                    "lr": options.rate * LEARNING_RATE,
                    "weight_decay": WEIGHT_DECAY,
                },
            ],
            fused=True,
        )
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, self._rate)
        self.average = torch.optim.swa_utils.AveragedModel(
            self.pupil, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.995)
        )
        self.step, self.best = 0, 0.0

    def _rate(self, step: int) -> float:
        warm = min(1.0, (step + 1) / 200)
        return warm * max(0.02, 0.5 * (1 + np.cos(np.pi * min(1.0, step / self.steps))))

    def loss(self) -> Tensor:
        """Of one step; what is drawn depends on the step alone, so a run can be gone on with."""
        chance = np.random.default_rng(self.step)
        total = self._caption_loss(chance)
        for subject in self.subjects:
            chosen = subject.some(chance)
            vectors = self._read(subject.rows, chosen)
            total = total + subject.weight * cosine_loss(vectors, subject.meanings[chosen])
        return total

    def _read(self, rows: Rows, chosen: NDArray[np.int64]) -> Tensor:
        """What the pupil makes of chosen rows (N, 256), each part padded to its own longest."""
        parts = np.array_split(chosen, PARTS)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bfloat16):
            return torch.cat([self.pupil(*rows.tokens(part)) for part in parts]).float()

    def _caption_loss(self, chance: np.random.Generator) -> Tensor:
        drawn = chance.integers(len(self.material.captions), size=self.captions_drawn)
        chosen = self.captions.by_length(drawn)
        numbers = self.material.numbers[chosen]
        vectors = functional.normalize(self._read(self.captions, chosen), dim=-1)
        needs = [self.material.captions[i].needs for i in chosen]
        fits = torch.tensor(
            [[float(need <= self.keys[number]) for number in numbers] for need in needs]
        )
        matched = match_loss(self.pictures[numbers], vectors, fits, torch.tensor(SCALE))
        return MATCH * matched + MEANT * cosine_loss(vectors, self.meant[chosen])

    def run(self) -> None:
        """To the last step."""
        self._resume()
        progress = Progress("learn", self.steps, done_before=self.step)
        while self.step < self.steps:
            self.pupil.train()
            loss = self.loss()
            self.optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self.pupil.parameters(), 1.0)
            self.optimizer.step()
            self.schedule.step()
            self.average.update_parameters(self.pupil)
            self.step += 1
            progress.show(self.step, f"loss {loss.item():.3f}")
            if self.step % EXAM_EVERY == 0 or self.step == self.steps:
                self._examine()

    @torch.inference_mode()
    def _embed(self, texts: list[str]) -> NDArray[np.float32]:
        self.average.eval()
        rows = Rows(texts, self.material.pieces)
        vectors = self.average.module(*rows.tokens(np.arange(len(texts))))
        made: NDArray[np.float32] = functional.normalize(vectors, dim=-1).numpy()
        return made

    def _examine(self) -> None:
        """Figures on the validation split; the best so far is kept."""
        told = [self.facts[n] for n in self.val]
        pictures = self.pictures[self.val].numpy()
        relevant, judged = truth(ART_QUERIES, told)
        scores = self._embed([query.text for query in ART_QUERIES]) @ pictures.T
        english = float(np.nanmean(precision_at_10(scores, relevant, judged)))
        found = precision(self._embed, read_wishes(), told, pictures)
        wishes = {code: found[code]["all"] for code in LANGUAGES}
        titles = titles_found(self._embed, self.titles, pictures)
        lacks = max(WANTED[code] - found / wishes["en"] for code, found in wishes.items())
        merit = float(2 * english + titles + np.mean(list(wishes.values())) - 2 * max(0, lacks))
        unlisted = {f"{code}+": found[code]["unlisted"] for code in LANGUAGES}
        figures = f"p@10 {english:.3f}, titles {titles:.3f}"
        print(f"step {self.step}: {figures}; {line(wishes)}; {line(unlisted)}", flush=True)
        if merit > self.best:
            self.best = merit
            torch.save(self.average.module.state_dict(), self.work / "pupil.pt")
        self._keep()

    def _keep(self) -> None:
        kept = {
            "step": self.step,
            "best": self.best,
            "pupil": self.pupil.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
        }
        part = self.work / "pupil-resume.part"
        torch.save(kept, part)
        part.rename(self.work / "pupil-resume.pt")

    def _resume(self) -> None:
        path = self.work / "pupil-resume.pt"
        if not path.exists():
            if self.begin:
                begun = torch.load(self.begin, weights_only=False)  # our own file
                for name in ("pupil", "average"):
                    getattr(self, name).load_state_dict(begun[name])
            return
        kept = torch.load(path, weights_only=False)  # our own file
        self.step, self.best = kept["step"], kept["best"]
        for name in ("pupil", "average", "optimizer", "schedule"):
            getattr(self, name).load_state_dict(kept[name])


if __name__ == "__main__":
    parser = arguments("the text tower of ten languages")
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--layers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rate", type=float, default=1.0, help="factor of the learning rates")
    parser.add_argument("--texts", type=int, nargs=5, default=TEXTS, help="see TEXTS")
    parser.add_argument(
        "--begin", type=Path, help="carried.pt, or pupil-resume.pt of a run that ended"
    )
    parser.add_argument(
        "--bfloat16", action="store_true", help="a third faster on processors that know it"
    )
    Course(parser.parse_args()).run()
