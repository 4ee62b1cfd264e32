"""The campaign with people's own pictures, in short; and that it sees what is wrong."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from glance_agent.decoding.opening import Decoders
from tools.campaigns.own_pictures.__main__ import MEGAPIXELS, campaign
from tools.campaigns.own_pictures.case import Expected
from tools.campaigns.own_pictures.corpus import corpus

EVERY = 7


async def test_a_part_of_the_corpus_is_dealt_with_as_it_should_be(tmp_path: Path) -> None:
    some = list(corpus())[::EVERY]
    with closing(Decoders(MEGAPIXELS)) as decoders:
        assert await campaign(some, tmp_path, decoders.in_background) == []
    assert len(some) > 40


async def test_whatever_is_wrong_is_said(tmp_path: Path) -> None:
    picture = next(case for case in corpus() if case.kind == "takeout")
    assert isinstance(picture.expected, Expected)
    due = replace(picture.expected, title="Another", date="1999", colour=(0, 0, 0))
    wrong = [
        replace(picture, expected=due),
        replace(picture, key="b.jpg", expected="truncated"),
        replace(picture, key="c.txt"),
    ]
    with closing(Decoders(MEGAPIXELS)) as decoders:
        faults = await campaign(wrong, tmp_path, decoders.in_background)
    assert len(faults) == 5


def test_the_corpus_has_every_kind() -> None:
    cases = list(corpus())
    assert len({case.key for case in cases}) == len(cases) >= 300
    assert set(Counter(case.kind for case in cases)) == {
        "kinds", "turned", "named", "takeout", "iptc", "xmp", "exif", "exported",
        "colours", "odd",
        "not theirs", "not wanted", "unread", "encrypted", "broken", "links", "no picture",
    }  # fmt: skip
