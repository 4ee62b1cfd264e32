"""What devices ask over HTTP and are answered, whoever carries it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from glance_agent.domain.foreign import JsonLimits, json_value

MOST_BODY_BYTES: Final = 64 * 1024
_LIMITS: Final = JsonLimits(bytes=MOST_BODY_BYTES, values=2_000)


@dataclass(frozen=True, slots=True)
class DeviceRequest:
    """What a device asks: `headers` by their names in small letters with `-`, `parts` of its path
    by theirs, the `address` that it comes from, and the `base_url` at which it has reached us."""

    headers: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    address: str = ""
    base_url: str = ""

    def header(self, *names: str) -> str:
        """The first of these headers that says something; empty for none."""
        return next((self.headers[name] for name in names if self.headers.get(name)), "")

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; empty for what is none."""
        try:
            found = json_value(self.body, _LIMITS)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class DeviceAnswer:
    """What a device is answered, always with its length."""

    body: bytes = field(default=b"", repr=False)
    content_type: str = "application/octet-stream"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeviceAddress:
    """One address that devices ask, and what answers there."""

    method: str
    path: str
    """Begins with /, and may hold {names}."""
    answer: Callable[[DeviceRequest], Awaitable[DeviceAnswer]]


def json_answer(told: Mapping[str, Any], status: int = 200) -> DeviceAnswer:
    """A JSON object, in ASCII: small parsers read no more."""
    return DeviceAnswer(json.dumps(told).encode(), "application/json", status)
