"""Works that look alike, found by bands of their looks' bits: never by looking through all.

The 128 bits of a look lie in eight bands, each of four hexadecimal digits from all over the
picture: neighbouring bits mostly agree, and say little together. Of two pictures of one work some
band is the same, or nearly, and the index of each band finds it.
"""

from __future__ import annotations

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
_OTHERS = {f"{value:X}": [f"{value ^ 1 << bit:X}" for bit in range(4)] for value in range(16)}
"""The digits that differ in one bit from each digit."""


def _asked(values: int) -> str:
    """The statement that asks for works one of whose bands has one of so many values.

    The values stand in a list: reading one out of JSON takes longer than finding what has it.
    """
    bands = " UNION ALL ".join(
        f"SELECT rowid FROM artworks WHERE look IS NOT NULL "
        f"AND {band} IN ({', '.join(f'?{3 + number * values + k}' for k in range(values))}) "
        f"AND {RATIO} BETWEEN ?1 AND ?2"
        for number, band in enumerate(BANDS)
    )
    return (
        f"SELECT id, look, look_ratio FROM artworks WHERE rowid IN ({bands}) "
        "AND twin_of IS NULL AND unusable IS NULL AND on_request = 0"
    )


_ALIKE = _asked(1)
_NEARLY_ALIKE = _asked(17)


def likely_alike(db: Database, look: Look, stretch: float, *, nearly: bool) -> dict[str, Look]:
    """How the usable works look that share a band of bits with this look, and are no copies.

    Their proportions differ about so many times at most. With `nearly`, of one band all bits but
    one may be shared: every work is found then whose look differs in 15 bits or less.
    """
    digits = look.bits.hex().upper()
    bands = ["".join(digits[place] for place in places) for places in _DIGITS]
    rows = db.execute(
        _NEARLY_ALIKE if nearly else _ALIKE,
        [
            int(look.ratio / stretch * 32),
            int(look.ratio * stretch * 32),
            *(
                one
                for band in bands
                for one in ((band, *_one_bit_off(band)) if nearly else (band,))
            ),
        ],
    )
    return {row[0]: Look(row[1], row[2]) for row in rows}


def look_of(db: Database, artwork_id: str) -> Look | None:
    """How a work looks; None where that says nothing, or there is no such work."""
    row = db.execute("SELECT look, look_ratio FROM artworks WHERE id = ?", [artwork_id]).fetchone()
    return Look(row[0], row[1]) if row and row[0] is not None else None


def _one_bit_off(band: str) -> list[str]:
    """The sixteen bands that differ in one bit from this one."""
    return [
        band[:place] + other + band[place + 1 :]
        for place, digit in enumerate(band)
        for other in _OTHERS[digit]
    ]
