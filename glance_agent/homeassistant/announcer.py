"""Introducing the agent to Home Assistant, and remembering what it has been told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from glance_agent.homeassistant.discovery import (
    DiscoveryFacts,
    DiscoveryMessage,
    Published,
    discovery_messages,
    published,
    removal_messages,
)


class AnnouncedMemory(Protocol):
    """Keeps what Home Assistant was told last, on disk when it returns."""

    def published(self) -> dict[str, dict[str, str]]: ...
    def keep_published(self, published: Published) -> None: ...


class Announcer:
    """Says what Home Assistant has to be told; one thread at a time.

    A component is remembered before it is told and forgotten after it has been taken back: a
    crash in between leaves nothing in Home Assistant that nobody remembers.
    """

    def __init__(self, memory: AnnouncedMemory, look: Callable[[], DiscoveryFacts | None]) -> None:
        """`look` finds the facts of the moment; None: tell that there is nothing any more."""
        self._memory = memory
        self._look = look
        self._facts: DiscoveryFacts | None = None

    def messages(self) -> list[DiscoveryMessage]:
        """The messages for now; to be followed by `told` once they are sent."""
        self._facts = self._look()
        before = self._memory.published()
        if self._facts is None:
            return removal_messages(before)
        self._keep(_both(before, published(self._facts)), before)
        return discovery_messages(self._facts, before)

    def told(self) -> None:
        """Home Assistant has been told: only what is there now is remembered."""
        now = published(self._facts) if self._facts else {}
        self._keep(now, self._memory.published())

    def _keep(self, now: Published, before: Published) -> None:
        if now != before:
            self._memory.keep_published(now)


def _both(before: Published, now: Published) -> dict[str, Mapping[str, str]]:
    return {
        topic: {**before.get(topic, {}), **now.get(topic, {})}
        for topic in dict.fromkeys((*before, *now))
    }
