"""What hangs on each display, as far as that is known without asking the library."""

from __future__ import annotations

from collections.abc import Callable

from glance_agent.commands.away.kept import KeptForLater
from glance_agent.domain.display import Glance


class KnownHangings:
    """What was told that hangs, and what was chosen since then but not told yet."""

    def __init__(self, outbox: KeptForLater, owns: Callable[[], bool]) -> None:
        """Once the displays may be another agent's, since it no longer `owns` them for sure, what
        was not told by then has not been shown, and will not be."""
        self._outbox = outbox
        self.owns = owns
        self._told: dict[str, Glance] = {}
        self._coming: dict[str, Glance] = {}

    def told(self, glance: Glance) -> None:
        """Take note of what hangs."""
        self._told[glance.display] = glance
        coming = self._coming.get(glance.display)
        if coming is not None and coming.position <= glance.position:
            self._coming.pop(glance.display, None)

    def comes(self, glance: Glance) -> None:
        """Take note of what is just being put up."""
        self._coming[glance.display] = glance

    def now(self) -> dict[str, Glance]:
        """What hangs on each display, or is just being put up."""
        self.forget_unseen()
        return {**self._told, **self._coming}

    def position(self, display: str) -> int:
        """The position of what hangs there; 0 where that is not known."""
        glance = self.now().get(display)
        return glance.position if glance is not None else 0

    def take_back(self, display: str, position: int) -> bool:
        """Forget a showing, also that it was kept; False where none of these was kept."""
        coming = self._coming.get(display)
        if coming is not None and coming.position == position:
            self._coming.pop(display, None)
        for number, entry in self._outbox.showings():
            if (entry.display, entry.position) == (display, position):
                self._outbox.drop(number)
                return True
        return False

    def forget_unseen(self) -> None:
        """Take back what nobody was told, where the displays may be another agent's by now."""
        if not self.owns():
            for glance in tuple(self._coming.values()):
                self.take_back(glance.display, glance.position)
