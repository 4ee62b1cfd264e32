"""What stays as it is whichever model answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from glance_agent.ingest.progress import Arrivals
from glance_agent.store.history import History
from glance_agent.store.library import Library
from glance_agent.wiring.leaving import Leaving

if TYPE_CHECKING:
    from glance_agent.commands.away.while_away import WhileAway


@dataclass(frozen=True, slots=True)
class LastingStores:
    """The library of whichever model answers, and what comes in just now."""

    library: Library
    history: History
    arrivals: Arrivals
    while_away: WhileAway | None = None
    leaving: Leaving = field(default_factory=Leaving)
