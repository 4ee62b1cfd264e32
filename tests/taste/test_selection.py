"""Scores -> one work: roles, variety, repeats, and the way back."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glance_agent.domain.display import Showing
from glance_agent.domain.vectors import unit_rows
from glance_agent.taste.selection import (
    NEARBY_SHARE,
    SURE_CHOICES,
    Options,
    Role,
    drawn_taste,
    likeness_to,
    pick,
    repeat_span,
    role_for,
    roused,
    step_back,
)
from tests.views import view_of

RISING = np.linspace(-2, 2, 200, dtype=np.float32)
ALL = np.ones(200, dtype=bool)


def picked(options: Options, role: Role, times: int = 100) -> list[int]:
    chance = Random(1)
    found = [pick(options, role, chance) for _ in range(times)]
    return [p.row for p in found if p is not None]


def test_a_sure_thing_is_among_the_best() -> None:
    rows = picked(Options(ALL, taste=RISING), Role.SURE)
    assert min(rows) >= 200 - SURE_CHOICES
    assert len(set(rows)) > 1


def test_the_neighbourhood_is_wider() -> None:
    many = np.linspace(-2, 2, 2_000, dtype=np.float32)
    rows = picked(Options(np.ones(2_000, dtype=bool), taste=many), Role.NEARBY)
    assert 2_000 * (1 - NEARBY_SHARE) <= min(rows) < 2_000 - SURE_CHOICES


def test_the_unexplored_is_far_from_what_is_known_and_still_plausible() -> None:
    known = np.where(np.arange(200) % 2, np.float32(1), np.float32(0))
    rows = picked(Options(ALL, taste=RISING, known=known), Role.UNEXPLORED)
    assert min(rows) >= 100
    assert all(row % 2 == 0 for row in rows)


def test_without_a_taste_everything_is_plausible() -> None:
    assert min(picked(Options(ALL), Role.UNEXPLORED)) < 60


def test_nothing_that_is_not_allowed_is_picked() -> None:
    allowed = ALL.copy()
    allowed[5:] = False
    for role in Role:
        assert set(picked(Options(allowed, taste=RISING), role)) <= set(range(5))
    assert pick(Options(np.zeros(200, bool), taste=RISING), Role.SURE, Random(1)) is None


def test_a_mood_colours_the_choice() -> None:
    plain = picked(Options(ALL, taste=RISING), Role.SURE)
    coloured = picked(Options(ALL, taste=RISING, mood=-RISING), Role.SURE)
    assert np.mean(coloured) < np.mean(plain)


def test_what_was_just_shown_makes_its_like_unlikely() -> None:
    fatigue = np.zeros(200, np.float32)
    fatigue[190:] = 1.0
    rows = picked(Options(ALL, taste=RISING, fatigue=fatigue), Role.SURE)
    assert max(rows) < 190


def test_orientation_is_a_wish_and_no_law() -> None:
    upright = np.arange(200) >= 195
    rows = picked(Options(ALL, taste=RISING, misfit=upright), Role.SURE)
    assert sum(row < 195 for row in rows) > 50
    only = Options(upright.copy(), taste=RISING, misfit=upright)
    assert set(picked(only, Role.SURE)) <= set(range(195, 200))


def test_the_parts_of_the_score_are_told() -> None:
    found = pick(Options(ALL, taste=RISING, mood=RISING), Role.SURE, Random(3))
    assert found is not None
    assert set(found.parts) == {"taste", "mood"}


@pytest.mark.parametrize(
    ("discovery", "sure", "unexplored"),
    [(0, 1.0, 0.0), (20, 0.8, 0.04), (80, 0.2, 0.64), (100, 0.0, 1.0)],
)
def test_discovery_shares_out_the_roles(discovery: int, sure: float, unexplored: float) -> None:
    chance = Random(1)
    roles = Counter(role_for(discovery, chance) for _ in range(4000))
    assert roles[Role.SURE] / 4000 == pytest.approx(sure, abs=0.03)
    assert roles[Role.UNEXPLORED] / 4000 == pytest.approx(unexplored, abs=0.03)


@pytest.mark.parametrize(
    ("discovery", "lately", "now"),
    [
        (20, (), 20),
        (20, (False,) * 5, 20),
        (20, (False,) * 6, 60),
        (20, (True,) * 20 + (False,) * 6, 60),
        (20, (False,) * 5 + (True,), 38),
        (20, (False,) * 4 + (True,) * 2, 20),
        (80, (False,) * 6, 80),
        (0, (False,) * 6, 0),
    ],
)
def test_who_likes_hardly_anything_any_more_is_led_further(
    discovery: int, lately: tuple[bool, ...], now: int
) -> None:
    assert roused(discovery, lately) == now


def test_a_taste_that_pleases_has_its_turn_more_often_and_no_taste_never() -> None:
    chance = Random(1)
    turns = Counter(drawn_taste([0.5, 0.5], [9, 3], [1, 9], chance) for _ in range(1000))
    assert turns[0] > turns[1] > 0
    even = Counter(drawn_taste([0.5, 0.5], [5, 5], [0, 0], chance) for _ in range(1000))
    assert even[0] == pytest.approx(500, abs=60)


def test_likeness_is_none_to_nothing_and_whole_to_itself() -> None:
    rows = unit_rows(np.eye(4))
    view, works = view_of(rows), np.arange(4)
    assert not likeness_to(view, works, rows[:0], 0.3).any()
    assert likeness_to(view, works, rows[1:2], 0.3).tolist() == [0, 1, 0, 0]


@pytest.mark.parametrize(
    ("choices", "window", "span"),
    [(0, 50, 0), (1, 50, 0), (2, 50, 1), (40, 50, 39), (1000, 50, 500), (60, 50, 50)],
)
def test_the_window_without_repeats_grows_with_the_library(
    choices: int, window: int, span: int
) -> None:
    assert repeat_span(choices, window) == span


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 60), st.integers(0, 80), st.integers(0, 2**31), st.sampled_from(list(Role)))
def test_no_repeats_within_the_window(size: int, window: int, seed: int, role: Role) -> None:
    chance = Random(seed)
    taste = np.random.default_rng(seed).normal(size=size).astype(np.float32)
    span, shown = repeat_span(size, window), list[int]()
    for _ in range(40):
        allowed = np.ones(size, dtype=bool)
        allowed[shown[-span:] if span else []] = False
        found = pick(Options(allowed, taste=taste), role, chance)
        assert found is not None
        assert found.row not in (shown[-span:] if span else [])
        shown.append(found.row)


def shown(*steps: str) -> list[Showing]:
    """Showings, newest first; `<` is a step back to the work that follows it."""
    at = datetime(2026, 5, 1, tzinfo=UTC)
    made = [
        Showing("wall", s.lstrip("<"), at, "previous" if s.startswith("<") else "next", "x", "")
        for s in steps
    ]
    return made[::-1]


def artwork_of(showing: Showing | None) -> str | None:
    return showing.artwork_id if showing else None


@pytest.mark.parametrize(
    ("steps", "back"),
    [
        ((), None),
        (("a",), None),
        (("a", "b"), "a"),
        (("a", "b", "<a"), None),
        (("a", "b", "c", "<b"), "a"),
        (("a", "b", "c", "<b", "d"), "b"),
        (("a", "b", "a", "c", "<a"), "b"),
        (("a", "a"), None),
        (("<a", "b"), "a"),
    ],
)
def test_the_way_back(steps: tuple[str, ...], back: str | None) -> None:
    assert artwork_of(step_back(shown(*steps))) == back


@pytest.mark.parametrize(
    ("steps", "back"),
    [
        (("a", "x"), "a"),
        (("a", "x", "b"), "a"),
        (("x", "b"), None),
        (("a", "x", "y", "b"), "a"),
        (("a", "x", "a"), None),
        # One step over x and y undoes them too: the next one goes on behind a.
        (("z", "a", "x", "y", "b", "<a"), "z"),
        (("a", "x", "b", "<x", "c"), "a"),
    ],
)
def test_the_way_back_leads_over_what_is_barred(steps: tuple[str, ...], back: str | None) -> None:
    assert artwork_of(step_back(shown(*steps), {"x", "y"})) == back
