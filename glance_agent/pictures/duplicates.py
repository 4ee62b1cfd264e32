"""The same work twice: told by how a picture looks and what it means together, never by one alone.

A work joins the group of the one work that represents it, never that of another member, so that
groups cannot grow by chains. A picture that was turned means something else; it is the same work
where it looks as the one did that was in its place.
"""

from __future__ import annotations

from collections.abc import Mapping

from glance_agent.domain.items import Look
from glance_agent.domain.vectors import Vector
from glance_agent.pictures.look import turned

ALIKE = 0.9
"""The least cosine of the vectors of two pictures of one work."""
MOST_BITS = 16
"""How many of the 128 bits of their looks may differ."""
MOST_STRETCH = 1.08
"""How much their proportions may differ."""


def alike(look: Look, others: Mapping[str, Look]) -> list[str]:
    """Which of these works look like the one that looks so, the most alike first."""
    found = [(distance(look, other), name) for name, other in others.items()]
    return [name for bits, name in sorted(found) if bits <= MOST_BITS]


def is_turned(look: Look, before: Look) -> bool:
    """Whether a picture looks like another one that was turned or mirrored."""
    return bool(alike(look, {str(n): one for n, one in enumerate(turned(before))}))


def means_the_same(one: Vector, other: Vector) -> bool:
    """Whether the unit vectors (d,) of two pictures may be those of one work."""
    return float(one @ other) >= ALIKE


def distance(one: Look, other: Look) -> int:
    """How many bits two looks differ by; all of them where their proportions differ."""
    stretch = one.ratio / other.ratio
    if not 1 / MOST_STRETCH <= stretch <= MOST_STRETCH:
        return 8 * len(one.bits)
    return (int.from_bytes(one.bits) ^ int.from_bytes(other.bits)).bit_count()
