"""The driver's connections: made as this house needs them, and none waits for ever for an answer.

A server may be gone without a word: a connection that it had accepted then stays open, and nothing
comes. So whoever waits is let go once whoever watches over the server finds it away, soon where the
program ends, and in any case after `SILENT_SECONDS` in which nothing came.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Self, TypeVar

import psycopg
from psycopg.adapt import Dumper
from psycopg.postgres import types

from glance_agent.domain.errors import ConfigError, StoreError
from glance_agent.domain.library_place import PostgresPlace, Watch, WayToServer
from glance_agent.domain.said import say
from glance_agent.store.postgres.errors import refused_at, said_of, with_code
from glance_agent.store.postgres.watching import check_reach

LEAST_VERSION = 14
CONNECT_SECONDS = 5
BUSY_SECONDS = 10
"""How long a writer waits for another one."""
SILENT_SECONDS = 60.0
"""So long a server may take for one answer where nobody watches over it."""
WORKING_SECONDS = 1_800.0
"""The same while tables are made or brought up to date."""
LET_IN_SECONDS = 0.5
LAST_ANSWER_SECONDS = 3.0
"""So long a server may say nothing to a program that ends: before it lets it in, and to answer."""
SCHEMA = "glance_agent"
APPLICATION = "glance-agent"
_SESSION = (
    f"SET search_path TO {SCHEMA}; SET lock_timeout = '{BUSY_SECONDS}s'; "
    "SET client_min_messages = warning; SET TimeZone = 'UTC'; "
    "SET tcp_keepalives_idle = 20; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; "
    "SET idle_in_transaction_session_timeout = '5min'; SET synchronous_commit = {durable}"
)
_T = TypeVar("_T")
_reach: ContextVar[WayToServer | None] = ContextVar("the way that is being tried", default=None)


class Driver(psycopg.Connection[Any]):
    """A connection of the driver, which is closed where no answer comes."""

    silent_seconds = SILENT_SECONDS
    watch: Watch | None = None
    reach: WayToServer | None = None
    opened_at = math.inf

    @property
    def suspect(self) -> bool:
        """Whether the way to the server has failed since it was opened: nothing may ever come by
        it any more."""
        return self.watch is not None and self.watch.silent_at > self.opened_at

    def watched_by(self, watch: Watch | None) -> None:
        """Let whoever waits go once this one finds that nothing will come."""
        self.watch, self.opened_at = watch, time.monotonic()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Within it the server may take long for an answer."""
        self.silent_seconds = WORKING_SECONDS
        try:
            yield
        finally:
            self.silent_seconds = SILENT_SECONDS

    @classmethod
    def _connect_gen(cls, conninfo: str = "", **named: Any) -> Generator[Any, Any, Self]:
        """The steps of one attempt, as the driver takes them; ended where nobody waits any more.
        What the server says in a language that is not known here has its code."""
        reach = _reach.get()

        def in_vain(since: float) -> bool:
            silent = time.monotonic() - since
            return reach is not None and reach.is_over and silent > LET_IN_SECONDS

        try:
            return (yield from _patient(super()._connect_gen(conninfo, **named), in_vain))
        except psycopg.OperationalError as error:
            raise with_code(error, conninfo) from None

    def wait(self, gen: Generator[Any, Any, _T], *arguments: Any, **named: Any) -> _T:
        """What the driver is waiting for. Raises OperationalError where it does not come."""
        return super().wait(_patient(gen, self._gives_up), *arguments, **named)

    def _gives_up(self, since: float) -> bool:
        """Whether nothing will come to whoever has been waiting since then; if so, it is closed."""
        silent = time.monotonic() - since
        is_over = self.reach is not None and self.reach.is_over and silent > LAST_ANSWER_SECONDS
        is_away = self.suspect or (self.watch is not None and self.watch.away is not None)
        if is_over or is_away or silent > self.silent_seconds:
            self.pgconn.finish()
            return True
        return False


