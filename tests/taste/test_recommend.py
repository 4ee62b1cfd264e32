"""The next work: by whose taste, never what is hidden, disliked or just shown, and why."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from glance_agent.domain.artwork import Artwork, Filters
from glance_agent.domain.display import Reaction, Showing
from glance_agent.domain.errors import ModelError
from glance_agent.domain.items import StoredWork
from glance_agent.domain.values import HOUSEHOLD
from glance_agent.domain.vectors import Matrix, Vector, unit, unit_rows
from glance_agent.search.hits import Hit
from glance_agent.search.query_embedding import Understanding
from glance_agent.store.connection import open_database
from glance_agent.store.history import History
from glance_agent.store.index import VectorIndex
from glance_agent.store.library import Library
from glance_agent.store.query_vectors import QueryVectorCache
from glance_agent.taste.profiles import Profiles
from glance_agent.taste.recommend import Recommender
from glance_agent.taste.scope import USUAL, Weighing
from glance_agent.taste.wish import Wish
from tools.understood import understand

NOW = datetime(2026, 5, 1, 18, tzinfo=UTC)
KINDS = ("calm", "wild", "bright", "dark", "plain")
OF_EACH = 40
DIMENSION = 24
CENTRES = np.random.default_rng(4).normal(size=(len(KINDS), DIMENSION))


class Reading:
    """Words that are kinds lie where works of the kind do; others cannot be understood."""

    space = "test"

    def embed_text(self, text: str) -> Vector:
        if text not in KINDS:
            raise ModelError(f"no such kind: {text}")
        return unit(CENTRES[KINDS.index(text)] + 1.0)


@dataclass
class Gallery:
    """A library of five kinds of works, and what chooses from it."""

    library: Library
    history: History
    index: VectorIndex
    tastes: Profiles
    recommender: Recommender
    understanding: Understanding
    now: datetime = NOW

    def say(self, user: str, kind: str, count: int, *, liked: bool = True) -> None:
        for n in range(count):
            verb = "like" if liked else "dislike"
            self.history.react(Reaction(user, f"a:{kind}-{n}", verb, NOW))  # type: ignore[arg-type]
        self.tastes.refresh(user, self.index.now())

    def suggest(self, user: str = HOUSEHOLD, **changes: object) -> Hit:
        said: dict[str, Any] = {"mood": None, "discovery": 0, "window": 20} | changes
        understand(self.understanding, self.recommender.texts(said["mood"]))
        hit = self.recommender.suggest(Wish("wall", user, **said), self.index.now())
        assert hit is not None
        return hit

    def live(self, steps: int, user: str = HOUSEHOLD, **changes: object) -> list[Hit]:
        """Choose and show, again and again, five minutes apart."""
        hits = []
        for _ in range(steps):
            self.now += timedelta(minutes=5)
            hits.append(self.suggest(user, **changes))
            showing = Showing("wall", hits[-1].artwork_id, self.now, "next", user, "")
            self.history.show(showing)
        return hits


def kind_of(hit: Hit) -> str:
    return hit.artwork_id[2:].partition("-")[0]


@pytest.fixture(scope="module")
def hung(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str], Matrix]:
    """A library, not to be changed; the names of its works, and their vectors. Every second work of
    a kind stands upright."""
    chance = np.random.default_rng(9)
    centres = np.repeat(CENTRES, OF_EACH, axis=0)
    rows = unit_rows(centres + 0.6 * chance.normal(size=centres.shape) + 1.0)
    names = [f"a:{kind}-{n}" for kind in KINDS for n in range(OF_EACH)]
    path = tmp_path_factory.mktemp("hung") / "glance.db"
    with closing(open_database(path, synchronous="NORMAL")) as database, database.atomic():
        for number, name in enumerate(names):
            size = (300, 400) if number % 2 else (400, 300)
            work = Artwork(id=name, title=name[2:], source="a", width=size[0], height=size[1])
            stored = StoredWork(work, "-", name, "-", "test", rows[number])
            Library(database).add("a", name, stored)
    return path, names, rows


@pytest.fixture(params=["weighed as a whole", "too large for that"])
def gallery(
    tmp_path: Path,
    hung: tuple[Path, list[str], Matrix],
    request: pytest.FixtureRequest,
) -> Iterator[Gallery]:
    """A copy of the library, to live in."""
    limits = USUAL
    if request.param == "too large for that":
        half = OF_EACH * len(KINDS) // 2
        limits = Weighing(whole=half, drawn=half // 2, best_of_each=OF_EACH // 2)
    made, names, rows = hung
    path = tmp_path / "glance.db"
    shutil.copy(made, path)
    database = open_database(path, synchronous="NORMAL")
    library, history = Library(database), History(database)
    index = VectorIndex("test", DIMENSION)
    index.load(names, rows)
    tastes = Profiles(history, clock=lambda: found.now, limits=limits)
    understanding = Understanding(Reading(), QueryVectorCache(database), references=())
    recommender = Recommender(
        library,
        history,
        tastes,
        understanding=understanding,
        clock=lambda: found.now,
        chance=Random(3),
    )
    found = Gallery(library, history, index, tastes, recommender, understanding)
    yield found
    database.close()


def kinds(hits: list[Hit]) -> Counter[str]:
    return Counter(kind_of(hit) for hit in hits)


def test_what_is_liked_comes_with_its_reason(gallery: Gallery) -> None:
    gallery.say("anna", "calm", 5)
    hits = gallery.live(12, "anna")
    assert kinds(hits)["calm"] >= 10
    reasons = Counter(hit.why.partition("“")[0].strip() for hit in hits)
    assert set(reasons) <= {"Because anna liked", "Anna liked it before"}
    assert all({"taste", "fatigue", "discovery"} <= set(hit.parts) for hit in hits)


def test_several_tastes_have_their_days(gallery: Gallery) -> None:
    gallery.say("anna", "calm", 8)
    gallery.say("anna", "wild", 8)
    shown = kinds(gallery.live(30, "anna"))
    assert min(shown["calm"], shown["wild"]) >= 8
    assert shown["calm"] + shown["wild"] >= 27


def test_before_anybody_said_anything_everything_has_its_turn(gallery: Gallery) -> None:
    hits = gallery.live(25)
    assert set(kinds(hits)) == set(KINDS)
    assert {hit.why for hit in hits} == {"New to you"}


def test_discovery_leads_to_what_is_not_known(gallery: Gallery) -> None:
    gallery.say("anna", "calm", 10)
    known = kinds(gallery.live(20, "anna", discovery=0))["calm"]
    unknown = kinds(gallery.live(20, "anna", discovery=100))["calm"]
    assert known > 15
    assert unknown < 5


def test_discovery_reaches_every_work(gallery: Gallery) -> None:
    gallery.say("anna", "calm", 4)
    shown = {hit.artwork_id for hit in gallery.live(260, "anna", discovery=100)}
    assert len(shown) > 0.6 * OF_EACH * len(KINDS)


def test_nothing_hidden_disliked_or_lately_shown_comes(gallery: Gallery) -> None:
    gallery.say("anna", "calm", 6)
    gallery.say("anna", "wild", 6, liked=False)
    gallery.library.hide("a:calm-7")
    hits = [hit.artwork_id for hit in gallery.live(120, "anna", discovery=60)]
    never = {"a:calm-7", *(f"a:wild-{n}" for n in range(6))}
    assert not never & set(hits)
    span = (OF_EACH * len(KINDS) - 1) // 2
    assert all(hit not in hits[max(0, at - span) : at] for at, hit in enumerate(hits))


def test_works_that_are_out_of_reach_are_never_chosen(gallery: Gallery) -> None:
    gallery.say("anna", "calm", 6)
    gallery.library.db.execute("UPDATE artworks SET source = 'nas' WHERE id LIKE 'a:calm-%'")
    gallery.library.leave_alone("nas")
    assert kinds(gallery.live(30, "anna"))["calm"] == 0
    gallery.library.leave_alone("a")
    wish = Wish("wall", "anna", mood=None, discovery=0, window=20)
    assert gallery.recommender.suggest(wish, gallery.index.now()) is None
    assert gallery.library.away() == ["a", "nas"]
    for source in ("nas", "a"):
        gallery.library.come_back(source)
    assert kinds(gallery.live(30, "anna"))["calm"] > 0


def test_pictures_that_are_kept_here_are_shown_while_their_museum_is_away(
    gallery: Gallery,
) -> None:
    gallery.library.kept_pictures = lambda: {"kept"}
    gallery.library.db.execute("UPDATE artworks SET location = 'kept' WHERE id LIKE 'a:calm-%'")
    gallery.library.leave_alone("a")
    assert set(kinds(gallery.live(30))) == {"calm"}


def test_a_work_that_is_set_aside_comes_again_when_it_is_taken_up(gallery: Gallery) -> None:
    for work in gallery.library.matching(Filters()) - {"a:calm-1", "a:calm-2"}:
        gallery.library.set_aside(work)
    assert {hit.artwork_id for hit in gallery.live(6)} == {"a:calm-1", "a:calm-2"}
    gallery.library.take_up("a:calm-3")
    assert "a:calm-3" in {hit.artwork_id for hit in gallery.live(6)}


def test_few_works_that_are_there_do_not_repeat_while_most_are_away(gallery: Gallery) -> None:
    gallery.library.db.execute("UPDATE artworks SET source = 'nas' WHERE id NOT LIKE 'a:calm-%'")
    gallery.library.leave_alone("nas")
    hits = [hit.artwork_id for hit in gallery.live(3 * OF_EACH, window=5)]
    span = OF_EACH // 2
    assert all(hit not in hits[max(0, at - span) : at] for at, hit in enumerate(hits))


def test_when_everything_is_disliked_something_is_shown_all_the_same(gallery: Gallery) -> None:
    for kind in KINDS:
        gallery.say("anna", kind, OF_EACH, liked=False)
    gallery.say("anna", "calm", 1)
    first = gallery.live(1, "anna")
    assert gallery.live(1, "anna") != first


def test_a_mood_colours_the_choice_and_the_reason(gallery: Gallery) -> None:
    hits = gallery.live(10, mood="wild")
    assert kinds(hits)["wild"] >= 7
    assert {hit.why for hit in hits} == {"Wild mood, and new to you"}
    gallery.say("anna", "calm", 6)
    assert {kind_of(hit) for hit in gallery.live(10, "anna", mood="wild")} <= {"calm", "wild"}


def test_a_mood_that_nobody_understands_is_no_mood(gallery: Gallery) -> None:
    gallery.say("anna", "calm", 5)
    assert kinds(gallery.live(8, "anna", mood="flibberti"))["calm"] >= 6


def test_works_that_fit_the_display_are_preferred(gallery: Gallery) -> None:
    def upright(orientation: str) -> int:
        hits = gallery.live(20, orientation=orientation)
        works = gallery.library.get_many(hit.artwork_id for hit in hits)
        return sum(work.orientation == "portrait" for work in works)

    gallery.say("anna", "calm", 5)
    assert upright("portrait") > upright("landscape")


# -- households -----------------------------------------------------------------------------------


def test_everyone_gets_their_own_and_the_household_gets_both(gallery: Gallery) -> None:
    gallery.say("anna", "calm", 8)
    gallery.say("ben", "dark", 8)
    assert kinds(gallery.live(10, "anna"))["calm"] >= 8
    assert kinds(gallery.live(10, "ben"))["dark"] >= 8
    both = kinds(gallery.live(20))
    assert min(both["calm"], both["dark"]) >= 5


def test_the_least_satisfied_has_the_next_turn(gallery: Gallery) -> None:
    gallery.say("anna", "calm", 8)
    gallery.say("ben", "dark", 8)
    for n in range(12):
        gallery.history.show(Showing("wall", f"a:calm-{10 + n}", NOW, "next", "x", ""))
    assert kinds([gallery.suggest() for _ in range(20)])["dark"] >= 15


def test_who_has_said_nothing_is_shown_what_the_household_likes(gallery: Gallery) -> None:
    gallery.say("anna", "bright", 6)
    assert kinds(gallery.live(8, "guest"))["bright"] >= 6
    assert "anna" in gallery.suggest("guest").why.casefold()


def test_what_anyone_dislikes_does_not_come_for_all(gallery: Gallery) -> None:
    gallery.say("anna", "calm", 8)
    gallery.say("ben", "dark", 4)
    gallery.history.react(Reaction("ben", "a:calm-9", "dislike", NOW))
    assert "a:calm-9" not in {hit.artwork_id for hit in gallery.live(60)}
