"""The ids by which devices name themselves, in one spelling."""

from __future__ import annotations

import re
from typing import Final

_MAC: Final = re.compile(r"([0-9a-f]{2}[:-]?){5}[0-9a-f]{2}")
_ID: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")


def device_id(text: str) -> str | None:
    """A device's id in small letters, MAC addresses as 01:23:45:67:89:ab; None for what is none."""
    given = text[:64].strip().lower()
    if _MAC.fullmatch(given):
        digits = re.sub("[:-]", "", given)
        return ":".join(digits[at : at + 2] for at in range(0, 12, 2))
    return given if _ID.fullmatch(given) else None
