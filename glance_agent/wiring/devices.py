"""The devices' door of an agent: what devices ask is answered from what displays show now."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Sequence
from typing import Any

from glance_agent.agent.despite import despite_the_library
from glance_agent.agent.present import Present
from glance_agent.displays.pull import DeviceTable, Moment, PulledDisplay, TellsRoutes
from glance_agent.doors.web.devices import DeviceDoor
from glance_agent.ingest.worker import in_worker
from glance_agent.store.devices import KeptDevices
from glance_agent.wiring.clock import utc_now
from glance_agent.wiring.household import Household

PICTURE_SECONDS = 6.0
"""Devices wait at least ten seconds for an answer."""
_STEP_SECONDS = 0.2


async def answer(house: Household, pulled: Sequence[PulledDisplay[Any]], present: Present) -> None:
    """Answer the devices of these displays until cancelled."""
    kept = KeptDevices(house.rooms.library.db)
    asked = despite_the_library(in_worker(house.worker, kept.device_secret), "the keys of devices")
    secret = await asked or secrets.token_urlsafe(32)
    keys = {d.settings.name: _key(secret, d) for d in pulled}

    async def moment(display: str) -> Moment:
        """What is known now; after a start the picture is waited for, for a while."""
        for _ in range(round(PICTURE_SECONDS / _STEP_SECONDS)):
            if display in present.frames:
                break
            await asyncio.sleep(_STEP_SECONDS)
        return Moment(
            now=utc_now(),
            frame=present.frames.get(display),
            glance=present.pictured.get(display),
            settings=present.settings.get(display),
            battery=house.agent.devices.battery(display),
            key=keys[display],
            language=house.rooms.config.spoken.told,
        )

    table: TellsRoutes = DeviceTable(pulled, moment)
    await DeviceDoor(house.rooms.config.web, table.addresses()).run()


def _key(secret: str, display: PulledDisplay[Any]) -> str:
    """What the device of this display shows to be itself: 32 hexadecimal digits."""
    said = f"{display.settings.kind} {display.settings.name} {display.settings.device}"
    return hmac.new(secret.encode(), said.encode(), "sha256").hexdigest()[:32]
