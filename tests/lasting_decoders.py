"""Processes that decode for one agent after the other: real ones, started once for many tests."""

from __future__ import annotations

from glance_agent.decoding.opening import PLAINLY, Decoders, Renders


class LastingDecoders:
    """Takes the place of the class `Decoders` where agents run in this process."""

    def __init__(self) -> None:
        self._open: dict[tuple[int, Renders], _Lent] = {}

    def __call__(self, megapixels: int, *, renders: Renders = PLAINLY) -> Decoders:
        """The decoders of these settings; what an agent closes stays open for the next."""
        return self._open.setdefault((megapixels, renders), _Lent(megapixels, renders=renders))

    def end(self) -> None:
        """End every process."""
        for lent in self._open.values():
            Decoders.close(lent)


class _Lent(Decoders):
    """Given back by closing it."""

    def close(self) -> None:
        """Nothing ends."""
