"""The templates that Home Assistant renders: what of our JSON becomes a state."""

from __future__ import annotations

import json
from typing import Any

MAX_STATE_CHARS = 255
"""Home Assistant drops a longer state."""


def state(key: str, fallback: str = "None", *, other: str | None = None) -> str:
    """A template for a state made of one key; Home Assistant reads “None” as unknown."""
    either = f"value_json.{key} or value_json.{other}" if other else f"value_json.{key}"
    text = f"({either} or '') | string"
    return f"{{{{ ({text})[:{MAX_STATE_CHARS}] or {quoted(fallback)} }}}}"


def quoted(value: Any) -> str:
    """A Jinja literal: JSON is one, as long as it holds no escaped surrogates."""
    return json.dumps(value, ensure_ascii=False)
