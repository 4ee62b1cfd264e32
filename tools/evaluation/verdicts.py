"""Can a match be trusted? Wishes that nothing answers, and how many works of each match are right.

The absent wishes are none of those that the search is calibrated with
(`glance_agent.search.reference_queries`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from glance_agent.search.hits import Found
from glance_agent.search.reference_queries import listed
from tools.evaluation.measures import mean
from tools.evaluation.paintings import Labelled
from tools.evaluation.questions import Question

ABSENT = listed(
    "what time is it|set a timer for ten minutes|the wifi password|my next appointment"
    "|volume up|news headlines|the price of petrol|bitcoin|a graphics card|an espresso machine"
    "|an air fryer|a zipper|a usb charger|a parking ticket|a zebra crossing|a tennis racket"
    "|a bowling alley|a roller coaster|a forklift|a chainsaw|a space station|a fighter pilot"
    "|a fax machine|a cassette tape|contact lenses|a pacemaker|vitamin pills|a tax refund"
    "|a lease agreement|quarterly earnings call|a slide deck|an org chart|a regular expression"
    "|kernel panic|a stack trace|hexadecimal|gigabytes|an antivirus program|a captcha|emoji"
    "|hashtag|a traffic jam on the ring road|a dental implant|a crash test dummy|a wind tunnel"
    "|an oil filter|a spark plug|disposable gloves|a conveyor belt|a ticket machine"
    "|qqqq|wvxz|dfgh jkl|bcdfg|plok mijn|rtyu|ooooo iiii|kxq vrrp|blahblah|xoxoxo|hjkl"
)
"""Household, office, machines, and letters without a meaning."""
Find = Callable[[str], Found]


def verdicts(find: Find, answered: Sequence[str]) -> dict[str, float]:
    """How often an answered wish is said to be answered, and an absent one to be absent.

    `told apart` is the chance that an answered wish has a better match than an absent one.
    """
    here, away = [find(text) for text in answered], [find(text) for text in ABSENT]
    best_here, best_away = [_best(found) for found in here], [_best(found) for found in away]
    pairs = [(a > b) + 0.5 * (a == b) for a in best_here for b in best_away]
    return {
        "answered wishes": float(len(here)),
        "said to match": round(mean([float(found.sure) for found in here]), 3),
        "absent wishes": float(len(away)),
        "said not to match": round(mean([float(not found.sure) for found in away]), 3),
        "told apart": round(mean(pairs), 3),
    }


def reliability(
    answer: Find, works: Sequence[Labelled], questions: Sequence[Question]
) -> dict[str, dict[str, float]]:
    """Of the works with such a match, the share that is right: as large where a match says so."""
    by_id = {work.artwork.id: work for work in works}
    tenths: dict[int, list[float]] = defaultdict(list)
    for question in questions:
        for hit in answer(question.text).hits:
            work = by_id[hit.artwork_id]
            if question.judged(work):
                tenths[min(int(hit.match * 10), 9)].append(float(question.right(work)))
    return {
        f"{tenth / 10:.1f}": {"works": float(len(right)), "right": round(mean(right), 3)}
        for tenth, right in sorted(tenths.items())
    }


def _best(found: Found) -> float:
    return max((hit.match for hit in found.hits), default=0.0)
