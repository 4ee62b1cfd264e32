"""What doors hand the commands of this house to."""

from __future__ import annotations

from typing import Protocol

from glance_agent.commands.idempotency import Delivery
from glance_agent.domain.command import Command
from glance_agent.domain.reply import Reply


class CommandHandler(Protocol):
    """Carries commands out."""

    async def handle(self, command: Command, delivery: Delivery | None = None) -> Reply: ...
