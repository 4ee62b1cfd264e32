"""Answers that are made to fit say what they lack."""

from __future__ import annotations

import pytest

from glance_agent.commands.shorten import least, shortened
from glance_agent.domain.display import ShownArtwork
from glance_agent.domain.errors import CommandError, ErrorCode
from glance_agent.domain.reply import Reply, Result, refusal
from glance_agent.domain.strict_json import as_json

WORK = ShownArtwork(id="a:b", title="Sea", artist="y", source="a", width=1, height=1)
FOUND = Reply(
    transaction="t" * 200,
    verb="search",
    ok=True,
    display="wall",
    message="Showing “Sea”. " * 60,
    artwork=WORK,
    results=tuple(Result(artwork=WORK, match=1 - n / 100, why="") for n in range(50)),
)


def size(reply: Reply) -> int:
    return len(as_json(reply).encode())


def test_an_answer_that_fits_stays_as_it_is() -> None:
    assert shortened(FOUND, size(FOUND)) is FOUND


@pytest.mark.parametrize("room_bytes", [size(FOUND) - 1, 9000, 4000])
def test_results_are_left_out_from_the_end_as_far_as_needed(room_bytes: int) -> None:
    short = shortened(FOUND, room_bytes)
    assert short is not None
    kept = len(short.results)
    assert short.results == FOUND.results[:kept]
    assert short.artwork == WORK
    assert f"{50 - kept} of its 50 results" in (short.note or "")
    one_more = short.model_copy(update={"results": FOUND.results[: kept + 1]})
    assert size(short) <= room_bytes < size(one_more) or kept == 49


def test_at_last_only_what_was_done_is_told() -> None:
    short = shortened(FOUND, 1000)
    assert short == least(FOUND)
    assert size(least(FOUND)) <= 1000
    assert (least(FOUND).transaction, least(FOUND).ok) == (FOUND.transaction, True)
    assert shortened(FOUND, 300) is None


def test_a_refusal_keeps_its_code_and_a_note_what_it_said() -> None:
    error = CommandError(ErrorCode.BAD_VALUE, "Much too long. " * 90, "Shorter, please.")
    refused = refusal("mood", error).model_copy(update={"note": "Told elsewhere."})
    short = least(refused)
    assert short.error is not None
    assert short.error.code is ErrorCode.BAD_VALUE
    assert short.note is not None
    assert short.note.startswith("Told elsewhere. The broker")
    assert size(short) < 1000
