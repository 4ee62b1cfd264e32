"""An address of a library is read once: whoever has a place has one that makes sense."""

from __future__ import annotations

import pytest

from glance_agent.domain.library_place import PostgresPlace


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://anna:secret@Shelf:5433/glance", "postgresql://shelf:5433/glance"),
        ("postgres://[::1]:5433,other/glance/", "postgresql://[::1]:5433,other/glance"),
        ("postgresql://anna@/glance?host=%2Frun%2Fpg", "postgresql:///run/pg/glance"),
        ("postgresql:///glance", "postgresql:///glance"),
    ],
)
def test_a_place_is_said_without_who_opens_it(url: str, said: str) -> None:
    assert str(PostgresPlace(url)) == said


@pytest.mark.parametrize(
    "url",
    [
        "http://shelf/glance",
        "postgresql:shelf",
        "postgresql://shelf",
        "postgresql://[::1/glance",
        "postgresql://anna:a/b@shelf/glance",
        "postgresql://shelf/glance/more",
    ],
)
def test_no_place_is_made_of_what_is_no_address(url: str) -> None:
    with pytest.raises(ValueError, match="address") as refused:
        PostgresPlace(url)
    assert "shelf" not in str(refused.value)
