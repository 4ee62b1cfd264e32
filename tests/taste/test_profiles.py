"""Tastes between commands: sketched at once, learned beside, noticed when others change them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from glance_agent.domain.display import Reaction, Showing
from glance_agent.domain.values import HOUSEHOLD
from glance_agent.domain.vectors import top, unit, unit_rows
from glance_agent.store.connection import open_database
from glance_agent.store.history import History
from glance_agent.store.index import VectorIndex
from glance_agent.taste import profiles, scoring
from glance_agent.taste.feedback import MORE_OF_DISPLAYED
from glance_agent.taste.profile import TasteProfile
from glance_agent.taste.profiles import Known, Lesson, Profiles
from glance_agent.taste.scope import Weighing
from glance_agent.taste.scoring import Scores

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
OF_EACH = 30


@pytest.fixture
def past(tmp_path: Path) -> Iterator[History]:
    database = open_database(tmp_path / "glance.db", synchronous="NORMAL")
    yield History(database)
    database.close()


@pytest.fixture
def index() -> VectorIndex:
    """Works of four kinds: `a:<kind>-<n>`."""
    chance = np.random.default_rng(5)
    centres = np.repeat(chance.normal(size=(4, 16)), OF_EACH, axis=0)
    rows = unit_rows(centres + 0.5 * chance.normal(size=centres.shape) + 1.5)
    index = VectorIndex("test", 16)
    index.load([f"a:{row // OF_EACH}-{row % OF_EACH}" for row in range(len(rows))], rows)
    return index


class Asked:
    """The tastes, asked about the library as it is at that moment."""

    def __init__(self, past: History, index: VectorIndex) -> None:
        self.tastes, self.index = Profiles(past, clock=lambda: NOW), index
        self.adopt = self.tastes.adopt

    def known(self, user: str) -> Known:
        return self.tastes.known([user], self.index.now())[user]

    def scores(self, user: str) -> Scores:
        """How much each work should please, by kind: shape (4, n)."""
        view = self.index.now()
        scores = self.known(user).scores(view, view.sample(1_000))
        return scores[: 4 * OF_EACH].reshape(4, OF_EACH)

    def unlearned(self) -> list[str]:
        return self.tastes.unlearned(self.index.now())

    def lesson(self, user: str) -> Lesson:
        return self.tastes.lessons([user], self.index.now())[0]

    def refresh(self, user: str) -> TasteProfile:
        return self.tastes.refresh(user, self.index.now())


@pytest.fixture
def tastes(past: History, index: VectorIndex) -> Asked:
    return Asked(past, index)


def say(past: History, kind: int, count: int, *, user: str = "anna", liked: bool = True) -> None:
    for n in range(count):
        past.react(Reaction(user, f"a:{kind}-{n}", "like" if liked else "dislike", NOW))


def favourite(tastes: Asked, user: str = "anna") -> int:
    """The kind of work that should please most."""
    return int(tastes.scores(user).mean(axis=1).argmax())


def test_a_reaction_counts_before_it_is_learned(past: History, tastes: Asked) -> None:
    say(past, 1, 10)
    tastes.refresh("anna")
    before, scores = tastes.known("anna"), tastes.scores("anna")
    past.react(Reaction("anna", "a:3-0", "like", NOW))
    after = tastes.known("anna")
    gain = (tastes.scores("anna") - scores).mean(axis=1)
    assert int(gain.argmax()) == 3
    assert after.taste.medoids == before.taste.medoids, "nothing is learned on the way"
    past.react(Reaction("anna", "a:1-0", "dislike", NOW))
    assert "a:1-0" in tastes.known("anna").taste.refused


def test_a_first_reaction_counts_at_once(past: History, tastes: Asked) -> None:
    assert not tastes.scores("anna").any()
    say(past, 2, 1)
    assert favourite(tastes) == 2
    assert tastes.known("anna").taste.anchors is None


def test_what_is_known_is_not_made_again(past: History, tastes: Asked) -> None:
    say(past, 2, 3)
    assert tastes.known("anna") is tastes.known("anna")


def test_everyone_is_learned_once(past: History, tastes: Asked) -> None:
    say(past, 1, 3, user="anna")
    say(past, 2, 3, user="ben")
    assert tastes.unlearned() == ["anna", "ben"]
    for lesson in tastes.tastes.lessons(["anna", "ben"], tastes.index.now()):
        tastes.adopt(lesson.learn())
    assert not tastes.unlearned()
    assert (favourite(tastes, "anna"), favourite(tastes, "ben")) == (1, 2)


def test_a_lesson_leaves_reactions_that_came_meanwhile_to_the_next(
    past: History, tastes: Asked
) -> None:
    say(past, 1, 9)
    lesson = tastes.lesson("anna")
    say(past, 1, 9, liked=False)
    tastes.adopt(lesson.learn())
    assert tastes.known("anna").taste.refused == {f"a:1-{n}" for n in range(9)}
    assert tastes.unlearned() == ["anna"]


@pytest.mark.parametrize("change", ["an older like", "a change of mind", "forgotten", "all anew"])
def test_what_another_process_changes_is_noticed(
    past: History, tastes: Asked, tmp_path: Path, change: str
) -> None:
    """Also where the number of reactions and the time of the newest stay as they were."""
    say(past, 1, 3)
    tastes.refresh("anna")
    assert not tastes.unlearned()
    other = open_database(tmp_path / "glance.db", synchronous="NORMAL")
    elsewhere, earlier = History(other), NOW - timedelta(days=9)
    with elsewhere.transaction():
        match change:
            case "an older like":
                elsewhere.react(Reaction("anna", "a:2-0", "like", earlier))
            case "a change of mind":
                elsewhere.react(Reaction("anna", "a:1-0", "dislike", NOW))
            case "forgotten":
                elsewhere.forget("anna", "a:1-0")
    if change == "all anew":
        elsewhere.forget_user("anna")
        elsewhere.merge(Reaction("anna", f"a:3-{n}", "like", NOW) for n in range(3))
    other.close()
    assert tastes.unlearned() == ["anna"]
    liked = set(tastes.known("anna").taste.liked.ids)
    assert liked == {r.artwork_id for r in past.reactions("anna") if r.kind == "like"}
    tastes.refresh("anna")
    assert not tastes.unlearned()


def test_signs_that_nobody_gave_outright_are_learned_too(past: History, tastes: Asked) -> None:
    """A household that only ever asks for more of something has said what it likes."""
    shown = [Showing("wall", "a:2-0", NOW, "next", HOUSEHOLD, "")]
    shown.append(
        Showing(
            "wall",
            "a:2-1",
            NOW + timedelta(minutes=1),
            "similar",
            HOUSEHOLD,
            "",
            parts={MORE_OF_DISPLAYED: 1.0},
        )
    )
    assert tastes.tastes.users() == [HOUSEHOLD]
    tastes.refresh(HOUSEHOLD)
    past.show(shown[0])
    assert not tastes.unlearned(), "one showing says nothing"
    past.show(shown[1])
    assert tastes.unlearned() == [HOUSEHOLD]
    tastes.refresh(HOUSEHOLD)
    assert favourite(tastes, HOUSEHOLD) == 2


def test_a_learned_taste_holds_for_works_that_come(
    past: History, tastes: Asked, index: VectorIndex
) -> None:
    """Nothing of it is dropped at an arrival; after enough of them it is learned anew."""
    say(past, 1, 9)
    say(past, 2, 3, liked=False)
    tastes.refresh("anna")
    before, scores = tastes.known("anna"), tastes.scores("anna")
    rows = index.now().vectors_of(index.now().numbers_of([f"a:{kind}-9" for kind in range(4)]))
    for kind, row in enumerate(rows):
        index.put(f"b:{kind}", row)
    view = index.now()
    assert tastes.known("anna") is before
    assert np.array_equal(tastes.scores("anna"), scores)
    come = before.scores(view, view.numbers_of(f"b:{kind}" for kind in range(4)))
    assert np.allclose(come, scores[:, 9], atol=1e-4)
    assert not tastes.unlearned()
    for number in range(4 * OF_EACH // 20):
        index.put(f"c:{number}", unit(np.random.default_rng(number).normal(size=16)))
    assert tastes.known("anna") is before
    assert tastes.unlearned() == ["anna"]


def test_a_work_that_changes_is_scored_anew(
    past: History, tastes: Asked, index: VectorIndex
) -> None:
    say(past, 1, 9)
    tastes.refresh("anna")
    before = tastes.scores("anna")
    liked = index.now().vectors_of(index.now().numbers_of(["a:1-20"]))[0]
    index.put("a:3-20", liked)
    view = index.now()
    known = tastes.known("anna")
    changed = known.scores(view, view.numbers_of(["a:3-20"]))[0]
    assert changed == pytest.approx(before[1, 20], abs=1e-4)
    index.remove(["a:3-20"])
    assert index.now().number_of("a:3-20") is None
    assert view.number_of("a:3-20") is not None


def test_a_sketch_is_made_again_as_the_library_grows(
    past: History, tastes: Asked, index: VectorIndex
) -> None:
    say(past, 1, 2)
    sketch = tastes.known("anna")
    index.put("b:0", unit(np.ones(16)))
    assert tastes.known("anna") is sketch
    for number in range(4 * OF_EACH // 10):
        index.put(f"c:{number}", unit(np.random.default_rng(number).normal(size=16)))
    assert tastes.known("anna") is not sketch


def test_forgetting_someone_leaves_nothing_to_learn_from(past: History, tastes: Asked) -> None:
    say(past, 1, 9)
    say(past, 2, 9, user="ben")
    past.show(Showing("wall", "a:1-20", NOW, "next", "anna", ""))
    past.show(Showing("wall", "a:1-21", NOW + timedelta(seconds=1), "next", "anna", ""))
    tastes.refresh("anna")
    assert past.forget_user("anna") == 9
    assert not tastes.scores("anna").any()
    assert tastes.refresh("anna").empty
    assert favourite(tastes, "ben") == 2
    assert past.recent_ids("wall", 5) == ["a:1-21", "a:1-20"], "what was shown stays known"


def test_of_a_large_library_those_are_weighed_that_suit_a_taste_best(
    past: History, tastes: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    tastes.tastes.limits = Weighing(whole=OF_EACH, best_of_each=OF_EACH)
    monkeypatch.setattr(scoring, "MEASURED_ON", 2 * OF_EACH - 7)
    say(past, 1, 5)
    say(past, 2, 5)
    say(past, 3, 9, liked=False)
    tastes.refresh("anna")
    view = tastes.index.now()
    everything = view.sample(len(view))
    best = top(tastes.known("anna").scores(view, everything), OF_EACH)
    assert set(tastes.known("anna").likely(view)) == set(everything[best])


def test_what_was_shown_is_read_once_for_the_tastes_of_everyone(
    past: History, tastes: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [f"guest {n}" for n in range(9)]
    for number, user in enumerate(people):
        past.react(Reaction(user, f"a:1-{number}", "like", NOW))
        past.show(Showing("wall", f"a:2-{number}", NOW, "next", user, ""))
    readings = []
    read = past.showings

    def counted(display: str | None, limit: int) -> list[Showing]:
        readings.extend([limit] * (limit > 1))
        return read(display, limit)

    monkeypatch.setattr(past, "showings", counted)
    assert tastes.unlearned() == people
    view = tastes.index.now()
    tastes.tastes.known(people, view)
    assert len(readings) == 1
    lessons = tastes.tastes.lessons(people, view)
    assert len(readings) == 2
    assert [len(lesson.signs) for lesson in lessons] == [1, *[2] * 8]
    tastes.tastes.known(["who never asked for anything"], view)
    assert len(readings) == 2


def test_tastes_that_nobody_uses_are_put_away(
    past: History, tastes: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiles, "HELD", 4)
    monkeypatch.setattr(profiles, "GATHERED", 3)
    people = [f"guest {n}" for n in range(9)]
    for number, user in enumerate(people):
        past.react(Reaction(user, f"a:1-{number}", "like", NOW))
    last = people[-3:]
    assert tastes.tastes.users() == tastes.unlearned() == last
    for user in last:
        tastes.refresh(user)
    assert not tastes.unlearned()
    # Whoever comes back is known by a sketch at once, and learned when there is time.
    best = tastes.scores("guest 0").mean(axis=1).argmax()
    assert best == 1
    assert tastes.unlearned() == ["guest 0"]
    tastes.refresh("guest 0")
    assert not tastes.unlearned()
    tastes.known("guest 1")
    assert len(tastes.tastes._held) == 4
    past.react(Reaction("guest 2", "a:2-5", "like", NOW))
    assert tastes.tastes.users() == ["guest 2", "guest 7", "guest 8"]
