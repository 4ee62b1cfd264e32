"""What befalls a library in PostgreSQL, as the house knows it: StoreError, and what to do."""

from __future__ import annotations

import re

from psycopg import Error, OperationalError, errors

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.domain.said import say

_TROUBLE: tuple[tuple[type[Error], Trouble], ...] = (
    (errors.LockNotAvailable, Trouble.BUSY),
    (errors.DeadlockDetected, Trouble.BUSY),
    (errors.SerializationFailure, Trouble.BUSY),
    (errors.TooManyConnections, Trouble.UNREACHABLE),
    (errors.QueryCanceled, Trouble.LATE),
    (errors.DiskFull, Trouble.FULL),
    (errors.ReadOnlySqlTransaction, Trouble.READ_ONLY),
    (errors.InsufficientPrivilege, Trouble.UNWRITABLE),
    (errors.DataCorrupted, Trouble.DAMAGED),
    (errors.IndexCorrupted, Trouble.DAMAGED),
    (errors.IoError, Trouble.FAILING),
    (errors.OutOfMemory, Trouble.FAILING),
    (OperationalError, Trouble.UNREACHABLE),
)
_ADVICE = {
    Trouble.BUSY: say("another program is writing the library; try again in a moment"),
    Trouble.LATE: say("reading took too long; ask for less, or try again in a moment"),
    Trouble.FULL: say("the disk of the database is full; make room there"),
    Trouble.UNWRITABLE: say("grant the user of library.url the rights to its tables"),
    Trouble.READ_ONLY: say(
        "library.url leads to a server that may only be read, such as a standby"
    ),
    Trouble.DAMAGED: say("the database is damaged; restore a backup of it"),
    Trouble.FAILING: say("the server of the database reports errors; its log says more"),
    Trouble.UNREACHABLE: say("see that the server of library.url runs and can be reached"),
}
_AT_THE_DOOR = (
    ("password authentication failed", say("the password of library.url is not the right one")),
    ("no password supplied", say("name a password in library.url, in ~/.pgpass or in PGPASSWORD")),
    ("no pg_hba.conf entry", say("let this machine in by the server's pg_hba.conf")),
    ("does not exist", say("create what is missing there, or name another one in library.url")),
    ("too many clients", say("raise max_connections of the server, or stop other programs")),
    ("starting up", say("the server is just starting; try again in a moment")),
    ("shutting down", say("the server is just stopping")),
)
"""What libpq says when nobody is let in, and what to do about it."""
_GRANT = "GRANT CREATE ON DATABASE {name} TO …"
_NO_SCHEMA = re.compile(r"permission denied for database (\S+)")
"""What it says to who may not make the schema of the tables."""


def trouble_of(error: Error) -> Trouble | None:
    """What has befallen the library by this error; None where the statement is at fault."""
    return next((trouble for kind, trouble in _TROUBLE if isinstance(error, kind)), None)


def said_of(error: Error) -> StoreError | None:
    """The error as the house knows it; None where the statement is at fault."""
    trouble = trouble_of(error)
    if trouble is None:
        return None
    words = _words(error)
    advice = _ADVICE[trouble]
    if trouble is Trouble.UNREACHABLE:
        advice = next((do for what, do in _AT_THE_DOOR if what in words), advice)
    if refused := _NO_SCHEMA.search(words):
        name = refused[1].strip('"')
        advice = say("let the user of library.url make it: {sql}", sql=_GRANT.format(name=name))
    return StoreError(say("{why}: {advice}.", why=words, advice=advice), trouble=trouble)


def cannot_be_opened(place: PostgresPlace, error: StoreError) -> StoreError:
    """Why a library is of no use, in a sentence that names its place without a password."""
    if error.trouble is Trouble.UNUSABLE:
        return error
    said = say("The library {place} cannot be opened: {why}", place=place, why=error)
    return StoreError(said, trouble=error.trouble)


def _words(error: Error) -> str:
    """What PostgreSQL says first, in one line; it names hosts and users, and no password."""
    told = error.diag.message_primary or str(error)
    lines = [line.strip() for line in told.splitlines() if line.strip()] or ["no answer"]
    return lines[0].removeprefix("connection failed: ").rstrip(".")
