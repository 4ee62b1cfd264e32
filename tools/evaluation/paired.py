"""`python -m tools.evaluation.paired ONE.json OTHER.json`: do lives in one evaluation go as well as
in the other?

Lives of the same person with the same chances are compared, so that people who are easy to please
do not count as a difference; what is left is chance, and its standard error is told.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tools.evaluation.living import LEARNED_AFTER

Lives = Sequence[dict[str, str]]
FIGURES: dict[str, tuple[str, Callable[[dict[str, str]], float]]] = {
    "hits 1-20": ("lives", lambda life: _share(life["pleased"][:LEARNED_AFTER])),
    "hits 21-50": ("lives", lambda life: _share(life["pleased"][LEARNED_AFTER:])),
    "hits": ("lives", lambda life: _share(life["pleased"])),
    "in the mood": ("lives in moods", lambda life: _share(life["in the mood"])),
    "pleased in a mood": ("lives in moods", lambda life: _share(life["pleased"])),
}
"""Of which lives each figure is, and what it is of one life."""


class Compared(NamedTuple):
    """The mean of one, that of the other less it, the standard error of that, and of how many."""

    one: float
    more: float
    error: float
    lives: int


def compared(one: Lives, other: Lives, figure: Callable[[dict[str, str]], float]) -> Compared:
    """Lives of the same people, in the same order, by one figure."""
    if [_who(life) for life in one] != [_who(life) for life in other]:
        raise ValueError("the evaluations are not of the same lives")
    figures = np.array([[figure(life) for life in lives] for lives in (one, other)])
    more = figures[1] - figures[0]
    error = more.std(ddof=1) / np.sqrt(more.size) if more.size > 1 else np.nan
    return Compared(float(figures[0].mean()), float(more.mean()), float(error), more.size)


def table(one: dict[str, Any], other: dict[str, Any]) -> Iterator[tuple[str, str, Compared]]:
    """Each figure of each chooser or mood."""
    for name, (of, figure) in FIGURES.items():
        lives, others = (_by_chooser(report.get(of, [])) for report in (one, other))
        for chooser in lives:
            yield name, chooser, compared(lives[chooser], others[chooser], figure)


def main() -> None:
    """Print the table of two evaluations."""
    one, other = (json.loads(Path(path).read_text(encoding="utf-8")) for path in sys.argv[1:3])
    for report in (one, other):
        print(f"{report['split']}: {report['works']} works, {report['kept']}")
    for name, chooser, found in table(one, other):
        mean, more, error, lives = found
        print(f"{name:18} {chooser:20} {mean:.3f} {more:+.4f} ± {error:.4f}  ({lives} lives)")


def _by_chooser(lives: Lives) -> dict[str, Lives]:
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for life in lives:
        found[life["chooser"]].append(life)
        found["all"].append(life)
    return {**found}


def _who(life: dict[str, str]) -> tuple[str, str]:
    return life["person"], life["chooser"]


def _share(marks: str) -> float:
    return marks.count("1") / len(marks)


if __name__ == "__main__":
    main()
