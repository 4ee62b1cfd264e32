"""Where a library is: a file of SQLite, or a database of a PostgreSQL server."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, urlsplit

from glance_agent.domain.secret import read_secret

SCHEMES = ("postgresql", "postgres")


@dataclass(frozen=True, slots=True)
class PostgresPlace:
    """A database by its address; what is printed of it holds no password."""

    url: str = field(repr=False)
    password_file: Path | None = None

    def password(self) -> str | None:
        """The password of its file. Raises ConfigError where that cannot be read."""
        return read_secret(self.password_file) if self.password_file else None

    def __str__(self) -> str:
        """`postgresql://host:5432/name`: without who opens it, and how."""
        parts = urlsplit(self.url)
        hosts = ",".join(_hosts_of(parts)) or (parse_qs(parts.query).get("host") or [""])[0]
        return f"postgresql://{hosts}/{parts.path.removeprefix('/')}"


LibraryPlace = Path | PostgresPlace
"""Where a library is."""


def spelled(place: LibraryPlace) -> str:
    """Where it is, for people; an address without its password."""
    return str(place.absolute() if isinstance(place, Path) else place)


def check_address(url: str) -> None:
    """Raises ValueError where this is no address of a database; says nothing of what is in it."""
    try:
        parts = urlsplit(url)
        sound = all(_HOST.fullmatch(host) for host in _hosts_of(parts))
    except ValueError:
        raise ValueError(_EXPECTED) from None
    if not sound or parts.scheme not in SCHEMES or "//" not in url:
        raise ValueError(_EXPECTED)
    if "@" in parts.path or "/" in parts.path.strip("/"):
        raise ValueError(_EXPECTED)  # a password that is not written so ends the host
    if not parts.path.strip("/"):
        raise ValueError("the address names no database: write it behind the host, as /glance")


def _hosts_of(parts: SplitResult) -> list[str]:
    """The hosts of an address, which libpq tries one after the other, each with its port."""
    hosts = parts.netloc.rpartition("@")[2]
    return hosts.lower().split(",") if hosts else []


_HOST = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]*)(:\d{0,5})?")
"""A name, or an address of version 6 in brackets, and perhaps a port."""
_EXPECTED = "an address looks like postgresql://user@host/name; letters such as @ and / in a " + (
    "password are written as %40 and %2F"
)
