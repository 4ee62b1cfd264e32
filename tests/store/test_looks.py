"""Works that look alike are found by bands of their looks, as a look at every work finds them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.items import Look, StoredWork
from glance_agent.domain.library_place import LibraryPlace
from glance_agent.store.library import Library
from glance_agent.store.opening import open_library

BITS = 128
CHANCE = np.random.default_rng(8)
LOOK = CHANCE.bytes(BITS // 8)


def differing(bits: int, seed: int) -> bytes:
    """A look that differs in so many bits."""
    places = np.random.default_rng(seed).choice(BITS, bits, replace=False)
    mask = np.zeros(BITS, np.uint8)
    mask[places] = 1
    return bytes(a ^ b for a, b in zip(LOOK, np.packbits(mask).tobytes(), strict=True))


@pytest.fixture
def library(place: LibraryPlace) -> Iterator[Library]:
    with closing(open_library(place, durable=False)) as db:
        yield Library(db)


def keep(library: Library, name: str, look: Look | None, twin_of: str | None = None) -> None:
    work = Artwork(id=f"a:{name}", title=name, source="a")
    stored = StoredWork(work, name, name, name, "s", None, look=look, twin_of=twin_of)
    library.add("a", name, stored)


def test_whoever_looks_alike_is_found(library: Library) -> None:
    """All that differ in up to 15 bits, and of those that share a band all in any case."""
    with library.together():
        for seed in range(300):
            keep(library, str(seed), Look(differing(seed % 20, seed), 1.5))
    found = library.likely_alike(Look(LOOK, 1.5), 1.08, nearly=True)
    assert {int(name[2:]) for name in found} >= {seed for seed in range(300) if seed % 20 <= 15}
    assert all(found[f"a:{seed}"] == Look(differing(seed % 20, seed), 1.5) for seed in range(16))
    fewer = library.likely_alike(Look(LOOK, 1.5), 1.08, nearly=False)
    assert fewer.keys() < found.keys()
    assert {int(name[2:]) for name in fewer} >= {seed for seed in range(300) if seed % 20 <= 7}


def test_other_proportions_and_works_that_are_not_there_are_left_out(library: Library) -> None:
    keep(library, "same", Look(LOOK, 1.5))
    keep(library, "wider", Look(LOOK, 1.6))
    keep(library, "upright", Look(LOOK, 0.66))
    keep(library, "other", Look(bytes(b ^ 255 for b in LOOK), 1.5))
    keep(library, "blank", None)
    keep(library, "copy", Look(LOOK, 1.5), twin_of="a:same")
    keep(library, "gone", Look(LOOK, 1.5))
    library.mark_unusable("a:gone", "it cannot be read")
    keep(library, "asked", Look(LOOK, 1.5))
    library.keep_on_request("a:asked")
    for nearly in (False, True):
        assert library.likely_alike(Look(LOOK, 1.5), 1.08, nearly=nearly).keys() == {
            "a:same",
            "a:wider",
        }
    keep(library, "same", Look(differing(128, 1), 1.5))
    assert library.likely_alike(Look(LOOK, 1.5), 1.08, nearly=True).keys() == {"a:wider"}


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_no_work_is_looked_at_that_shares_nothing(library: Library) -> None:
    asked: list[str] = []
    library.db.conn.set_trace_callback(asked.append)
    library.likely_alike(Look(LOOK, 1.5), 1.08, nearly=True)
    library.db.conn.set_trace_callback(None)
    plan = [row[3] for row in library.db.execute(f"EXPLAIN QUERY PLAN {asked[-1]}")]
    assert [step for step in plan if step.startswith("SCAN") and "json_each" not in step] == []
    assert sum("USING INDEX artworks_look_" in step for step in plan) == 8
