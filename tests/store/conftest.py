"""Where libraries of these tests are: in a file, and in a database of a real server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from glance_agent.domain.library_place import LibraryPlace, PostgresPlace
from tests.postgres import is_installed

ENGINES = (
    "sqlite",
    pytest.param(
        "postgres",
        marks=pytest.mark.skipif(not is_installed(), reason="there is no PostgreSQL server here"),
    ),
)


@pytest.fixture(params=ENGINES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> LibraryPlace:
    """Where an empty library is: by turns in a file and in PostgreSQL."""
    if request.param == "sqlite":
        return tmp_path / "glance.db"
    found: PostgresPlace = request.getfixturevalue("postgres_place")
    return found


@pytest.fixture(scope="module", params=ENGINES)
def lasting_place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> LibraryPlace:
    """The same for all tests of a module."""
    if request.param == "sqlite":
        return tmp_path_factory.mktemp("lasting") / "glance.db"
    made: Callable[[], PostgresPlace] = request.getfixturevalue("new_database")
    return made()
