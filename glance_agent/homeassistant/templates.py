"""The templates that Home Assistant renders: what of our JSON becomes a state."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

MAX_STATE_CHARS = 255
"""Home Assistant drops a longer state."""


def key(name: str) -> str:
    """The value of a key, or none; Home Assistant logs a warning for `value_json.missing`."""
    return f"value_json.get('{name}')"


def text(name: str, limit: int = MAX_STATE_CHARS) -> str:
    """The text of a key, cut; empty where there is none."""
    return f"({key(name)} or '')[:{limit}]"


def state(*names: str, fallback: str = "None") -> str:
    """A template for the first of some keys that says something; “None” is read as unknown."""
    either = " or ".join(key(name) for name in names)
    return f"{{{{ (({either} or '') | string)[:{MAX_STATE_CHARS}] or {quoted(fallback)} }}}}"


def on_where(expression: str) -> str:
    """A template for `ON` where an expression is true, else `OFF`."""
    return f"{{{{ 'ON' if {expression} else 'OFF' }}}}"


def to_json(pairs: Mapping[str, str]) -> str:
    """A template for a JSON object, from expressions by key."""
    return f"{{{{ {{{', '.join(f'{quoted(k)}: {v}' for k, v in pairs.items())}}} | to_json }}}}"


def quoted(value: Any) -> str:
    """A Jinja literal: JSON is one, as long as it holds no escaped surrogates."""
    return json.dumps(value, ensure_ascii=False)
