"""The campaign of changed pictures in short form: `python -m tools.campaigns.pictures.mutated`."""

from __future__ import annotations

import time
from contextlib import closing

from glance_agent.decoding.opening import Decoders
from tools.campaigns.pictures.__main__ import MEGAPIXELS
from tools.campaigns.pictures.mutated import failed, mutations, until, whole


def test_changed_pictures_are_decoded_or_refused_with_a_reason() -> None:
    kinds = whole()
    with closing(Decoders(MEGAPIXELS)) as decoders:
        trials = list(
            until(time.monotonic() + 60, mutations(kinds, 2, seed=7), decoders.for_people)
        )
    assert list(failed(trials, grown=0)) == []
    assert {trial.sample.kind for trial in trials} == set(kinds)
    assert any(trial.refused for trial in trials)
    assert not all(trial.refused for trial in trials)


def test_a_file_is_made_again_by_its_number() -> None:
    kinds = whole()
    first, again = (
        {(s.kind, s.name): s.make() for s in mutations(kinds, 3, seed)} for seed in (1, 1)
    )
    assert first == again
    other = {(s.kind, s.name): s.make() for s in mutations(kinds, 3, seed=2)}
    assert sum(first[key] == other[key] for key in first) < len(first) / 4
