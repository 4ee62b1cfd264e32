"""Simulated people and those who choose for them: what the evaluation's figures stand on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np
import pytest

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.display import Reaction
from glance_agent.domain.vectors import unit_rows
from glance_agent.taste.collection import collection_of
from glance_agent.taste.replay import replayed
from tests.views import view_of
from tools.evaluation.choosers import ByMean, Ours, choosers_for
from tools.evaluation.living import SHOWINGS, Life, hits_over_time, lived, taste_table
from tools.evaluation.paintings import Exhibition, Labelled
from tools.evaluation.people import TURNING_POINT, Person, kinds_of, people

STYLES = ("Baroque", "Cubism", "Rococo", "Realism")
OF_EACH = 40


def exhibition() -> Exhibition:
    """Works of four styles, each with a place of its own, as a good model would see them."""
    chance = np.random.default_rng(2)
    centres = np.repeat(chance.normal(size=(len(STYLES), 24)), OF_EACH, axis=0)
    rows = unit_rows(centres + 0.7 * chance.normal(size=centres.shape) + 1.5)
    works = tuple(
        Labelled(Artwork(id=f"p:{row}"), style=STYLES[row // OF_EACH], stats={"L": 0.5})
        for row in range(len(rows))
    )
    return Exhibition("toy", works, rows, "toy")


HALL = exhibition()
KINDS = kinds_of(HALL.works)


def person(name: str = "Baroque", later: str | None = None) -> Person:
    return Person(name, "one taste", KINDS[name], KINDS[later or name])


def test_kinds_are_neither_too_rare_nor_too_common() -> None:
    assert set(KINDS) == {*STYLES}
    assert all(mask.sum() == OF_EACH for mask in KINDS.values())
    rare = HALL.works[: OF_EACH + 5]
    assert kinds_of(rare) == {}, "all of them are Baroque, and but five Cubist"


def test_people_have_one_taste_two_or_a_changing_one() -> None:
    crowd = people(HALL.works, pairs=4, seed=1)
    assert {p.group for p in crowd} == {"one taste", "two tastes", "changing taste"}
    double = next(p for p in crowd if p.group == "two tastes")
    assert double.first.sum() == 2 * OF_EACH
    assert [p.name for p in people(HALL.works, pairs=4, seed=1)] == [p.name for p in crowd]


def test_a_changing_person_changes_once() -> None:
    changing = person("Baroque", "Cubism")
    assert changing.likes(0, TURNING_POINT - 1)
    assert not changing.likes(0, TURNING_POINT)
    assert changing.likes(OF_EACH, TURNING_POINT)


def test_every_chooser_shows_each_work_once_and_learning_beats_chance() -> None:
    crowd = [person(), person("Cubism")]
    lives = {life.chooser: life for life in lived(HALL, crowd, seeds=1)[:6]}
    assert all(len(set(life.shown)) == SHOWINGS for life in lives.values())
    hits = {name: sum(life.pleased) for name, life in lives.items()}
    assert hits["oracle"] == OF_EACH, "all there are"
    assert hits["ours, discovery 20"] > 2 * hits["random"]
    assert hits["ours, discovery 20"] > hits["ours, discovery 80"]


def test_nobody_tells_the_choosers_what_pleases() -> None:
    """Same past, same choice, whoever the person is: labels are hidden from all but the oracle."""
    crowd = [person("Baroque"), person("Cubism")]
    twins = [Person("x", p.group, p.first, p.later) for p in crowd]
    for name in ("random", "single mean", "ours, discovery 20"):
        choices = []
        for twin in twins:
            chooser = choosers_for(HALL, twin, crowd, seed=5)[name]
            chooser.told(3, liked=True)
            chooser.told(50, liked=False)
            choices.append(chooser.choose())
        assert choices[0] == choices[1], name


def test_the_single_mean_is_rocchio() -> None:
    mean = ByMean(len(HALL.works), Random(1))
    mean.matrix = HALL.matrix
    mean.told(0, liked=True)
    mean.told(60, liked=False)
    wanted = HALL.matrix @ (HALL.matrix[0] - 0.5 * HALL.matrix[60])
    assert mean.choose() in set(np.argsort(-wanted)[:8].tolist()) - {0, 60}


def test_ours_does_not_show_again_what_was_disliked() -> None:
    ours, shown = Ours(HALL, Random(1), 20), list[int]()
    for _ in range(60):
        shown.append(ours.choose())
        ours.told(shown[-1], liked=False)
    assert len(set(shown)) == 60


def test_the_table_has_the_figures_of_each_group() -> None:
    one = person()
    right = tuple(n < 30 for n in range(SHOWINGS))
    rows = tuple(range(SHOWINGS))
    lives = [Life(one, "oracle", rows, (True,) * SHOWINGS), Life(one, "ours", rows, right)]
    table = taste_table(HALL, lives)
    figures = table["one taste"]["ours"]
    assert figures["hits 1-20"] == 1.0
    assert figures["hits 21-50"] == pytest.approx(10 / 30, abs=1e-3)
    assert figures["regret"] == 20
    assert figures["coverage"] == pytest.approx(SHOWINGS / len(HALL.works), abs=1e-3)
    assert 0 < figures["surprise"] < figures["diversity"] < 1
    assert set(table) == {"one taste", "everyone"}
    curve = hits_over_time(lives)["ours"]
    assert (curve[0], curve[29], curve[-1]) == (1.0, 1.0, 0.0)


# -- leave one like out ---------------------------------------------------------------------------


def past(style: int, likes: int) -> list[Reaction]:
    at = datetime(2026, 5, 1, tzinfo=UTC)
    return [
        Reaction("anna", f"p:{style * OF_EACH + n}", "like", at + timedelta(hours=n))
        for n in range(likes)
    ]


def left_out(reactions: list[Reaction]) -> dict[str, float] | None:
    return replayed(
        "anna",
        reactions,
        [],
        collection=collection_of(view_of(HALL.matrix, [work.artwork.id for work in HALL.works])),
        now=datetime(2026, 5, 3, tzinfo=UTC),
    )


def test_a_like_that_was_left_out_is_found_by_the_others() -> None:
    found = left_out(past(1, 10))
    assert found is not None
    assert found["likes"] == 10
    assert found["mean rank"] > 0.85


def test_likes_without_a_pattern_are_found_by_chance_only() -> None:
    chance = np.random.default_rng(3)
    at = datetime(2026, 5, 1, tzinfo=UTC)
    some = chance.choice(len(HALL.works), 40, replace=False).tolist()
    found = left_out([Reaction("anna", f"p:{row}", "like", at) for row in some])
    assert found is not None
    assert found["mean rank"] < 0.75


def test_two_likes_are_too_few_to_say_anything() -> None:
    assert left_out(past(1, 2)) is None
