"""Simulated people and those who choose for them: what the evaluation's figures stand on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import numpy as np
import pytest

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.display import Reaction
from glance_agent.domain.vectors import Vector, unit, unit_rows
from glance_agent.search.query_embedding import Understanding
from glance_agent.store.coded_view import CodedView
from glance_agent.store.index_view import IndexView
from glance_agent.taste.collection import collection_of
from glance_agent.taste.feedback import Sign
from glance_agent.taste.profile import learned
from glance_agent.taste.profiles import known_by
from glance_agent.taste.replay import replayed
from glance_agent.taste.scope import Draws, scope_of
from tests.views import view_of
from tools.evaluation.choosers import ByMean, Forgetful, Ours, choosers_for, hall_of
from tools.evaluation.kept import AS_IT_IS, Engine, Keeping
from tools.evaluation.living import (
    SHOWINGS,
    Life,
    hits_over_time,
    lived,
    lived_in_moods,
    moods_table,
    taste_table,
)
from tools.evaluation.paintings import Exhibition, Labelled
from tools.evaluation.paired import table
from tools.evaluation.people import TURNING_POINT, Person, kinds_of, people
from tools.understood import understand

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
KEPT = hall_of(HALL, AS_IT_IS)


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
    lives = {life.chooser: life for life in lived(KEPT, crowd, seeds=1)[:6]}
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
            chooser = choosers_for(KEPT, twin, crowd, seed=5)[name]
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
    ours, shown = Ours(KEPT, Random(1), 20), list[int]()
    for _ in range(60):
        shown.append(ours.choose())
        ours.told(shown[-1], liked=False)
    assert len(set(shown)) == 60


@pytest.mark.parametrize("engine", Engine)
def test_as_of_a_large_library_few_works_are_weighed(engine: Engine) -> None:
    if engine is Engine.TURBOVEC:
        pytest.importorskip("turbovec", reason="an extra: pip install glance-agent[large]")
    keeping = Keeping(engine, part=80)
    hall = hall_of(HALL, keeping)
    assert isinstance(hall.view, IndexView if engine is Engine.EXACT else CodedView)
    likes = [Sign(f"p:{row}", 1.0, datetime(2026, 5, 1, tzinfo=UTC), said=True) for row in range(9)]
    collection = collection_of(hall.view, hall.limits)
    taste = learned("x", likes, collection, now=likes[0].at, chance=np.random.default_rng(0))
    likely = known_by(taste, collection).likely(hall.view)
    assert len(taste.medoids) * 25 <= likely.size + 25 < len(HALL.works)
    scope = scope_of(hall.view, [likely], Draws(Random(1), hall.limits).again())
    assert 16 <= scope.numbers.size < len(HALL.works)
    lives = {life.chooser: life for life in lived(hall, [person(), person("Cubism")], 1)[:6]}
    assert all(len(set(life.shown)) == SHOWINGS for life in lives.values())
    assert sum(lives["ours, discovery 20"].pleased) > 1.5 * sum(lives["random"].pleased)


def test_in_a_mood_works_of_its_kind_come_whoever_asks() -> None:
    words = {kind: HALL.matrix[KINDS[kind]].mean(axis=0) for kind in STYLES}
    meaning = Understanding(Reading(words), Forgetful(), references=())
    understand(meaning, ["Cubism"])
    hall = hall_of(HALL, AS_IT_IS, meaning)
    lives = lived_in_moods(hall, [person()], ["Cubism"], seeds=2)
    assert [life.chooser for life in lives] == ["Cubism", "Cubism"]
    assert lives[0].shown != lives[1].shown
    found = moods_table(KINDS, lives)
    assert found["all"] == found["Cubism"]
    assert found["all"]["in the mood"] > 0.5
    assert found["all"]["both"] == 0, "no work is of both styles"
    assert found["all"]["pleased"] + found["all"]["in the mood"] <= 1


class Reading:
    """Words that mean what they are told to."""

    space = "toy"

    def __init__(self, meant: Mapping[str, Vector]) -> None:
        self._meant = meant

    def embed_text(self, text: str) -> Vector:
        return unit(next(self._meant[word] for word in self._meant if word.casefold() in text))


# -- one evaluation beside another ----------------------------------------------------------------


def report(*pleased: str) -> dict[str, Any]:
    lives = [
        {"person": f"p{n}", "group": "g", "chooser": "ours", "pleased": marks}
        for n, marks in enumerate(pleased)
    ]
    return {"lives": lives}


def test_lives_of_the_same_people_are_compared() -> None:
    one = report("1" * 20 + "0" * 30, "0" * 50, "1" * 50)
    other = report("1" * 20 + "1" * 30, "0" * 50, "1" * 44 + "0" * 6)
    found = {name: figures for name, chooser, figures in table(one, other) if chooser == "ours"}
    assert [*found["hits 1-20"]] == pytest.approx([2 / 3, 0, 0, 3])
    mean, more, error, lives = found["hits 21-50"]
    assert mean == pytest.approx(1 / 3)
    assert lives == 3
    assert more == pytest.approx((1 + 0 - 0.2) / 3)
    assert error == pytest.approx(float(np.std([1, 0, -0.2], ddof=1)) / 3**0.5)
    assert "in the mood" not in found


def test_lives_of_others_are_not_compared() -> None:
    one, other = report("1", "0"), report("1", "0")
    other["lives"].reverse()
    with pytest.raises(ValueError, match="not of the same lives"):
        list(table(one, other))


def test_the_table_has_the_figures_of_each_group() -> None:
    one = person()
    right = tuple(n < 30 for n in range(SHOWINGS))
    rows = tuple(range(SHOWINGS))
    lives = [Life(one, "oracle", rows, (True,) * SHOWINGS), Life(one, "ours", rows, right)]
    found = taste_table(HALL, lives)
    figures = found["one taste"]["ours"]
    assert figures["hits 1-20"] == 1.0
    assert figures["hits 21-50"] == pytest.approx(10 / 30, abs=1e-3)
    assert figures["regret"] == 20
    assert figures["coverage"] == pytest.approx(SHOWINGS / len(HALL.works), abs=1e-3)
    assert 0 < figures["surprise"] < figures["diversity"] < 1
    assert set(found) == {"one taste", "everyone"}
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
