"""What befalls a library in PostgreSQL, as the house knows it: StoreError, and what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from psycopg import Error, OperationalError, errors

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.domain.said import say
from glance_agent.store.postgres.sqlstate import Meanings, said_by_server

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


class _AtTheDoor(NamedTuple):
    """What is said when nobody is let in, what to do about it, and whether it passes by itself; and
    the code of it where it is said in another language."""

    words: str
    advice: str
    passes: bool = False
    code: str = "?"

    def is_meant_by(self, said: str) -> bool:
        """Whether this is what was said."""
        return self.words in said or _CODE.format(self.code) in said


_CODE = "(SQLSTATE {})"
_PEER = say("see how the server's pg_hba.conf lets the user of library.url in")
_HBA = say("let this machine in by the server's pg_hba.conf")
_TLS = say("see to sslmode in library.url, to its certificates and to those of the server")
_OTHER = say("what answers there is no PostgreSQL: see to the host and the port of library.url")
_CROWDED = say("raise max_connections of the server, or stop other programs")
_AT_THE_DOOR = (
    _AtTheDoor(
        "password authentication failed",
        say("the password of library.url is not the right one"),
        code="28P01",
    ),
    _AtTheDoor(
        "no password supplied",
        say("name a password by password_file, in library.url, in ~/.pgpass or in PGPASSWORD"),
    ),
    _AtTheDoor("authentication failed", _PEER, code="28000"),
    _AtTheDoor("no pg_hba.conf entry", _HBA),
    _AtTheDoor("pg_hba.conf rejects", _HBA),
    _AtTheDoor("certificate", _TLS),
    _AtTheDoor("does not support SSL", _TLS),
    _AtTheDoor("invalid response to SSL", _OTHER),
    _AtTheDoor("expected authentication request", _OTHER),
    _AtTheDoor("connection is bad: invalid", say("correct library.url")),
    _AtTheDoor(
        "is not permitted to log in",
        say("let the user of library.url in: {sql}", sql="ALTER ROLE … LOGIN"),
    ),
    _AtTheDoor(
        "permission denied for database",
        say("let the user of library.url in: {sql}", sql="GRANT CONNECT ON DATABASE … TO …"),
        code="42501",
    ),
    _AtTheDoor(
        "does not exist",
        say("create what is missing there, or name another one in library.url"),
        code="3D000",
    ),
    _AtTheDoor("too many clients", _CROWDED, passes=True, code="53300"),
    _AtTheDoor("too many connections", _CROWDED, passes=True),
    _AtTheDoor("connection slots", _CROWDED, passes=True),
    _AtTheDoor(
        "starting up",
        say("the server is just starting; try again in a moment"),
        passes=True,
        code="57P03",
    ),
    _AtTheDoor("shutting down", say("the server is just stopping"), passes=True),
)
"""What libpq and the server say, the first that is in it."""
_MEANINGS = Meanings()
_GRANT = "GRANT CREATE ON DATABASE {name} TO …"
_NO_SCHEMA = re.compile(r"permission denied for database (\S+)")
"""What it says to who may not make the schema of the tables."""
_ATTEMPT = re.compile(
    r"^- host: (\S+), port: .*?, hostaddr: .*?: (.*(?:\n(?!- host: ).*)*)", re.MULTILINE
)
"""What the driver says of each address that it has tried, where there are several."""


def trouble_of(error: Error) -> Trouble | None:
    """What has befallen the library by this error; None where the statement is at fault."""
    return next((trouble for kind, trouble in _TROUBLE if isinstance(error, kind)), None)


def said_of(error: Error) -> StoreError | None:
    """The error as the house knows it; None where the statement is at fault."""
    trouble = trouble_of(error)
    if trouble is None:
        return None
    if trouble is Trouble.UNREACHABLE:
        return _at_the_door(error)
    words, advice = _first_line(error.diag.message_primary or str(error)), _ADVICE[trouble]
    if refused := _NO_SCHEMA.search(words):
        name = refused[1].strip('"')
        advice = say("let the user of library.url make it: {sql}", sql=_GRANT.format(name=name))
    return StoreError(
        say("{why}: {advice}.", why=words, advice=advice),
        trouble=trouble,
        refused=trouble is Trouble.UNWRITABLE,
    )


def _at_the_door(error: Error) -> StoreError:
    """Why nobody is let in, or not any more. Of several hosts each has to refuse: the others may
    come back."""
    found = [_met(host) for host in _by_host(error.diag.message_primary or str(error))]
    words, known = next((one for one in found if one[1] is None or one[1].passes), found[0])
    advice = known.advice if known else _ADVICE[Trouble.UNREACHABLE]
    return StoreError(
        say("{advice} ({why}).", why=words, advice=advice),
        trouble=Trouble.UNREACHABLE,
        refused=known is not None and not known.passes,
    )


def refused_at(error: Error) -> StoreError | None:
    """The same of a connection that was not made. A server that has asked for the password and
    then said no, and not by which code, does not change its mind."""
    said, last, words = said_of(error), error.pgconn, str(error)
    if said is not None and last is not None and last.used_password and said_by_server(words):
        said.refused = said.refused or not (_is_known(words) or _CODE[:10] in words)
    return said


def with_code(error: OperationalError, conninfo: str) -> OperationalError:
    """An attempt's error, with its code in its first line where nothing is known by its words."""
    words = str(error)
    code = None if _is_known(words) else _MEANINGS.code_of(words, conninfo)
    if code is None:
        return error
    first, *others = words.splitlines()
    return OperationalError(
        "\n".join([f"{first} {_CODE.format(code)}", *others]), pgconn=error.pgconn
    )


def _is_known(words: str) -> bool:
    return any(known.is_meant_by(words) for known in _AT_THE_DOOR)


def _by_host(text: str) -> list[list[str]]:
    """What was said at each host, which may have several addresses: each by itself."""
    attempts: dict[str, list[str]] = {}
    for host, said in _ATTEMPT.findall(text):
        attempts.setdefault(host, []).append(said)
    return [*attempts.values()] or [[text]]


def _met(attempts: Sequence[str]) -> tuple[str, _AtTheDoor | None]:
    """What one host has said, in one line, and what is known of that."""
    for said in attempts:
        for known in _AT_THE_DOOR:
            if known.is_meant_by(said):
                lines = (line for line in said.splitlines() if known.is_meant_by(line))
                return _first_line(next(lines, said)), known
    return _first_line(attempts[0]), None


def cannot_be_opened(place: PostgresPlace, error: StoreError) -> StoreError:
    """Why a library is of no use, in a sentence that names its place without a password."""
    if error.trouble is Trouble.UNUSABLE:
        return error
    said = say("The library {place} cannot be opened: {why}", place=place, why=error)
    return StoreError(said, trouble=error.trouble, refused=error.refused)


def _first_line(told: str) -> str:
    """What PostgreSQL says first; it names hosts and users, and no password."""
    lines = [line.strip() for line in told.splitlines() if line.strip()] or ["no answer"]
    return lines[0].removeprefix("connection failed: ").rstrip(".")
