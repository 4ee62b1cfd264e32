"""What may befall who speaks with a TV."""

from __future__ import annotations


class TvTrouble(Exception):
    """Any of these."""


class TvAway(TvTrouble):
    """Nobody answers at its address."""


class TvSilent(TvTrouble):
    """Somebody is there, and does not answer as a TV does, or no longer."""


class TvRefuses(TvTrouble):
    """It does not let us in; `denied` where somebody has said so, else nobody has answered."""

    def __init__(self, *, denied: bool) -> None:
        super().__init__("denied" if denied else "late")
        self.denied = denied


class TvAnswersError(TvTrouble):
    """The art app does not do what it is asked; `code` is its number for why."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"error {code}")
        self.code = code

    @property
    def is_gone(self) -> bool:
        """Whether the picture that was named is no more."""
        return self.code in (-4, -10)

    @property
    def is_full(self) -> bool:
        """Whether there is no room for one more picture."""
        return self.code in (-3, -11, -14)
