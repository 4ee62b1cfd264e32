"""Words and reference queries: embedded once, as queries are, and measured when it is worth it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pytest

from glance_agent.domain.errors import ModelError, ModelLate
from glance_agent.domain.vectors import Vector, unit, unit_rows
from glance_agent.embedding.pairing import AbsentEncoder
from glance_agent.search.query_embedding import Understanding
from glance_agent.search.reading import ReadWords
from tests.colour_encoder import ColourEncoder
from tests.views import view_of
from tools.understood import understand

ORDINARY = tuple(f"wish {number} of many words" for number in range(40))
FOREIGN_QUERIES = tuple(f"foreign {number} of many words" for number in range(40))


class Memory:
    """The phrases that are kept."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Vector] = {}

    def vectors(self, space: str, phrases: Iterable[str]) -> dict[str, Vector]:
        return {p: self.kept[space, p] for p in phrases if (space, p) in self.kept}

    def keep(self, space: str, vectors: Mapping[str, Vector]) -> None:
        self.kept |= {(space, phrase): vector for phrase, vector in vectors.items()}


class Listening(ColourEncoder):
    """An encoder that remembers what it was asked, and takes one second for each."""

    def __init__(self, space: str = "colours:1") -> None:
        self.space, self.asked = space, list[str]()

    def embed_text(self, text: str) -> Vector:
        self.asked.append(text)
        return super().embed_text(text)

    def seconds(self) -> float:
        return float(len(self.asked))


def understanding(encoder: Listening, memory: Memory) -> Understanding:
    return Understanding(
        encoder,
        memory,
        stopwatch=encoder.seconds,
        references=ORDINARY,
        foreign=FOREIGN_QUERIES,
        elsewhere=(),
    )


def test_both_lists_are_embedded_bit_by_bit_and_never_again() -> None:
    encoder, memory = Listening(), Memory()
    first = understanding(encoder, memory)
    assert not first.prepare(30.0)
    assert first.prepare(1_000.0)
    assert sorted(encoder.asked) == sorted((*ORDINARY, *FOREIGN_QUERIES))
    assert list(first.references()) == list(ORDINARY)
    assert understanding(encoder, memory).prepare(0.0)
    assert len(encoder.asked) == len(ORDINARY) + len(FOREIGN_QUERIES)


def test_wishes_are_put_to_a_model_as_queries_are() -> None:
    encoder = Listening("clip-vit-b32:1")
    heard = Understanding(encoder, Memory(), references=("calm",), foreign=(), elsewhere=())
    heard.prepare(1_000.0)
    assert "a painting of calm" in encoder.asked
    understand(heard, ["calm"])
    assert np.allclose(heard.references()["calm"], heard.vector("calm"))


def test_the_background_is_not_measured_after_every_few_wishes() -> None:
    encoder = Listening()
    heard = understanding(encoder, Memory())
    pictures = unit_rows(np.random.default_rng(1).normal(size=(50, 4)))
    heard.prepare(30.0)
    first = heard.background(view_of(pictures))
    heard.prepare(5.0)
    assert heard.background(view_of(pictures)) is first
    heard.prepare(1_000.0)
    whole = heard.background(view_of(pictures))
    assert whole is not first
    assert heard.background(view_of(pictures)) is whole


def test_a_library_that_grows_is_measured_while_nobody_waits() -> None:
    heard = understanding(Listening(), Memory())
    heard.prepare(1_000.0)
    pictures = unit_rows(np.random.default_rng(1).normal(size=(200, 4)))
    first = heard.background(view_of(pictures[:100]))
    assert heard.measurement(view_of(pictures[:104])) is None
    # It has grown a little, and grows no more.
    settled = heard.measurement(view_of(pictures[:104]))
    assert settled is not None
    assert settled.measured().rows == 104
    grown = view_of(pictures[:110])
    assert heard.background(grown) is first, "no command measures it"
    measurement = heard.measurement(grown)
    assert measurement is not None
    measured = measurement.measured()
    assert heard.background(grown) is first
    heard.adopt(measurement, measured)
    assert heard.background(grown) is measured
    assert (measured.rows, heard.measurement(grown)) == (110, None)
    assert heard.background(view_of(pictures[:55])).rows == 55, "that says nothing of half of it"


def test_foreign_wishes_say_nothing_without_ordinary_ones() -> None:
    encoder = Listening()
    assert Understanding(
        encoder, Memory(), references=(), foreign=FOREIGN_QUERIES, elsewhere=()
    ).prepare(1.0)
    assert encoder.asked == []


def test_without_a_model_there_is_nothing_to_prepare() -> None:
    assert Understanding(AbsentEncoder("it is not installed"), Memory()).prepare(1.0)


def test_a_word_is_embedded_once_however_it_is_written() -> None:
    encoder, memory = Listening(), Memory()
    heard = understanding(encoder, memory)
    heard.prepare(1_000.0)
    asked = len(encoder.asked)
    understand(heard, ["Blue  Field", "BLUE field"])
    blue = heard.vector("Blue  Field")
    assert heard.vector("blue field") is blue
    again = understanding(encoder, memory)
    understand(again, ["BLUE FIELD"])
    assert np.allclose(blue, unit(again.vector("BLUE FIELD")))
    assert encoder.asked[asked:] == ["blue field"]


def test_words_that_were_not_read_have_no_vector_and_cost_no_call() -> None:
    encoder = Listening()
    heard = understanding(encoder, Memory())
    with pytest.raises(ModelError, match="has not read “blue”"):
        heard.vector("blue")
    assert encoder.asked == []


def test_why_words_were_not_read_is_said_until_the_next_reading() -> None:
    heard = understanding(Listening(), Memory())
    heard.learn(ReadWords(missed=ModelLate("it is silent")))
    was_late = heard.late
    with pytest.raises(ModelLate, match="it is silent"):
        heard.vector("blue")
    understand(heard, ["blue"])
    assert heard.vector("blue").shape == (4,)
    assert (was_late, heard.late) == (True, False)


def test_nothing_is_written_before_it_is_time_to() -> None:
    memory = Memory()
    heard = understanding(Listening(), memory)
    heard.learn(heard.read(heard.unread(["blue"])))
    assert heard.vector("blue").shape == (4,)
    assert memory.kept == {}
    heard.keep()
    assert ("colours:1", "blue") in memory.kept


class Loading(Listening):
    """A quick encoder that takes long to load."""

    def seconds(self) -> float:
        return (100.0 if self.asked else 0.0) + 0.0001 * len(self.asked)


def test_loading_the_model_takes_no_time_from_the_references() -> None:
    encoder, memory = Loading(), Memory()
    once = Understanding(
        encoder,
        memory,
        stopwatch=encoder.seconds,
        references=ORDINARY,
        foreign=FOREIGN_QUERIES,
        elsewhere=(),
    )
    understand(once, ["blue"])
    assert list(once.references()) == list(ORDINARY)


def test_a_slow_model_reads_no_wishes_while_somebody_waits() -> None:
    encoder = Listening()
    heard = understanding(encoder, Memory())
    heard.prepare(1.0)
    asked = len(encoder.asked)
    understand(heard, ["blue"])
    assert encoder.asked[asked:] == ["blue"]
