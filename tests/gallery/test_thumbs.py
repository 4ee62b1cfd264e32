"""What thumbnails are called: names that tell the work, whatever its id, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glance_agent.domain.artwork import ARTWORK_ID_PATTERN, Artwork
from glance_agent.domain.listing import ListedWork
from glance_agent.gallery.thumbs import SIZES, Thumb, address_of, revision_of, thumb_of


def listed(artwork: str, *, content: str | None = "c", usable: bool = True) -> ListedWork:
    return ListedWork(Artwork(id=artwork), None, False, usable, "/somewhere", content)


@given(st.from_regex(ARTWORK_ID_PATTERN.replace("$", r"\Z")))
def test_the_name_of_a_thumbnail_tells_its_work(artwork: str) -> None:
    address = address_of(listed(artwork))
    assert address is not None
    folder, _, name = address.partition("/")
    assert folder == "thumbs"
    assert thumb_of(f"{name}-400.webp") == Thumb(artwork, revision_of(listed(artwork)), 400, "webp")


def test_another_picture_has_another_name() -> None:
    assert address_of(listed("a:1", content="x")) != address_of(listed("a:1", content="y"))
    assert address_of(listed("a:1", usable=False)) is None


@pytest.mark.parametrize(
    "name",
    [
        "",
        "YTox-00000000-400.svg",
        "YTox-00000000-401.webp",
        "YTox-00000000-400.webp/..",
        "YTox-0000000g-400.webp",
        "YQ-00000000-400.webp",
        "____-00000000-400.webp",
        "a-00000000-400.webp",
        f"{'YTox' * 400}-00000000-400.webp",
        "..%2f..%2fetc-00000000-400.webp",
    ],
)
def test_what_is_no_name_is_none(name: str) -> None:
    assert thumb_of(name) is None


def test_sizes_are_fixed() -> None:
    assert [size for size in range(3_000) if thumb_of(f"YTox-00000000-{size}.jpg")] == list(SIZES)
