"""Pictures whose bytes are handed on a piece at a time."""

from __future__ import annotations

import hashlib
import os
from io import BytesIO
from pathlib import Path

import pytest

from glance_agent.domain.errors import BadPicture
from glance_agent.pictures.streamed import PIECE_BYTES, HashedFile, pieces_of, whole


@pytest.mark.parametrize("length", [0, 1, PIECE_BYTES, 2 * PIECE_BYTES + 7])
def test_a_file_is_told_as_often_as_it_is_asked_for_and_hashed(length: int) -> None:
    data = os.urandom(length)
    streamed = HashedFile(BytesIO(data), length)
    assert len(streamed) == length
    for _ in range(2):
        assert whole(streamed) == data
        assert streamed.content_hash == hashlib.sha256(data).hexdigest()
    assert all(len(piece) <= PIECE_BYTES for piece in pieces_of(streamed))


def test_the_beginning_is_read_before_anybody_is_asked_to_decode() -> None:
    file = BytesIO(bytes(PIECE_BYTES + 1))
    streamed = HashedFile(file, PIECE_BYTES + 1)
    assert file.tell() == PIECE_BYTES
    assert [len(piece) for piece in streamed.pieces()] == [PIECE_BYTES, 1]


def test_a_file_that_has_grown_is_told_as_long_as_it_was() -> None:
    streamed = HashedFile(BytesIO(b"as it was, and more"), 9)
    assert whole(streamed) == b"as it was"
    assert streamed.content_hash == hashlib.sha256(b"as it was").hexdigest()


def test_a_file_that_became_shorter_is_tried_again_later() -> None:
    with pytest.raises(BadPicture) as error:
        whole(HashedFile(BytesIO(b"short"), 6))
    assert error.value.passing


def test_what_cannot_be_read_is_tried_again_later(tmp_path: Path) -> None:
    path = tmp_path / "written only"
    with path.open("wb") as file, pytest.raises(BadPicture, match="unreadable") as error:
        whole(HashedFile(file, 6))
    assert error.value.passing
