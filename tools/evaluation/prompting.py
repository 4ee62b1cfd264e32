"""Does a model find more where short words are put inside sentences about art?

What decides the switch in `glance_agent.search.prompts` for a model.
"""

from __future__ import annotations

from collections.abc import Sequence

from glance_agent.domain.vectors import blend, top
from glance_agent.search.prompts import RAW, TEMPLATES, is_short, normalised, prompts_for
from tools.evaluation.measures import mean, precision
from tools.evaluation.paintings import Exhibition
from tools.evaluation.questions import Question
from tools.evaluation.rivals import DEPTH, Reading


def prompting(
    exhibition: Exhibition, questions: Sequence[Question], encoder: Reading
) -> dict[str, float | str]:
    """Precision@10 of the vectors alone for short questions, put either way."""
    short = [q for q in questions if is_short(q.text)]
    figures: dict[str, float | str] = {"short questions": float(len(short))}
    for name, templates in (("raw", RAW), ("in sentences", TEMPLATES)):
        found = [_precision(exhibition, question, templates, encoder) for question in short]
        figures[name] = round(mean(found), 3)
    used = prompts_for(exhibition.space, "calm")
    figures["in use"] = "raw" if len(used) == len(RAW) else "in sentences"
    return figures


def _precision(
    exhibition: Exhibition, question: Question, templates: Sequence[str], encoder: Reading
) -> float:
    said = [template.format(normalised(question.text)) for template in templates]
    vector = blend([encoder.embed_text(text) for text in said], [1.0] * len(said))
    judged = {w.artwork.id for w in exhibition.works if question.judged(w)}
    right = {w.artwork.id for w in exhibition.works if question.right(w)} & judged
    nearest = top(exhibition.matrix @ vector, DEPTH)
    ranked = [exhibition.works[row].artwork.id for row in nearest]
    return precision([artwork for artwork in ranked if artwork in judged], right)
