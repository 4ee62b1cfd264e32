"""What the agent works with, all of which may be exchanged while it runs."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from glance_agent.agent.devices import DeviceMemory
from glance_agent.agent.model_download import Obtain
from glance_agent.agent.picture_url import Outside
from glance_agent.agent.reach import PictureReach
from glance_agent.commands.away.while_away import WhileAway
from glance_agent.commands.dispatch import Dispatcher
from glance_agent.commands.show import ShowingCommands
from glance_agent.ingest.progress import Progress


class KeptShowings(Protocol):
    """Knows which showings wait for their picture; in the worker's thread, but for `hung`, which
    any thread may call. Raises StoreError."""

    def hung(self, display: str, position: int) -> None: ...
    def settle(self) -> None: ...
    def take_back(self, display: str, position: int, *, source: str | None = None) -> bool: ...
    def part(self, display: str, position: int) -> None: ...
    def stays(self, display: str) -> None: ...


class Sessions(Protocol):
    """Knows the deliveries of the broker's session."""

    def forget_deliveries(self) -> None: ...


@dataclass(frozen=True, slots=True)
class AgentParts:
    """What the agent works with."""

    answers: Dispatcher
    showing: ShowingCommands
    reach: PictureReach
    showings: KeptShowings
    sessions: Sessions
    devices: DeviceMemory
    facts: Callable[[], Awaitable[dict[str, Any]]]
    """Tells what everyone may know of the agent; waits for no command."""
    ingest: Callable[[str, int | None], AsyncGenerator[Progress, None]]
    outside: Outside
    changed_elsewhere: Callable[[], bool]
    """Whether another process wrote."""
    others_have_embedded: Callable[[], bool]
    """Whether the model that is to answer knows every work by now."""
    catch_up: Callable[[], None]
    """Takes up the vectors that it wrote, in any thread."""
    prepare: Callable[[], None]
    """Reads the vectors of a large library, and what filters ask of works, in any thread."""
    keep: Callable[[], None]
    """Keeps on the disk what was made of them, where that is worth it, in any thread."""
    fetching: Obtain[Any] | None
    expect: Callable[[Any], Awaitable[None]]
    """Lets an encoder answer once it knows every work."""
    while_away: WhileAway | None = None
    """Goes on while a library that a server keeps cannot be reached."""
    restock: Callable[[], None] = lambda: None
    """Lets it know what it can show then; in the worker's thread."""
