"""What is kept on this machine until the library has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from glance_agent.domain.reply import Reply
from glance_agent.domain.unsent import Unsent


class KeptForLater(Protocol):
    """What is not in the library yet, on this machine. Raises StoreError."""

    @property
    def waiting(self) -> int: ...
    def belong_to(self, library: str) -> None: ...
    def entries(self, most: int) -> list[tuple[int, Unsent]]: ...
    def answered(self, receipt: str) -> str | None: ...
    def keep(self, entry: Unsent) -> None: ...
    def last(self, display: str) -> tuple[int, Unsent] | None: ...
    def take_back(self, number: int, undo: Unsent) -> None: ...
    def showings(self) -> list[tuple[int, Unsent]]: ...
    def drop(self, number: int) -> None: ...
    def send(self, number: int) -> None: ...
    def sent(self, number: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Addressee:
    """The display that a command is to, under which keys its answer is kept, and what makes that
    ready."""

    display: str
    receipts: tuple[str, ...] = ()
    finish: Callable[[Reply], Reply] = lambda reply: reply