def _patient(
    gen: Generator[Any, Any, _T], in_vain: Callable[[float], bool]
) -> Generator[Any, Any, _T]:
    """The same steps, as long as whoever has been waiting since then does not do so `in_vain`;
    `ready` is nothing each time that the driver has waited for nothing."""
    try:
        step = next(gen)
        since = time.monotonic()
        while True:
            ready = yield step
            if ready:
                since = time.monotonic()
            elif in_vain(since):
                raise psycopg.OperationalError("the server does not answer")
            step = gen.send(ready)
    except StopIteration as done:
        result: _T = done.value
        return result


class _Flag(Dumper):
    """True and False as 1 and 0: so they are kept."""

    oid = types["int2"].oid

    def dump(self, obj: bool) -> bytes:
        return b"1" if obj else b"0"


class _Text(psycopg.types.string.StrDumperUnknown):
    """Text without the one character that PostgreSQL cannot keep."""

    def dump(self, obj: str) -> Any:
        return super().dump(obj.replace("\0", "\N{REPLACEMENT CHARACTER}") if "\0" in obj else obj)


def connected(
    place: PostgresPlace,
    *,
    durable: bool = True,
    also: Callable[[Driver], None] | None = None,
) -> Driver:
    """A connection of the driver, as this house needs it, `also` made ready by whoever asks; where
    that fails nothing stays open. Raises StoreError, at once where the server is known to be away.

    Where somebody watches over the server, it is made sure first that the library is still this
    agent's.
    """
    check_reach(place)
    if (watch := place.reach.watch) is not None:
        watch.confirm()
    driver = opened(place, watch.name if watch else APPLICATION)
    driver.watched_by(watch)
    with made_ready(driver):
        prepare(driver, durable=durable)
        if also is not None:
            also(driver)
    return driver


@contextmanager
def made_ready(driver: Driver) -> Iterator[None]:
    """Within it a new connection is made ready; where that fails it is closed. Raises StoreError
    for what befalls the library."""
    try:
        yield
    except psycopg.Error as error:
        driver.close()
        raise said_of(error) or error from error
    except BaseException:
        driver.close()
        raise


def opened(place: PostgresPlace, name: str = APPLICATION) -> Driver:
    """A connection of the driver as it is at first, of this name. Raises StoreError."""
    trying = _reach.set(place.reach)
    try:
        driver = Driver.connect(place.url, **settings_of(place, name))
    except psycopg.OperationalError as error:
        raise refused_at(error) or error from None
    except psycopg.Error:
        # What the driver cannot understand it repeats, with the password.
        raise StoreError(
            say(
                "library.url cannot be understood: see that its options are spelled rightly, and "
                "that a % in its password is written as %25."
            ),
            refused=True,
        ) from None
    finally:
        _reach.reset(trying)
    driver.reach = place.reach
    return driver


def settings_of(place: PostgresPlace, name: str = APPLICATION) -> dict[str, Any]:
    """How the driver connects. Raises StoreError where the password cannot be read."""
    try:
        password = place.password()
    except ConfigError as error:
        raise StoreError(error.said, refused=True) from error
    return {
        "autocommit": True,
        "cursor_factory": psycopg.RawCursor,
        "connect_timeout": CONNECT_SECONDS,
        "application_name": name,
        "keepalives_idle": 30,
        "tcp_user_timeout": 20_000,
        **({"password": password} if password else {}),
    }


def prepare(driver: Driver, *, durable: bool = True) -> None:
    """Put a connection into the state that every room expects. Raises StoreError."""
    version = driver.info.server_version // 10_000
    if version < LEAST_VERSION:
        raise StoreError(
            say(
                "PostgreSQL {version} is too old: the server of library.url has to be of version "
                "{least} or newer.",
                version=version,
                least=LEAST_VERSION,
            )
        )
    if (encoding := driver.info.parameter_status("server_encoding")) != "UTF8":
        raise StoreError(
            say(
                "The database of library.url keeps text as {encoding}: create one with {sql}.",
                encoding=encoding or "?",
                sql="ENCODING 'UTF8'",
            )
        )
    driver.server_cursor_factory = psycopg.RawServerCursor
    driver.adapters.register_dumper(bool, _Flag)
    driver.adapters.register_dumper(str, _Text)
    driver.execute(_SESSION.format(durable="on" if durable else "off"))
