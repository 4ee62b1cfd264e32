"""The showing verbs over a real store: found, chosen, hung, and the reason given."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np
import pytest

from glance_agent.commands.show import ShowingCommands
from glance_agent.commands.stores import Choices, CurrentIndex, Stores
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.display import DisplaySettings, Reaction
from glance_agent.domain.errors import CommandError, ErrorCode
from glance_agent.domain.items import SoFar, StoredWork
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.picture_verbs import Next, Previous, Search, Show, Similar
from glance_agent.domain.vectors import Vector, unit
from glance_agent.domain.view import View
from glance_agent.embedding.pairing import AbsentEncoder
from glance_agent.ingest.progress import Arrivals
from glance_agent.search.engine import ANSWERS_FROM
from glance_agent.search.query_embedding import TextEncoder
from glance_agent.search.reference_queries import COMMON_WORDS
from glance_agent.store.connection import open_database
from glance_agent.store.history import History
from glance_agent.store.index import VectorIndex
from glance_agent.store.labels import Labels
from glance_agent.store.library import Library
from glance_agent.store.query_vectors import PHRASES_KEPT, QueryVectorCache

WALL = "wall"
SUBJECTS = ("sea", "forest", "city", "portrait", "flowers", "night")
TITLES = {("sea", 3): "The Sea", ("night", 5): "City without Night"}
DIMENSION = 24
LIKE_IT = Similar()


class SubjectEncoder:
    """Words lie where their subjects lie; a picture's place is its subject's, a little off.

    Other words that people use of pictures lie on one side, letters without a meaning on another.
    """

    space = "subjects:1"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed_text(self, text: str) -> Vector:
        self.asked.append(text)
        words = set(text.lower().replace(",", " ").split())
        direction = np.full(DIMENSION, 0.05)
        for place, subject in enumerate(SUBJECTS):
            direction[place] += subject in words
        for word in words.difference(SUBJECTS):
            first = 6 if word in COMMON_WORDS else 12
            direction[first + sum(map(ord, word)) % 6] += 0.4
        return unit(direction)


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, 19, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


class Museum:
    """A library of six subjects, eight works of each, and what shows it."""

    def __init__(self, path: Path, encoder: TextEncoder | None = None) -> None:
        self.db = open_database(path / "library.db", synchronous="NORMAL")
        self.library, self.history = Library(self.db), History(self.db)
        self.encoder = SubjectEncoder()
        self.index = VectorIndex(self.encoder.space, DIMENSION)
        self.clock = Clock()
        chance = np.random.default_rng(5)
        with self.db.atomic():
            for subject in SUBJECTS:
                for number in range(8):
                    self.hang(subject, number, chance)
        self.showing = self.showing_of(self.index, encoder)

    def showing_of(
        self,
        index: CurrentIndex,
        encoder: TextEncoder | None = None,
        arriving: Callable[[], SoFar | None] = lambda: None,
    ) -> ShowingCommands:
        return ShowingCommands(
            Stores(self.library, self.history, Labels(self.db), QueryVectorCache(self.db)),
            index,
            encoder or self.encoder,
            choices=Choices(5, DisplaySettings(discovery=0), {WALL: "landscape"}),
            arriving=arriving,
            clock=self.clock,
            chance=Random(7),
        )

    def hang(self, subject: str, number: int, chance: np.random.Generator) -> None:
        direction = np.full(DIMENSION, 0.3) + 0.12 * chance.normal(size=DIMENSION)
        direction[SUBJECTS.index(subject)] += 1.0
        work = Artwork(
            id=f"{subject}:{number}",
            title=TITLES.get((subject, number), f"Opus {subject} {number}"),
            artist=f"Painter {'abcdefgh'[number]}{subject}",
            year_from=1800 + number,
            source=subject,
            width=200 if number % 2 else 100,
            height=150,
        )
        stored = StoredWork(
            artwork=work,
            location="-",
            content_hash=work.id,
            fingerprint="-",
            space=self.encoder.space,
            vector=unit(direction),
        )
        self.library.add(subject, str(number), stored)
        self.index.put(work.id, unit(direction))

    def search(self, query: str = "", **keys: object) -> Outcome:
        said = {"query": query, **keys} if query else keys
        return self.does(Search.model_validate(said))

    def next(self, **keys: str) -> Outcome:
        return self.does(Next.model_validate(keys))

    def does(
        self, command: Search | Similar | Next, showing: ShowingCommands | None = None
    ) -> Outcome:
        """Carry out one command, once the model has read its words."""
        showing = showing or self.showing
        understanding = showing.understanding
        understanding.learn(understanding.read(showing.words.unread(command, WALL)))
        understanding.keep()
        outcome: Outcome = getattr(showing, command.verb)(command, WALL)
        return outcome

    def learn(self, user: str) -> None:
        """What the agent does after a reaction, beside the commands."""
        self.showing.adopt_tastes(lesson.learn() for lesson in self.showing.lessons([user]))

    def react(self, kind: str, *artworks: str, user: str = "household") -> None:
        for artwork in artworks:
            assert kind in {"like", "dislike"}
            liking = "like" if kind == "like" else "dislike"
            self.history.react(Reaction(user, artwork, liking, self.clock()))  # type: ignore[arg-type]


@pytest.fixture
def museum(tmp_path: Path) -> Iterator[Museum]:
    made = Museum(tmp_path)
    yield made
    made.db.close()


def found(outcome: Outcome) -> list[str]:
    return [result.artwork.id for result in outcome.reply.results]


def shown(outcome: Outcome) -> str:
    assert outcome.glance is not None
    return outcome.glance.artwork.id


def because(outcome: Outcome) -> str:
    assert outcome.glance is not None
    return outcome.glance.why


# -- search -------------------------------------------------------------------------------------


def test_words_find_what_pictures_show(museum: Museum) -> None:
    outcome = museum.search("a view of the city", limit=5)
    assert {i.split(":")[0] for i in found(outcome)} == {"city"}
    assert shown(outcome) == found(outcome)[0]
    assert outcome.reply.results[0].match > 0.5


def test_a_search_may_leave_the_display_alone(museum: Museum) -> None:
    outcome = museum.search("city", show=False)
    assert outcome.glance is None
    assert museum.showing.current(WALL) is None


def test_an_exact_title_wins(museum: Museum) -> None:
    assert found(museum.search("the sea"))[0] == "sea:3"


def test_a_title_that_denies_something_is_a_title(museum: Museum) -> None:
    outcome = museum.search("city without night")
    assert shown(outcome) == "night:5"
    assert "City without Night" in outcome.reply.message
    assert shown(museum.search("a city without night")).startswith("night:5")
    assert shown(museum.search("show me a quiet city without night")).startswith("city:")


def test_an_artist_wins_and_may_fill_the_list(museum: Museum) -> None:
    assert found(museum.search("paintings by painter cforest"))[0] == "forest:2"


def test_what_is_avoided_is_not_found(museum: Museum) -> None:
    plain = found(museum.search("2:city, night", limit=20, show=False))
    without = found(museum.search("2:city -night", limit=8, show=False))
    assert any(i.startswith("night") for i in plain)
    assert not any(i.startswith("night") for i in without)
    assert found(museum.search("city", **{"not": "night"}, limit=8, show=False)) == [*without]


def test_filters_narrow_the_search(museum: Museum) -> None:
    assert set(found(museum.search("source:city", limit=20))) == {f"city:{n}" for n in range(8)}
    outcome = museum.search("year:1802-1803", limit=20, show=False)
    assert re.match(r"Found \d+; the first is “", outcome.reply.message), outcome.reply.message
    years = museum.search("forest year:1802-1803", limit=20)
    assert {i.split(":")[1] for i in found(years)} == {"2", "3"}


def test_nothing_that_passes_the_filters_is_an_error_with_a_hint(museum: Museum) -> None:
    with pytest.raises(CommandError) as refused:
        museum.search("sea year:1500")
    assert refused.value.code is ErrorCode.NO_MATCH
    assert refused.value.hint


def test_unseen_leaves_out_what_was_shown(museum: Museum) -> None:
    first = shown(museum.search("forest"))
    assert first not in found(museum.search("forest unseen", limit=20))


def test_a_picture_may_be_part_of_the_query(museum: Museum) -> None:
    outcome = museum.search("like:city:1", limit=4)
    assert {i.split(":")[0] for i in found(outcome)} == {"city"}
    assert "city:1" not in found(outcome)


def test_like_this_means_what_is_on_the_display(museum: Museum) -> None:
    museum.showing.show(Show(artwork="flowers:1"), WALL)
    outcome = museum.search("more like this", limit=4)
    assert {i.split(":")[0] for i in found(outcome)} == {"flowers"}


def test_nothing_really_matches_is_an_answer(museum: Museum) -> None:
    # As the agent does while nobody waits: a command reads only as many as there is time for.
    while not museum.showing.understanding.prepare(60.0):
        pass
    outcome = museum.search("zzyzx qqq", limit=3)
    assert outcome.reply.ok
    assert "Nothing really matches" in outcome.reply.message
    assert all(result.match < 0.6 for result in outcome.reply.results)
    assert "weak" in outcome.reply.results[0].why


def test_hidden_works_are_never_found(museum: Museum) -> None:
    museum.library.hide("sea:3")
    assert "sea:3" not in found(museum.search("the sea", limit=20))


def test_without_a_model_labels_still_answer_and_it_is_said(tmp_path: Path) -> None:
    museum = Museum(tmp_path, AbsentEncoder("it is not installed"))
    outcome = museum.search("the sea")
    assert found(outcome)[0] == "sea:3"
    assert "No model" in outcome.reply.message
    with pytest.raises(CommandError) as refused:
        museum.search("zzyzx")
    assert "without a model" in refused.value.message
    museum.db.close()


def test_without_a_model_filters_do_not_bring_back_what_is_hidden(tmp_path: Path) -> None:
    museum = Museum(tmp_path, AbsentEncoder("it is not installed"))
    museum.library.hide("sea:3")
    assert set(found(museum.search("source:sea", limit=20))) == {
        f"sea:{number}" for number in range(8) if number != 3
    }
    museum.db.close()


def test_without_a_model_the_next_work_is_chosen_by_chance(tmp_path: Path) -> None:
    museum = Museum(tmp_path, AbsentEncoder("it is not installed"))
    museum.showing = museum.showing_of(VectorIndex("none", 1), AbsentEncoder("it is not installed"))
    museum.library.hide("sea:3")
    museum.react("dislike", "sea:4")
    outcomes = [museum.next() for _ in range(22)]
    up = [shown(outcome) for outcome in outcomes]
    assert len(set(up)) == len(up), "nothing comes back before half of the library was shown"
    assert not {"sea:3", "sea:4"} & set(up)
    assert {because(outcome) for outcome in outcomes} == {"New to you"}
    works = museum.library.get_many(up)
    assert {work.orientation for work in works} == {"landscape"}, "as the display hangs"
    museum.db.close()


def test_a_library_without_works_is_said_to_be_empty(museum: Museum) -> None:
    museum.db.execute("DELETE FROM artworks")
    museum.showing = museum.showing_of(VectorIndex(museum.encoder.space, DIMENSION))
    with pytest.raises(CommandError) as refused:
        museum.next()
    assert refused.value.code == ErrorCode.EMPTY_LIBRARY


def test_who_likes_nothing_is_not_shown_what_was_disliked(museum: Museum) -> None:
    disliked = [f"{subject}:{n}" for subject in SUBJECTS for n in range(4)]
    museum.react("dislike", *disliked, user="anna")
    assert not set(disliked) & {shown(museum.next(user="anna")) for _ in range(20)}


def test_while_the_library_is_filled_answers_say_how_far_it_is(museum: Museum) -> None:
    arrivals = Arrivals()
    museum.showing = museum.showing_of(museum.index, arriving=arrivals.now)
    arrivals.note(SoFar(48, 2_000))
    for outcome in (museum.next(), museum.search("the sea"), museum.showing.similar(LIKE_IT, WALL)):
        assert outcome.reply.message.endswith(". 48 of 2,000 pictures are here so far.")
    with pytest.raises(CommandError) as refused:
        museum.search("source:nowhere")
    assert "48 of 2,000 pictures are here so far." in refused.value.hint
    arrivals.note(None)
    assert "so far" not in museum.next().reply.message


def test_what_matches_comes_before_what_does_not(museum: Museum) -> None:
    matches = [r.match for r in museum.search("a city, or forest", limit=40).reply.results]
    answering = [match >= ANSWERS_FROM for match in matches]
    assert answering == sorted(answering, reverse=True)
    assert not all(answering)


@pytest.mark.parametrize("words", ["a city, or forest", "forest", "the sea"])
def test_an_answer_says_where_its_results_are_in_another_order(museum: Museum, words: str) -> None:
    reply = museum.search(words, limit=40).reply
    matches = [result.match for result in reply.results]
    assert reply.varied is (matches != sorted(matches, reverse=True))


def test_parts_of_the_score_travel_with_the_glance(museum: Museum) -> None:
    glance = museum.search("forest").glance
    assert glance is not None
    assert {"label", "picture", "rank"} <= set(glance.parts)


def test_a_query_is_embedded_once(museum: Museum) -> None:
    museum.search("a quiet forest")
    museum.search("A  quiet forest")
    assert museum.encoder.asked.count("a quiet forest") == 1


def test_query_vectors_outlive_the_program(museum: Museum, tmp_path: Path) -> None:
    museum.search("a quiet forest")
    museum.db.close()
    again = Museum(tmp_path)
    again.search("a quiet forest")
    assert "a quiet forest" not in again.encoder.asked
    again.db.close()


def test_the_phrasebook_is_bounded_and_forgets_the_oldest(museum: Museum) -> None:
    book = QueryVectorCache(museum.db)
    some = {f"phrase {n}": unit(np.ones(4)) for n in range(PHRASES_KEPT)}
    book.keep("s", some)
    book.keep("s", {"one more": unit(np.ones(4))})
    kept = book.vectors("s", [*some, "one more"])
    assert len(kept) == PHRASES_KEPT
    assert "one more" in kept


# -- similar ------------------------------------------------------------------------------------


def test_more_like_a_work_is_of_its_kind_and_not_itself(museum: Museum) -> None:
    outcome = museum.showing.similar(Similar(artwork="night:2", limit=4), WALL)
    assert {i.split(":")[0] for i in found(outcome)} == {"night"}
    assert "night:2" not in found(outcome)
    assert outcome.glance is not None
    assert outcome.glance.why == "Because it is like “Opus night 2” by Painter cnight"


def test_more_like_this_never_swings_between_two_works(museum: Museum) -> None:
    museum.showing.show(Show(artwork="night:2"), WALL)
    steps = [shown(museum.showing.similar(Similar(), WALL)) for _ in range(6)]
    assert len(set(steps)) == 6


def test_more_like_nothing_is_refused(museum: Museum) -> None:
    with pytest.raises(CommandError) as refused:
        museum.showing.similar(Similar(), WALL)
    assert refused.value.code is ErrorCode.NOTHING_SHOWN


# -- next and previous --------------------------------------------------------------------------


def test_next_follows_what_was_liked_and_says_so(museum: Museum) -> None:
    museum.react("like", "city:0", "city:1", "city:2")
    museum.react("dislike", "sea:0", "sea:1")
    museum.learn("household")
    chosen = museum.next()
    assert shown(chosen).startswith("city")
    assert chosen.glance is not None
    assert "you liked" in chosen.glance.why.lower()
    assert {"taste", "fatigue", "discovery"} <= set(chosen.glance.parts)


@pytest.mark.parametrize("learned", [False, True])
def test_the_reason_never_claims_a_like_that_nobody_gave(museum: Museum, learned: bool) -> None:
    museum.search("city")
    museum.showing.similar(Similar(), WALL)
    if learned:
        museum.learn("household")
    assert because(museum.next()).startswith("Because you asked for more like “Opus city")
    museum.react("like", *(f"city:{n}" for n in range(8)))
    assert "you liked" in because(museum.next()).lower()


def test_a_picture_that_hung_for_long_is_no_like_in_the_reason(museum: Museum) -> None:
    for work in ("sea:0", "night:0", "forest:0", "city:1"):
        museum.showing.show(Show(artwork=work), WALL)
    museum.clock.now += timedelta(hours=1)
    museum.next()
    museum.learn("household")
    assert because(museum.next()) == "Because “Opus city 1” was left up for long"


def test_a_reaction_counts_before_its_taste_is_learned(museum: Museum) -> None:
    museum.react("like", "city:0", "city:1", "city:2")
    assert shown(museum.next()).startswith("city")
    museum.react("like", "sea:0", "sea:1", "sea:2", "sea:4", "sea:5")
    museum.react("dislike", "city:0", "city:1", "city:2", "city:3")
    assert not shown(museum.next()).startswith("city")


def test_disliked_works_do_not_come_back(museum: Museum) -> None:
    museum.react("like", "city:0", "city:1")
    museum.react("dislike", "city:5")
    assert "city:5" not in {shown(museum.next()) for _ in range(30)}


def test_no_repeats_within_half_of_the_library(museum: Museum) -> None:
    steps = [shown(museum.next()) for _ in range(60)]
    for place in range(1, 60):
        assert steps[place] not in steps[max(0, place - 24) : place]


def test_choosing_goes_on_after_a_picture_has_changed(museum: Museum) -> None:
    first = shown(museum.next())
    for artwork in (first, *(f"sea:{n}" for n in range(8))):
        museum.index.put(artwork, unit(np.random.default_rng(1).normal(size=DIMENSION)))
        assert shown(museum.next())


class Restless:
    """An index in which a work is gone, or back, whenever it is looked at again."""

    def __init__(self, index: VectorIndex) -> None:
        self._index, self.taken = index, 0
        first = index.now().sample(1)
        self._vector = index.now().vectors_of(first)[0]
        self._work = index.now().ids_of(first)[0]

    def now(self) -> View:
        self.taken += 1
        if self.taken % 2:
            self._index.put(self._work, self._vector)
        else:
            self._index.remove([self._work])
        return self._index.now()


@pytest.mark.parametrize(
    "command",
    [
        Search(query="a city by night", limit=48),
        Search(query="-sea", limit=48),
        Similar(artwork="city:1", limit=48),
        Next(),
        Next(mood="night"),
        Next(user="anna"),
    ],
)
def test_a_command_works_on_one_moment_of_the_index(
    museum: Museum, command: Search | Similar | Next
) -> None:
    museum.react("like", "sea:0", "city:1", user="anna")
    museum.learn("anna")
    restless = Restless(museum.index)
    showing = museum.showing_of(restless)
    for _ in range(12):
        before = restless.taken
        assert museum.does(command, showing).reply.ok
        assert restless.taken == before + 1


def test_a_mood_colours_one_choice(museum: Museum) -> None:
    chosen = museum.next(mood="night")
    assert shown(chosen).startswith("night")
    assert chosen.glance is not None
    assert chosen.glance.why == "Night mood, and new to you"


def test_the_household_gets_what_its_people_like(museum: Museum) -> None:
    museum.react("like", "city:0", "city:1", "city:2", user="anna")
    museum.react("like", "flowers:0", "flowers:1", "flowers:2", user="ben")
    for user in ("anna", "ben"):
        museum.learn(user)
    kinds = [shown(museum.next()).split(":")[0] for _ in range(10)]
    assert kinds.count("city") >= 2
    assert kinds.count("flowers") >= 2


def test_a_person_gets_what_that_person_likes(museum: Museum) -> None:
    museum.react("like", "city:0", "city:1", "city:2", user="anna")
    museum.react("like", "flowers:0", "flowers:1", "flowers:2", user="ben")
    assert shown(museum.next(user="ben")).startswith("flowers")
    assert shown(museum.next(user="anna")).startswith("city")


def test_who_said_nothing_gets_what_the_household_likes(museum: Museum) -> None:
    museum.react("like", "city:0", "city:1", "city:2", user="anna")
    assert shown(museum.next(user="guest")).startswith("city")


def test_preparing_ends_and_leaves_nothing_to_the_first_search(museum: Museum) -> None:
    assert not museum.showing.understanding.prepare(0.0)
    assert museum.showing.understanding.prepare(10.0)
    asked = len(museum.encoder.asked)
    museum.search("forest", show=False)
    assert museum.encoder.asked[asked:] in ([], ["forest"])


def test_everyone_is_learned_once(museum: Museum) -> None:
    museum.react("like", "city:0", user="anna")
    assert museum.showing.unlearned() == ["anna"]
    museum.learn("anna")
    assert not museum.showing.unlearned()


def test_preparing_without_a_model_ends(tmp_path: Path) -> None:
    museum = Museum(tmp_path, AbsentEncoder("it is not installed"))
    assert museum.showing.understanding.prepare(1.0)
    museum.db.close()


def test_previous_walks_back(museum: Museum) -> None:
    first, second = shown(museum.next()), shown(museum.next())
    assert first != second
    assert shown(museum.showing.previous(Previous(), WALL)) == first
    with pytest.raises(CommandError) as refused:
        museum.showing.previous(Previous(), WALL)
    assert refused.value.code is ErrorCode.NO_PREVIOUS


def test_like_a_work_without_a_vector_nothing_is_found_and_that_is_said(museum: Museum) -> None:
    museum.index.remove(["sea:1"])
    with pytest.raises(CommandError) as refused:
        museum.search(like="sea:1")
    assert refused.value.code is ErrorCode.NO_MODEL
    assert found(museum.search("forest", like="sea:1"))
    assert found(museum.search(like="sea:2"))
