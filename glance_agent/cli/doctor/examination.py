"""All checks in their order; each finding says what to do about it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from glance_agent.cli.doctor import (
    broker,
    configuration,
    displays,
    library,
    machine,
    model,
    pages,
    sources,
)
from glance_agent.cli.doctor.finding import Check, Finding, Patient

CHECKS: Final[tuple[Check, ...]] = (
    configuration.check,
    machine.clock,
    machine.memory,
    machine.disk,
    machine.telemetry,
    model.check,
    library.check,
    sources.check,
    displays.check,
    pages.check,
    broker.check,
)


async def examine(patient: Patient) -> AsyncIterator[Finding]:
    """What there is to say, as soon as it is known."""
    for check in CHECKS:
        async for finding in check(patient):
            yield finding
