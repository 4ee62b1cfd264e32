"""What is worked out of every work once, and of those that come when they are asked for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.view import Numbers, View

Values = NDArray[np.float32]
"""Shape (m,): a number for each work; never NaN."""


class Remembered:
    """A value of each work by its number; one thread at a time."""

    def __init__(
        self,
        work_out: Callable[[View, Numbers], Values],
        known: tuple[Numbers, Values] | None = None,
    ) -> None:
        """`work_out` gives the values (m,) of some works; those of some may be `known`."""
        self._work_out = work_out
        self._values: Values = np.empty(0, np.float32)
        if known is not None and known[0].size:
            self._make_room(int(known[0].max()) + 1)
            self._values[known[0]] = known[1]

    def at(self, view: View, numbers: Numbers) -> Values:
        """The values of these works of a view."""
        self._make_room(view.last + 1)
        values = self._values[numbers]
        unknown = np.isnan(values)
        if unknown.any():
            # The vectors of all of them are at hand where others ask for these as well.
            new = numbers if 2 * np.count_nonzero(unknown) > numbers.size else numbers[unknown]
            self._values[new] = self._work_out(view, new)
            values = self._values[numbers]
        return values

    def _make_room(self, size: int) -> None:
        if size > self._values.size:
            larger = np.full(max(size, 2 * self._values.size), np.nan, np.float32)
            larger[: self._values.size] = self._values
            self._values = larger
