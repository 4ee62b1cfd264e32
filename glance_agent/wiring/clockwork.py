"""When displays may change, and in what people are answered, as it is configured."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, timedelta, tzinfo
from pathlib import Path
from time import monotonic
from typing import Final
from zoneinfo import ZoneInfo

from glance_agent.config.settings import Config
from glance_agent.domain.languages import Languages, LatelySpoken
from glance_agent.domain.quiet import QuietHours
from glance_agent.domain.timing import Timing

LOCALTIME: Final = Path("/etc/localtime")
_log = logging.getLogger(__name__)


def timings_of(config: Config) -> dict[str, Timing]:
    """When each display may change, by its name."""
    zone = zone_of(config)
    return {
        display.name: Timing(
            timedelta(seconds=display.least_seconds),
            QuietHours(display.quiet_windows, zone),
        )
        for display in config.displays
    }


def zone_of(config: Config) -> tzinfo:
    """The time zone of the configuration, else that of the system: TZ, then /etc/localtime."""
    name = config.timezone or os.environ.get("TZ", "").removeprefix(":")
    if name:
        with suppress(OSError, ValueError, KeyError):
            return ZoneInfo(name)
        _log.warning("TZ = %s names no time zone; set timezone in the configuration", name)
    try:
        with LOCALTIME.open("rb") as file:
            return ZoneInfo.from_file(file)
    except (OSError, ValueError):
        return UTC


def languages_of(config: Config) -> Languages:
    """What whom is answered in; where nothing says it, what was spoken at the same door lately."""
    return replace(config.spoken, lately=LatelySpoken(monotonic))
