"""Processes that decode for one agent after the other: real ones, started once for many tests."""

from __future__ import annotations

from glance_agent.decoding.opening import Decoders


class LastingDecoders:
    """Takes the place of the class `Decoders` where agents run in this process."""

    def __init__(self) -> None:
        self._open: dict[tuple[int, bool], _Lent] = {}

    def __call__(self, megapixels: int, *, inks: bool = False) -> Decoders:
        """The decoders of these settings; what an agent closes stays open for the next."""
        return self._open.setdefault((megapixels, inks), _Lent(megapixels, inks=inks))

    def end(self) -> None:
        """End every process."""
        for lent in self._open.values():
            Decoders.close(lent)


class _Lent(Decoders):
    """Given back by closing it."""

    def close(self) -> None:
        """Nothing ends."""
