"""Words that are avoided: the works whose labels carry them are told alike, many or few."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from glance_agent.config.load import load
from glance_agent.domain.artwork import Filters
from glance_agent.domain.label import Tokens
from glance_agent.domain.picture_verbs import Search
from glance_agent.domain.view import AnyOf, Both, But, Gate
from glance_agent.search import label_match, picture_match
from glance_agent.store import index as index_room
from glance_agent.store.index_rows import PassingRows
from glance_agent.store.label_folding import fold_labels
from glance_agent.store.labels import Labels
from glance_agent.wiring import rooms as wiring
from glance_agent.wiring.rooms import Rooms, open_rooms
from tools.bench.scale.libraries import WordEncoder, large_library

WORKS, DIMENSION = 300, 320
ENCODER = WordEncoder(DIMENSION)
QUERIES = (
    "sea -landscape",
    "boats -portrait -woman",
    "-landscape",
    "portrait -sea",
    "year:1850-1900 boats -landscape",
    "storm -boats",
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("avoided")
    large_library(folder, WORKS, ENCODER)
    return folder


@pytest.fixture(params=["exact", "coded"])
def rooms(
    request: pytest.FixtureRequest, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Rooms]:
    home = Path(shutil.copytree(made, tmp_path / "home"))
    monkeypatch.setattr(index_room, "EXACT_UP_TO", 10**9 if request.param == "exact" else -1)
    monkeypatch.setattr(wiring, "encoder_of", lambda config: ENCODER)
    monkeypatch.setattr(picture_match, "LOOKED_THROUGH", 100)  # as in a large library
    with open_rooms(load(home / "glance.toml", {})) as opened:
        yield opened


def found(rooms: Rooms, query: str) -> list[tuple[str, float]]:
    reply = rooms.answers.answer(Search(query=query, show=False, limit=20)).reply
    assert reply.ok, reply.message
    return [(r.artwork.id, r.match) for r in reply.results]


@pytest.mark.parametrize("query", QUERIES)
def test_many_are_avoided_as_few_are(
    rooms: Rooms, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_id = found(rooms, query)
    monkeypatch.setattr(label_match, "MOST_BY_ID", 2)
    all_of_them = Labels.all_labelled_with

    def few(labels: Labels, tokens: Tokens, *most: int) -> list[str]:
        ids = all_of_them(labels, tokens, *most)
        assert len(ids) <= 2 or tokens.within
        return ids

    monkeypatch.setattr(Labels, "all_labelled_with", few)
    assert found(rooms, query) == by_id
    assert by_id


def test_the_works_with_a_word_are_those_also_after_a_change(rooms: Rooms) -> None:
    labels, library = Labels(rooms.library.db), rooms.library
    view, without = rooms.index.now(), ""
    everything = library.matching(Filters())

    def carrying(word: str) -> set[str]:
        works, tokens = labels.works_with(Tokens((word,)), view), Tokens((word,))
        assert isinstance(works, PassingRows)
        expected = {*labels.all_labelled_with(tokens)}
        assert {i for i in everything if i in works} == expected
        whole = view.sample(WORKS)
        assert {*view.ids_of(whole[view.let_in(whole, Gate(only=works))])} == expected - {without}
        assert {*view.ids_of(view.all_in(Gate().but(works)))} == everything - expected - {without}
        return expected

    before = carrying("sea")
    assert 10 < len(before) < WORKS
    assert carrying("nothingofthekind") == set()
    one, other = sorted(everything - before)[0], sorted(before)[0]
    library.db.execute("UPDATE artworks SET title = 'The Sea' WHERE id = ?", [one])
    while not fold_labels(library.db):
        pass
    assert carrying("sea") == before | {one}
    library.db.execute("DELETE FROM embeddings WHERE artwork_id = ?", [other])
    library.db.commit()
    rooms.follower.catch_up()
    view, without = rooms.index.now(), other
    assert carrying("sea") == before | {one}


def test_sets_of_works_are_put_together() -> None:
    a, b = frozenset("ab"), frozenset("bc")
    assert [i in AnyOf((a, b)) for i in "abcd"] == [True, True, True, False]
    assert [i in But(a) for i in "abcd"] == [False, False, True, True]
    gate = Gate(only=frozenset("abc")).but(AnyOf((frozenset("a"),)))
    assert isinstance(gate.only, Both)
    assert [gate.lets_in(i) for i in "abcd"] == [False, True, True, False]
    assert Gate().but(a) == Gate(never=a)
