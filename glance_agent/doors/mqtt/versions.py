"""Which version of MQTT to ask the broker for."""

from __future__ import annotations

PROTOCOLS = {"5": (5,), "3.1.1": (4,), "auto": (5, 4)}
"""The versions to try, in turn, for each setting of `mqtt.protocol`."""


class Versions:
    """Falls back to the older version for a broker that knows no other, never for a slow one.

    A broker may say that it does not know version 5. Some say nothing, or hang up, and so does
    one that is stalled or just starting: whoever does not answer is asked with the older version
    on trial. Only if that is answered, and then version 5 again is not, the older one stays.
    """

    def __init__(self, protocol: str) -> None:
        self._newest, *self._older = PROTOCOLS[protocol]
        self.now = self._newest
        self.on_trial = False
        self._older_was_answered = False

    def refused(self) -> None:
        """The broker does not know the version that it was asked with."""
        if self._older:
            self._stay_with(self._older[0])

    def unanswered(self) -> None:
        """The broker said nothing to the version that it was asked with."""
        if self.on_trial:
            self._try_newest_again(older_was_answered=False)
        elif self._older and self._older_was_answered:
            self._stay_with(self._older[0])
        elif self._older:
            self.now, self.on_trial = self._older[0], True

    def unreachable(self) -> None:
        """Nobody was there to be asked."""
        self._try_newest_again(older_was_answered=False)

    def answered(self) -> None:
        """The broker took the version that it was asked with."""
        self._try_newest_again(older_was_answered=self.on_trial)

    def _try_newest_again(self, *, older_was_answered: bool) -> None:
        if self.on_trial:
            self.now, self.on_trial = self._newest, False
        self._older_was_answered = older_was_answered

    def _stay_with(self, version: int) -> None:
        self.now, self._older, self.on_trial = version, [], False
