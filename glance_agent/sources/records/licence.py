"""Under which licence a picture may be shown, judged from the source's own words."""

from __future__ import annotations

import re

CC0 = "CC0-1.0"
PUBLIC_DOMAIN = "PDM-1.0"
NO_COPYRIGHT_US = "NoC-US"
RESTRICTED = "restricted"
UNKNOWN_REASON = "licence unknown"
CLOSED_REASON = "licence not open"

_OPEN = re.compile(r"CC0-1\.0|PDM-1\.0|NoC-US|CC-BY(-SA)?-\d\.\d")
_PATTERNS = (
    (re.compile(r"creativecommons\.org/publicdomain/zero\b"), CC0),
    (re.compile(r"creativecommons\.org/share-your-work/public-domain/cc0\b"), CC0),
    (re.compile(r"creativecommons\.org/publicdomain/mark\b"), PUBLIC_DOMAIN),
    (re.compile(r"rightsstatements\.org/(?:vocab|page)/noc-us\b"), NO_COPYRIGHT_US),
    (re.compile(r"rightsstatements\.org/"), RESTRICTED),
)
_CREATIVE_COMMONS = re.compile(
    r"creativecommons\.org/licenses/(by(?:-nc)?(?:-nd|-sa)?)/(\d\.\d)(?:/|$)|"
    r"^cc-(by(?:-nc)?(?:-nd|-sa)?)-(\d\.\d)(?:-|$)"
)


def cc0_where(is_public_domain: object) -> str | None:
    """The licence of museums that give everything away that is in the public domain; None where
    they do not say whether it is."""
    if not isinstance(is_public_domain, bool):
        return None
    return CC0 if is_public_domain else RESTRICTED


def licence_of(value: object) -> str | None:
    """The licence that a rights URI or a short name such as cc-by-sa-4.0 stands for, or None.

    Of a list the first that stands for one counts.
    """
    named = value[:50] if isinstance(value, list) else [value]
    return next((found for v in named if isinstance(v, str) and (found := _licence(v))), None)


def _licence(name: str) -> str | None:
    words = name[:500].strip().casefold()
    if words in ("cc0", "cc-zero", "cc0-1.0"):
        return CC0
    for pattern, licence in _PATTERNS:
        if pattern.search(words):
            return licence
    match = _CREATIVE_COMMONS.search(words)
    return f"CC-{match[1] or match[3]}-{match[2] or match[4]}".upper() if match else None


def refusal(licence: str | None) -> str | None:
    """Why a picture under this licence is not taken; None when it is."""
    if licence is None:
        return UNKNOWN_REASON
    return None if _OPEN.fullmatch(licence) else CLOSED_REASON


def needs_attribution(licence: str | None) -> bool:
    """Whether the licence asks to name author and licence beside the picture."""
    return bool(licence and licence.startswith("CC-BY"))
