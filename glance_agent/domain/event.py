"""What happened, told once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, told once and not retained: `event/<name>`."""

    name: str
    payload: dict[str, Any]
