"""Where a library is: a file of SQLite, or a database of a PostgreSQL server."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from glance_agent.domain.errors import StoreError
from glance_agent.domain.said import say
from glance_agent.domain.secret import read_secret

SCHEMES = ("postgresql", "postgres")


class Watch(Protocol):
    """Knows whether a server can be reached; its program's connections are called by its name."""

    name: str
    silent_at: float
    """When it was found last that nothing comes any more (`time.monotonic`)."""

    @property
    def away(self) -> StoreError | None:
        """Why it cannot, as far as is known; None where it can."""

    def confirm(self) -> None:
        """Make sure that it can. Raises StoreError where it cannot."""


@dataclass(slots=True)
class WayToServer:
    """What a program knows of the way to a server, in all rooms that it has opened there."""

    watch: Watch | None = field(default=None, compare=False)
    """Who watches over the server; in most programs nobody does."""
    is_over: bool = field(default=False, compare=False)
    """Whether nobody waits any more for a server that says nothing, since the program ends."""


@dataclass(frozen=True, slots=True)
class PostgresPlace:
    """A database by its address; what is printed of it holds no password. Raises ValueError where
    the address is none."""

    url: str = field(repr=False)
    password_file: Path | None = None
    looks_through: bool = field(default=False, compare=False)
    """Whether the server looks through vectors, by pgvector, so that agents need keep none."""
    reach: WayToServer = field(default_factory=WayToServer, compare=False, repr=False)

    def __post_init__(self) -> None:
        _Address.of(self.url)

    def password(self) -> str | None:
        """The password of its file. Raises ConfigError where that cannot be read."""
        return read_secret(self.password_file) if self.password_file else None

    def __str__(self) -> str:
        """`postgresql://host:5432/name`: without who opens it, and how."""
        return str(_Address.of(self.url))


LibraryPlace = Path | PostgresPlace
"""Where a library is."""


def spelled(place: LibraryPlace) -> str:
    """Where it is, for people; an address without its password."""
    return str(place.absolute() if isinstance(place, Path) else place)


@dataclass(frozen=True, slots=True)
class _Address:
    """What an address tells of a database beside who opens it."""

    hosts: tuple[str, ...]
    """Those that libpq tries one after the other, each with its port; or where sockets are."""
    database: str

    @classmethod
    def of(cls, url: str) -> _Address:
        """Raises ValueError where this is no address; says nothing of what is in it."""
        try:
            parts = urlsplit(url)
        except ValueError:
            raise ValueError(_EXPECTED) from None
        hosts, name = parts.netloc.rpartition("@")[2].lower(), parts.path.strip("/")
        sound = parts.scheme in SCHEMES and "//" in url
        if not sound or not all(map(_HOST.fullmatch, hosts.split(","))):
            raise ValueError(_EXPECTED)
        if "@" in name or "/" in name:
            raise ValueError(_EXPECTED)  # a password that is not written so ends the host
        if not name:
            raise ValueError(
                say("the address names no database: write it behind the host, as /glance")
            )
        sockets = parse_qs(parts.query).get("host") or [""]
        return cls(tuple((hosts or sockets[0]).split(",")), name)

    def __str__(self) -> str:
        return f"postgresql://{','.join(self.hosts)}/{self.database}"


_HOST = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]*)(:\d{0,5})?")
"""A name, or an address of version 6 in brackets, and perhaps a port."""
_EXPECTED = say(
    "an address looks like postgresql://user@host:5432/name; letters such as @, / and % in a "
    "password are written as %40, %2F and %25"
)
