"""What devices said of themselves, among the facts; and the secret from which their keys come."""

from __future__ import annotations

import secrets

from pydantic import ValidationError

from glance_agent.domain.device import KeptDevice
from glance_agent.store.database import Database
from glance_agent.store.degrade import or_nothing
from glance_agent.store.transaction import transaction

_OF = "device of "
_SECRET = "secret of devices"  # noqa: S105 - the name of a fact


class KeptDevices:
    """The devices of one database; one thread at a time."""

    def __init__(self, db: Database) -> None:
        self.db = db

    @or_nothing(dict, "what devices said")
    def devices(self) -> dict[str, KeptDevice]:
        """What is known of each display's device; what cannot be read is left out."""
        sql = "SELECT name, value FROM facts WHERE name LIKE ?"
        found: dict[str, KeptDevice] = {}
        for name, value in self.db.execute(sql, [f"{_OF}%"]):
            try:
                found[name.removeprefix(_OF)] = KeptDevice.model_validate_json(value)
            except ValidationError:  # a newer version's, or damaged: the device will say it again
                continue
        return found

    def keep_device(self, display: str, device: KeptDevice) -> None:
        """Remember what is known of a display's device."""
        self._keep(f"{_OF}{display}", device.model_dump_json())

    def device_secret(self) -> str:
        """What the keys of devices are made from; the same for ever, and made at first."""
        row = self.db.execute("SELECT value FROM facts WHERE name = ?", [_SECRET]).fetchone()
        if row is not None:
            return str(row[0])
        made = secrets.token_urlsafe(32)
        self._keep(_SECRET, made)
        return made

    def _keep(self, name: str, value: str) -> None:
        with transaction(self.db):
            self.db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", [name, value])
