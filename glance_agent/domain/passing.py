"""Answers over HTTP that may be others when the same is asked again after a while."""

from __future__ import annotations

from typing import Final

PASSING_STATUSES: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
