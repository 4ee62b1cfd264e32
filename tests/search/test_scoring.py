"""Scores, matches, label hits and variety: facts in, rankings out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glance_agent.domain.artwork import Kin
from glance_agent.domain.folding import folded
from glance_agent.domain.vectors import Matrix, Vector, unit, unit_rows
from glance_agent.search import scoring
from glance_agent.search.calibration import UNCALIBRATED
from glance_agent.search.label_words import (
    LabelAnswer,
    is_descriptive,
    may_be_artist,
    names_artist,
    same_title,
    tokens_of,
)
from glance_agent.search.ranking import Ranked, fused, varied
from glance_agent.search.scoring import Background, Part, Question, Scores, yardstick
from tests.views import view_of

DIMENSION = 64
GAP = np.full(DIMENSION, 0.5)
"""Words lie on one side of pictures, as with every model of two towers."""


def background_of(
    pictures: Matrix, references: Matrix | None, foreign: Matrix | None = None
) -> Background:
    return scoring.background_of(view_of(pictures), references, foreign)


def answer(
    pictures: Matrix, wanted: list[Part], avoided: list[Part], background: Background
) -> Scores:
    """How well each picture answers."""
    view = view_of(pictures)
    return Question(wanted, avoided, background).answer(view, view.sample(len(pictures)))


def world(rows: int = 400, seed: int = 1) -> tuple[Matrix, Matrix]:
    """Pictures around eight themes, and a list of queries near those themes, off to one side."""
    chance = np.random.default_rng(seed)
    themes = chance.normal(size=(8, DIMENSION))
    pictures = themes[chance.integers(0, 8, rows)] + 0.6 * chance.normal(size=(rows, DIMENSION))
    references = np.repeat(themes, 5, axis=0) - GAP + 0.3 * chance.normal(size=(40, DIMENSION))
    return unit_rows(pictures + GAP), unit_rows(references)


def test_a_wish_that_the_library_answers_matches_better_than_one_it_does_not() -> None:
    pictures, references = world()
    background = background_of(pictures, references)
    known = [best_match(pictures, query, background) for query in references]
    chance = np.random.default_rng(7)
    unknown = [unit(chance.normal(size=DIMENSION) - GAP) for _ in range(20)]
    noise = [best_match(pictures, query, background) for query in unknown]
    assert np.median(known) > 0.7
    assert np.median(noise) < np.median(known)


def match_of(scores: Scores, wanted: list[Part], background: Background) -> Scores:
    return yardstick(scores, wanted, background).match(scores)


def best_match(pictures: Matrix, query: Vector, background: Background) -> float:
    """The match of the best work for one phrase."""
    wanted = [Part(query)]
    scores = answer(pictures, wanted, [], background)
    return float(match_of(scores, wanted, background).max())


def test_matches_lie_between_0_and_1_and_keep_the_order() -> None:
    pictures, references = world(rows=900)
    background = background_of(pictures, references)
    scores = np.array([-1e9, -3, -1, 0, 0, 0, 0, 0.0], np.float32)
    match = match_of(scores, [Part(references[0])], background)
    assert match.min() >= 0
    assert match.max() <= 1
    assert (np.diff(match) >= 0).all()
    assert match[2] == pytest.approx(0.5)
    assert match[3] == pytest.approx(0.8, abs=1e-3)


def strangers(pictures: Matrix, references: Matrix, count: int, seed: int) -> Matrix:
    """Phrases that lie away from everything that is asked or shown."""
    chance = np.random.default_rng(seed)
    nobody = chance.normal(size=DIMENSION)
    lead = references.mean(axis=0)
    return unit_rows(lead * 3 + nobody + 1.5 * chance.normal(size=(count, DIMENSION)))


def test_what_nothing_answers_is_told_from_what_something_does() -> None:
    pictures, references = world()
    foreign = strangers(pictures, references, 60, seed=3)
    background = background_of(pictures, references[:30], foreign[:40])
    ordinary = [best_match(pictures, query, background) for query in references[30:]]
    strange = [best_match(pictures, query, background) for query in foreign[40:]]
    assert np.mean(np.array(ordinary) > 0.5) >= 0.9
    assert np.mean(np.array(strange) < 0.5) >= 0.9


def test_what_a_library_is_full_of_is_not_foreign_to_it() -> None:
    pictures, references = world()
    foreign = strangers(pictures, references, 60, seed=3)
    at_home = unit_rows(foreign[np.arange(300) % 30] + 0.05 * pictures[:300])
    crowded = np.vstack([pictures, at_home])
    background = background_of(crowded, references, foreign)
    here = [best_match(crowded, query, background) for query in foreign[:30]]
    away = [
        best_match(pictures, q, background_of(pictures, references, foreign)) for q in foreign[:30]
    ]
    assert np.median(away) < 0.5 < np.median(here)


def test_a_clear_word_beside_a_strange_one_is_half_sure() -> None:
    pictures, references = world()
    foreign = strangers(pictures, references, 40, seed=3)
    background = background_of(pictures, references, foreign)
    both = [Part(references[0]), Part(foreign[0])]
    match = match_of(answer(pictures, both, [], background), both, background).max()
    assert best_match(pictures, foreign[0], background) < match
    assert match < best_match(pictures, references[0], background)


def test_with_few_foreign_phrases_the_pictures_decide_alone() -> None:
    pictures, references = world()
    foreign = strangers(pictures, references, 5, seed=3)
    assert background_of(pictures, references, foreign).calibration is UNCALIBRATED


def test_a_picture_that_answers_everything_is_pushed_down() -> None:
    pictures, references = world()
    hub = unit(references.mean(axis=0) + 0.4 * references[0])
    crowded = np.vstack([pictures, hub[None]])
    scores = answer(crowded, [Part(references[20])], [], background_of(crowded, references))
    plain = crowded @ references[20]
    rank_before = int((plain > plain[-1]).sum())
    rank_after = int((scores > scores[-1]).sum())
    assert rank_after > rank_before


def test_pictures_and_words_count_on_the_scale_of_their_own() -> None:
    pictures, references = world()
    background = background_of(pictures, references)
    by_words = answer(pictures, [Part(references[0])], [], background)
    both = answer(
        pictures, [Part(references[0]), Part(pictures[0], of_picture=True)], [], background
    )
    alone = answer(pictures, [Part(pictures[0], of_picture=True)], [], background)
    assert np.allclose(both, (by_words + alone) / 2, atol=1e-4)


def test_what_is_avoided_sinks_and_what_never_was_there_stays() -> None:
    pictures, references = world()
    background = background_of(pictures, references)
    plain = answer(pictures, [Part(references[0])], [], background)
    without = answer(pictures, [Part(references[0])], [Part(references[0])], background)
    presence = pictures @ references[0]
    far = presence < presence.mean()
    assert np.allclose(plain[far], without[far])
    assert without[presence.argmax()] < plain[presence.argmax()] - 1


def test_only_an_exclusion_is_answered_with_what_has_least_of_it() -> None:
    pictures, references = world()
    scores = answer(pictures, [], [Part(references[0])], background_of(pictures, references))
    assert scores.argmax() == (pictures @ references[0]).argmin()


def test_weights_are_relative() -> None:
    pictures, references = world()
    background = background_of(pictures, references)
    once = answer(pictures, [Part(references[0], 1.0), Part(references[9], 3.0)], [], background)
    twice = answer(pictures, [Part(references[0], 2.0), Part(references[9], 6.0)], [], background)
    assert np.allclose(once, twice, atol=1e-5)


@pytest.mark.parametrize("rows", [0, 1, 2, 5])
def test_a_library_may_be_small(rows: int) -> None:
    pictures, references = world(rows=max(rows, 1))
    pictures = pictures[:rows]
    foreign = strangers(pictures, references, 40, seed=3)
    background = background_of(pictures, references, foreign)
    scores = answer(pictures, [Part(references[0])], [], background)
    assert scores.shape == (rows,)
    assert rows == 0 or np.isfinite(match_of(scores, [Part(references[0])], background)).all()


def test_without_references_pictures_stand_in_for_words() -> None:
    pictures, references = world()
    background = background_of(pictures, None)
    assert background.words == background.pictures
    assert np.isfinite(answer(pictures, [Part(references[0])], [], background)).all()


# -- labels -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "tokens"),
    [
        ("The Water-Lilies", ("water", "lilies")),
        ("a painting of the sea", ("sea",)),
        ("Müller & Søn", ("muller", "son")),
        ("the", ("the",)),
        ("sea sea", ("sea",)),
        ("l'église", ("eglise",)),
        ("dell'acqua", ("acqua",)),
        ("O'Keeffe", ("o'keeffe",)),
        ("ein Hund am See", ("hund", "see")),
        ("un moulin avec des arbres", ("moulin", "arbres")),
        ("een hond met het kind", ("hond", "kind")),
        ("una casa en el campo", ("casa", "campo")),
        ("un gatto con gli uccelli", ("gatto", "uccelli")),
        ("El", ("el",)),
        ("*:^()", ()),
        ("um avião", ("aviao",)),
        ("ett hus vid havet", ("hus", "havet")),
    ],
)
def test_tokens_are_the_telling_words(words: str, tokens: tuple[str, ...]) -> None:
    assert tokens_of(words) == tokens


def test_names_of_artists_are_told_from_words() -> None:
    assert may_be_artist("monet")
    assert not may_be_artist("church")
    assert not may_be_artist("brown")
    assert names_artist(64, 1)
    assert not names_artist(2, 11)
    assert not names_artist(0, 0)


def test_titles_are_compared_without_articles_and_diacritics() -> None:
    assert same_title("water lilies", "The Water Lilies")
    assert same_title("L’Étoile", "l'etoile")
    assert same_title("ein Sommertag", "Sommertag")
    assert not same_title("sea", "The Sea at Night")
    assert not same_title("…", "…")
    assert folded(None) == ""


def test_words_of_colour_and_mood_are_known() -> None:
    assert is_descriptive(("dark", "blue"))
    assert not is_descriptive(("dark", "horse"))


# -- fusion and variety -------------------------------------------------------------------------


def ids(ranked: list[Ranked]) -> list[str]:
    return [r.artwork_id for r in ranked]


def test_a_named_title_leads_then_a_named_artist_then_the_rest() -> None:
    labels = LabelAnswer(titled=("c",), by_artist=("d", "e"), full=("f",))
    assert ids(fused(["a", "b", "e", "d"], labels)) == ["c", "e", "d", "a", "f", "b"]


def test_what_both_rankings_have_beats_what_one_has() -> None:
    assert ids(fused(["a", "b", "c"], LabelAnswer(full=("c", "d"))))[0] == "c"


def test_enough_of_what_only_pictures_answer_is_ranked() -> None:
    labels = LabelAnswer(full=("d", "x"), by_artist=("e",))
    every = ids(fused("abcdef", labels))
    few = ids(fused("abcdef", labels, unlabelled=2))
    assert few == [name for name in every if name not in "cf"]


def test_words_of_colour_on_labels_count_little() -> None:
    by_vector = ["a", "b", "c"]
    plain = fused(by_vector, LabelAnswer(full=("x",)))
    descriptive = fused(by_vector, LabelAnswer(full=("x",), descriptive=True))
    assert ids(plain).index("x") < ids(descriptive).index("x")


class Families:
    """Artists and groups as a test says; a work without a group is its own."""

    def __init__(self, artists: dict[str, str], groups: dict[str, str], by_each: int = 3) -> None:
        self._artists, self._groups, self._by_each = artists, groups, by_each

    def kin(self, artwork_id: str) -> Kin:
        return Kin(self._artists.get(artwork_id), self._groups.get(artwork_id, artwork_id))

    def works_by(self, artist: str) -> int:
        return self._by_each


def arranged(
    ranked: list[Ranked],
    vectors: Matrix | None = None,
    *,
    families: Families = Families({}, {}),  # noqa: B008  # it never changes
    likeness: float = 0.0,
    count: int,
    most_by_artist: int | None = 10,
) -> list[str]:
    return ids(
        varied(
            ranked,
            vectors,
            families=families,
            likeness=likeness,
            count=count,
            most_by_artist=most_by_artist,
        )
    )


def in_order(*names: str) -> list[Ranked]:
    return [Ranked(name, 1 / (60 + rank)) for rank, name in enumerate(names)]


ONE_PAINTER = {"a": "x", "b": "x", "c": "x", "d": "y"}


def test_at_most_two_of_an_artist_lead_and_the_others_fill_up() -> None:
    kept = arranged(in_order(*"abcd"), families=Families(ONE_PAINTER, {}), count=4)
    assert kept == ["a", "b", "d", "c"]


@pytest.mark.parametrize("most_by_artist", [2, None])
def test_an_artist_of_most_or_asked_for_may_lead(most_by_artist: int | None) -> None:
    families = Families(ONE_PAINTER, {}, by_each=3)
    kept = arranged(in_order(*"abcd"), families=families, count=4, most_by_artist=most_by_artist)
    assert kept == ["a", "b", "c", "d"]


def test_near_duplicates_are_answered_once() -> None:
    families = Families({}, {"a": "g", "b": "g"})
    assert arranged(in_order(*"abc"), families=families, count=3) == ["a", "c"]


def test_the_same_picture_again_makes_room_for_another() -> None:
    vectors = unit_rows(np.array([[1, 0, 0], [1, 0.01, 0], [0, 1, 0.0]]))
    assert arranged(in_order(*"abc"), vectors, count=2)[0] == "a"
    rows = unit_rows(np.vstack([np.tile([1, 0, 0], (3, 1)), np.tile([0, 1, 0], (5, 1))]))
    assert arranged(in_order(*"abcdefgh"), rows, count=2) == ["a", "d"]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.sampled_from("abcdefghij"), unique=True, max_size=10),
    st.integers(0, 12),
    st.dictionaries(st.sampled_from("abcdefghij"), st.sampled_from("xy")),
    st.dictionaries(st.sampled_from("abcdefghij"), st.sampled_from("GH")),
)
def test_variety_never_repeats_nor_invents(
    names: list[str], count: int, artists: dict[str, str], groups: dict[str, str]
) -> None:
    vectors = unit_rows(np.random.default_rng(0).normal(size=(len(names), 4)))
    families = Families(artists, groups)
    kept = arranged(in_order(*names), vectors, families=families, likeness=0.2, count=count)
    assert len(kept) == len(set(kept)) <= count
    assert set(kept) <= set(names)
    shown_groups = [groups[name] for name in kept if name in groups]
    assert len(shown_groups) == len(set(shown_groups))
    distinct = len({groups.get(name, name) for name in names})
    assert len(kept) == min(count, distinct)


def test_in_a_small_library_standing_out_says_less() -> None:
    pictures, references = world()
    many = np.concatenate([pictures] * 3)
    small, large = background_of(pictures[:60], references), background_of(many, references)
    assert small.trust == pytest.approx(np.log(60) / np.log(800))
    assert large.trust == 1.0
    scores = np.array([-2.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.0], np.float32)
    there, here = (match_of(scores, [Part(references[0])], b) for b in (large, small))
    # Whether it matches at all is the same; how well is said with less certainty.
    assert there[:2] == pytest.approx(here[:2])
    assert 0.5 < here[-1] < there[-1] == pytest.approx(0.8, abs=0.001)


def test_a_wish_is_as_sure_as_the_most_doubtful_list_finds_it() -> None:
    pictures, references = world()
    nonsense = strangers(pictures, references, 40, seed=3)
    elsewhere = strangers(pictures, references, 40, seed=4)
    view = view_of(pictures)
    one = scoring.background_of(view, references, nonsense).calibration
    other = scoring.background_of(view, references, elsewhere).calibration
    both = scoring.background_of(view, references, nonsense, elsewhere).calibration
    for words in (*references[:5], *nonsense[:5], *elsewhere[:5]):
        least = min(one.discriminants[0].of(words, 0.0), other.discriminants[0].of(words, 0.0))
        assert both.sure(words, 0.0) == pytest.approx(least / both.ordinary)
