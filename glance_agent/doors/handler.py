"""What doors hand the commands of this house to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from glance_agent.commands.idempotency import Asked, Delivery
from glance_agent.domain.command import Command
from glance_agent.domain.reply import Reply


class CommandHandler(Protocol):
    """Carries commands out."""

    async def handle(self, command: Command, delivery: Delivery | None = None) -> Reply: ...


class CommandTaker(Protocol):
    """Carries commands out, also such as stand for several, and tells of what was none."""

    async def handle(
        self, command: Command, delivery: Delivery | None = None, also: Sequence[Asked] = ()
    ) -> Reply: ...
    async def refuse(self, reply: Reply) -> None: ...
