"""Whatever is put into it, JSON comes out that the strictest reader decodes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Never

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glance_agent.domain.display import Glance, ShownArtwork
from glance_agent.domain.errors import CommandError, ErrorCode
from glance_agent.domain.event import Event
from glance_agent.domain.news import Failed
from glance_agent.domain.reply import Reply, refusal
from glance_agent.domain.strict_json import as_json, encodable
from glance_agent.domain.topics import Topics
from glance_agent.doors.mqtt.messages import message_of


def strictly(text: str) -> Any:
    """What a reader decodes that knows RFC 8259 and no more."""

    def no_constant(name: str) -> Never:
        raise AssertionError(f"{name} is not JSON")

    return json.loads(text.encode("utf-8"), parse_constant=no_constant)


TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=20)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT | st.binary(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(TEXT | st.integers(), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(ANYTHING)
def test_anything_becomes_strict_json(value: object) -> None:
    strictly(as_json(value))


@given(TEXT)
def test_text_that_can_be_encoded_is_told_as_it_is(text: str) -> None:
    told = strictly(as_json(text))
    assert told == encodable(text)
    if not any("\ud800" <= c <= "\udfff" for c in text):
        assert told == text


class Stubborn:
    """Cannot even be written down."""

    def __str__(self) -> str:
        raise RuntimeError("no words for it")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (float("inf"), None),
        (float("nan"), None),
        (np.float32(0.5), 0.5),
        (np.int64(7), 7),
        (-(10**250), "-1" + 250 * "0"),
        ({1: "one", None: "none"}, {"1": "one", "None": "none"}),
        (("a", 1.0, True), ["a", 1.0, True]),
        (datetime(2026, 6, 1, tzinfo=UTC), "2026-06-01T00:00:00+00:00"),
        (Stubborn(), "<Stubborn>"),
        ("a\udcffb.png", "a?b.png"),
    ],
)
def test_what_has_no_place_in_json_is_told_as_well_as_it_can_be(value: object, told: Any) -> None:
    assert strictly(as_json(value)) == told


def test_a_number_of_more_digits_than_python_writes_is_named() -> None:
    assert strictly(as_json({"transaction": 10**5000})) == {"transaction": "<int>"}


def test_what_is_nested_for_ever_is_told_to_some_depth() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert as_json(endless).startswith("[[[[")


def test_every_piece_of_news_can_be_encoded() -> None:
    work = ShownArtwork(id="a:1").model_copy(update={"title": "half \ud83d of it"})
    glance = Glance(
        display="wall", artwork=work, shown_at=datetime(2026, 6, 1, tzinfo=UTC), why="",
        position=1, parts={"rank": float("nan")},
    )  # fmt: skip
    refused = refusal("show", CommandError(ErrorCode.INTERNAL, "no file b\udcff", "try \ud800"))
    reply = Reply(verb="next", ok=True, message="", artwork=work)
    for news in (
        glance,
        Event("ingest", {"source": "b\udcff", "rate": float("inf")}),
        Failed(refused.model_copy(update={"transaction": "\ud800"})),
    ):
        payload = message_of(Topics(), news).payload
        assert isinstance(payload, str)
        strictly(payload)
    told = strictly(as_json(reply.model_copy(update={"transaction": float("inf")})))
    assert told["transaction"] is None
    assert told["artwork"]["title"] == "half ? of it"
    assert set(told) == set(Reply.model_fields)
