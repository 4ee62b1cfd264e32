"""Who an agent is, where several share a library, a broker or a house."""

from __future__ import annotations

from dataclasses import dataclass

AGENT_ID = "[A-Za-z0-9_-]{1,64}"
"""What an agent may be called: it is part of its client id, and of the keys of receipts."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who an agent is to the broker and to the library, and to Home Assistant.

    `agent` tells it from all other agents, `house` one group of topics from another: agents that
    stand in for each other are the same to Home Assistant.
    """

    agent: str
    house: str

    def session(self, *, shared: bool) -> str:
        """What the broker knows it by, and its deliveries: where agents of a `shared` library stand
        in for each other, whoever speaks has the session of those before, and what waits in it."""
        return self.house if shared else self.agent
