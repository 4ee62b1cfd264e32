"""Which agent this is: its id is not that of the library, which others may share or have copied.

The first agent of a library has the library's own id, as all had before they had ids of their own.
Which one that is stands in the library; every agent keeps its id in a file beside its other files.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

from glance_agent.domain.errors import StoreError
from glance_agent.domain.identity import AGENT_ID, Identity
from glance_agent.domain.private import write_private
from glance_agent.store.database import Database
from glance_agent.store.transaction import transaction

_FACT = "first agent"
_MACHINE = Path("/etc/machine-id")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _First:
    """The agent that has been at a library first: its id, its files' mark, its base topic."""

    agent: str
    mark: str
    base_topic: str


def identify(
    db: Database, instance: str, file: Path, *, configured: str | None, base_topic: str
) -> Identity:
    """Who the agent is whose id is kept in this file, at the library with this id (`instance`).

    Where the id cannot be kept, it is the same again all the same as long as the agent's files stay
    where they are. Raises nothing.
    """
    mark = mark_of(file)
    kept = configured or kept_id(file)
    first = _first(db)
    if kept is None or first is None or (first.agent == kept and first.base_topic != base_topic):
        try:
            with transaction(db):
                first = _first(db)
                kept = kept or _new(first, mark, instance)
                first = _settled(db, first, _First(kept, mark, base_topic))
        except StoreError as error:
            _log.warning("the library does not know this agent yet: %s", error)
            kept = kept or _new(first, mark, instance)
    if not configured and kept_id(file) != kept:
        _keep(file, kept)
    same = first is None or first.base_topic == base_topic
    return Identity(kept, instance if same else _digest(instance, base_topic))


def receipts_prefix(session: str, instance: str) -> str:
    """What tells the receipts of a session from those of others; the first one needs none."""
    return "" if session == instance else f"{session}:"


def _new(first: _First | None, mark: str, instance: str) -> str:
    """The id of an agent that has none yet."""
    if first is None:
        return instance
    return first.agent if first.mark == mark else mark


def _settled(db: Database, first: _First | None, me: _First) -> _First:
    """Who is the first from now on: whoever comes first, wherever it speaks later."""
    if first is not None and first.agent != me.agent:
        return first
    told = json.dumps(asdict(me))
    db.execute("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", [_FACT, told])
    return me


def _first(db: Database) -> _First | None:
    try:
        row = db.execute("SELECT value FROM facts WHERE name = ?", [_FACT]).fetchone()
        told = json.loads(row[0]) if row else {}
        return _First(str(told["agent"]), str(told["mark"]), str(told["base_topic"]))
    except (StoreError, ValueError, KeyError, TypeError):
        return None


def kept_id(file: Path) -> str | None:
    """The id that is kept in this file; None where there is none yet."""
    try:
        told = file.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None
    return told if re.fullmatch(AGENT_ID, told) else None


def _keep(file: Path, agent: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_private(file, f"{agent}\n".encode())
    except OSError as error:
        _log.info("the agent's id is not kept in %s: %s", file, error.strerror)


def mark_of(file: Path) -> str:
    """Twelve hexadecimal digits for this machine and the place of the file."""
    try:
        machine = _MACHINE.read_text(encoding="ascii").strip() or socket.gethostname()
    except (OSError, ValueError):
        machine = socket.gethostname()
    return _digest("glance-agent", machine, str(file.absolute()))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
