"""What everything that runs together works with."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from glance_agent.agent.agent import Agent
from glance_agent.wiring.reading import ReadingRoom
from glance_agent.wiring.rooms import Rooms


@dataclass(frozen=True, slots=True)
class Household:
    """An agent, and what it was made of: `worker` is the thread in which commands are carried out,
    `reading` the room of what only looks."""

    rooms: Rooms
    agent: Agent
    worker: ThreadPoolExecutor
    reading: ReadingRoom
