"""What must survive a restart: what was asked today, and which hosts are left alone till when."""

from __future__ import annotations

import json
import logging
import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from glance_agent.domain.errors import SourceError
from glance_agent.domain.foreign import json_value
from glance_agent.domain.private import write_private
from glance_agent.domain.said import say
from glance_agent.sources.web.manners import DAY_SECONDS, Manners

UNWRITTEN_MOST = 20
"""How many facts may be jotted down before they go to disk: a crash loses no more …"""
UNWRITTEN_SECONDS = 1.0
"""… unless they come faster than this allows; a disk is not waited for more often."""
MOST_DOUBLINGS = 30
"""A host that refuses for years is not left alone for longer than floats can say."""
Clock = Callable[[], float]
"""Seconds since the epoch."""
_LATEST = 253_402_300_799.0
"""The last second that a date can name."""
_log = logging.getLogger(__name__)


class RequestLog:
    """Small facts by section and name, kept in one file; without a file only in memory."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._pages: dict[str, dict[str, Any]] = {}
        self._unwritten = 0
        self._written_at = time.monotonic()
        if path is not None:
            self._pages = _read(path)

    def get(self, section: str, name: str) -> dict[str, Any]:
        """The fact, empty where none is noted."""
        found = self._pages.get(section, {}).get(name, {})
        return found if isinstance(found, dict) else {}

    def names(self, section: str) -> list[str]:
        """What is noted in a section."""
        return list(self._pages.get(section, {}))

    def put(self, section: str, name: str, fact: dict[str, Any] | None) -> None:
        """Note a fact, or forget it; on disk when this returns."""
        page = self._pages.setdefault(section, {})
        if fact is None:
            page.pop(name, None)
        else:
            page[name] = fact
        self._unwritten += 1
        self.flush()

    def jot(self, section: str, name: str, fact: dict[str, Any]) -> None:
        """Note a fact that may be lost in a crash: only some of these go to disk at once."""
        self._pages.setdefault(section, {})[name] = fact
        self._unwritten += 1
        rested = time.monotonic() - self._written_at >= UNWRITTEN_SECONDS
        if self._unwritten >= UNWRITTEN_MOST and rested:
            self.flush()

    def flush(self) -> None:
        """Write what is not on disk yet; while the disk fails, it is kept in memory."""
        if self._path is not None and self._unwritten:
            try:
                _write(self._path, self._pages)
            except OSError as error:
                _log.warning("what was asked of museums cannot be kept: %s", error.strerror)
            self._unwritten = 0
            self._written_at = time.monotonic()


REFUSES_PROGRAMS = say("refuses programs")
ASKED_FOR_A_PAUSE = say("asked for a pause")
_WHY = {str(why): why for why in (REFUSES_PROGRAMS, ASKED_FOR_A_PAUSE)}


@dataclass(frozen=True, slots=True)
class Away:
    """A host that is left alone: until when (seconds since the epoch), and why."""

    host: str
    until: float
    why: str

    def __str__(self) -> str:
        return f"{self.host} {self.why}; it is left alone until {_minute(self.until)}"


class Breaker:
    """Leaves a host alone for longer and longer while it refuses programs."""

    def __init__(self, request_log: RequestLog, clock: Clock) -> None:
        self._notes = request_log
        self._clock = clock
        self._strikes: Counter[str] = Counter()

    def check(self, host: str) -> None:
        """Raises SourceError while the host is left alone."""
        away = self._away(host)
        if away is not None:
            raise SourceError(
                say(
                    "{host} {why}; it is left alone until {time}.",
                    host=away.host,
                    why=_WHY.get(away.why, away.why),
                    time=_minute(away.until),
                )
            )

    def open(self, host: str, manners: Manners, why: str) -> None:
        """Leave the host alone, longer than the last time."""
        times = min(_count(self._notes.get("away", host), "times"), MOST_DOUBLINGS)
        seconds = manners.away_first_seconds * manners.away_factor**times
        seconds = min(seconds, manners.away_longest_seconds)
        self._note(host, seconds, why, times + 1)

    def pause(self, host: str, seconds: float, why: str) -> None:
        """Leave the host alone for as long as it asked for."""
        self._note(host, seconds, why, _count(self._notes.get("away", host), "times"))

    def strike(self, host: str) -> int:
        """Count a request that the host did not serve; returns how many came in a row."""
        self._strikes[host] += 1
        return self._strikes[host]

    def worked(self, host: str) -> None:
        """The host serves programs again."""
        self._strikes[host] = 0
        if self._notes.get("away", host) and self._away(host) is None:
            self._notes.put("away", host, None)

    def away(self) -> list[Away]:
        """The hosts that are left alone now."""
        found = (self._away(host) for host in self._notes.names("away"))
        return [away for away in found if away is not None]

    def _away(self, host: str) -> Away | None:
        fact = self._notes.get("away", host)
        until = fact.get("until", 0)
        if not isinstance(until, int | float) or until <= self._clock():
            return None
        why = str(fact.get("why", "refused programs"))
        return Away(host, min(float(until), _LATEST), why)

    def _note(self, host: str, seconds: float, why: str, times: int) -> None:
        fact = {"until": self._clock() + seconds, "why": why, "times": times}
        self._notes.put("away", host, fact)


@dataclass(slots=True)
class Budget:
    """What one source may ask for in one day (UTC)."""

    source: str
    request_log: RequestLog
    clock: Clock
    requests: int
    megabytes: int

    def spend_request(self) -> None:
        """Count one request; raises SourceError when the day's are used up."""
        used = self._today()
        if used["requests"] >= self.requests or used["bytes"] >= self.megabytes * 1_000_000:
            raise SourceError(
                say(
                    "{source} has used up what it may fetch in one day; it goes on "
                    "tomorrow. Raise daily_requests or daily_megabytes to allow more.",
                    source=self.source,
                )
            )
        used["requests"] += 1
        self.request_log.jot("used", self.source, used)

    def spend_bytes(self, count: int) -> None:
        """Count received bytes."""
        used = self._today()
        used["bytes"] += count
        self.request_log.jot("used", self.source, used)

    def _today(self) -> dict[str, int]:
        day = int(self.clock() // DAY_SECONDS)
        fact = self.request_log.get("used", self.source)
        if fact.get("day") != day:
            return {"day": day, "requests": 0, "bytes": 0}
        return {k: _count(fact, k) for k in ("day", "requests", "bytes")}


def _count(fact: dict[str, Any], name: str) -> int:
    """What is counted under a name, 0 where a damaged file says no number."""
    found = fact.get(name)
    return found if isinstance(found, int) and found > 0 else 0


def _minute(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _read(path: Path) -> dict[str, dict[str, Any]]:
    """The noted facts; a missing or broken file is an empty log."""
    try:
        found = json_value(path.read_bytes())
    except (OSError, ValueError):
        return {}
    pages = found.items() if isinstance(found, dict) else ()
    return {k: v for k, v in pages if isinstance(v, dict)}


def _write(path: Path, pages: dict[str, dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    write_private(draft, json.dumps(pages).encode())
    os.replace(draft, path)
