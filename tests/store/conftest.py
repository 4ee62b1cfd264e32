"""Where libraries of these tests are: in a file, and in databases of real servers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from glance_agent.domain.library_place import LibraryPlace, PostgresPlace
from tests.postgres import is_installed, with_pgvector

ENGINES = (
    "sqlite",
    pytest.param(
        "postgres",
        marks=pytest.mark.skipif(not is_installed(), reason="there is no PostgreSQL server here"),
    ),
    pytest.param(
        "pgvector",
        marks=pytest.mark.skipif(
            with_pgvector() is None, reason="there is no PostgreSQL server with pgvector here"
        ),
    ),
)


@pytest.fixture(params=ENGINES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> LibraryPlace:
    """Where an empty library is: by turns in a file, in PostgreSQL, and there with pgvector."""
    if request.param == "sqlite":
        return tmp_path / "glance.db"
    name = "postgres_place" if request.param == "postgres" else "searched_place"
    found: PostgresPlace = request.getfixturevalue(name)
    return found


@pytest.fixture(scope="module", params=ENGINES)
def lasting_place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> LibraryPlace:
    """The same for all tests of a module."""
    if request.param == "sqlite":
        return tmp_path_factory.mktemp("lasting") / "glance.db"
    name = "new_database" if request.param == "postgres" else "new_searched_database"
    made: Callable[[], PostgresPlace] = request.getfixturevalue(name)
    return made()
