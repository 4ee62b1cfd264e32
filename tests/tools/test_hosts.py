"""Hostile hosts in short form; the campaign is `python -m tools.campaigns.hosts`."""

from __future__ import annotations

from pathlib import Path
from random import Random

from tools.campaigns.hostile_answers import Hostile, answer, named, some_fields
from tools.campaigns.hostile_requests import requests
from tools.campaigns.hosts import asked, campaign

MOST_BYTES = 20_000


def quick() -> list[Hostile]:
    """Some that need neither patience nor memory."""
    found = [one for one in named() if len(one.sent) < MOST_BYTES and not one.silent]
    return [*Random(2).sample(found, 5), *some_fields(4, seed=2)]


async def test_no_answer_breaks_who_asked(tmp_path: Path) -> None:
    tallies = await campaign(quick(), tmp_path)
    assert [failure for tally in tallies.values() for failure in tally.failed] == []
    assert all(tally.tried == 9 for tally in tallies.values())
    assert len(tallies) == 15


async def test_no_request_breaks_the_encoders_service() -> None:
    found = [one for one in requests() if len(one.sent) < MOST_BYTES]
    tally = await asked(Random(3).sample(found, 60))
    assert tally.failed == []
    assert tally.tried == 60


async def test_an_honest_answer_is_no_refusal_to_the_campaign(tmp_path: Path) -> None:
    fine = Hostile("fine", answer(200, b'{"objectID": 7, "data": []}', {b"ETag": b'"a"'}))
    tallies = await campaign([fine], tmp_path, "museum's data")
    assert not tallies["museum's data"].raised
