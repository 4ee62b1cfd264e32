"""The whole evaluation: search, likeness and taste, on the gallery and on the paintings."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glance_agent.embedding.encoder import OnnxEncoder
from glance_agent.search.query_embedding import Understanding
from glance_agent.sources.starter import entries, folder
from tools.evaluation.choosers import Forgetful, hall_of
from tools.evaluation.kept import AS_IT_IS, Keeping
from tools.evaluation.living import (
    Life,
    hits_over_time,
    in_mood,
    lived,
    lived_in_moods,
    moods_table,
    taste_table,
)
from tools.evaluation.paintings import Exhibition, available, load_gallery, load_paintings
from tools.evaluation.people import kinds_of, people
from tools.evaluation.plot import draw
from tools.evaluation.prompting import prompting
from tools.evaluation.questions import BY_TITLES, Question, about_gallery, about_paintings
from tools.evaluation.rivals import DEPTH, housed, rivals
from tools.evaluation.searching import ask, likeness_table, table_of
from tools.evaluation.verdicts import reliability, verdicts
from tools.understood import understand

PAIRS = 16
SEED = 1
MOODS = ("dark", "bright", "blue", "green", "landscape", "portrait")
"""In words that labels know."""
PREPARED_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What to evaluate: where the paintings are, which split, how many lives each person has, how
    works are kept, and whether tastes are all that is wanted."""

    paintings: Path
    split: str = "dev"
    lives: int = 3
    keeping: Keeping = AS_IT_IS
    tastes_alone: bool = False


Report = dict[str, Any]


def evaluate(encoder: OnnxEncoder, plan: Plan, progress: Callable[[str], None]) -> Report:
    """All figures; without the paintings, those of the starter gallery alone."""
    keeping = plan.keeping
    report: Report = {"model": encoder.entry.name, "space": encoder.space}
    report["kept"] = {"by": keeping.engine, "weighed, one in": keeping.part, "near": keeping.near}
    if not plan.tastes_alone:
        progress("the starter gallery")
        gallery = load_gallery(folder(), entries(), encoder)
        report |= _searched("gallery", gallery, about_gallery(gallery.works), encoder, keeping)
    if not available(plan.paintings):
        return report
    progress(f"embedding the paintings of the split {plan.split}")
    paintings = load_paintings(plan.paintings, frozenset({plan.split}), encoder)
    report["split"], report["works"] = plan.split, len(paintings.works)
    if not plan.tastes_alone:
        progress("asking questions")
        questions = about_paintings(paintings.works)
        report |= _searched("search", paintings, questions, encoder, keeping)
        report["prompting"] = prompting(paintings, questions, encoder)
        report["likeness"] = likeness_table(paintings)
    return report | _liked(paintings, encoder, plan, progress)


def _liked(
    paintings: Exhibition, encoder: OnnxEncoder, plan: Plan, progress: Callable[[str], None]
) -> Report:
    """How well tastes are learned, and moods followed."""
    crowd, kinds = people(paintings.works, pairs=PAIRS, seed=SEED), kinds_of(paintings.works)
    moods = [mood for mood in MOODS if mood in kinds]
    meaning = Understanding(encoder, Forgetful())
    meaning.prepare(PREPARED_SECONDS)
    understand(meaning, moods)
    hall = hall_of(paintings, plan.keeping, meaning)
    progress("living with simulated people")
    lives = lived(hall, crowd, plan.lives)
    progress("living in moods")
    some = [person for person in crowd if person.group == "one taste" and person.name not in MOODS]
    in_moods = lived_in_moods(hall, some, moods, plan.lives)
    return {
        "people": len(crowd),
        "taste": taste_table(paintings, lives),
        "hits over time": hits_over_time(lives),
        "moods": moods_table(kinds, in_moods),
        "lives": [_told(life) for life in lives],
        "lives in moods": [
            {**_told(life), "in the mood": _marks(in_mood(kinds, life))} for life in in_moods
        ],
    }


def _told(life: Life) -> dict[str, str]:
    """A life for whoever compares it with another one; of equal names one is behind the other."""
    person = life.person
    return {
        "group": person.group,
        "person": person.name,
        "chooser": life.chooser,
        "pleased": _marks(life.pleased),
    }


def _marks(of_showings: Sequence[bool]) -> str:
    return "".join("01"[mark] for mark in of_showings)


def _searched(
    name: str,
    exhibition: Exhibition,
    questions: list[Question],
    encoder: OnnxEncoder,
    keeping: Keeping,
) -> Report:
    """How well questions are answered, and whether it is known when nothing answers."""
    fixed = [q for q in questions if q.kind not in BY_TITLES]
    with housed(exhibition, encoder, keeping) as house:
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
