"""The whole evaluation: search, likeness and taste, on the gallery and on the paintings."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glance_agent.embedding.encoder import OnnxEncoder
from glance_agent.sources.starter import entries, folder
from tools.evaluation.living import hits_over_time, lived, taste_table
from tools.evaluation.paintings import Exhibition, available, load_gallery, load_paintings
from tools.evaluation.people import people
from tools.evaluation.plot import draw
from tools.evaluation.prompting import prompting
from tools.evaluation.questions import BY_TITLES, Question, about_gallery, about_paintings
from tools.evaluation.rivals import DEPTH, housed, rivals
from tools.evaluation.searching import ask, likeness_table, table_of
from tools.evaluation.verdicts import reliability, verdicts

PAIRS = 16
SEED = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What to evaluate: where the paintings are, which split, how many lives each person has."""

    paintings: Path
    split: str = "dev"
    lives: int = 3


Report = dict[str, Any]


def evaluate(encoder: OnnxEncoder, plan: Plan, progress: Callable[[str], None]) -> Report:
    """All figures; without the paintings, those of the starter gallery alone."""
    progress("embedding the starter gallery")
    gallery = load_gallery(folder(), entries(), encoder)
    report: Report = {"model": encoder.entry.name, "space": encoder.space}
    report |= _searched("gallery", gallery, about_gallery(gallery.works), encoder)
    if not available(plan.paintings):
        return report
    progress(f"embedding the paintings of the split {plan.split}")
    paintings = load_paintings(plan.paintings, frozenset({plan.split}), encoder)
    progress("asking questions")
    report["split"], report["works"] = plan.split, len(paintings.works)
    questions = about_paintings(paintings.works)
    report |= _searched("search", paintings, questions, encoder)
    report["prompting"] = prompting(paintings, questions, encoder)
    report["likeness"] = likeness_table(paintings)
    progress("living with simulated people")
    crowd = people(paintings.works, pairs=PAIRS, seed=SEED)
    lives = lived(paintings, crowd, plan.lives)
    report["people"] = len(crowd)
    report["taste"] = taste_table(paintings, lives)
    report["hits over time"] = hits_over_time(lives)
    return report


def _searched(
    name: str, exhibition: Exhibition, questions: list[Question], encoder: OnnxEncoder
) -> Report:
    """How well questions are answered, and whether it is known when nothing answers."""
    fixed = [q for q in questions if q.kind not in BY_TITLES]
    with housed(exhibition, encoder) as house:
        table = table_of(ask(exhibition.works, questions, rivals(house)))
        return {
            name: table,
            f"{name} verdicts": verdicts(house.find, [q.text for q in fixed]),
            f"{name} matches": reliability(
                lambda text: house.find(text, DEPTH), exhibition.works, fixed
            ),
        }


def write(report: Report, out: Path) -> list[Path]:
    """The report as `evaluation.json`, and as `evaluation.png` where there are paintings."""
    out.mkdir(parents=True, exist_ok=True)
    written = [out / "evaluation.json"]
    written[0].write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    if "search" in report:
        bars = {
            kind: {name: figures["precision@10"] for name, figures in by_rival.items()}
            for kind, by_rival in report["search"].items()
        }
        written.append(out / "evaluation.png")
        draw(written[1], bars, report["hits over time"])
    return written
