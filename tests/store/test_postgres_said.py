"""What befalls a library in PostgreSQL, in the language of whoever is told."""

from __future__ import annotations

import pytest
from psycopg import errors

from glance_agent.domain.errors import Trouble
from glance_agent.domain.languages import in_language
from glance_agent.store.postgres.errors import said_of


@pytest.mark.parametrize(
    ("error", "trouble", "english", "german"),
    [
        (
            errors.DiskFull("no space left"),
            Trouble.FULL,
            "no space left: the disk of the database is full; make room there.",
            "no space left: die Festplatte der Datenbank ist voll; schaffe dort Platz.",
        ),
        (
            errors.InsufficientPrivilege('permission denied for database "art"'),
            Trouble.UNWRITABLE,
            'permission denied for database "art": let the user of library.url make it: GRANT '
            "CREATE ON DATABASE art TO ….",
            'permission denied for database "art": lass den Benutzer von library.url es anlegen: '
            "GRANT CREATE ON DATABASE art TO ….",
        ),
    ],
)
def test_what_is_to_be_done_is_said_in_ones_own_language(
    error: Exception, trouble: Trouble, english: str, german: str
) -> None:
    told = said_of(error)  # type: ignore[arg-type]
    assert told is not None
    assert told.trouble is trouble
    assert str(told) == english
    assert in_language(told.said, "de") == german
