"""What people did -> what they like: signs, several tastes, scores and households."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glance_agent.domain.display import Reaction, Showing
from glance_agent.domain.vectors import unit_rows
from glance_agent.domain.view import Numbers
from glance_agent.taste.clusters import clusters, medoid, silhouette, squared_distances
from glance_agent.taste.collection import Collection, collection_of
from glance_agent.taste.explanation import Grounds, Relative, sentence
from glance_agent.taste.feedback import (
    ASKED_FOR_MORE,
    HALF_LIFE,
    LEFT_UP,
    MORE_OF_DISPLAYED,
    SKIPPED,
    Liking,
    Sign,
    recency,
    signs_of,
)
from glance_agent.taste.mood import mood_name, mood_words
from glance_agent.taste.profile import FEW_LIKES, TasteProfile, learned, nearest_liked, sketched
from glance_agent.taste.scoring import Scores, scores_of
from glance_agent.taste.selection import Role, satisfaction, shares
from tests.views import view_of

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
KINDS = 6


def showing(artwork: str, minute: float, verb: str = "next", user: str = "anna") -> Showing:
    parts = {MORE_OF_DISPLAYED: 1.0} if verb == "similar" else {}
    return Showing("wall", artwork, NOW + timedelta(minutes=minute), verb, user, "", None, parts)


def implied(*showings: Showing, user: str = "anna") -> dict[str, float]:
    newest_first = list(reversed(showings))
    return {s.artwork_id: s.value for s in signs_of(user, [], newest_first)}


# -- signs --------------------------------------------------------------------------------------


def test_a_picture_that_is_skipped_at_once_did_not_please() -> None:
    assert implied(showing("a:1", 0), showing("a:2", 0.1)) == {"a:1": SKIPPED}


def test_a_picture_that_hangs_for_its_usual_time_says_nothing() -> None:
    assert implied(*(showing(f"a:{n}", 5 * n) for n in range(6))) == {}


def test_a_picture_that_is_left_up_long_pleased() -> None:
    usual = [showing(f"a:{n}", 5 * n) for n in range(5)]
    assert implied(*usual, showing("a:9", 80)) == {"a:4": LEFT_UP}


def test_a_picture_that_hung_while_nobody_was_there_says_nothing() -> None:
    usual = [showing(f"a:{n}", 5 * n) for n in range(5)]
    assert implied(*usual, showing("a:9", 60 * 20)) == {}


def test_who_asks_for_more_like_it_liked_it() -> None:
    assert implied(showing("a:1", 0), showing("a:2", 1, "similar")) == {"a:1": ASKED_FOR_MORE}


def test_a_sign_belongs_to_who_gave_it() -> None:
    shown = (showing("a:1", 0, user="anna"), showing("a:2", 0.1, user="ben"))
    assert implied(*shown, user="anna") == {}
    assert implied(*shown, user="ben") == {"a:1": SKIPPED}


def test_displays_do_not_mix() -> None:
    other = Showing("desk", "a:2", NOW + timedelta(seconds=2), "next", "anna", "")
    assert implied(showing("a:1", 0), other) == {}


def test_what_was_said_outweighs_what_happened() -> None:
    shown = [showing("a:2", 0.1), showing("a:1", 0)]
    (sign,) = signs_of("anna", [Reaction("anna", "a:1", "like", NOW)], shown)
    assert (sign.value, sign.said) == (1.0, True)


def test_a_sign_counts_half_after_its_half_life() -> None:
    sign = Sign("a:1", 1.0, NOW, said=True)
    assert recency(sign, NOW) == 1.0
    assert recency(sign, NOW + HALF_LIFE) == pytest.approx(0.5)
    assert recency(sign, NOW - HALF_LIFE) == 1.0


# -- tastes -------------------------------------------------------------------------------------


def museum(seed: int = 3, of_each: int = 40) -> Collection:
    """Works of six kinds, in a narrow cone as the pictures of a model are; `a:<kind>-<n>`."""
    chance = np.random.default_rng(seed)
    centres = np.repeat(chance.normal(size=(KINDS, 32)), of_each, axis=0)
    rows = unit_rows(centres + 0.7 * chance.normal(size=centres.shape) + 2.0)
    names = [f"a:{row // of_each}-{row % of_each}" for row in range(rows.shape[0])]
    return collection_of(view_of(rows, names))


MUSEUM = museum()
EVERYTHING = MUSEUM.view.sample(1_000)


def number_of(artwork: str) -> Numbers:
    return MUSEUM.view.numbers_of([artwork])


def scores_by(taste: TasteProfile) -> Scores:
    """How much each work should please."""
    return scores_of(taste, MUSEUM, EVERYTHING)


def said(value: float, kind: int, count: int, days_ago: float = 0) -> list[Sign]:
    at = NOW - timedelta(days=days_ago)
    return [Sign(f"a:{kind}-{n}", value, at, said=True) for n in range(count)]


def taught(*signs: Sign) -> TasteProfile:
    return learned("anna", signs, MUSEUM, now=NOW, chance=np.random.default_rng(0))


def rough(*signs: Sign) -> TasteProfile:
    return sketched("anna", signs, MUSEUM, now=NOW)


def kinds_first(taste: TasteProfile, count: int) -> list[int]:
    known = {*taste.liked.ids, *taste.disliked.ids}
    names = MUSEUM.view.ids_of(EVERYTHING[np.argsort(-scores_by(taste), kind="stable")])
    return [int(n[2]) for n in names if n not in known][:count]


def test_without_signs_every_work_is_as_good() -> None:
    assert taught().empty
    assert not scores_by(taught()).any()


def test_one_like_finds_its_kind() -> None:
    assert kinds_first(taught(*said(1, 2, 1)), 5).count(2) >= 4


def test_two_tastes_are_both_found_and_not_what_lies_between() -> None:
    taste = taught(*said(1, 0, 10), *said(1, 4, 10), *said(-1, 2, 5))
    assert {0, 4} == set(kinds_first(taste, 30))
    assert len(taste.medoids) == 2
    assert sum(m.importance for m in taste.medoids) == pytest.approx(1.0)


def test_the_mean_of_the_likes_counts_while_they_are_few() -> None:
    assert taught(*said(1, 0, FEW_LIKES - 1)).direction is not None
    assert taught(*said(1, 0, FEW_LIKES)).direction is None


def test_rocchio_points_to_the_likes_and_away_from_the_dislikes() -> None:
    sketch = rough(*said(1, 0, 3), *said(-1, 1, 3))
    assert sketch.direction is not None
    middles = [MUSEUM.relative(EVERYTHING[k * 40 :][:40]).mean(axis=0) for k in range(KINDS)]
    cosines = [float(sketch.direction @ middle) for middle in middles]
    assert int(np.argmax(cosines)) == 0
    assert int(np.argmin(cosines)) == 1
    assert rough().direction is None


def test_dislikes_alone_push_away_and_are_not_shown_again() -> None:
    taste = taught(*said(-1, 1, 6))
    assert kinds_first(taste, 100).count(1) == 0
    assert "a:1-0" in taste.refused


def test_newer_likes_count_more() -> None:
    old, new = said(1, 0, 4, days_ago=400), said(1, 5, 4)
    assert taught(*old, *new).medoids[0].artwork_id.startswith("a:5")


def test_works_that_have_left_are_forgotten() -> None:
    gone = Sign("a:gone", 1.0, NOW, said=True)
    assert taught(gone).empty


def test_a_dislike_counts_against_the_taste_that_it_resembles() -> None:
    disliked = [Sign(f"a:0-{n}", -1.0, NOW, said=True) for n in range(30, 33)]
    taste = taught(*said(1, 0, 6), *said(1, 4, 6), *disliked)
    assert {m.artwork_id[2]: m.passed for m in taste.medoids} == {"0": 3, "4": 0}


def test_the_reason_is_the_most_alike_of_the_likes() -> None:
    taste = taught(*said(1, 0, 3), *said(1, 4, 3))
    work = MUSEUM.relative(number_of("a:4-20"))[0]
    assert str(nearest_liked(taste, work)).startswith("a:4")
    assert str(nearest_liked(taste, work, ["a:0-1"])) == "a:0-1"
    assert nearest_liked(taught(), work) is None


def test_a_sketch_scores_without_training() -> None:
    signs = [*said(1, 0, 10), *said(-1, 1, 3)]
    taste = rough(*signs)
    assert taste.anchors is None
    assert set(kinds_first(taste, 10)) == {0}


def test_learning_is_the_same_every_time() -> None:
    signs = [*said(1, 0, 10), *said(-1, 1, 3)]
    assert np.array_equal(scores_by(taught(*signs)), scores_by(taught(*signs)))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, KINDS - 1), st.integers(0, 39), st.floats(-1, 1), st.floats(0, 3000)
        ),
        max_size=40,
    )
)
def test_any_signs_make_finite_scores(drawn: list[tuple[int, int, float, float]]) -> None:
    signs = [
        Sign(f"a:{kind}-{n}", value, NOW - timedelta(days=days), said=True)
        for kind, n, value, days in drawn
    ]
    scores = scores_by(taught(*signs))
    assert scores.shape == (KINDS * 40,)
    assert np.isfinite(scores).all()


def test_an_empty_library_has_no_taste() -> None:
    nothing = collection_of(view_of(np.empty((0, 32), np.float32)))
    taste = learned("anna", said(1, 0, 9), nothing, now=NOW, chance=np.random.default_rng(0))
    assert scores_of(taste, nothing, nothing.view.sample(9)).shape == (0,)


# -- clusters -----------------------------------------------------------------------------------


@pytest.mark.parametrize("parts", [2, 3, 5])
def test_clear_clusters_are_counted(parts: int) -> None:
    chance = np.random.default_rng(parts)
    centres = 10 * np.eye(8)[:parts]
    rows = np.repeat(centres, 12, axis=0) + chance.normal(size=(12 * parts, 8))
    labels = clusters(rows, most=6)
    assert labels.max() + 1 == parts
    assert all(len(set(labels[12 * k : 12 * k + 12].tolist())) == 1 for k in range(parts))


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_few_rows_are_one_cluster(rows: int) -> None:
    assert clusters(np.zeros((rows, 3)), most=6).tolist() == [0] * rows


def test_the_same_row_many_times_is_one_cluster() -> None:
    assert set(clusters(np.ones((9, 3)), most=6).tolist()) == {0}


def test_a_medoid_is_in_the_middle_of_what_weighs() -> None:
    rows = np.array([[0.0], [1.0], [2.0], [10.0]])
    assert medoid(rows, np.array([1.0, 1.0, 1.0, 0.0])) == 1
    assert medoid(rows, np.array([0.0, 0.0, 0.1, 9.0])) == 3


def test_silhouettes_are_near_1_for_clusters_far_apart() -> None:
    rows = np.array([[0.0], [0.1], [9.0], [9.1]])
    apart = silhouette(squared_distances(rows), np.array([0, 0, 1, 1]))
    mixed = silhouette(squared_distances(rows), np.array([0, 1, 0, 1]))
    assert apart > 0.9 > 0 > mixed


# -- households, moods and reasons --------------------------------------------------------------


def test_the_least_satisfied_weighs_most() -> None:
    found = shares({"anna": 1.0, "ben": -0.5, "cleo": 1.0})
    assert found["ben"] > found["anna"] == found["cleo"]
    assert sum(found.values()) == pytest.approx(1.0)
    assert shares({}) == {}


def test_satisfaction_is_what_the_last_showings_were_worth() -> None:
    scores = np.array([9.0, -1.0, 0.5], np.float32)
    assert satisfaction(scores[:0]) == 0.0
    assert satisfaction(scores[:2]) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("mood", "hour", "name"),
    [
        ("time of day", 7, "morning"),
        ("Time of  Day", 12, "day"),
        ("auto", 18, "evening"),
        ("auto", 23, "night"),
        ("auto", 2, "night"),
        ("calm, misty", 7, "calm, misty"),
    ],
)
def test_a_mood_may_follow_the_clock(mood: str, hour: int, name: str) -> None:
    assert mood_name(mood, hour) == name


def test_moods_become_words_that_can_be_seen() -> None:
    assert mood_words("auto", 18) == mood_words("Evening", 3)
    assert mood_words("calm, misty", 3) == "calm, misty"


SEA = Relative("The Sea")


@pytest.mark.parametrize(
    ("grounds", "said"),
    [
        (Grounds(Role.SURE, kin=SEA), "Because you liked “The Sea”"),
        (Grounds(Role.SURE, "anna", SEA), "Because anna liked “The Sea”"),
        (Grounds(Role.NEARBY, kin=SEA), "Not far from “The Sea”, which you liked"),
        (Grounds(Role.UNEXPLORED, kin=SEA, new=True), "Something different, and new to you"),
        (Grounds(Role.UNEXPLORED, kin=SEA), "Something different"),
        (Grounds(Role.UNEXPLORED, new=True), "New to you"),
        (Grounds(Role.UNEXPLORED), "Worth another look"),
        (Grounds(Role.NEARBY, mood="calm evening", new=True), "Calm evening mood, and new to you"),
        (Grounds(Role.SURE, kin=SEA, mood="calm"), "Calm mood, and you liked “The Sea”"),
        (Grounds(Role.SURE, kin=SEA, itself=Liking.SAID), "You liked it before"),
        (
            Grounds(Role.SURE, "anna", SEA, Liking.SAID, mood="calm"),
            "Calm mood, and anna liked it before",
        ),
    ],
)
def test_reasons_are_sentences_that_people_would_say(grounds: Grounds, said: str) -> None:
    assert sentence(grounds) == said


@pytest.mark.parametrize(
    ("grounds", "asked", "left"),
    [
        (
            Grounds(Role.SURE, kin=SEA),
            "Because you asked for more like “The Sea”",
            "Because “The Sea” was left up for long",
        ),
        (
            Grounds(Role.NEARBY, "anna", SEA),
            "Not far from “The Sea”, which anna asked for more of",
            "Not far from “The Sea”, which was left up for long",
        ),
        (
            Grounds(Role.SURE, kin=SEA, mood="calm"),
            "Calm mood, and you asked for more like “The Sea”",
            "Calm mood, and “The Sea” was left up for long",
        ),
        (
            Grounds(Role.SURE, itself=Liking.SAID),
            "You asked for more like it before",
            "It was left up for long before",
        ),
        (
            Grounds(Role.SURE, "anna", itself=Liking.SAID, mood="calm"),
            "Calm mood, and anna asked for more like it before",
            "Calm mood, and it was left up for long before",
        ),
    ],
)
def test_a_reason_says_what_happened_where_nobody_said_a_word(
    grounds: Grounds, asked: str, left: str
) -> None:
    for liking, said in ((Liking.ASKED_FOR_MORE, asked), (Liking.LEFT_UP, left)):
        kin = replace(grounds.kin, liking=liking) if grounds.kin else None
        itself = liking if grounds.itself else None
        assert sentence(replace(grounds, kin=kin, itself=itself)) == said
