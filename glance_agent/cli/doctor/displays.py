"""Whether pictures reach the displays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from glance_agent.cli import systemd_unit
from glance_agent.cli.doctor.finding import Finding, Patient
from glance_agent.wiring.displays import displays_of


async def check(patient: Patient) -> AsyncIterator[Finding]:
    """Each display that has something of its own to look at."""
    for name, display in displays_of(patient.config).items():
        if (found := await display.examine()) is not None:
            said = _said_of_service(display.writes_into)
            parts = [part for part in (found.said, said) if part]
            yield Finding(f"display {name}", found.ok and not said, "\n".join(parts))


def _said_of_service(folder: Path | None) -> str | None:
    """What keeps the service, which may be another user, from writing into a folder."""
    return systemd_unit.advice(folder.absolute(), write=True) if folder else None
