"""Lists are kept for some minutes, and not more of them than there is room for."""

from __future__ import annotations

from array import array
from itertools import count

import pytest

from glance_agent.gallery import results
from glance_agent.gallery.questions import ArtworksQuestion
from glance_agent.gallery.results import KEPT_SECONDS, MOST_KEPT, KeptList, Results


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept(clock: Clock) -> Results:
    names = count()
    return Results(clock=clock, name=lambda: f"r{next(names)}")


def listed(works: int = 1) -> KeptList:
    return KeptList(ArtworksQuestion(), array("q", range(works)))


def test_a_list_is_kept_for_as_long_as_it_is_used(clock: Clock, kept: Results) -> None:
    name = kept.keep(listed())
    for _ in range(3):
        clock.now += KEPT_SECONDS - 1
        assert kept.find(name) is not None
    clock.now += KEPT_SECONDS
    assert kept.find(name) is None
    assert kept.find(None) is None


def test_the_least_recently_used_leaves_first(kept: Results) -> None:
    first, second = kept.keep(listed()), kept.keep(listed())
    for _ in range(MOST_KEPT - 2):
        kept.keep(listed())
    assert kept.find(first)
    kept.keep(listed())
    assert kept.find(first)
    assert kept.find(second) is None


def test_large_lists_leave_room_for_the_newest(
    kept: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "MOST_NUMBERS", 100)
    first, second = kept.keep(listed(60)), kept.keep(listed(60))
    assert kept.find(first) is None
    assert kept.find(second)
    huge = kept.keep(listed(1_000))
    assert kept.find(huge), "the one that was asked for last is always there"
    assert kept.find(second) is None
