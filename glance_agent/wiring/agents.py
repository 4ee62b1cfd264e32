"""An agent of open rooms: what it works with whichever model answers, and how one takes over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar, TypeVarTuple

from glance_agent.agent.agent import Agent
from glance_agent.agent.fitting import Fitting
from glance_agent.agent.frames import FrameRenderer
from glance_agent.agent.model_download import Obtain
from glance_agent.agent.parts import AgentParts
from glance_agent.agent.picture_url import Outside
from glance_agent.agent.reach import PictureReach
from glance_agent.domain.encoder import Encoder
from glance_agent.domain.topics import Topics
from glance_agent.doors.mqtt.room import PictureRoom
from glance_agent.ingest.worker import in_worker
from glance_agent.store.devices import KeptDevices
from glance_agent.wiring.clock import utc_now
from glance_agent.wiring.displays import timed_profiles_of
from glance_agent.wiring.fetching import fetching_of
from glance_agent.wiring.ingestion import Ingestion
from glance_agent.wiring.reading import ReadingRoom
from glance_agent.wiring.rooms import Rooms

_T = TypeVarTuple("_T")
_R = TypeVar("_R")


def agent_of(
    rooms: Rooms,
    worker: ThreadPoolExecutor,
    reading: ReadingRoom,
    room: PictureRoom | None = None,
    owns: Callable[[], bool] = lambda: True,
) -> Agent:
    """The agent of these rooms; it and nothing else uses the worker and its connection.

    `room` knows how large the pictures may be that it makes; `owns` says whether its displays are
    its own for sure.
    """
    room = room or PictureRoom(Topics(rooms.config.mqtt.base_topic))

    async def take_over(waiting: Rooms) -> Rooms:
        succeeded = await within(worker, waiting.succeeded)()
        await asyncio.to_thread(succeeded.follower.prepare)
        agent.adopt(lasting.parts(succeeded))
        reading.answering = succeeded
        return succeeded

    ingestion = Ingestion(rooms, reading.pictures, take_over)
    lasting = _Lasting(
        ingestion,
        PictureReach(reading.pictures, rooms, rooms.library, worker=worker),
        Outside(ingestion.bring, within(worker, rooms.adopt_outside)),
        fetching_of(rooms.config.model, rooms.successor or rooms.encoder),
        lambda answering: reading.facts(answering, worker),
        since=utc_now().isoformat(timespec="seconds"),
    )
    locate, decoder = within(worker, rooms.location), rooms.decoders.for_people
    fitting = Fitting(reading.pictures, locate, decoder=decoder)
    renderer = FrameRenderer(
        timed_profiles_of(rooms.config), fitting, clock=utc_now, room=room.for_picture
    )
    displays = [d.name for d in rooms.config.displays]
    agent = Agent(lasting.parts(rooms), renderer, displays=displays, worker=worker, owns=owns)
    return agent


def within(
    worker: ThreadPoolExecutor, work: Callable[[*_T], _R]
) -> Callable[[*_T], Coroutine[Any, Any, _R]]:
    """The same work, done in the worker's thread."""

    async def done(*arguments: *_T) -> _R:
        return await in_worker(worker, work, *arguments)

    return done


@dataclass(frozen=True, slots=True)
class _Lasting:
    """What an agent works with whichever model answers."""

    ingestion: Ingestion
    reach: PictureReach
    outside: Outside
    fetching: Obtain[Encoder] | None
    look_up: Callable[[Rooms], Awaitable[dict[str, Any]]]
    since: str

    def parts(self, rooms: Rooms) -> AgentParts:
        """The parts of the agent: these, and what answers in these rooms."""
        return AgentParts(
            answers=rooms.answers,
            showing=rooms.showing,
            reach=self.reach,
            showings=rooms.history,
            sessions=rooms.history,
            devices=KeptDevices(rooms.library.db),
            facts=lambda: self._facts(rooms),
            ingest=self.ingestion.run,
            outside=self.outside,
            changed_elsewhere=rooms.changed_elsewhere,
            others_have_embedded=rooms.others_have_embedded,
            catch_up=rooms.follower.catch_up,
            prepare=rooms.follower.prepare,
            keep=rooms.follower.keep,
            fetching=self.fetching,
            expect=self.ingestion.expect,
            while_away=rooms.while_away,
            restock=rooms.restock,
        )

    async def _facts(self, rooms: Rooms) -> dict[str, Any]:
        failure = {"model_error": self.fetching.error} if self.fetching else {}
        facts = {**await self.look_up(rooms), **failure, "since": self.since}
        stopped = {**self.reach.away(), **self.ingestion.stopped()}
        away = dict.fromkeys([*facts.get("away", ()), *stopped.values()])
        return {**facts, **({"away": list(away)} if away else {})}
