"""Whether pictures reach the displays."""

from __future__ import annotations

from collections.abc import AsyncIterator

from glance_agent.cli.doctor.finding import Finding, Patient
from glance_agent.wiring.hanging import displays_of


async def check(patient: Patient) -> AsyncIterator[Finding]:
    """Each display that has something of its own to look at."""
    for name, display in displays_of(patient.config).items():
        if (examined := await display.examine()) is not None:
            yield Finding(f"display {name}", examined.ok, examined.said)
