"""The leases of an agent that shares its library: renewed, asked for, given up.

A lease is renewed well before it is over. Where that does not work, as long as another agent would
take what this one holds, it says nothing more of its displays some time before they may be the
other one's: by a clock of its own that only measures how long it is since it asked. Where nobody
else is there, it goes on, since nobody can take anything; until another one comes to the broker.
"""

from __future__ import annotations

import asyncio
import logging
import math
import secrets
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from glance_agent.config.settings import Config
from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.spelling import host_and_port
from glance_agent.ingest.worker import in_worker
from glance_agent.store.database import Database
from glance_agent.store.display_leases import (
    LEASE_SECONDS,
    DisplayLeases,
    DisplayOwner,
    HeldLeases,
    Holder,
)
from glance_agent.store.opening import open_library
from glance_agent.wiring.identity import agent_title, identity_of
from glance_agent.wiring.ownership import Ownership, steady_seconds

MARGIN_SECONDS = 4.0
"""So long before its lease is over an agent that cannot renew it says nothing more."""
RENEWED_EVERY_SECONDS = 3.0
ASKED_EVERY_SECONDS = 1.0
"""How often an agent asks for what others hold."""
GRACE_SECONDS = 2 * RENEWED_EVERY_SECONDS
"""So long after it could not reach the server itself, or was not there yet, an agent takes no lease
that is only over: whoever has it may not have been able to renew it either."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_log = logging.getLogger(__name__)


class Keeper:
    """Holds what an agent is configured for, as far as no other one does."""

    def __init__(self, config: Config, place: str, thread: ThreadPoolExecutor) -> None:
        self.held: tuple[str, ...] = ()
        self.changed = asyncio.Event()
        """Set when other leases are held than before."""
        self.answered = asyncio.Event()
        """Set once the library has said what is held."""
        self.woken = asyncio.Event()
        """Set by whoever hears that somebody has written, and may have left something."""
        self._config = config
        self._place = place
        self._thread = thread
        self._run = secrets.token_hex(8)
        self._back = asyncio.Event()
        self._until = -math.inf
        self._patient_until = math.inf
        """Until when nothing is taken that is only over; for ever where the server cannot be
        reached, as it could not before this agent was there for all that it knows."""
        self._database: Database | None = None
        self._leases: DisplayLeases | None = None
        self._said: object = None
        self._left = False
        self._id = ""

    def owns(self) -> bool:
        """Whether what is held is not another agent's for sure."""
        return steady_seconds() < self._until

    def ownership(self) -> Ownership:
        """What the agent is to know of it."""
        owner = DisplayOwner(self._run, self.owns)
        return Ownership(self.owns, owner, self.gives_way, back=self._back)

    def gives_way(self) -> bool:
        """Another agent speaks on this one's topics. Who cannot ask whose the displays are is not
        sure of them any more, though nobody else was there when it could ask last."""
        if self._patient_until < math.inf:
            return False
        self._until = -math.inf
        return True

    async def run(self) -> None:
        """Renew and ask, for ever."""
        while True:
            self.woken.clear()
            has_all = await self.ask()
            seconds = RENEWED_EVERY_SECONDS if has_all else ASKED_EVERY_SECONDS
            await first_of(self.woken, seconds=seconds)

    async def ask(self) -> bool:
        """Renew what is held and take what is free; whether nothing is left to ask for."""
        asked, owned = steady_seconds(), self.owns()
        try:
            found = await in_worker(self._thread, self._hold, asked < self._patient_until)
        except StoreError as error:
            _log.debug("leases cannot be renewed now: %s", error)
            if error.trouble is not Trouble.BUSY:
                self._patient_until = math.inf
            return False
        if self._left:
            return True
        self._patient_until = min(self._patient_until, asked + GRACE_SECONDS)
        self._until = asked + _sure_seconds(found)
        self._tell(found)
        if found.mine != self.held:
            self.held = found.mine
            self.changed.set()
        elif found.mine and not owned:
            self._back.set()
        self.answered.set()
        return not found.others

    async def leave(self) -> None:
        """Leave what is held to others at once, for good: they hear of it."""
        self._left, self._until = True, -math.inf
        await in_worker(self._thread, self._release)

    def close(self) -> None:
        """The same, at the end."""
        self._left = True
        self._release()
        if self._database is not None:
            self._database.close()

    def _release(self) -> None:
        with suppress(StoreError):
            if self._leases is not None:
                self._leases.release()
                self._leases = None

    def _hold(self, patient: bool) -> HeldLeases:
        if self._left:
            return HeldLeases((), {}, False)
        if self._leases is None:
            self._leases = self._opened()
        return self._leases.hold(patient=patient)

    def _opened(self) -> DisplayLeases:
        self._database = open_library(self._config.library.place)
        identity = identity_of(self._config, self._database)
        displays = [d.name for d in self._config.displays]
        self._id = identity.agent
        me = Holder(identity.agent, self._place, agent_title(identity), self._run)
        return DisplayLeases(self._database, me, topics_of(self._config), displays, LEASE_SECONDS)

    def _tell(self, found: HeldLeases) -> None:
        """Say once what is held, who holds the rest, and who was not heard of any more."""
        elsewhere = "; ".join(f"{title} has {names}" for title, names in _by_title(found.others))
        mine = _listed(found.mine)
        if not mine:
            self._say(f"this agent, {self._id}, stands by: {elsewhere}")
        elif elsewhere or self._said is not None:
            self._say(f"this agent, {self._id}, has {mine}{elsewhere and f'; {elsewhere}'}")
        for title in found.missed:
            _log.warning("taken over from %s, which has not renewed its lease", title)

    def _say(self, what: str) -> None:
        if what != self._said:
            self._said = what
            _log.warning("%s", what)


def _sure_seconds(found: HeldLeases) -> float:
    """How long after it was asked for what is held is this agent's for sure."""
    if not found.mine:
        return -math.inf
    return LEASE_SECONDS - MARGIN_SECONDS if found.contested else math.inf


def topics_of(config: Config) -> str:
    """The name of the lease of the topics that an agent speaks on: two on one broker with the same
    base topic would both answer. A broker on the machine itself is another one on each machine."""
    mqtt = config.mqtt
    host = socket.gethostname() if mqtt.host.casefold() in _LOOPBACK else mqtt.host.casefold()
    return f"topics/{host_and_port(host, mqtt.effective_port)}/{mqtt.base_topic}"


def _by_title(others: dict[str, str]) -> list[tuple[str, str]]:
    titles = dict.fromkeys(others.values())
    return [(t, _listed([name for name in others if others[name] == t])) for t in titles]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(name.replace("/", " ", 1) for name in names)


async def first_of(*events: asyncio.Event, seconds: float | None = None) -> None:
    """Wait until one of these is set, or so long."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
