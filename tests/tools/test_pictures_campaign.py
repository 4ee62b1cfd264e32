"""The campaign against decoding, in short."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from pathlib import Path

from glance_agent.decoding.opening import Decoders
from tools.campaigns.pictures.__main__ import MEGAPIXELS, campaign, corpus, failed, table

EVERY = 23


def test_a_part_of_the_corpus_breaks_no_promise(tmp_path: Path) -> None:
    large = {"bomb", "scans", "strips", "frames"}
    some = [sample for sample in corpus() if sample.kind not in large][::EVERY]
    with closing(Decoders(MEGAPIXELS)) as decoders:
        trials = list(campaign(some, decoders.for_people, tmp_path))
    assert list(failed(trials, grown=0)) == []
    assert len(trials) == len(some) > 20
    assert "\n".join(table(trials)).count("\n") == len({trial.sample.kind for trial in trials})
    assert list(tmp_path.iterdir()) == []


def test_the_corpus_has_every_kind() -> None:
    kinds = Counter(sample.kind for sample in corpus())
    names = {f"{sample.kind} {sample.name}" for sample in corpus()}
    assert kinds.total() == len(names) > 600
    assert set(kinds) == {
        "cut", "changed", "lying", "no picture", "mode", "profile", "exif", "metadata", "bomb",
        "frames", "strips", "scans",
    }  # fmt: skip
