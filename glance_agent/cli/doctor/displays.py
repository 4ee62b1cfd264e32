"""Whether pictures reach the displays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from glance_agent.cli import systemd_unit
from glance_agent.cli.doctor.finding import Finding, Patient
from glance_agent.cli.doctor.pages import server_at
from glance_agent.doors.web.settings import WebSettings
from glance_agent.wiring.displays import displays_of, pulled_of


async def check(patient: Patient) -> AsyncIterator[Finding]:
    """Each display that has something of its own to look at."""
    for name, display in displays_of(patient.config).items():
        if (found := await display.examine()) is not None:
            said = _said_of_service(display.writes_into)
            parts = [part for part in (found.said, said) if part]
            yield Finding(f"display {name}", found.ok and not said, "\n".join(parts))
    if pulled_of(displays_of(patient.config).values()):
        yield await _devices_port(patient.config.web)


async def _devices_port(web: WebSettings) -> Finding:
    """Whether devices that ask for their pictures find somebody."""
    where = f"port {web.devices_port} of {web.devices_host}"
    match await server_at(web.devices_host, web.devices_port):
        case None:
            said = f"nobody answers them at {where} yet; a running agent does"
            return Finding("devices", True, said)
        case server if server.startswith("glance-agent"):
            return Finding("devices", True, f"are answered at {where}")
        case _:
            said = (
                f"another program answers at {where}, so that they get no pictures: set "
                "web.devices_port to another one, or end that program"
            )
            return Finding("devices", False, said)


def _said_of_service(folder: Path | None) -> str | None:
    """What keeps the service, which may be another user, from writing into a folder."""
    return systemd_unit.advice(folder.absolute(), write=True) if folder else None
