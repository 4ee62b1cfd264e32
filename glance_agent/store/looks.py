"""Works that look alike, found by bands of their looks' bits: never by looking through all.

The 128 bits of a look lie in eight bands, each of four hexadecimal digits from all over the
picture: neighbouring bits mostly agree, and say little together. Of two pictures of one work some
band is the same, or nearly, and the index of each band finds it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from glance_agent.domain.items import Look
from glance_agent.store.database import Database

_DIGITS = [[k, 8 + (k + 5) % 8, 16 + (k + 3) % 8, 24 + (k + 6) % 8] for k in range(8)]
"""Which digits each band has; the indexes in the file are of these."""
RATIO = "CAST(look_ratio * 32 AS INTEGER)"
"""A picture's proportions, in steps."""
BANDS = [
    " || ".join(f"substr(hex(look), {digit + 1}, 1)" for digit in digits) for digits in _DIGITS
]
"""What indexes are of, beside the proportions."""
INDEXES = [
    f"CREATE INDEX artworks_look_{number} ON artworks ({band}, {RATIO}) WHERE look IS NOT NULL"
    for number, band in enumerate(BANDS)
]
_ALIKE = " UNION ".join(
    f"SELECT rowid FROM artworks WHERE look IS NOT NULL "
    f"AND {band} IN (SELECT value FROM json_each(:band_{number})) "
    f"AND {RATIO} BETWEEN :narrowest AND :widest"
    for number, band in enumerate(BANDS)
)


def likely_alike(db: Database, look: Look, stretch: float, *, nearly: bool) -> dict[str, Look]:
    """How the usable works look that share a band of bits with this look, and are no copies.

    Their proportions differ about so many times at most. With `nearly`, of one band all bits but
    one may be shared: every work is found then whose look differs in 15 bits or less.
    """
    digits = look.bits.hex().upper()
    bands = ["".join(digits[place] for place in places) for places in _DIGITS]
    values = {
        f"band_{number}": json.dumps([band, *(_one_bit_off(band) if nearly else ())])
        for number, band in enumerate(bands)
    }
    rows = db.execute(
        f"SELECT id, look, look_ratio FROM artworks WHERE rowid IN ({_ALIKE}) "
        "AND twin_of IS NULL AND unusable IS NULL AND on_request = 0",
        {
            **values,
            "narrowest": int(look.ratio / stretch * 32),
            "widest": int(look.ratio * stretch * 32),
        },
    )
    return {row[0]: Look(row[1], row[2]) for row in rows}


def _one_bit_off(band: str) -> Iterator[str]:
    """The bands that differ in one bit from this one."""
    value, width = int(band, 16), len(band)
    return (f"{value ^ 1 << bit:0{width}X}" for bit in range(4 * width))
