"""What befalls a library in PostgreSQL, in the language of whoever is told."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import repeat

import psycopg
import pytest
from psycopg import errors

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.languages import in_language
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.store.postgres import sqlstate
from glance_agent.store.postgres.errors import said_of
from glance_agent.store.postgres.line import opened
from tests.postgres import _FOR_TESTS, Server, started


@pytest.mark.parametrize(
    ("error", "trouble", "english", "german"),
    [
        (
            errors.DiskFull("no space left"),
            Trouble.FULL,
            "no space left: the disk of the database is full; make room there.",
            "no space left: der Datenträger der Datenbank ist voll; schaff dort Platz.",
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


# -- what passes by itself, and what does not ------------------------------------------------------


@contextmanager
def answering(*answers: bytes) -> Iterator[int]:
    """The port of what gives these answers to what it is told, for ever."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            for _ in repeat(None):
                try:
                    guest, _ = listening.accept()
                except OSError:
                    return
                with guest:
                    for each in answers:
                        guest.recv(4_096)
                        guest.sendall(each)

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def message(kind: bytes, body: bytes) -> bytes:
    return kind + (len(body) + 4).to_bytes(4, "big") + body


PASSWORD = message(b"R", (3).to_bytes(4, "big"))
FEHLER = "Passwort-Authentifizierung für Benutzer »glance« fehlgeschlagen"
REFUSED = message(b"E", b"SFATAL\0C28P01\0M" + FEHLER.encode() + b"\0\0")


def refusal(url: str) -> StoreError:
    with pytest.raises(StoreError) as caught:
        opened(PostgresPlace(url))
    assert caught.value.trouble is Trouble.UNREACHABLE
    return caught.value


def test_what_time_does_not_heal_is_told_from_what_it_does(server: Server) -> None:
    name = server.created()
    server.guard("locked", "another one")
    server.run("CREATE USER nobody_at_all NOLOGIN")
    server.run("CREATE USER outside")
    server.run(f"REVOKE CONNECT ON DATABASE {name} FROM public")
    nowhere = server.url(name).replace(server.folder.name, "nowhere")
    found = {
        "password": refusal(server.url(name, user="locked", password="no")),
        "none": refusal(server.url(name, user="locked")),
        "role": refusal(server.url(name, user="unknown")),
        "login": refusal(server.url(name, user="nobody_at_all")),
        "connect": refusal(server.url(name, user="outside")),
        "database": refusal(server.url("dreams")),
        "mode": refusal(f"{server.url(name)}&sslmode=perhaps"),
        "away": refusal(nowhere),
        "port": refusal("postgresql://glance:s3cret@127.0.0.1:1/glance"),
        "host": refusal("postgresql://glance@no-host.invalid/glance"),
        "standby": refusal(f"{server.url(name)}&target_session_attrs=standby"),
    }
    assert {what for what, said in found.items() if not said.refused} == {
        "away", "port", "host", "standby",
    }  # fmt: skip
    assert str(found["port"]).startswith("see that the server of library.url runs and can be")
    assert "s3cret" not in str(found["port"])
    assert "GRANT CONNECT" in str(found["connect"])
    assert "ALTER ROLE" in str(found["login"])
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        web = refusal(f"postgresql://glance@127.0.0.1:{port}/glance")
    assert web.refused
    assert "no PostgreSQL" in str(web)
    with answering(b"N") as port:
        plain = refusal(f"postgresql://glance@127.0.0.1:{port}/glance?sslmode=require")
    assert plain.refused
    assert "sslmode" in str(plain)


def test_a_server_that_says_no_to_a_password_in_its_own_language_means_it() -> None:
    with answering(b"N", PASSWORD, REFUSED) as port:
        said = refusal(f"postgresql://glance:no@127.0.0.1:{port}/glance?sslmode=prefer")
    assert FEHLER in str(said)
    assert said.refused


def test_of_several_hosts_each_has_to_refuse(server: Server) -> None:
    name = server.created()
    server.guard("barred", "another one")
    folder = str(server.folder)

    def at(*hosts: str) -> StoreError:
        return refusal(f"postgresql://barred:no@/{name}?host={','.join(hosts)}")

    assert at(folder).refused
    assert at(folder, folder).refused
    for hosts in ((folder, "/nowhere"), ("/nowhere", folder)):
        said = at(*hosts)
        assert not said.refused
        assert "see that the server of library.url runs" in str(said)


# -- a server that speaks another language ---------------------------------------------------------


@pytest.fixture(scope="module")
def german() -> Iterator[Server]:
    """A server with room for two, where Debian's catalogues are; `bob` has the password `right`."""
    crowded = ("lc_messages=C.UTF-8", "max_connections=5", "superuser_reserved_connections=3")
    asked = [one for one in _FOR_TESTS if not one.startswith("max_connections")]
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("LANGUAGE", "de")
        with started((*asked, *crowded)) as server:
            server.guard("bob", "right")
            yield server


@pytest.mark.parametrize(
    ("user", "password", "database", "advice"),
    [
        ("bob", "wrong", "postgres", "the password of library.url is not the right one"),
        ("bob", "right", "nowhere", "create what is missing there"),
        ("nobody", "", "postgres", "see how the server's pg_hba.conf lets the user"),
    ],
)
def test_who_is_refused_in_another_language_is_told_what_to_do(
    german: Server, user: str, password: str, database: str, advice: str
) -> None:
    refused = refusal(german.url(database, user, password))
    assert refused.refused
    assert advice in str(refused)
    assert "FATAL:" in str(refused)
    assert "right)" not in str(refused)


def test_who_finds_a_server_full_that_speaks_another_language_waits(german: Server) -> None:
    url = german.url("postgres", "bob", "right")
    with ExitStack() as inside:
        for _ in range(2):
            inside.enter_context(psycopg.connect(url))
        for reserved in range(4):
            full = refusal(url)
            assert not full.refused, "others leave again"
            assert "raise max_connections" in str(full)
            if reserved < 3:
                inside.enter_context(psycopg.connect(german.url("postgres")))


def test_a_server_that_is_full_once_it_has_seen_the_password_is_waited_for() -> None:
    full = message(b"E", b"SSCHLIMM\0C53300\0Mzu viele\0\0")
    with answering(b"N", PASSWORD, full) as port:
        said = refusal(f"postgresql://glance:no@127.0.0.1:{port}/glance?sslmode=prefer")
    assert "zu viele (SQLSTATE 53300)" in str(said)
    assert not said.refused


def test_only_so_much_is_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[str]()

    def code(conninfo: str) -> str:
        asked.append(conninfo)
        return "53300"

    monkeypatch.setattr(sqlstate, "_asked", code)
    codes = sqlstate.Meanings()
    assert codes.code_of("connection failed: could not translate host name", "a") is None
    for number in [*range(sqlstate.MOST), 0]:
        assert codes.code_of(f"failed: FATAL:  voll {number}", "b") == "53300"
    assert codes.code_of("failed: FATAL:  voll bis oben", "c") is None
    assert asked == ["b"] * sqlstate.MOST
