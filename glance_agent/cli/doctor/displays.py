"""Whether pictures reach the displays."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from PIL import features

from glance_agent.cli import systemd_unit
from glance_agent.cli.doctor.finding import Finding, Patient
from glance_agent.cli.doctor.pages import server_at
from glance_agent.displays.display import Diagnosis, Display
from glance_agent.displays.pull import PulledDisplay
from glance_agent.domain.device import KeptDevice, as_of
from glance_agent.domain.errors import GlanceError
from glance_agent.domain.said import listed, say
from glance_agent.doors.web.settings import WebSettings
from glance_agent.store.devices import KeptDevices
from glance_agent.store.opening import is_there
from glance_agent.wiring.clockwork import zone_of
from glance_agent.wiring.displays import displays_of, pulled_of
from glance_agent.wiring.looking import look_around


async def check(patient: Patient) -> AsyncIterator[Finding]:
    """Each display that has something of its own to look at."""
    known, zone = _devices(patient), zone_of(patient.config)
    for name, display in displays_of(patient.config).items():
        if (found := await display.examine()) is not None:
            said = _said_of_service(display.writes_into)
            heard = _heard(display, known.get(name), zone)
            parts = [part for part in (found.said, said, heard and heard.said) if part]
            ok = found.ok and not said and (heard is None or heard.ok)
            yield Finding(say("display {name}", name=name), ok, parts[0], (*parts[1:],))
    for lacking in _switches(patient):
        yield lacking
    if pulled_of(displays_of(patient.config).values()):
        yield await _devices_port(patient.config.web)
    labelled = [d.name for d in patient.config.displays if d.label != "never"]
    if labelled and not features.check("raqm"):
        yield Finding(
            say("labels"),
            True,
            say(
                "titles in scripts that run from the right are left out on {displays}, as FriBiDi "
                "is missing: apt install libfribidi0, and start the agent again",
                displays=listed(labelled),
            ),
        )


def _switches(patient: Patient) -> Iterator[Finding]:
    """Commands that are to switch screens, and are not here."""
    for display in patient.config.displays:
        programs = {command[0] for command in (display.power_on, display.power_off) if command}
        if lacking := sorted(program for program in programs if shutil.which(program) is None):
            said = say(
                "its screen cannot be switched: {programs} cannot be run here",
                programs=listed(lacking),
            )
            yield Finding(say("power of {name}", name=display.name), False, said)


def _devices(patient: Patient) -> dict[str, KeptDevice]:
    """What the library knows of devices; nothing where there is none yet, or it cannot be read."""
    if not is_there(patient.config.library.place):
        return {}
    try:
        with look_around(patient.config) as rooms:
            return KeptDevices(rooms.library.db).devices()
    except GlanceError:  # the library's own examination says so
        return {}


def _heard(display: Display[Any], kept: KeptDevice | None, zone: tzinfo) -> Diagnosis | None:
    """When a display's device was heard of last; None where no device speaks for itself."""
    if kept is None:
        asks = isinstance(display, PulledDisplay)
        return Diagnosis(True, say("its device has never called so far")) if asks else None
    now = datetime.now(UTC)
    at = f"{kept.state.seen_at.astimezone(zone):%Y-%m-%d %H:%M}"
    if not as_of(kept.state, now).missing:
        return Diagnosis(True, say("its device was last heard of {at}", at=at))
    return Diagnosis(
        False,
        say(
            "its device was last heard of {at}, and is missing since: look at its battery, its "
            "network and its address",
            at=at,
        ),
    )


async def _devices_port(web: WebSettings) -> Finding:
    """Whether devices that ask for their pictures find somebody."""
    port, host = str(web.devices_port), web.devices_host
    match await server_at(web.devices_host, web.devices_port):
        case None:
            said = say(
                "nobody answers them at port {port} of {host} yet; a running agent does",
                port=port,
                host=host,
            )
            return Finding(say("devices"), True, said)
        case server if server.startswith("glance-agent"):
            said = say("are answered at port {port} of {host}", port=port, host=host)
            return Finding(say("devices"), True, said)
        case _:
            said = say(
                "another program answers at port {port} of {host}, so that they get no pictures: "
                "set web.devices_port to another one, or end that program",
                port=port,
                host=host,
            )
            return Finding(say("devices"), False, said)


def _said_of_service(folder: Path | None) -> str | None:
    """What keeps the service, which may be another user, from writing into a folder."""
    return systemd_unit.advice(folder.absolute(), write=True) if folder else None
