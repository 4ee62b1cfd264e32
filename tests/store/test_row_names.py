"""Which work each row is of: as a dictionary and a list would have it, in less room."""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glance_agent.store import row_names
from glance_agent.store.id_hashes import hash_of, hashes_of
from glance_agent.store.row_names import Names, packed_from

IDS = [f"a:{n}" for n in range(9)] + ["ä:1", "图:1", "a:10", ""]
BATCHES = st.lists(st.lists(st.sampled_from(IDS), unique=True, max_size=6), max_size=12)


@given(
    batches=BATCHES,
    newest=st.sampled_from([0, 4, 100]),
    hashed=st.sampled_from([hash_of, len, lambda _: -1]),
)
def test_it_names_rows_as_a_list_would(
    batches: list[list[str]], newest: int, hashed: Callable[[str], int]
) -> None:
    """Also where works share a hash."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_names, "NEWEST", newest)
        patch.setattr(row_names, "hash_of", hashed)
        patch.setattr(row_names, "hashes_of", lambda ids: np.array([*map(hashed, ids)], np.int64))
        names, rows = Names(7), list[str]()
        row_of, before = dict[str, int](), dict[int, int]()
        for batch in batches:
            names.extend(batch)
            for artwork in batch:
                if artwork in row_of:
                    before[len(rows)] = row_of[artwork]
                row_of[artwork] = len(rows)
                rows.append(artwork)
            assert (len(names), names.beyond) == (len(rows), 7 + len(rows))
            assert names.ids_of(range(len(rows))) == rows
            assert names.ids_of([]) == []
            # Whoever never had a row is told by the hash alone, where many are looked up.
            sought = IDS if hashed is hash_of else [*row_of]
            assert names.rows_of(sought).tolist() == [row_of.get(i, -1) for i in sought]
            assert [names.row_of(i) for i in IDS] == [row_of.get(i) for i in IDS]
            assert names.before == before


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(max_size=20), max_size=3))
def test_ids_have_the_same_hash_one_by_one_and_together(ids: list[str]) -> None:
    ids = [artwork.encode("utf-8", "replace").decode() for artwork in ids]
    assert hashes_of(ids).tolist() == [hash_of(artwork) for artwork in ids]


def test_hashes_are_the_same_in_every_process() -> None:
    """What was kept is found by them."""
    assert hash_of("museum:12345") == -6_307_001_475_700_498_761
    many = hashes_of([f"museum:{n}" for n in range(100_000)])
    assert np.unique(many).size == many.size


def test_names_are_kept_as_arrays() -> None:
    names = Names(0)
    names.extend(["ä:1", "", "a:2"])
    names.extend(["a:3", "ä:1"])
    again = Names(0, packed_from(names.packed().arrays()))
    assert again.ids_of(range(5)) == ["ä:1", "", "a:2", "a:3", "ä:1"]
    assert again.rows_of(["ä:1", "a:2", "", "b"]).tolist() == [4, 2, 1, -1]


def test_many_names_take_little_room() -> None:
    names = Names(0)
    for start in range(0, 20_000, 1_000):
        names.extend([f"museum:{n}" for n in range(start, start + 1_000)])
    names.settle()
    packed = names._held.packed
    assert packed.size == 20_000
    arrays = packed.ends.nbytes + packed.hashes.nbytes + packed.rows.nbytes
    assert arrays + sys.getsizeof(packed.letters) < 30 * len(names)
    assert names.row_of("museum:12345") == 12_345
